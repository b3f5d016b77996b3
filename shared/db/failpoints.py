"""Named places where a test may let the process die.

`UTVAG_FAILPOINT=outbox.after_publish:3` ends the process at the third time that place is reached,
as `kill -9` would: no handlers, no flushing. In process, `armed` raises instead, and the test makes
a new composition root. A place is one call and costs one look at a variable when nothing is armed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

POINTS = frozenset(
    {
        "db.before_commit",
        "db.after_commit",
        "outbox.after_claim",
        "outbox.before_publish",
        "outbox.after_publish",
        "inbox.before_stage",
        "inbox.after_store",
        "inbox.after_stage",
        "inbox.after_ack",
        "inbox.before_dispatch",
        "inbox.in_dispatch",
        "inbox.after_apply",
        "inbox.after_receipt",
        "inbox.after_dispatch",
        "audit.in_seal",
        "audit.after_seal",
    }
)

_KILLED = 137  # what a shell reports for a process ended by signal 9


class Reached(BaseException):
    """The armed place was reached; not an `Exception`, so that no loop survives it."""


class _Armed:
    def __init__(self, name: str, count: int, *, dies: bool) -> None:
        if name not in POINTS:
            raise ValueError(f"no failpoint is called {name}")
        self.name = name
        self.left = count
        self.dies = dies


def _from_environment() -> _Armed | None:
    setting = os.environ.get("UTVAG_FAILPOINT", "")
    if not setting:
        return None
    name, _, count = setting.partition(":")
    return _Armed(name, int(count or "1"), dies=True)


_armed = _from_environment()


def reach(name: str) -> None:
    """Pass this place, or end here if it is armed and its count is up."""
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left > 0:
        return
    if _armed.dies:
        os._exit(_KILLED)
    raise Reached(name)


@contextmanager
def armed(name: str, count: int = 1) -> Iterator[None]:
    """Raise `Reached` at the n-th time this place is reached inside the block."""
    global _armed  # noqa: PLW0603 - one process, one armed place, as with the environment
    before, _armed = _armed, _Armed(name, count, dies=False)
    try:
        yield
    finally:
        _armed = before
