"""Where subject keys are kept. Keys first, then the transaction.

A key store is another database with backups of its own. Asking it while a transaction of the node
is open would tie the two together: a slow key store would hold row locks, and a rolled back
transaction would leave a key behind. Handlers therefore load the keys before they begin, and every
call here refuses to run inside an open unit of work.
"""

from typing import Protocol

from shared.crypto.subject import SubjectKey
from shared.db import assert_no_transaction
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId


class CaseKeys(Protocol):
    """The data key of each subject: made once, read often, destroyed once."""

    async def ensure(self, subject: SubjectId) -> SubjectKey:
        """The key, made where there is none.

        Raises:
            DomainError: `keys.erased`: it was destroyed; an erased subject never gets a new key.
        """
        ...

    async def get(self, subject: SubjectId) -> SubjectKey:
        """The key.

        Raises:
            AccessDenied: there never was one.
            DomainError: `keys.erased`.
        """
        ...

    async def destroy(self, subject: SubjectId) -> None:
        """Make all that was sealed under it unreadable, for ever; once or many times alike.

        A subject without a key is put on the list of erasures too: a message that comes late must
        not bring it back.
        """
        ...


class MemoryCaseKeys:
    """Keys that end with the process: for tests, and for reading what is not kept."""

    def __init__(self) -> None:
        self._keys: dict[SubjectId, SubjectKey] = {}
        self._erased: set[SubjectId] = set()

    async def ensure(self, subject: SubjectId) -> SubjectKey:
        """The key, made where there is none."""
        self._check(subject)
        if subject not in self._keys:
            self._keys[subject] = SubjectKey.create(subject)
        return self._keys[subject]

    async def get(self, subject: SubjectId) -> SubjectKey:
        """The key."""
        self._check(subject)
        if subject not in self._keys:
            raise AccessDenied
        return self._keys[subject]

    async def destroy(self, subject: SubjectId) -> None:
        """Forget the key and remember that it is forgotten."""
        assert_no_transaction()
        self._keys.pop(subject, None)
        self._erased.add(subject)

    def _check(self, subject: SubjectId) -> None:
        assert_no_transaction()
        if subject in self._erased:
            raise DomainError("keys.erased")
