"""Sends a node's digests: once a day to each authority that something is open with."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.actor import worker
from shared.clock import local_date
from shared.crypto import CaseKeys, KeyDirectory, KeyRing, SubjectKey
from shared.db import Database, UnitOfWork
from shared.digest import standings
from shared.digest.tables import peer as peer_table
from shared.digest.tables import watch
from shared.digest.wire import KIND, MOST_FLOWS, PURPOSE, VERSION, Applied, Digest, Sent
from shared.ids import AuthorityCode, SubjectId
from shared.outbox import enqueue, pair_conversation

AWAY_FOR: timedelta = timedelta(days=1)
"""Who has not looked for so long asks everybody what it missed."""

PAUSE: timedelta = timedelta(days=1)
"""After more than a day without a digest from here, the other end owed none either."""

Opened = Callable[[UnitOfWork], Awaitable[Collection[UUID]]]
Peers = Callable[[], Iterable[AuthorityCode]]


class Digester:
    """One worker's; any number may run, each digest goes once.

    Args:
        db: under the worker's role.
        opened: the conversations that services hold for open, silent or not.
        peers: everybody that runs a node: asked after having been away.
    """

    def __init__(
        self,
        db: Database,
        directory: KeyDirectory,
        keyring: KeyRing,
        case_keys: CaseKeys,
        opened: Opened,
        peers: Peers,
    ) -> None:
        self._db = db
        self._directory = directory
        self._keyring = keyring
        self._case_keys = case_keys
        self._opened = opened
        self._peers = peers
        self._own = keyring.authority
        self._actor = worker(keyring.authority)

    async def run_once(self) -> int:
        """Send what is due today; how many digests.

        The day is the domain clock's, as people count it: a demo state may show a week of them.
        """
        async with self._db.begin(self._actor) as uow:
            due, was_away = await self._due(uow)
        sent = 0
        for peer in due:
            key = await self._case_keys.ensure(
                SubjectId(pair_conversation(self._own, peer, PURPOSE))
            )
            async with self._db.begin(self._actor) as uow:
                if await _claim(uow, peer, is_forced=was_away):
                    await self._send(uow, peer, key)
                    sent += 1
                await uow.commit()
        async with self._db.begin(self._actor) as uow:
            await uow.execute(update(watch).values(looked_at=uow.wall))
            await uow.commit()
        return sent

    async def _due(self, uow: UnitOfWork) -> tuple[list[AuthorityCode], bool]:
        looked_at = (await uow.execute(select(watch.c.looked_at))).scalar_one()
        was_away = looked_at is not None and uow.wall - looked_at >= AWAY_FOR
        wanted = await standings.peers(uow, await self._opened(uow))
        if was_away:
            wanted += [peer for peer in self._peers() if peer not in {*wanted, self._own}]
        rows = await uow.execute(select(peer_table.c.peer, peer_table.c.sent_on))
        sent_on = {row.peer: row.sent_on for row in rows}
        today = local_date(uow.now)
        return [
            peer
            for peer in wanted
            if VERSION in self._directory.version_of(peer, KIND)
            and (was_away or sent_on.get(peer, date.min) < today)
        ], was_away

    async def _send(self, uow: UnitOfWork, peer: AuthorityCode, key: SubjectKey) -> None:
        sent, applied = await standings.covered(uow, peer, await self._opened(uow))
        parts = _parts(sent, applied)
        for number, (some_sent, some_applied) in enumerate(parts, start=1):
            await enqueue(
                uow,
                to=peer,
                conversation=pair_conversation(self._own, peer, PURPOSE),
                direction="forward",
                kind=KIND,
                version=VERSION,
                body=Digest(
                    on=local_date(uow.now),
                    part=number,
                    parts=len(parts),
                    sent=tuple(some_sent),
                    applied=tuple(some_applied),
                ),
                key=key,
                signer=self._keyring.signing(uow.wall),
            )


async def _claim(uow: UnitOfWork, peer: AuthorityCode, *, is_forced: bool) -> bool:
    """Become the one that sends today's; the row's lock holds others off until the commit."""
    today = local_date(uow.now)
    row = insert(peer_table).values(peer=peer, owed_since=today, sent_on=today)
    claimed = await uow.execute(
        row.on_conflict_do_update(
            index_elements=[peer_table.c.peer],
            set_={
                "sent_on": today,
                # After a pause it owes from now on, not since the time when nothing was open.
                "owed_since": case(
                    (peer_table.c.sent_on < today - PAUSE, today), else_=peer_table.c.owed_since
                ),
            },
            where=None if is_forced else peer_table.c.sent_on < today,
        ).returning(peer_table.c.peer)
    )
    return claimed.first() is not None


def _parts(
    sent: Sequence[Sent], applied: Sequence[Applied]
) -> list[tuple[Sequence[Sent], Sequence[Applied]]]:
    """As many messages as needed; an empty one too says that nothing is open."""
    most = max(len(sent), len(applied), 1)
    return [
        (sent[at : at + MOST_FLOWS], applied[at : at + MOST_FLOWS])
        for at in range(0, most, MOST_FLOWS)
    ]
