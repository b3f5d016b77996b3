"""A service small enough to test the kernel with: it writes down what it was told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from sqlalchemy import text

from shared.db import UnitOfWork
from shared.errors import DomainError
from tests.support.federation import Federation


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(max_length=200_000)]


KINDS = (("note", 1, Note),)


class NoteHandler:
    """Keeps each note as an audit row: `facts.text` in the order of applying.

    A test sets `refuse`, `fail` or `wants` to see the other ways.
    """

    kind = "note"
    version = 1

    def __init__(self) -> None:
        self.refuse: set[str] = set()
        self.fail: dict[str, BaseException] = {}
        self.fails: dict[str, int] = {}
        self.wants: list = []
        self.keys_seen: list = []
        self.refused: list[tuple[str, str]] = []

    async def subjects(self, uow, message):
        return self.wants

    async def apply(self, uow: UnitOfWork, keys, message, body: Note) -> None:
        self.keys_seen.append(set(keys))
        uow.audit(
            "note.applied",
            case_id=message.conversation_id,
            text=body.text,
            number=message.header.number,
        )
        if body.text in self.refuse:
            raise DomainError("note.refused", length=len(body.text))
        if self.fails.get(body.text, 0) > 0 or body.text in self.fail:
            self.fails[body.text] = self.fails.get(body.text, 0) - 1
            raise self.fail.get(body.text) or RuntimeError("a bug")
        await uow.execute(text("select 1"))

    async def on_refused(self, uow, keys, header, code) -> None:
        self.refused.append((header.kind, code))


async def notes_of(node, conversation=None) -> list[str]:
    """What was applied at a node, in order."""
    rows = await node.rows(
        "select facts->>'text' from audit_entry where action = 'note.applied'"
        " and (cast(:conversation as uuid) is null or case_id = :conversation)"
        " order by xid, id",
        conversation=conversation,
    )
    return [row[0] for row in rows]


@asynccontextmanager
async def open_note_pair(postgres_server) -> AsyncIterator[Federation]:
    """Linköping and Göteborg; `a` sends, `b.handler` takes."""
    here, there = NoteHandler(), NoteHandler()
    async with Federation.open(
        postgres_server,
        "0580",
        "1480",
        handlers={"0580": [here], "1480": [there]},
        kinds=KINDS,
        is_kernel_only=True,
    ) as federation:
        federation.postgres = postgres_server
        federation.a, federation.b = federation["0580"], federation["1480"]
        federation.a.handler, federation.b.handler = here, there
        yield federation
