"""What national statistics count: read by the worker, never by a person.

Opened for each case are the personal number, for age and sex, the contact's channel, and what the
person leaves; nothing of it leaves this module but the day of birth, the sex and the codes.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.cases.domain.counting import (
    OF_EVENT,
    Bought,
    Closing,
    CountedCase,
    moments,
    take_over_days,
)
from services.cases.domain.person import born_on, sex_of
from services.cases.domain.rules import subject_of
from services.cases.domain.views import Event
from services.cases.handlers import sealing
from services.cases.handlers.links import chain
from services.cases.store import counting, entries, files
from shared.actor import worker
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId
from shared.node import Node

_HANDED_OVER = frozenset({"case.transferred", "case.taken_over"})


async def cases_to_count(node: Node) -> list[CountedCase]:
    """Every case that this node has a history of.

    Args:
        node: under the worker's role.
    """
    actor = worker(node.authority)
    async with node.db.begin(actor) as uow:
        ids = await counting.every_id(uow)
    keys = {case_id: await _key(node, case_id) for case_id in ids}
    async with node.db.begin(actor) as uow:
        history = defaultdict(list)
        for row in await counting.every_event(uow, OF_EVENT):
            history[row.case_id].append(Event(row.at, row.actor_id, row.code, row.facts))
        closed, bought = defaultdict(list), defaultdict(list)
        for row in await counting.every_closing(uow):
            on = local_date(row.closed_at)
            closed[row.case_id].append(Closing(on, row.closed_at, row.register_check))
        for row in await counting.every_bought(uow):
            bought[row.case_id].append(Bought(row.started_on, row.ended_on))
        # Read last: a case that is put on a list while it is counted is kept back already.
        kept = await counting.every_exclusion(uow)
        found = [
            replace(
                await _counted(uow, each, keys[each], history[each]),
                unit=ids[each],
                kept_from=frozenset(kept.get(each, ())),
                closings=tuple(closed[each]),
                bought=tuple(bought[each]),
            )
            for each in ids
        ]
        uow.audit("cases.counted", rows=len(found))
        await uow.commit()
    return found


async def exclusions_as_of(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """Changes when a case is kept from somebody more; for the worker."""
    return await counting.exclusions_as_of(uow)


async def let_in_on_call(uow: UnitOfWork) -> list[datetime]:
    """When somebody on call was let into a case because its threat was raised."""
    return list(await counting.let_in_on_call(uow))


async def _key(node: Node, case_id: CaseId) -> SubjectKey | None:
    try:
        return await node.case_keys.get(subject_of(case_id))
    except (AccessDenied, DomainError):  # erased: what happened stays, about whom is gone
        return None


async def _counted(
    uow: UnitOfWork, case_id: CaseId, key: SubjectKey | None, history: Sequence[Event]
) -> CountedCase:
    base = None if key is None else await files.base_row(uow, case_id)
    number = contact = assessed = None
    if key is not None and base is not None:
        number = sealing.person(key, base).personal_number
        contact = sealing.contact(key, base)
        newest = await entries.newest(uow, case_id)
        assessed = sealing.entry(key, newest) if newest else None
    was_handed_over = any(event.code in _HANDED_OVER for event in history)
    links = await chain(uow, case_id) if was_handed_over else []
    days = take_over_days(links, uow.actor.authority)
    return CountedCase(
        case_id=case_id,
        born_on=born_on(number) if number else None,
        sex=sex_of(number) if number else None,
        channel=contact.channel if contact else None,
        group=assessed.group if assessed else None,
        moments=tuple(moments(history, days)),
    )
