"""A new directory comes from the operator."""

from collections.abc import Collection, Mapping, Sequence

from services.directory import store, wire
from services.directory.domain import Directory, Reset, SignedDirectory, accept
from services.directory.handlers.live import LiveDirectory
from services.directory.handlers.telling import tell_changes
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import DomainError
from shared.ids import OPERATOR, SubjectId
from shared.messages import Message


class DirectoryHandler:
    """Takes the message `directory` (`shared.inbox.Handler`).

    What it accepts is kept; `refresh` puts it in force after the commit, here and in the node's
    other processes. A list that breaks a rule is refused whole: the one in force stays, and the
    operator, who can check a list by the same rules before sending it, gets the code.
    """

    kind = wire.KIND
    version = wire.VERSION

    def __init__(self, live: LiveDirectory) -> None:
        self._live = live

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """None: a directory holds no personal data."""
        del uow, message
        return ()

    async def apply(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: SignedDirectory,
    ) -> None:
        """Keep the list if every rule allows it.

        Raises:
            DomainError: `directory.not_from_operator`, and what `accept` raises.
        """
        del keys
        if message.sender != OPERATOR:
            raise DomainError("directory.not_from_operator")
        resets = await store.meetings(uow)
        known = await newest_known(uow, self._live, resets)
        accepted = accept(body, known, anchor=self._live.anchor, resets=resets)
        await keep_newer(uow, known, accepted)


async def newest_known(
    uow: UnitOfWork, live: LiveDirectory, resets: Collection[Reset]
) -> Directory:
    """The newest accepted one, also when another worker accepted it a moment ago."""
    newest = await store.newest_version(uow)
    if newest is None or newest <= live.directory.version:
        return live.directory
    document = await store.load(uow, newest)
    return accept(document, live.directory, anchor=live.anchor, resets=resets)


async def keep_newer(uow: UnitOfWork, known: Directory, accepted: Directory) -> None:
    """Keep an accepted list, and tell people what it changes; nothing where it is the known one."""
    if accepted is known:
        return
    await store.keep(uow, accepted)
    await tell_changes(uow, known, accepted)
    uow.audit("directory.accepted", version=accepted.version)
