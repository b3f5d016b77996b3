"""How rows of the programme are closed and opened, as `sealing` does for the file's other rows."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from services.cases.domain.aid import Aid
from services.cases.domain.commands import NeedArea
from services.cases.domain.plan import FollowUp, Goal, Measure, Score
from services.cases.domain.programme import Agreement, Condition, PauseCause
from services.cases.handlers.sealing import reveal
from services.cases.store.rows import Record
from shared.crypto import SubjectKey


class AgreementBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_agreement`."""

    conditions: tuple[Condition, ...]
    own_conditions: str


class AidBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_aid`; its reasons are sealed with the decision."""

    area: NeedArea
    matter: str
    minutes: str


class MeasureBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_measure`."""

    what: str
    provider: str


class FollowUpBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_follow_up`."""

    scores: dict[UUID, Score]
    summary: str
    persons_view: str


class PauseBody(msgspec.Struct, frozen=True):
    """The sealed part of a pause in `case_programme`."""

    cause: PauseCause
    text: str


class ClosingBody(msgspec.Struct, frozen=True):
    """The sealed part of `case_closing`."""

    summary: str
    continued_support: str


def agreement(key: SubjectKey, row: Record) -> Agreement:
    """One agreement."""
    body = reveal(key, "case_agreement", row.agreement_id, row.sealed, AgreementBody)
    return Agreement(
        agreement_id=row.agreement_id,
        conditions=body.conditions,
        own_conditions=body.own_conditions,
        signed_on=row.signed_on,
        paper=row.paper,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        withdrawn_at=row.withdrawn_at,
    )


def aid(key: SubjectKey, row: Record) -> Aid:
    """One decision about aid."""
    body = reveal(key, "case_aid", row.aid_id, row.sealed, AidBody)
    return Aid(
        aid_id=row.aid_id,
        kind=row.kind,
        outcome=row.outcome,
        area=body.area,
        matter=body.matter,
        minutes=body.minutes,
        granted_from=row.granted_from,
        granted_until=row.granted_until,
        ends=row.ends,
        decided_at=row.decided_at,
        told_on=row.told_on,
    )


def goals(key: SubjectKey, rows: Sequence[Record], scores: Mapping[UUID, Score]) -> list[Goal]:
    """Goals, each with its newest score."""
    return [
        Goal(
            goal_id=row.goal_id,
            area=row.area,
            text=reveal(key, "case_goal", row.goal_id, row.sealed, str),
            due_on=row.due_on,
            set_at=row.set_at,
            score=scores.get(row.goal_id),
        )
        for row in rows
    ]


def measure(key: SubjectKey, row: Record) -> Measure:
    """One measure."""
    body = reveal(key, "case_measure", row.measure_id, row.sealed, MeasureBody)
    return Measure(
        measure_id=row.measure_id,
        aid_id=row.aid_id,
        what=body.what,
        provider=body.provider,
        started_on=row.started_on,
        ended_on=row.ended_on,
    )


def follow_up(key: SubjectKey, row: Record) -> FollowUp:
    """One follow-up."""
    body = reveal(key, "case_follow_up", row.follow_up_id, row.sealed, FollowUpBody)
    return FollowUp(
        follow_up_id=row.follow_up_id,
        held_on=row.held_on,
        scores=body.scores,
        summary=body.summary,
        persons_view=body.persons_view,
        next_on=row.next_on,
        recorded_by=row.recorded_by,
    )
