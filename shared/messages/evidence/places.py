"""Which of the listed steps each line of an evidence file is, also when it was changed or is gone."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.messages.evidence.document import (
    EvidenceLink,
    EvidenceMessage,
    EvidencePaper,
    Manifest,
    Step,
    digest_of,
)
from shared.messages.evidence.report import Failure


@dataclass(frozen=True, slots=True)
class Line:
    """One line below the heading.

    Args:
        number: in the file; the heading is 1.
        step: None when it cannot be read.
    """

    number: int
    step: Step | None


_CALLED: Mapping[type[Step], str] = {
    EvidenceMessage: "message",
    EvidencePaper: "paper",
    EvidenceLink: "link",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A step as the manifest lists it."""

    kind: type[Step]
    number: int
    sha256: str
    name: str

    @property
    def where(self) -> str:
        """What a report calls it."""
        return f"{_CALLED[self.kind]} {self.number}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A line, and the place it has or stands for; None where nothing like it was listed."""

    line: Line
    place: Place | None

    @property
    def where(self) -> str:
        """What a report calls it."""
        return self.place.where if self.place else f"line {self.line.number}"

    @property
    def name(self) -> str:
        """Which message was listed there."""
        return self.place.name if self.place else ""

    @property
    def is_listed(self) -> bool:
        """Whether what was signed is what the manifest lists."""
        step = self.line.step
        return step is not None and self.place is not None and digest_of(step) == self.place.sha256


def places_of(manifest: Manifest) -> list[Place]:
    """All that the manifest lists, in the file's order."""
    messages = [
        Place(EvidenceMessage, number, each.sha256, each.name)
        for number, each in enumerate(manifest.messages, start=1)
    ]
    papers = [
        Place(EvidencePaper, number, each.sha256, each.name)
        for number, each in enumerate(manifest.papers or (), start=1)
    ]
    links = [
        Place(EvidenceLink, number, sha256, "")
        for number, sha256 in enumerate(manifest.links, start=1)
    ]
    return messages + papers + links


def place(lines: Sequence[Line], places: Sequence[Place]) -> list[Placed]:
    """Find each line's place.

    A line whose digest is listed stands there. A line that is not stands for the step after the one
    before it, if that one is nowhere else: so a step that was changed is called by its own number,
    and the steps behind one that is gone keep theirs.
    """
    free: dict[str, deque[int]] = {}
    for at, each in enumerate(places):
        free.setdefault(each.sha256, deque()).append(at)
    digests = [None if line.step is None else digest_of(line.step) for line in lines]
    elsewhere = set(digests)
    placed: list[Placed] = []
    before = -1
    for line, digest in zip(lines, digests, strict=True):
        after = places[before + 1] if before + 1 < len(places) else None
        if digest is not None and free.get(digest):
            before = free[digest].popleft()
            placed.append(Placed(line, places[before]))
        elif after is not None and after.sha256 not in elsewhere and _may_be(line, after):
            before += 1
            placed.append(Placed(line, after))
        else:
            placed.append(Placed(line, None))
    return placed


def _may_be(line: Line, at: Place) -> bool:
    return line.step is None or isinstance(line.step, at.kind)


def misplaced(placed: Sequence[Placed], places: Sequence[Place]) -> Iterator[Failure]:
    """What the manifest lists and the file lacks, and the other way round."""
    at = {each: order for order, each in enumerate(places)}
    filled = [each.place for each in placed if each.place is not None]
    for missing in sorted(at.keys() - set(filled), key=at.__getitem__):
        yield Failure(missing.where, "evidence.step_missing", missing.name)
    for each in placed:
        if each.line.step is None:
            yield Failure(each.where, "evidence.unreadable", each.name)
        elif each.place is None:
            yield Failure(each.where, "evidence.step_unlisted")
        elif not each.is_listed:
            yield Failure(each.where, "evidence.step_changed", each.name)
    for stands, belongs in zip(filled, sorted(filled, key=at.__getitem__), strict=True):
        if stands is not belongs:  # the first says it: the others were pushed aside
            yield Failure(stands.where, "evidence.order", stands.name)
            return
