"""What services above ask of the joint room inside their own transaction."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from services.protection import store
from services.protection.domain.model import (
    AcuteProtection,
    Paper,
    PaperKind,
    PaperLine,
    PoliceUnit,
    Question,
    QuestionKind,
    SharedIdentity,
    Threat,
    check_confirmation,
    no_threat_known,
    room_of,
)
from services.protection.handlers.cards import OFFERED
from services.protection.handlers.officer import (
    PAPER_SEALED,
    SEALED,
    paper_from,
    protection_handovers,
    question_from,
    threat_from,
)
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import finish_cards_about
from shared.errors import DomainError
from shared.ids import AuthorityCode, StaffId, SubjectId
from shared.policy import Policy


async def open_room(
    uow: UnitOfWork,
    room_key: SubjectKey,
    *,
    subject: SubjectId,
    term: int,
    code_name: str,
    identity: SharedIdentity,
    rests_on: str = "consent",
    shared_until: date | None = None,
    is_incoming: bool = False,
) -> None:
    """Make the room, or renew what it shows.

    Args:
        room_key: the key of `room_of(subject)`.
        term: the case's; 0 for an incoming handover.
        rests_on: `consent`, or the law reference that allows the sharing.
        shared_until: last day of the consent; None under statute.
        is_incoming: the subject is a handover that has no case here yet.
    """
    room_id = room_of(subject)
    await store.put_room(
        uow,
        room_id,
        subject_id=subject,
        is_incoming=is_incoming,
        term=term,
        code_name=code_name,
        sealed=room_key.seal(msgspec.json.encode(identity), f"{SEALED}:{room_id}"),
        rests_on=rests_on,
        shared_until=shared_until,
    )
    uow.audit("room.opened", case_id=subject, rests_on=rests_on)


async def attach_unit(uow: UnitOfWork, subject: SubjectId, unit: PoliceUnit) -> None:
    """Let a police unit see the room; once attached it stays until the room closes.

    Raises:
        DomainError: `room.not_open`.
    """
    room = await store.room_of_subject(uow, subject)
    if room is None or room.closed_at is not None:
        raise DomainError("room.not_open")
    if await store.attach(uow, room.room_id, unit):
        uow.audit("room.unit_attached", case_id=subject, unit=unit.code)


async def detach_unit(uow: UnitOfWork, subject: SubjectId, unit: str) -> bool:
    """The unit sees the room no more, from the commit on; whether it had seen it."""
    room = await store.room_of_subject(uow, subject)
    if room is None or not await store.detach(uow, room.room_id, unit):
        return False
    uow.audit("room.unit_detached", case_id=subject, unit=unit)
    return True


async def close_room(uow: UnitOfWork, subject: SubjectId) -> None:
    """Detach every unit and empty the room: consent is gone, or the case has left."""
    await store.close_room(uow, subject)
    uow.audit("room.closed", case_id=subject)


async def consent_shrank(
    uow: UnitOfWork,
    subject: SubjectId,
    *,
    shared_until: date | None,
    papers_until: date | None,
) -> None:
    """A consent to the police was taken back: close the room unless another ground carries it.

    Args:
        shared_until: last day of the longest consent to the police that is left; None: none is.
        papers_until: likewise, of those to cooperate; without one the papers are blanked.
    """
    room = await store.room_of_subject(uow, subject)
    if room is None or room.closed_at is not None or room.rests_on != "consent":
        return
    if shared_until is None:
        await close_room(uow, subject)
    else:
        await store.set_shared_until(uow, subject, shared_until)
        await store.share_papers(uow, subject, papers_until)


async def room_ground(uow: UnitOfWork, subject: SubjectId) -> str | None:
    """What the open room rests on: `consent` or a law reference; None when none is open."""
    room = await store.room_of_subject(uow, subject)
    return None if room is None or room.closed_at is not None else str(room.rests_on)


async def ask(
    uow: UnitOfWork,
    *,
    subject: SubjectId,
    kind: QuestionKind,
    unit: str,
    authority: AuthorityCode | None = None,
) -> UUID:
    """Put a question to a unit; the one that waits already when there is one.

    Args:
        authority: the municipality that a `placement` or `level_passing` question names.

    Raises:
        DomainError: `room.not_open`.
    """
    room = await store.room_of_subject(uow, subject)
    if room is None or room.closed_at is not None:
        raise DomainError("room.not_open")
    return await store.ask(uow, room, kind, unit, authority)


async def current_threat(uow: UnitOfWork, subject: SubjectId) -> Threat | None:
    """The newest assessment."""
    return threat_from((await store.newest_threats(uow, [subject])).get(subject))


async def acute_protection(uow: UnitOfWork, subject: SubjectId) -> tuple[AcuteProtection, ...]:
    """Who answers for the acute protection, and did before; the newest first, which counts."""
    return tuple(
        AcuteProtection(row.holder, row.unit, row.since)
        for row in await store.acute_of(uow, subject)
    )


async def take_protection(
    uow: UnitOfWork, subject: SubjectId, protection_id: UUID, responsible: StaffId, policy: Policy
) -> None:
    """The municipality confirms: from now on it protects, and this person answers for it.

    Raises:
        DomainError: `protection.same_person`.
        Conflict: `protection.nothing_offered`.
    """
    known = await protection_handovers(uow, subject)
    wanted = next((each for each in known if each.protection_id == protection_id), None)
    offer = check_confirmation(wanted, uow.actor.staff_id)
    threat = await current_threat(uow, subject)
    assert threat is not None  # the offer came with one
    await store.confirm(uow, protection_id, responsible)
    await store.add_acute(
        uow,
        threat_id=offer.threat_id,
        room_id=room_of(subject),
        subject_id=subject,
        holder="municipality",
        unit=threat.unit,
        policy_from=policy.valid_from,
        policy_sha256=policy.sha256,
    )
    uow.audit("protection.moved", case_id=subject, holder="municipality", unit=threat.unit)
    await finish_cards_about(uow, OFFERED, subject)


async def current_threats(uow: UnitOfWork, subjects: Sequence[UUID]) -> dict[SubjectId, Threat]:
    """The newest assessment of each subject that has one."""
    rows = await store.newest_threats(uow, subjects)
    return {subject: threat for subject, row in rows.items() if (threat := threat_from(row))}


async def subjects_with_open_question(uow: UnitOfWork, subjects: Sequence[UUID]) -> set[SubjectId]:
    """Which of them wait for a threat assessment."""
    rows = await store.open_questions(uow, subjects)
    return {SubjectId(row.subject_id) for row in rows if row.kind == "threat"}


async def questions(uow: UnitOfWork, subject: SubjectId) -> list[Question]:
    """All that has been asked, newest first."""
    return [question_from(row) for row in await store.questions(uow, subject)]


async def placement_answer(
    uow: UnitOfWork, subject: SubjectId, municipality: AuthorityCode
) -> Question | None:
    """The newest placement question for this municipality; its `answer` is None while it waits."""
    for question in await questions(uow, subject):
        if question.kind == "placement" and question.authority == municipality:
            return question
    return None


async def level_passing_approved(
    uow: UnitOfWork, subject: SubjectId, receiver: AuthorityCode
) -> bool:
    """Whether the police have approved that the present level is passed on to this receiver.

    An approval given before a newer assessment is none: it was for another level.
    """
    threat = await current_threat(uow, subject)
    for question in await questions(uow, subject):
        if question.kind == "level_passing" and question.authority == receiver:
            return (
                threat is not None
                and question.answer == "CLEAR"
                and question.answered_at is not None
                and question.answered_at >= threat.assessed_at
            )
    return False


async def acute_protection_confirmed(uow: UnitOfWork, subject: SubjectId) -> bool:
    """Whether the police have confirmed the acute protection here (subject: the handover)."""
    for question in await questions(uow, subject):
        if question.kind == "acute_protection":
            return question.answer == "CLEAR"
    return False


async def subjects_without_threat(uow: UnitOfWork, subjects: Sequence[UUID]) -> set[SubjectId]:
    """Which of them the police know of no threat against."""
    threats = await current_threats(uow, subjects)
    found: dict[SubjectId, list[Question]] = {}
    for row in await store.threat_questions(uow, subjects):
        found.setdefault(SubjectId(row.subject_id), []).append(question_from(row))
    return {each for each, asked in found.items() if no_threat_known(asked, threats.get(each))}


async def put_paper(
    uow: UnitOfWork,
    room_key: SubjectKey,
    *,
    subject: SubjectId,
    paper_id: UUID,
    kind: PaperKind,
    unit: PoliceUnit,
    is_final: bool,
    outcome: str,
    lines: Sequence[PaperLine],
    shared_until: date | None,
) -> None:
    """Put a paper before a police unit, which sees it in the joint room and signs it or not.

    A newer paper of the same kind replaces one that is not signed yet, and one that is: whoever
    changes what was signed must have it signed anew.

    Args:
        is_final: False for one that is there to be read only.
        shared_until: last day of the consent to cooperate; None: there is none, the room rests on
            statute.

    Raises:
        DomainError: `room.not_open`.
    """
    await attach_unit(uow, subject, unit)
    before = [row for row in await store.newest_papers(uow, [subject]) if row.kind == kind]
    await store.put_paper(
        uow,
        paper_id=paper_id,
        room_id=room_of(subject),
        subject_id=subject,
        kind=kind,
        number=before[0].number + 1 if before else 1,
        unit=unit.code,
        is_final=is_final,
        shared_until=shared_until,
        sealed=room_key.seal(
            msgspec.json.encode((outcome, tuple(lines))), f"{PAPER_SEALED}:{paper_id}"
        ),
    )
    uow.audit("room.paper_put", case_id=subject, paper=str(paper_id), unit=unit.code)


async def papers(uow: UnitOfWork, subject: SubjectId, kind: PaperKind) -> list[Paper]:
    """Every paper of a kind, newest first, without content: a word given outlives the room."""
    return [paper_from(row, None) for row in await store.papers(uow, subject, kind)]


async def paper(uow: UnitOfWork, subject: SubjectId, kind: PaperKind) -> Paper | None:
    """The newest paper of a kind, without its content: whether it is signed, and by whom."""
    for row in await store.newest_papers(uow, [subject]):
        if row.kind == kind:
            return paper_from(row, None)
    return None
