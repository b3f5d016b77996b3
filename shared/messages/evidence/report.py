"""What checking an evidence file came to."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.messages.envelope import Header
from shared.messages.evidence.document import Manifest
from shared.messages.paper import Paper


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that does not hold.

    Args:
        where: `file`, `manifest`, `message 3`, `paper 1`, `link 2`, `line 9` (none of those listed),
            `forward 4` (a number of a direction).
        code: stable, dotted.
        name: which message it is or was, where that is known.
    """

    where: str
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the file proves, and what it does not.

    Args:
        manifest: None when not even that can be believed.
        headers: of the messages that verified, in the file's order.
        links: of the responsibility chain, those that verified; what was signed, JSON.
        erased: how many of them have no body any more.
        failures: empty when all of it holds; the first names the cause, the others may follow.
        papers: those that verified, in the file's order.
    """

    manifest: Manifest | None
    headers: Sequence[Header]
    links: Sequence[bytes]
    erased: int
    failures: Sequence[Failure]
    papers: Sequence[Paper] = ()

    @property
    def holds(self) -> bool:
        """Whether everything was proved."""
        return not self.failures
