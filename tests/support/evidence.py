"""Spoils an evidence file in every way there is, and says which step each spoiling hits."""

from collections.abc import Callable
from functools import lru_cache

from shared.crypto import KeyDirectory
from shared.messages import verify_evidence
from shared.messages.evidence.places import places_of

END = ord("\n")

SPOILINGS: dict[str, Callable[[int], bytes]] = {
    "lowest bit": lambda byte: bytes([byte ^ 1]),
    "letter case": lambda byte: bytes([byte ^ 0x20]),
    "highest bit": lambda byte: bytes([byte ^ 0x80]),
    "gone": lambda byte: b"",
    "doubled": lambda byte: bytes([byte, byte]),
    "a space before": lambda byte: bytes([0x20, byte]),
    "end of line": lambda byte: b"\n" if byte != END else b"\n\n",
}


class Remembering:
    """A directory that verifies each signed text once: a spoilt file shares most of them."""

    def __init__(self, directory: KeyDirectory) -> None:
        self._directory = directory
        self.signing_key = lru_cache(maxsize=None)(self._signing_key)
        self.could_sign = directory.could_sign

    def _signing_key(self, authority, kid):
        return _RememberingKey(self._directory.signing_key(authority, kid))


class _RememberingKey:
    def __init__(self, key) -> None:
        self._key = key
        self.verify = lru_cache(maxsize=1000)(key.verify)
        self.is_valid_at = key.is_valid_at


def steps_of(content: bytes, directory: KeyDirectory) -> list[str]:
    """What a report calls each line of a file that holds."""
    report = verify_evidence(content, directory)
    assert report.holds, report.failures
    return ["manifest", *(place.where for place in places_of(report.manifest))]


def spoilt(content: bytes, at: int, how: str) -> bytes:
    return content[:at] + SPOILINGS[how](content[at]) + content[at + 1 :]


def hits(content: bytes, at: int, steps: list[str]) -> set[str]:
    """The step, or the two around an end of line, that a change of this byte may be blamed on."""
    line = content.count(b"\n", 0, at)
    following = steps[line + 1 : line + 2] if content[at] == END else []
    behind = [f"line {line + 2}"] if content[at] == END else []
    return {steps[line], *following, *behind}


def misjudged(content: bytes, directory: KeyDirectory, how: Callable[[int], str]) -> list[object]:
    """Each byte spoilt, one at a time: where it went unseen, or was blamed on another step.

    Args:
        how: the spoiling for each place.
    """
    known = Remembering(directory)
    steps = steps_of(content, known)
    found: list[object] = []
    for at in range(len(content)):
        report = verify_evidence(spoilt(content, at, how(at)), known)
        if report.holds:
            found.append((at, how(at), "unseen"))
        elif report.failures[0].where not in hits(content, at, steps):
            found.append((at, how(at), report.failures[0]))
    return found
