"""What `doctor` finds: one thing, how bad it is, and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

OK: Literal["ok"] = "ok"
NOTE: Literal["obs"] = "obs"
BAD: Literal["fel"] = "fel"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Args:
        what: its short name.
        level: `ok`; `obs` for what one should know; `fel` for what stops something.
        says: what was found.
        way_out: what to do; empty where all is well.
    """

    what: str
    level: Literal["ok", "obs", "fel"]
    says: str
    way_out: str = ""


Examination = Callable[[], Iterator[Finding]]
