"""A case begins: by a contact here, or by take-over from another municipality."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import msgspec

from services.cases.domain import rights, states
from services.cases.domain.chain import Link, check_chain, next_link
from services.cases.domain.commands import NewMember, OpenCase, Origin, Person
from services.cases.domain.rules import MAX_CODE_NAMES, check_member_role, subject_of
from services.cases.domain.states import after
from services.cases.domain.text import MAX_NAME, optional, required
from services.cases.domain.views import CaseHeader
from services.cases.domain.words import code_name
from services.cases.handlers import sealing
from services.cases.handlers.links import is_signed_by, keep_link
from services.cases.handlers.members import REGISTERED
from services.cases.store import headers, tables
from services.cases.wire import (
    ConsentsSection,
    Dossier,
    IdentitySection,
    Needs,
)
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SigningKey, SubjectKey
from shared.db import UnitOfWork, add_row
from shared.errors import Conflict, DomainError
from shared.ids import AuthorityCode, CaseId, FederationCaseId, random_id, row_id
from shared.node import Node

Also = Callable[[UnitOfWork, SubjectKey, CaseId], Awaitable[None]]


def new_case_id() -> CaseId:
    """An id for a case about to be opened: its key is made before the transaction."""
    return CaseId(random_id())


async def open_case(
    node: Node, actor: Actor, command: OpenCase, also: Also | None = None
) -> CaseId:
    """Open a case for a contact; the actor becomes its first member.

    The first link of the chain says that this municipality is responsible from now on.

    Args:
        also: what the service above keeps of it, in the same transaction.
    """
    rights.require(actor, "register_contact")
    person = replace(
        command.person,
        given_name=required(command.person.given_name, "person.name_missing", MAX_NAME),
        family_name=required(command.person.family_name, "person.name_missing", MAX_NAME),
    )
    note = optional(command.note)
    case_id = new_case_id()
    key = await node.case_keys.ensure(subject_of(case_id))
    signer = node.keyring.signing(node.wall.now())
    async with node.db.begin(actor, term=1) as uow:
        state = after("-", "register_contact")
        if command.begins != "contact":
            state = after(state, command.begins)
        header = await _insert_header(
            uow, case_id, FederationCaseId(random_id()), state, term=1, unit=actor.unit
        )
        await headers.insert_member(uow, case_id, actor.staff_id, _own_role(actor), REGISTERED)
        await _keep_person(node, uow, key, case_id, person)
        body = sealing.ContactBody(command.channel, command.person_kind, command.on_behalf, note)
        await add_row(
            uow,
            tables.contact,
            case_id=case_id,
            sealed=sealing.close(key, "case_contact", case_id, body),
            registered_at=uow.now,
        )
        first = next_link(
            (),
            federation_case_id=header.federation_case_id,
            kind="responsible",
            authority=node.authority,
            counterpart=None,
            at=uow.now,
            sign=signer.sign,
        )
        await keep_link(uow, case_id, first)
        await headers.insert_event(uow, case_id, "case.contact_registered", {"state": state})
        uow.audit("case.opened", case_id=case_id, state=state)
        if also is not None:
            await also(uow, key, case_id)
        await uow.commit()
    return case_id


async def open_transferred(
    uow: UnitOfWork,
    key: SubjectKey,
    *,
    node: Node,
    case_id: CaseId,
    origin: Origin,
    chain: Sequence[Link],
    dossier: Dossier,
    unit: str | None,
    members: Sequence[NewMember],
    signer: SigningKey,
) -> Link:
    """Open the receiver's new file in INVESTIGATION.

    Measures that run are listed for a new decision, consents keep their limits, the dossier is kept
    as it came. The actor of `uow` opens the file and is named among `members`, or sees it no more.

    Args:
        key: of `case_id`, which `new_case_id` drew and whose key was made before the transaction.
        chain: all links so far, this municipality's acceptance included.

    Returns:
        This municipality's own `responsible` link, signed; its term is the new file's.

    Raises:
        DomainError: `chain.broken`, `chain.already_responsible`, `dossier.identity_missing`,
            `assignment.case_worker_missing`, `assignment.role_not_held`,
            `assignment.competence_missing`.
    """
    federation_case_id = origin.federation_case_id
    check_chain(
        chain,
        federation_case_id=federation_case_id,
        is_signed_by=is_signed_by(node.directory),
        could_sign=node.directory.could_sign,
    )
    if not any(new.role == "case_worker" for new in members):
        raise DomainError("assignment.case_worker_missing")
    link = next_link(
        chain,
        federation_case_id=federation_case_id,
        kind="responsible",
        authority=node.authority,
        counterpart=origin.sender,
        at=uow.now,
        sign=signer.sign,
    )
    await headers.set_term(uow, link.term)
    state = after("-", "take_over")
    await _insert_header(uow, case_id, federation_case_id, state, term=link.term, unit=unit)
    policy = node.policies.on(local_date(uow.now))
    for new in members:
        colleague = await staff.find(uow, new.staff_id)
        check_member_role(new.role, colleague.roles if colleague else frozenset())
        await staff.require_competences(uow, new.staff_id, staff.demands_of(policy, new.role))
        await headers.insert_member(uow, case_id, new.staff_id, new.role, "handover.taken_over")
    for each in (*chain, link):
        await keep_link(uow, case_id, each)
    await _keep_dossier(node, uow, key, case_id, origin, dossier)
    await headers.insert_event(uow, case_id, "case.taken_over", {"from": origin.sender})
    uow.audit("case.taken_over", case_id=case_id, handover=str(origin.handover_id), term=link.term)
    return link


async def _insert_header(
    uow: UnitOfWork,
    case_id: CaseId,
    federation_case_id: FederationCaseId,
    state: states.State,
    *,
    term: int,
    unit: str | None,
) -> CaseHeader:
    header = CaseHeader(
        case_id=case_id,
        federation_case_id=federation_case_id,
        code_name=await _draw_code_name(uow),
        state=state,
        ended_reason=None,
        term=term,
        revision=1,
        unit=unit,
        is_responsible=True,
        open_handover=None,
        opened_at=uow.now,
    )
    await headers.insert_header(uow, header, uow.actor.staff_id)
    return header


def draw_code_name() -> str:
    """A code name by chance; for a room that is opened before there is a case."""
    return code_name(*(secrets.randbelow(1 << 30) for _ in range(3)))


async def _draw_code_name(uow: UnitOfWork) -> str:
    for _ in range(MAX_CODE_NAMES):
        drawn = draw_code_name()
        if await headers.is_code_name_free(uow, drawn):
            return drawn
    raise Conflict("case.no_code_name_left")


def _own_role(actor: Actor) -> str:
    """As what the one who registers becomes a member: the first that is held, nearest the work."""
    return next(r for r in ("case_worker", "exit_coordinator", "team_leader") if r in actor.roles)


async def _keep_person(
    node: Node, uow: UnitOfWork, key: SubjectKey, case_id: CaseId, person: Person
) -> None:
    number = person.personal_number
    await add_row(
        uow,
        tables.person,
        case_id=case_id,
        sealed=sealing.close(key, "case_person", case_id, person),
        number_index=node.index.of(number) if number else None,
    )


async def _keep_dossier(
    node: Node,
    uow: UnitOfWork,
    key: SubjectKey,
    case_id: CaseId,
    origin: Origin,
    dossier: Dossier,
) -> None:
    identity = next((s for s in dossier.sections if isinstance(s, IdentitySection)), None)
    if identity is None:
        raise DomainError("dossier.identity_missing")
    registered = identity.registered_municipality
    person = Person(
        given_name=identity.given_name,
        family_name=identity.family_name,
        personal_number=identity.personal_number,
        registered_municipality=AuthorityCode(registered) if registered else None,
        protected_identity=identity.protected_identity,
    )
    await _keep_person(node, uow, key, case_id, person)
    await add_row(
        uow,
        tables.dossier,
        case_id=case_id,
        handover_id=origin.handover_id,
        sender=origin.sender,
        sealed=sealing.close(key, "case_dossier", case_id, dossier),
        received_at=uow.now,
    )
    for section in dossier.sections:
        if isinstance(section, Needs):
            await _keep_need(uow, key, case_id, section)
        elif isinstance(section, ConsentsSection):
            await _keep_consents(uow, key, case_id, section)


async def _keep_need(uow: UnitOfWork, key: SubjectKey, case_id: CaseId, section: Needs) -> None:
    tag = str(section.__struct_config__.tag)
    area = tag.removeprefix("needs.")
    body = sealing.NeedBody(section.text, section.running_measure)
    need_id = row_id(uow.now)
    await add_row(
        uow,
        tables.need,
        need_id=need_id,
        case_id=case_id,
        area=area,
        sealed=sealing.close(key, "case_need", need_id, body),
        recorded_at=uow.now,
        recorded_by=uow.actor.staff_id,
    )
    if section.running_measure:
        redecision_id = row_id(uow.now)
        await add_row(
            uow,
            tables.redecision,
            redecision_id=redecision_id,
            case_id=case_id,
            area=area,
            sealed=sealing.close(key, "case_redecision", redecision_id, body),
            listed_at=uow.now,
        )


async def _keep_consents(
    uow: UnitOfWork, key: SubjectKey, case_id: CaseId, section: ConsentsSection
) -> None:
    for item in section.consents:
        body = msgspec.convert(
            {
                "counterparties": [
                    {"authority": authority, "function": function}
                    for authority, function in item.counterparties
                ],
                "purposes": item.purposes,
                "kinds": item.kinds,
            },
            sealing.ConsentBody,
        )
        await add_row(
            uow,
            tables.consent,
            consent_id=item.consent_id,
            case_id=case_id,
            sealed=sealing.close(key, "case_consent", item.consent_id, body),
            given_at=item.given_at,
            recorded_by=uow.actor.staff_id,
            valid_until=item.valid_until,
        )
