"""Numbers that do not come: asked for again after a while, and then a person is told.

The sender repeats by itself what has no receipt. A gap that outlives that means that the sender
believes it done: this node was restored from a backup, or the sender was.
"""

from datetime import timedelta

from shared.actor import Actor
from shared.db import Database
from shared.db.cards import add_card
from shared.db.sql import SPAN, sql
from shared.ids import AuthorityCode
from shared.inbox.answers import Answers
from shared.inbox.opening import Opener

PATIENCE = timedelta(seconds=10)
"""Twice the sender's first resend."""
LONGEST = timedelta(hours=1)
TELL_AFTER = 3

_WAITING = """
    select 1 from inbox i where i.conversation_id = f.conversation_id
      and i.direction = f.direction and i.done_at is null and i.number
"""
_NOTICE = sql(f"""
    update conversation_flow f set gap_since = :now
    from (select distinct conversation_id, direction from inbox
          where done_at is null and number > 0) w
    where w.conversation_id = f.conversation_id and w.direction = f.direction
      and f.gap_since is null
      and exists ({_WAITING} > f.applied + 1) and not exists ({_WAITING} = f.applied + 1)
""")  # noqa: S608 - both parts are constants of this file
_ASK = sql(
    """
    update conversation_flow f set asked_at = :now, asked = f.asked + 1
    from conversation c
    where c.id = f.conversation_id and f.gap_since <= :now - :patience
      and (f.asked_at is null
           or f.asked_at <= :now - least(:patience * power(2, least(f.asked, 20)), :longest))
    returning f.conversation_id, f.direction, f.applied, f.asked, c.peer,
        (select min(i.number) from inbox i
         where i.conversation_id = f.conversation_id and i.direction = f.direction
           and i.done_at is null and i.number > f.applied) as held
""",
    patience=SPAN,
    longest=SPAN,
)


async def ask_for_missing(db: Database, opener: Opener, actor: Actor, alarm_role: str) -> int:
    """Note new gaps and ask for those that last; how many were asked for."""
    async with db.begin(actor) as uow:
        await uow.execute(_NOTICE, {"now": uow.wall})
        facts = {"now": uow.wall, "patience": PATIENCE, "longest": LONGEST}
        gaps = [gap for gap in (await uow.execute(_ASK, facts)).all() if gap.held is not None]
        await uow.commit()
    if not gaps:
        return 0
    keys = await opener.answer_keys(AuthorityCode(gap.peer) for gap in gaps)
    signer = opener.signer()
    async with db.begin(actor) as uow:
        for gap in gaps:
            answers = Answers(uow, gap.peer, keys[gap.peer], signer)
            first, last = gap.applied + 1, gap.held - 1
            await answers.missing(gap.conversation_id, gap.direction, first, last)
            if gap.asked >= TELL_AFTER:
                await add_card(
                    uow,
                    "exchange.gap",
                    alarm_role,
                    subject=gap.conversation_id,
                    facts={"authority": gap.peer, "from_number": first, "to_number": last},
                )
        await uow.commit()
    return len(gaps)
