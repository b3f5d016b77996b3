"""A reported concern: registered, followed step by step, assessed, decided upon."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.cases.api import AtCase, Channel, OpenCase, ProtectedIdentity
from services.decisions import api as decisions
from services.intake import store
from services.intake.domain.concern import (
    Assessment,
    ConcernKind,
    Opinion,
    Outcome,
    Planned,
    ReporterKind,
    Settled,
    StepGround,
    StepName,
    check_assessment,
    check_decision,
    check_step,
    must_agree,
    of_age_on,
    plan,
)
from services.intake.handlers.contact import person_of
from services.intake.policy import IntakePolicy, concern_steps, preliminary_due
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork, add_row
from shared.db.cards import add_card, finish_cards_about
from shared.errors import AccessDenied, DomainError
from shared.ids import CaseId, StaffId, row_id
from shared.node import Node
from shared.policy import Policy

LONGEST = 20_000
"""Characters of what was seen, said or judged."""
SHORT = 200
ASSESSED = "concern.assessed"
"""The card that asks for a decision."""


@dataclass(frozen=True, slots=True)
class ReportConcern:
    """What somebody else reports of a person, as the form gives it.

    Args:
        kind: what the concern is about.
        reporter: what kind of body or person reports.
        reporter_name: which school, which unit; stands sealed in the file.
        observed: what has been seen or heard, and by whom.
    """

    kind: ConcernKind
    reporter: ReporterKind
    reporter_name: str
    channel: Channel
    personal_number: str | None
    given_name: str
    family_name: str
    registered_municipality: str | None
    protected_identity: ProtectedIdentity
    observed: str


@dataclass(frozen=True, slots=True)
class SettleStep:
    """A step of the route is taken, or left with a reason.

    Args:
        ground: on which whoever is told may be told; None when the step is left.
        text: what was said or seen, or why it was left.
        told: which function was told; empty where nobody is.
    """

    case_id: CaseId
    term: int
    step: StepName
    outcome: Outcome
    ground: StepGround | None
    text: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class AssessConcern:
    """Somebody with the competence judges whether to open an investigation."""

    case_id: CaseId
    term: int
    opinion: Opinion
    reasons: str


@dataclass(frozen=True, slots=True)
class DecideConcern:
    """Whether an investigation is opened.

    Args:
        person_agrees: the person wants it; nobody who is or may be grown up is investigated
            against their will.
    """

    case_id: CaseId
    term: int
    outcome: Opinion
    person_agrees: bool
    reasons: str


@dataclass(frozen=True, slots=True)
class Concern:
    """A reported concern and its route, as members read it.

    Args:
        of_age: when the person comes or came of age; None when the number is not known.
        assess_by: last day of the assessment where the person is under 18; None for adults.
        competence: what the assessor must have learnt.
        must_agree: an investigation takes the person's own will: an adult, or the age is unknown.
        may_assess: the reader has it.
        names: display names of who did what.
    """

    case_id: CaseId
    term: int
    code_name: str
    is_preliminary: bool
    kind: ConcernKind
    reporter: ReporterKind
    reporter_name: str
    observed: str
    received_on: date
    registered_at: datetime
    of_age: date | None
    is_adult: bool
    must_agree: bool
    assess_by: date | None
    route: tuple[Planned, ...]
    competence: str
    may_assess: bool
    assessment: Assessment | None
    names: dict[UUID, str]


class _Reported(msgspec.Struct, frozen=True):
    """The sealed part of `intake_concern`."""

    reporter_name: str
    observed: str


class _Said(msgspec.Struct, frozen=True):
    """The sealed part of `intake_step`."""

    told: str
    text: str


async def report_concern(node: Node, actor: Actor, command: ReportConcern) -> CaseId:
    """Register what somebody reports: a case in preliminary assessment; who registers is a member.

    Raises:
        DomainError: as `register_contact`; `concern.observed_missing`,
            `concern.reporter_missing`, `text.too_long`.
    """
    observed = cases.required(command.observed, "concern.observed_missing", LONGEST)
    reporter = cases.required(command.reporter_name, "concern.reporter_missing", SHORT)
    today = local_date(node.clock.now())
    opened = OpenCase(
        person=person_of(command, today),
        channel=command.channel,
        person_kind="exiter",
        on_behalf="authority",
        begins="report",
        note="",
    )

    async def also(uow: UnitOfWork, key: SubjectKey, case_id: CaseId) -> None:
        await add_row(
            uow,
            store.concern,
            case_id=case_id,
            kind=command.kind,
            reporter=command.reporter,
            received_on=today,
            sealed=_close(key, store.place(store.concern, case_id), _Reported(reporter, observed)),
            registered_at=uow.now,
            registered_by=actor.staff_id,
        )

    return await cases.open_case(node, actor, opened, also)


async def read_concern(node: Node, actor: Actor, case_id: CaseId) -> Concern:
    """The concern and its route, for members; the reading is logged.

    Raises:
        AccessDenied: not a member, no such case, or one that did not begin by a report: alike.
    """
    async with cases.reading(node, actor, case_id, "see") as at:
        found = await _load(node, at)
        held = await staff.competences_held(at.uow, actor.staff_id, local_date(at.uow.now))
        names = await staff.names(at.uow, None)
        at.uow.audit("case.read", case_id=case_id, reason="concern")
        await at.uow.commit()
    reported = msgspec.json.decode(
        at.key.open(found.row.sealed, store.place(store.concern, case_id)), type=_Reported
    )
    wanted = found.policy.concern_competence.value
    return Concern(
        case_id=case_id,
        term=at.header.term,
        code_name=at.header.code_name,
        is_preliminary=at.header.state == "PRELIMINARY",
        kind=found.row.kind,
        reporter=found.row.reporter,
        reporter_name=reported.reporter_name,
        observed=reported.observed,
        received_on=found.row.received_on,
        registered_at=found.row.registered_at,
        of_age=found.of_age,
        is_adult=found.is_adult,
        must_agree=found.must_agree,
        assess_by=None if found.is_adult else preliminary_due(found.row.received_on, found.policy),
        route=found.route,
        competence=wanted,
        may_assess=wanted in held,
        assessment=found.assessment,
        names=names,
    )


async def settle_step(node: Node, actor: Actor, command: SettleStep) -> None:
    """Take the next step of the route on a ground, or leave it with a reason.

    Raises:
        AccessDenied: as `read_concern`.
        Conflict: `case.responsibility_moved`, `case.closed`, `concern.step_settled`.
        DomainError: `concern.*`, `case.role_may_not`, `text.too_long`.
    """
    text = cases.required(command.text, "concern.text_missing", LONGEST)
    told = " ".join(command.told.split())[: SHORT + 1]
    if len(told) > SHORT:
        raise DomainError("text.too_long", longest=SHORT)
    ground = command.ground if command.outcome == "taken" else None
    async with cases.writing(node, actor, command.case_id, command.term, "follow_concern") as at:
        found = await _load(node, at, preliminary=True)
        check_step(found.route, command.step, command.outcome, ground)
        place = store.place(store.step, f"{command.case_id}:{command.step}")
        await add_row(
            at.uow,
            store.step,
            case_id=command.case_id,
            step=command.step,
            outcome=command.outcome,
            ground=ground,
            sealed=_close(at.key, place, _Said(told, text)),
            settled_at=at.uow.now,
            settled_by=actor.staff_id,
        )
        # Which step it was is for the file: that the police were told is no news for the log.
        await cases.note_event(at.uow, command.case_id, f"concern.step_{command.outcome}")
        await at.uow.commit()


async def assess_concern(node: Node, actor: Actor, command: AssessConcern) -> UUID:
    """Judge the concern; only who has the competence that the policy names, once all is settled.

    Raises:
        AccessDenied: as `read_concern`.
        Conflict: `case.responsibility_moved`, `case.closed`, `concern.assessed_already`.
        DomainError: `concern.*`, `case.role_may_not`, `text.too_long`.
    """
    reasons = cases.required(command.reasons, "concern.reasons_missing", LONGEST)
    async with cases.writing(node, actor, command.case_id, command.term, "follow_concern") as at:
        found = await _load(node, at, preliminary=True)
        held = await staff.competences_held(at.uow, actor.staff_id, local_date(at.uow.now))
        wanted = found.policy.concern_competence.value
        check_assessment(found.route, frozenset(held), wanted, found.assessment)
        assessment_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            store.assessment,
            assessment_id=assessment_id,
            case_id=command.case_id,
            opinion=command.opinion,
            competence=wanted,
            sealed=_close(at.key, store.place(store.assessment, assessment_id), reasons),
            assessed_at=at.uow.now,
            assessed_by=actor.staff_id,
        )
        await cases.note_event(at.uow, command.case_id, "concern.assessed")
        await add_card(
            at.uow, ASSESSED, "team_leader", subject=command.case_id, case_id=command.case_id
        )
        await at.uow.commit()
    return assessment_id


async def decide_concern(node: Node, actor: Actor, command: DecideConcern) -> None:
    """Open an investigation, or do not; the delegation order says who may.

    Raises:
        AccessDenied: as `read_concern`.
        Conflict: `case.responsibility_moved`, `case.closed`, `case.handover_open`.
        DomainError: `concern.assessment_missing`, `concern.adult_must_agree`,
            `concern.reasons_missing`, `decision.not_delegate`, `case.role_may_not`.
    """
    reasons = cases.required(command.reasons, "concern.reasons_missing", LONGEST)
    async with cases.writing(node, actor, command.case_id, command.term, "decide_opening") as at:
        found = await _load(node, at, preliminary=True)
        kind = f"investigation.{command.outcome}"
        decisions.require_delegate(found.whole, kind, actor)
        check_decision(
            found.assessment,
            command.outcome,
            must_agree=found.must_agree,
            person_agrees=command.person_agrees,
        )
        assert found.assessment is not None
        await decisions.record_decision(
            at.uow,
            at.key,
            found.whole,
            kind=kind,
            case_id=command.case_id,
            subject=found.assessment.assessment_id,
            decided_by=actor.staff_id,
            second=None,
            law_ref="",
            reasons=reasons,
            outcome=command.outcome,
        )
        await finish_cards_about(at.uow, ASSESSED, command.case_id)
        if command.outcome == "open":
            await cases.open_investigation(at.uow, command.case_id, command.term)
        else:
            await cases.end_not_opened(at.uow, command.case_id, command.term)
        await at.uow.commit()


@dataclass(frozen=True, slots=True)
class _Found:
    """What every use case here loads: the row, the policy that day, and where the route stands."""

    row: Any
    whole: Policy
    policy: IntakePolicy
    of_age: date | None
    is_adult: bool
    must_agree: bool
    route: tuple[Planned, ...]
    assessment: Assessment | None


async def _load(node: Node, at: AtCase, *, preliminary: bool = False) -> _Found:
    case_id = at.header.case_id
    await cases.require_member(at.uow, case_id)
    row = await store.concern_row(at.uow, case_id)
    if row is None:
        raise AccessDenied
    if preliminary and at.header.state != "PRELIMINARY":
        raise DomainError("case.event_not_allowed", state=at.header.state)
    today = local_date(at.uow.now)
    whole = node.policies.on(today)
    policy = whole.section("intake", IntakePolicy)
    titles = {key: document.title for key, document in whole.documents.items()}
    number = (await cases.person_of(at.uow, at.key, case_id)).personal_number
    of_age = of_age_on(cases.born_on(number)) if number else None
    settled = {
        each.step: _settled(at.key, case_id, each)
        for each in await store.step_rows(at.uow, case_id)
    }
    return _Found(
        row=row,
        whole=whole,
        policy=policy,
        of_age=of_age,
        is_adult=of_age is not None and of_age <= today,
        must_agree=must_agree(of_age, today),
        route=plan(
            concern_steps(policy, titles),
            settled,
            received_on=row.received_on,
            of_age=of_age,
            today=today,
        ),
        assessment=_assessment(at.key, await store.assessment_row(at.uow, case_id)),
    )


def _settled(key: SubjectKey, case_id: CaseId, row: Any) -> Settled:
    place = store.place(store.step, f"{case_id}:{row.step}")
    said = msgspec.json.decode(key.open(row.sealed, place), type=_Said)
    return Settled(
        step=row.step,
        outcome=row.outcome,
        ground=row.ground,
        told=said.told,
        text=said.text,
        at=row.settled_at,
        by=StaffId(row.settled_by),
    )


def _assessment(key: SubjectKey, row: Any | None) -> Assessment | None:
    if row is None:
        return None
    place = store.place(store.assessment, row.assessment_id)
    return Assessment(
        assessment_id=row.assessment_id,
        opinion=row.opinion,
        competence=row.competence,
        reasons=msgspec.json.decode(key.open(row.sealed, place), type=str),
        at=row.assessed_at,
        by=StaffId(row.assessed_by),
    )


def _close(key: SubjectKey, place: str, body: object) -> bytes:
    return key.seal(msgspec.json.encode(body), place)
