"""What a worker looks after: a newer list in its file, its own keys, and keys that soon end."""

from pathlib import Path

import msgspec

from services.directory import store
from services.directory.domain import BAD_JSON, SignedDirectory, accept
from services.directory.handlers.live import live
from services.directory.handlers.receive import keep_newer, newest_known
from services.directory.handlers.telling import (
    ADMINISTRATOR,
    tell_expiring,
    tell_refused,
)
from shared.actor import worker
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import DomainError
from shared.ids import OPERATOR, SubjectId
from shared.node import Node
from shared.outbox import pair_conversation


class DirectoryFile:
    """The list that the set-up, or the operator on the same machine, leaves in a file.

    It comes in by the same rules as a message: a list that breaks one is refused, once, and a card
    says so; one that is older than what is known is left alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = (-1, -1)  # looked at once at start, too

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    async def take(self, node: Node) -> int:
        """Keep what is newer; 1 if it was, else 0. `refresh` puts it in force."""
        stamp = self._stamp()
        if stamp == self._seen:
            return 0
        taken = 0
        async with node.db.begin(worker(node.authority)) as uow:
            try:
                taken = int(await self._accept(node, uow))
            except DomainError as error:
                # Older is no fault: a message was faster than the file.
                if error.code != "directory.rolled_back":
                    subject = pair_conversation(OPERATOR, node.authority, "directory-file")
                    await add_card(
                        uow,
                        "directory.refused",
                        ADMINISTRATOR,
                        subject=SubjectId(subject),
                        facts={"code": error.code},
                    )
            await uow.commit()
        self._seen = stamp
        return taken

    async def _accept(self, node: Node, uow: UnitOfWork) -> bool:
        try:
            document = msgspec.json.decode(self._path.read_bytes(), type=SignedDirectory)
        except (OSError, *BAD_JSON) as error:
            raise DomainError("directory.unreadable") from error
        directory = live(node.directory)
        resets = await store.meetings(uow)
        known = await newest_known(uow, directory, resets)
        accepted = accept(document, known, anchor=directory.anchor, resets=resets)
        await keep_newer(uow, known, accepted)
        return accepted is not known


async def watch_keys(node: Node) -> int:
    """Warn of keys that soon end and of lists that were refused; returns 0, for it can wait."""
    async with node.db.begin(worker(node.authority)) as uow:
        await tell_expiring(uow, node.keyring, live(node.directory).directory, uow.wall)
        await tell_refused(uow)
        await uow.commit()
    return 0
