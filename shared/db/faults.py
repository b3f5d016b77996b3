"""What the database's errors mean here.

PostgreSQL's error texts quote the row ("Key (personal_number)=(…) already exists"). They are
therefore never passed on: an error becomes a `Conflict` that a person can act on, or a
`StorageError` that names the SQLSTATE, the constraint and the table, and nothing of the content.
"""

import asyncpg
from sqlalchemy.exc import DBAPIError

from shared.errors import Conflict, DomainError

FENCE = "UV001"
"""Raised by the fence trigger: a write under a term that has passed to another authority."""

ON_CALL = "UV003"
"""Raised by the same trigger: being on call opens the file, the journal and a decision at once."""

_RACES = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available
_UNIQUE = frozenset({"23505", "23P01"})  # unique and exclusion violation
_GONE = ("08", "57P01", "57P02", "57P03", "53300")  # connection lost, shutdown, starting, too many
# Disk or memory is full, or the disk does not answer: no statement's fault.
_SHORT = ("53", "58030")
_SAFE_TEXT = ("42", "25", "0A")  # mistakes in the statement itself: the text quotes no row

_conflicts: dict[str, str] = {}


class StorageError(Exception):
    """The database refused for a reason no rule foresaw: a bug, or a broken server.

    Args:
        sqlstate: PostgreSQL's five characters, `?????` where the driver gave none.
        where: constraint, table or statement mistake; never a value.
    """

    def __init__(self, sqlstate: str, where: str = "") -> None:
        super().__init__(f"{sqlstate} {where}".strip())
        self.sqlstate = sqlstate


class StorageUnavailableError(StorageError):
    """The server is away, starting or cut the connection: look later whether it was done.

    Nothing was done before the commit. A commit that was under way may have been made.
    """


class StorageShortError(StorageUnavailableError):
    """The server answers, and has no room left to write: the same may be done when it has."""


def conflict_when(constraint: str, code: str) -> None:
    """Make a violation of this unique or exclusion constraint a `Conflict` with this code.

    Called once where the table is described. Two codes for one constraint are a bug.
    """
    known = _conflicts.setdefault(constraint, code)
    if known != code:
        raise ValueError(f"{constraint} already means {known}")


def meaning(error: Exception) -> Exception:
    """What to raise instead of the driver's error, bare or wrapped; raise it `from None`."""
    cause: BaseException | None = error
    # The driver's own confusion is a server that died between two of its steps: found by
    # `utvag faults`, where three of them had a healthy message refused as if a handler had failed.
    is_gone = isinstance(error, OSError | asyncpg.InternalClientError) or (
        isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
    )
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        is_gone = error.connection_invalidated
        sqlstate = str(getattr(error.orig, "sqlstate", None) or "?????")
    else:
        sqlstate = str(getattr(error, "sqlstate", None) or ("08006" if is_gone else "?????"))
    constraint = getattr(cause, "constraint_name", None)
    if is_gone or sqlstate.startswith((*_GONE, *_SHORT)):
        is_short = sqlstate.startswith(_SHORT) and not sqlstate.startswith(_GONE)
        return (StorageShortError if is_short else StorageUnavailableError)(sqlstate)
    if (rule := _rule(sqlstate, constraint)) is not None:
        return rule
    if sqlstate.startswith(_SAFE_TEXT):
        return StorageError(sqlstate, str(getattr(cause, "message", "") or type(cause).__name__))
    return StorageError(sqlstate, constraint or getattr(cause, "table_name", None) or "")


def _rule(sqlstate: str, constraint: str | None) -> DomainError | None:
    """The rule that the database held, where it is one that a person can act on."""
    if sqlstate == FENCE:
        return Conflict("case.responsibility_moved")
    if sqlstate == ON_CALL:
        return DomainError("case.on_call_may_not")
    if sqlstate in _RACES:
        return Conflict("db.changed_meanwhile")
    if sqlstate in _UNIQUE and constraint in _conflicts:
        return Conflict(_conflicts[constraint])
    return None
