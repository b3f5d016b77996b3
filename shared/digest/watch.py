"""Looks at this end alone: what has waited too long, what is not there, who has fallen silent."""

from datetime import date, timedelta

from sqlalchemy import Date

from shared.actor import worker
from shared.clock import local_date
from shared.db import Database, UnitOfWork
from shared.db.cards import add_card, finish_cards_about
from shared.db.sql import MOMENT, sql
from shared.digest.compare import LATE
from shared.digest.gaps import heal_gaps, name_gap, tell
from shared.digest.standings import day_of_silence
from shared.digest.wire import PURPOSE
from shared.ids import AuthorityCode
from shared.outbox import pair_conversation

SILENT_AFTER: timedelta = timedelta(days=2)
"""One missed day may be a restart over midnight."""
UNDELIVERED = "exchange.undelivered"
"""One card for each authority, however many messages."""

__all__ = ["LATE", "SILENT_AFTER", "Watch"]

# Named in one statement: an exchange that is away for weeks makes thousands of these.
_NAME = """
    insert into exchange_gap (id, peer, conversation_id, direction, code,
                              first_number, last_number, named_at)
    select uuidv7(), found.*, :now from ({found}) found
        (peer, conversation_id, direction, code, first_number, last_number)
    on conflict (conversation_id, direction, code) where healed_at is null
        do update set last_number = excluded.last_number
        where exchange_gap.last_number < excluded.last_number
    returning peer, conversation_id, code, first_number, last_number, named_at = :now as is_new
"""
_WAITING = sql(
    _NAME.format(
        found="""
        select receiver, conversation_id, direction, 'unanswered', min(number), max(number)
        from outbox where done_at is null and number > 0 and created_at <= :before
        group by receiver, conversation_id, direction
        union all
        select i.origin, i.conversation_id, i.direction, 'held_back', f.applied + 1, max(i.number)
        from inbox i join conversation_flow f using (conversation_id, direction)
        where i.done_at is null and i.number > 0 and i.received_at <= :before
        group by i.origin, i.conversation_id, i.direction, f.applied
        """
    ),
    before=MOMENT,
)
# Numbers that the other end knows and we do not are named already, as `numbers_lost`.
_HOLES = sql(
    _NAME.format(
        found="""
        select c.peer, f.conversation_id, f.direction, 'hole', 1, greatest(f.sent, f.applied)
        from conversation_flow f join conversation c on c.id = f.conversation_id
        where (f.sent <> (select count(*) from outbox o
                          where o.conversation_id = f.conversation_id
                            and o.direction = f.direction and o.number > 0)
            or f.applied > (select count(*) from inbox i
                            where i.conversation_id = f.conversation_id
                              and i.direction = f.direction and i.number > 0))
          and not exists (select from exchange_gap g
                          where g.conversation_id = f.conversation_id
                            and g.direction = f.direction and g.healed_at is null
                            and g.code = 'numbers_lost')
        """
    )
)
_OWING = sql(
    "select peer, owed_since, came_on from exchange_peer where sent_on >= :since", since=Date()
)
_STILL_LATE = sql(
    "select distinct peer from exchange_gap where code = 'unanswered' and healed_at is null"
)


class Watch:
    """One worker's; any number may run.

    Args:
        db: under the worker's role.
        alarm_role: who gets the cards.
    """

    def __init__(
        self, db: Database, authority: AuthorityCode, *, alarm_role: str = "system_admin"
    ) -> None:
        self._db = db
        self._own = authority
        self._actor = worker(authority)
        self._alarm_role = alarm_role
        self._counted_on: date | None = None

    async def run_once(self) -> int:
        """Name what is new and note what has healed; how many gaps are new.

        Holes are looked for at start and once a day: every message is counted for it.
        """
        async with self._db.begin(self._actor) as uow:
            await self._heal(uow)
            today = local_date(uow.now)
            facts = {"now": uow.wall, "before": uow.wall - LATE}
            found = list((await uow.execute(_WAITING, facts)).all())
            if self._counted_on != today:
                found += (await uow.execute(_HOLES, {"now": uow.wall})).all()
            new = [row for row in found if row.is_new]
            for row in new:
                if row.code != "unanswered":
                    gap = (row.conversation_id, row.code, row.first_number, row.last_number)
                    await tell(uow, AuthorityCode(row.peer), *gap, self._alarm_role)
            for peer in sorted({row.peer for row in new if row.code == "unanswered"}):
                await self._undelivered(uow, AuthorityCode(peer))
            named = len(new) + await self._silent(uow)
            await uow.commit()
        self._counted_on = today
        return named

    async def _heal(self, uow: UnitOfWork) -> None:
        before = set((await uow.execute(_STILL_LATE)).scalars())
        await heal_gaps(uow)
        for peer in before - set((await uow.execute(_STILL_LATE)).scalars()):
            subject = pair_conversation(self._own, AuthorityCode(peer), "delivery")
            await finish_cards_about(uow, UNDELIVERED, subject)

    async def _silent(self, uow: UnitOfWork) -> int:
        """Authorities that owe a digest and have not sent one."""
        today = local_date(uow.now)
        named = 0
        rows = await uow.execute(_OWING, {"since": today - SILENT_AFTER})
        for row in rows.all():
            if today - day_of_silence(row.came_on, row.owed_since) <= SILENT_AFTER:
                continue
            peer = AuthorityCode(row.peer)
            theirs = pair_conversation(peer, self._own, PURPOSE)
            named += await name_gap(uow, peer, theirs, "forward", "silent", 0, 0, self._alarm_role)
        return named

    async def _undelivered(self, uow: UnitOfWork, peer: AuthorityCode) -> None:
        await add_card(
            uow,
            UNDELIVERED,
            self._alarm_role,
            subject=pair_conversation(self._own, peer, "delivery"),
            facts={"authority": peer},
        )
        uow.audit("exchange.undelivered", authority=peer)
