"""What the municipality asks of the police: under consent or statute, in the joint room only."""

from uuid import UUID

from services.cases.domain.commands import AskLevelPassing, AskPlacement, Purpose, RequestThreat
from services.cases.domain.plan_commands import AskRegisterCheck
from services.cases.domain.programme import IN_PROGRAMME
from services.cases.domain.rules import POLICE_FUNCTION, check_municipality, covering
from services.cases.domain.text import required
from services.cases.domain.views import Consent
from services.cases.handlers import sealing
from services.cases.handlers.consents import active_consents
from services.cases.handlers.work import AtCase, writing
from services.cases.store import files, headers
from services.protection import api as protection
from services.protection.api import QuestionKind, SharedIdentity, room_of
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode, CaseId, SubjectId
from shared.node import Node
from shared.policy import municipalities


async def request_threat(node: Node, actor: Actor, command: RequestThreat) -> UUID:
    """Ask a police unit to assess the threat; the unit sees the joint room from now on.

    Raises:
        DomainError: `threat.no_ground` without consent or statute, `threat.unit_unknown`,
            `threat.unit_excluded`.
    """
    unit = protection.find_unit(node, command.unit)
    room = room_of(SubjectId(command.case_id))
    async with writing(
        node, actor, command.case_id, command.term, "ask_police", keys=(room,), make=(room,)
    ) as at:
        if await headers.is_excluded(at.uow, command.case_id, "unit", unit.code):
            raise DomainError("threat.unit_excluded")
        consent = await _consent_to_police(at, "threat_assessment")
        statute = command.statutory_ground
        if statute is None and consent is None:
            raise DomainError("threat.no_ground")
        rests_on = "consent" if statute is None else required(statute, "threat.no_ground", 64)
        row = await files.person_row(at.uow, command.case_id)
        if row is None:
            raise AccessDenied
        person = sealing.person(at.key, row)
        await protection.open_room(
            at.uow,
            at.keys[room],
            subject=SubjectId(command.case_id),
            term=at.header.term,
            code_name=at.header.code_name,
            identity=SharedIdentity(person.given_name, person.family_name, person.personal_number),
            rests_on=rests_on,
            shared_until=consent.valid_until if consent and statute is None else None,
        )
        await protection.attach_unit(at.uow, SubjectId(command.case_id), unit)
        question_id = await protection.ask(
            at.uow, subject=SubjectId(command.case_id), kind="threat", unit=unit.code
        )
        await headers.touch(at.uow, at.header)
        await _asked(at, "threat", unit.code)
        await at.uow.commit()
    return question_id


async def ask_placement(node: Node, actor: Actor, command: AskPlacement) -> UUID:
    """Ask the responsible unit whether the person can be placed in a municipality.

    Raises:
        DomainError: `municipality.unknown`, `placement.excluded`, `threat.not_assessed`,
            `placement.no_ground`.
    """
    check_municipality(command.municipality, municipalities())
    about = command.municipality
    return await _ask(node, actor, command.case_id, command.term, "placement", "placement", about)


async def ask_level_passing(node: Node, actor: Actor, command: AskLevelPassing) -> UUID:
    """Ask the responsible unit to approve that the threat level is passed on to a municipality."""
    check_municipality(command.receiver, municipalities())
    about = command.receiver
    return await _ask(
        node, actor, command.case_id, command.term, "level_passing", "handover", about
    )


async def ask_register_check(node: Node, actor: Actor, command: AskRegisterCheck) -> UUID:
    """Ask the responsible unit whether their registers show anything; a code is the whole answer.

    Source: agreement police–Linköping 2022 (seed 002), Registerslagningar; policy
        [protection] register_checks.

    Raises:
        DomainError: `register_check.not_in_policy`, `register_check.not_in_programme`,
            `threat.not_assessed`, `placement.no_ground`.
    """
    today = local_date(node.clock.now())
    if not protection.may_ask_register_check(node.policies.on(today)):
        raise DomainError("register_check.not_in_policy")
    return await _ask(
        node, actor, command.case_id, command.term, "register_check", "cooperation", None
    )


async def _ask(
    node: Node,
    actor: Actor,
    case_id: CaseId,
    term: int,
    kind: QuestionKind,
    purpose: Purpose,
    municipality: AuthorityCode | None,
) -> UUID:
    async with writing(node, actor, case_id, term, "ask_police") as at:
        if kind == "register_check" and at.header.state not in IN_PROGRAMME:
            raise DomainError("register_check.not_in_programme")
        if municipality is not None and await headers.is_excluded(
            at.uow, case_id, "authority", municipality
        ):
            raise DomainError("placement.excluded")
        threat = await protection.current_threat(at.uow, SubjectId(case_id))
        if threat is None:
            raise DomainError("threat.not_assessed")
        ground = await protection.room_ground(at.uow, SubjectId(case_id))
        if ground is None or (
            ground == "consent" and await _consent_to_police(at, purpose) is None
        ):
            raise DomainError("placement.no_ground", purpose=purpose)
        unit = protection.responsible_unit(node, threat.level)
        await protection.attach_unit(at.uow, SubjectId(case_id), unit)
        question_id = await protection.ask(
            at.uow,
            subject=SubjectId(case_id),
            kind=kind,
            unit=unit.code,
            authority=municipality,
        )
        await _asked(at, kind, unit.code)
        await at.uow.commit()
    return question_id


async def _consent_to_police(at: AtCase, purpose: str) -> Consent | None:
    today = local_date(at.uow.now)
    consents = await active_consents(at.uow, at.key, at.header.case_id, today)
    return covering(consents, POLICE_FUNCTION, purpose, today)


async def _asked(at: AtCase, kind: str, unit: str) -> None:
    """The history says what was asked and of whom, never about which place."""
    facts = {"kind": kind, "unit": unit}
    await headers.insert_event(at.uow, at.header.case_id, "case.police_asked", dict(facts))
    at.uow.audit("case.police_asked", case_id=at.header.case_id, **facts)
