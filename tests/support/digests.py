"""Two kernel nodes that also exchange digests and watch their own ends."""

from contextlib import asynccontextmanager

from shared.digest import Digester, DigestHandler, Watch, wire
from shared.ids import AuthorityCode
from tests.support.federation import Federation
from tests.support.notes import KINDS, NoteHandler

DIGESTS = (*KINDS, (wire.KIND, wire.VERSION, wire.Digest))


@asynccontextmanager
async def open_digesting(postgres_server, *, exchange=None):
    """Linköping (`a`) and Göteborg (`b`), each with a digester and a watch; nothing runs by itself.

    `opened` of a node is the set of conversations that its services hold for open.
    """
    async with Federation.open(
        postgres_server,
        "0580",
        "1480",
        handlers={"0580": [NoteHandler()], "1480": [NoteHandler()]},
        kinds=DIGESTS,
        exchange=exchange,
        is_kernel_only=True,
    ) as federation:
        federation.a, federation.b = federation["0580"], federation["1480"]
        for node in federation.nodes.values():
            prepare(node, federation)
        yield federation


def prepare(node, federation) -> None:
    """Give a kernel node what the composition root gives a real one."""
    node.opened = set()

    async def opened(_uow):
        return node.opened

    node.handlers.append(DigestHandler(node.keyring))
    node.rebuild()
    node.digester = Digester(
        node.db,
        node.directory,
        node.keyring,
        node.case_keys,
        opened,
        lambda: [AuthorityCode(code) for code in federation.nodes],
    )
    node.watch = Watch(node.db, node.authority)


GAPS = """
    select code, conversation_id, first_number, last_number from exchange_gap
    where healed_at is null order by code, conversation_id
"""


async def open_gaps(node) -> list[tuple]:
    """Code, conversation, first and last number of each gap that is open at a node."""
    return [tuple(row) for row in await node.rows(GAPS)]


async def cards_of(node, *kinds) -> list[str]:
    """The kinds of the cards that are open."""
    rows = await node.rows(
        "select kind from card where done_at is null and kind = any(:kinds) order by kind",
        kinds=list(kinds),
    )
    return [row.kind for row in rows]
