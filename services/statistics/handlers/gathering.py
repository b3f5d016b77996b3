"""What is counted at home: the lower services' facts as happenings of the fixed series.

Reaches down only, through the services' `api`. What no part of the product records yet has no
happenings, and its series says so (`fed_by`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit import api as audit
from services.cases import api as cases
from services.decisions import api as decisions
from services.handover import api as handover
from services.protection import api as protection
from services.statistics.domain.counting import Dated, Since, counted
from services.statistics.domain.history import (
    CaseHistory,
    Check,
    Step,
    case_events,
    stocks,
    waited,
)
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.vector import Happening
from shared.actor import worker
from shared.clock import local_date
from shared.ids import SubjectId
from shared.node import Node


async def gather(
    node: Node, half_year: HalfYear, since: Since | None, known_until: datetime
) -> list[Happening]:
    """Everything that belongs to the half-year.

    Args:
        node: under the worker's role.
        since: what was counted before.
        known_until: what was written later belongs to the next half-year.
    """
    files = await facts_of_cases(node)
    async with node.db.begin(worker(node.authority)) as uow:
        handovers = await handover.handovers_to_count(uow)
        let_in = await cases.let_in_on_call(uow)
        money = await cases.money_to_count(uow)
        reviewed = await audit.reviews_to_count(uow)
        uow.audit("statistics.counted", half_year=half_year.id, cases=len(files))
        await uow.commit()
    events = [event for each in files for event in each.events()]
    events += [event for each in handovers for event in _handover(each)]
    events += [event for each in money for event in _money(each)]
    events += [_simply("break_glass", at) for at in let_in]
    events += [_simply("log_reviews", at) for at in reviewed]
    histories = [each.history for each in files]
    return [
        *counted(events, half_year, since, known_until),
        *stocks(histories, half_year.last_day, known_until),
    ]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is counted of one case.

    Args:
        unit: of this municipality that has it; None where there are none.
        kept_from: colleagues and units who may not know of it: kind and value.
        asked: of the police, and when it was answered.
        decided: on aid, for the first time.
    """

    unit: str | None
    kept_from: frozenset[tuple[str, str]]
    history: CaseHistory
    asked: Sequence[tuple[datetime, datetime]]
    decided: Sequence[Dated]

    def events(self) -> Iterator[Dated]:
        """Every event of the case that a series counts."""
        yield from case_events(self.history)
        for began, ended in self.asked:
            yield waited("weeks_to_threat", began, ended)
        yield from self.decided


async def facts_of_cases(node: Node) -> list[CaseFacts]:
    """Every case that this node has a history of; no identity.

    Args:
        node: under the worker's role.
    """
    files = await cases.cases_to_count(node)
    async with node.db.begin(worker(node.authority)) as uow:
        levels = await protection.levels_over_time(uow)
        asked = await protection.answered_threat_requests(uow)
        decided = await decisions.first_aid_decisions(uow)
        refused = await decisions.entry_refusals(uow)
    return [
        CaseFacts(
            each.unit,
            each.kept_from,
            _history(each, levels, refused),
            asked.get(SubjectId(each.case_id), ()),
            tuple(_decision(each, decided)),
        )
        for each in files
    ]


def _history(
    case: cases.CountedCase,
    levels: Mapping[SubjectId, Sequence[tuple[datetime, protection.Level]]],
    refused: Mapping[SubjectId, str],
) -> CaseHistory:
    subject = SubjectId(case.case_id)

    def step(moment: cases.Moment) -> Step:
        reason = refused.get(subject) if moment.kind == "not_admitted" else moment.ended
        return Step(moment.kind, moment.on, moment.known_at, reason)

    return CaseHistory(
        born_on=case.born_on,
        sex=case.sex,
        group_type=case.group,
        channel=case.channel,
        levels=tuple((local_date(at), level) for at, level in levels.get(subject, ())),
        steps=tuple(step(moment) for moment in case.moments),
        checks=tuple(
            Check(each.on, each.known_at, each.register_check == "NOTHING_TO_REPORT")
            for each in case.closings
            if each.register_check != "NOT_ASKED"
        ),
        bought=tuple((each.started_on, each.ended_on) for each in case.bought),
    )


def _decision(case: cases.CountedCase, decided: Mapping[SubjectId, datetime]) -> Iterator[Dated]:
    decided_at = decided.get(SubjectId(case.case_id))
    applied = [moment for moment in case.moments if moment.kind == "applied"]
    if decided_at is not None and applied and applied[0].known_at <= decided_at:
        yield waited("weeks_to_decision", applied[0].known_at, decided_at)


def _handover(each: handover.CountedHandover) -> Iterator[Dated]:
    proposed_at = each.first.get("proposed")
    if proposed_at is None:
        return
    yield _simply("proposed", proposed_at)
    if "declined" in each.first:
        yield _simply("declined", each.first["declined"])
    if "disputed" in each.first:
        yield _simply("disputed", each.first["disputed"])
    if each.answered_at is not None:
        yield waited("weeks_to_answer", proposed_at, each.answered_at)
    if "completed" in each.first:
        yield waited("weeks_to_take_over", proposed_at, each.first["completed"])


def _money(each: cases.CountedMoney) -> Iterator[Dated]:
    yield Dated(Happening("money_applied"), each.applied_on, each.recorded_at)
    if each.granted_on is not None and each.answered_at is not None:
        yield Dated(Happening("money_granted"), each.granted_on, each.answered_at)


def _simply(series: str, at: datetime) -> Dated:
    return Dated(Happening(series), local_date(at), at)
