"""What a police officer does: list, read, assess, answer, sign, raise an alarm. Nothing of the file."""

from datetime import date
from typing import Protocol
from uuid import UUID

import msgspec

from services.protection import store
from services.protection.domain.model import (
    AnswerQuestion,
    GiveThreat,
    Level,
    Paper,
    PaperLine,
    PoliceUnit,
    ProtectionHandover,
    Question,
    RaiseAlarm,
    Room,
    RoomRow,
    SharedIdentity,
    SignPaper,
    Threat,
    ThreatChanged,
    check_answer,
    check_threat,
    holder_of,
    levels_of,
    log_reason,
    must_be_confirmed,
)
from services.protection.handlers.cards import call_people, offer_protection, tell_members
from services.protection.handlers.units import responsible_unit, unit_of
from services.protection.policy import ProtectionPolicy, review_due
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import AuthorityCode, SubjectId
from shared.node import Node
from shared.policy import Policy

SEALED = "joint_room.sealed"
PAPER_SEALED = "room_paper.sealed"


class ThreatEvents(Protocol):
    """What a service above wants to hear: `node.find(ThreatEvents)`, same transaction.

    The transaction runs as the police officer, who sees no case: the listener writes only what a
    police officer's row policies let through (a card) and leaves the rest to the worker.
    """

    async def on_threat_changed(self, uow: UnitOfWork, change: ThreatChanged) -> None:
        """A newer assessment has another level than the one before."""
        ...


async def joint_rooms(node: Node, actor: Actor) -> list[RoomRow]:
    """The rooms that the officer's own unit is attached to; none for anybody else."""
    try:
        unit = unit_of(node, actor)
    except AccessDenied:
        return []
    async with node.db.begin(actor) as uow:
        rooms = await store.open_rooms(uow, local_date(uow.now))
        subjects = [room.subject_id for room in rooms]
        threats = await store.newest_threats(uow, subjects)
        waiting = await store.open_questions(uow, subjects)
        papers = await store.newest_papers(uow, subjects)
        today = local_date(uow.now)
        attached = await store.attached_at(uow, [room.room_id for room in rooms], unit.code)
        listed = []
        for room in rooms:
            threat = threats.get(room.subject_id)
            listed.append(
                RoomRow(
                    room_id=room.room_id,
                    code_name=room.code_name,
                    level=threat.level if threat else None,
                    next_review_on=threat.next_review_on if threat else None,
                    open_questions=tuple(
                        q.kind
                        for q in waiting
                        if q.subject_id == room.subject_id and q.unit == unit.code
                    ),
                    open_papers=tuple(
                        p.kind
                        for p in papers
                        if p.subject_id == room.subject_id
                        and may_read(p, room, unit, today)
                        and p.is_final
                        and not p.word
                    ),
                    attached_at=attached[room.room_id],
                )
            )
        uow.audit("rooms.listed", rows=len(listed))
        await uow.commit()
    return listed


async def read_room(node: Node, actor: Actor, room_id: UUID, reason: str) -> Room:
    """One room; audited.

    Raises:
        AccessDenied: the officer's unit is not attached, the room is closed, or there is none.
    """
    unit = unit_of(node, actor)
    why = log_reason(reason)
    key = await _key(node, room_id)
    async with node.db.begin(actor) as uow:
        row = await _room(uow, room_id)
        subject = SubjectId(row.subject_id)
        threat = (await store.newest_threats(uow, [subject])).get(subject)
        room = Room(
            room_id=room_id,
            code_name=row.code_name,
            term=row.term,
            identity=_identity(key, row),
            threat=threat_from(threat),
            questions=tuple(
                question_from(q) for q in await store.questions(uow, subject) if q.unit == unit.code
            ),
            papers=tuple(
                paper_from(p, key)
                for p in await store.newest_papers(uow, [subject])
                if may_read(p, row, unit, local_date(uow.now))
            ),
            handovers=await protection_handovers(uow, subject),
            may_set=levels_of(unit.kind),
        )
        uow.audit("room.read", case_id=subject, reason=why, room=str(room_id))
        await uow.commit()
    return room


async def give_threat(node: Node, actor: Actor, command: GiveThreat) -> None:
    """Record the police's assessment; the unit that answers for the level is attached at once.

    Raises:
        AccessDenied: as `read_room`.
        DomainError: `threat.unit_may_not_set`, `threat.review_in_past`, `threat.review_too_late`.
        Conflict: `case.responsibility_moved`.
    """
    unit = unit_of(node, actor)
    async with node.db.begin(actor, term=command.term) as uow:
        room = await _room(uow, command.room_id, command.term)
        subject = SubjectId(room.subject_id)
        today = local_date(uow.now)
        before = (await store.newest_threats(uow, [subject])).get(subject)
        policy = node.policies.on(today)
        rules = policy.section("protection", ProtectionPolicy)
        check_threat(
            command.level,
            unit.kind,
            command.next_review_on,
            today=today,
            latest=review_due(today, command.level, rules),
            current=before.level if before else None,
        )
        threat_id = await store.add_threat(
            uow,
            room_id=room.room_id,
            subject_id=subject,
            level=command.level,
            method=command.method,
            next_review_on=command.next_review_on,
        )
        await _answer_own_threat_questions(uow, subject, unit.code)
        responsible = responsible_unit(node, command.level)
        if await store.is_kept_out(uow, room.room_id, responsible.code):
            # The level stands all the same; who shall answer for it is for people to agree on.
            await tell_members(uow, "threat.unit_kept_out", subject, unit=responsible.code)
        else:
            await store.attach(uow, room.room_id, responsible)
        uow.audit("threat.given", case_id=subject, level=command.level, unit=unit.code)
        await _recompute_protection(uow, room, threat_id, command.level, responsible, policy)
        await tell_members(uow, "threat.given", subject, level=command.level)
        if before is None or before.level != command.level:
            change = ThreatChanged(
                subject,
                room.term,
                before.level if before else None,
                command.level,
                actor.staff_id,
            )
            await _tell_above(node, uow, change)
        await uow.commit()


async def _recompute_protection(
    uow: UnitOfWork,
    room: store.Record,
    threat_id: UUID,
    level: Level,
    responsible: PoliceUnit,
    policy: Policy,
) -> None:
    """Who answers for the acute protection at the new level; kept where it is another than before.

    What the police protect they go on protecting until the municipality has confirmed.
    """
    holder = holder_of(level)
    before = await store.acute_of(uow, SubjectId(room.subject_id))
    if before and (before[0].holder, before[0].unit) == (holder, responsible.code):
        return
    held = before[0].holder if before else None
    if must_be_confirmed(held, holder, is_incoming=room.is_incoming):
        await store.offer(
            uow,
            threat_id=threat_id,
            room_id=room.room_id,
            subject_id=room.subject_id,
            unit=before[0].unit,
        )
        uow.audit("protection.offered", case_id=room.subject_id, unit=before[0].unit)
        await offer_protection(uow, SubjectId(room.subject_id))
        return
    await store.add_acute(
        uow,
        threat_id=threat_id,
        room_id=room.room_id,
        subject_id=room.subject_id,
        holder=holder,
        unit=responsible.code,
        policy_from=policy.valid_from,
        policy_sha256=policy.sha256,
    )
    uow.audit("protection.moved", case_id=room.subject_id, holder=holder, unit=responsible.code)


async def answer_question(node: Node, actor: Actor, command: AnswerQuestion) -> None:
    """Answer what the municipality asked this officer's unit; once, without reasons.

    Raises:
        AccessDenied: no such question to this unit.
        DomainError: `question.answered_by_assessment`, `question.other_answer`.
        Conflict: `db.changed_meanwhile` when it is answered already.
    """
    unit = unit_of(node, actor)
    async with node.db.begin(actor, term=command.term) as uow:
        room = await _room(uow, command.room_id, command.term)
        subject = SubjectId(room.subject_id)
        asked = [
            q
            for q in await store.questions(uow, subject)
            if q.question_id == command.question_id and q.unit == unit.code
        ]
        if not asked:
            raise AccessDenied
        before = (await store.newest_threats(uow, [subject])).get(subject)
        check_answer(asked[0].kind, command.answer, before.level if before else None)
        await store.answer(uow, command.question_id, command.answer)
        # The answer is in the room; the log says that there was one.
        uow.audit("room.question_answered", case_id=subject, kind=asked[0].kind)
        await tell_members(uow, "police.answered", subject, kind=asked[0].kind)
        await uow.commit()


async def sign_paper(node: Node, actor: Actor, command: SignPaper) -> None:
    """Sign for the police what the municipality has put before this officer's unit; once.

    Raises:
        AccessDenied: no such paper for this unit, or no ground any more to let it read it.
        DomainError: `paper.draft`, it is there to be read only.
        Conflict: `paper.replaced` when a newer one stands before the unit, `db.changed_meanwhile`
            when it is signed already.
    """
    unit = unit_of(node, actor)
    async with node.db.begin(actor, term=command.term) as uow:
        room = await _room(uow, command.room_id, command.term)
        subject = SubjectId(room.subject_id)
        papers = [
            p
            for p in await store.newest_papers(uow, [subject])
            if may_read(p, room, unit, local_date(uow.now))
        ]
        if not papers:
            raise AccessDenied
        wanted = next((p for p in papers if p.paper_id == command.paper_id), None)
        if wanted is None:
            raise Conflict("paper.replaced")
        if not wanted.is_final:
            raise DomainError("paper.draft")
        await store.sign_paper(uow, command.paper_id, command.word)
        uow.audit("room.paper_signed", case_id=subject, paper=str(command.paper_id))
        await tell_members(uow, "police.signed", subject)
        await uow.commit()


async def raise_alarm(node: Node, actor: Actor, command: RaiseAlarm) -> UUID:
    """A local officer asks Bops to assess: Bops is attached and asked at once.

    Where the case is kept from Bops the alarm is kept and people of the case are called; the
    officer is answered alike, for whom a case is kept from is no one else's to know.
    """
    unit_of(node, actor)
    async with node.db.begin(actor, term=command.term) as uow:
        room = await _room(uow, command.room_id, command.term)
        bops = responsible_unit(node, "HIGH")
        if await store.is_kept_out(uow, room.room_id, bops.code):
            await call_people(uow, "threat.alarm_unseen", room.subject_id)
        else:
            await store.attach(uow, room.room_id, bops)
            await tell_members(uow, "threat.alarm_raised", room.subject_id)
        question_id = await store.ask(uow, room, "threat", bops.code, None)
        uow.audit("threat.alarm_raised", case_id=room.subject_id, unit=bops.code)
        await uow.commit()
    return question_id


async def _room(uow: UnitOfWork, room_id: UUID, term: int | None = None) -> store.Record:
    rooms = await store.open_rooms(uow, local_date(uow.now), room_id)
    if not rooms:
        raise AccessDenied
    if term is not None and rooms[0].term != term:
        raise Conflict("case.responsibility_moved")
    return rooms[0]


async def _answer_own_threat_questions(uow: UnitOfWork, subject: SubjectId, unit: str) -> None:
    for asked in await store.open_questions(uow, [subject]):
        if asked.kind == "threat" and asked.unit == unit:
            await store.answer(uow, asked.question_id, None)


class Together:
    """Several listeners as one, in order: whoever hears first writes first.

    Args:
        listeners: all in the same transaction; one that refuses stops the assessment.
    """

    def __init__(self, *listeners: ThreatEvents) -> None:
        self._listeners = listeners

    async def on_threat_changed(self, uow: UnitOfWork, change: ThreatChanged) -> None:
        """Tell them all."""
        for listener in self._listeners:
            await listener.on_threat_changed(uow, change)


async def _tell_above(node: Node, uow: UnitOfWork, change: ThreatChanged) -> None:
    try:
        listener: ThreatEvents = node.find(ThreatEvents)  # type: ignore[type-abstract]
    except LookupError:
        return
    await listener.on_threat_changed(uow, change)


async def _key(node: Node, room_id: UUID) -> SubjectKey | None:
    """The room's key; what the store says is not told to who may not see the room."""
    try:
        return await node.case_keys.get(SubjectId(room_id))
    except (AccessDenied, DomainError):
        return None


def _identity(key: SubjectKey | None, room: store.Record) -> SharedIdentity | None:
    if key is None or room.sealed is None:
        return None
    opened = key.open(room.sealed, f"{SEALED}:{room.room_id}")
    return msgspec.json.decode(opened, type=SharedIdentity)


def threat_from(row: store.Record | None) -> Threat | None:
    """The assessment as others see it."""
    if row is None:
        return None
    return Threat(
        threat_id=row.threat_id,
        level=row.level,
        unit=row.unit,
        method=row.method,
        assessed_at=row.assessed_at,
        next_review_on=row.next_review_on,
    )


def may_read(paper: store.Record, room: store.Record, unit: PoliceUnit, today: date) -> bool:
    """Whether the unit reads the paper today: by the room's statute, or a consent to cooperate.

    A consent to something else carries the room, and not what the person told of themselves.
    """
    if paper.unit != unit.code or paper.sealed is None:
        return False
    has_consent = paper.shared_until is not None and paper.shared_until >= today
    return bool(has_consent or room.rests_on != "consent")


def paper_from(row: store.Record, key: SubjectKey | None) -> Paper:
    """The paper as others see it; its content with the room's key alone."""
    lines: tuple[PaperLine, ...] = ()
    outcome = ""
    if key is not None:
        opened = key.open(row.sealed, f"{PAPER_SEALED}:{row.paper_id}")
        outcome, lines = msgspec.json.decode(opened, type=tuple[str, tuple[PaperLine, ...]])
    return Paper(
        paper_id=row.paper_id,
        kind=row.kind,
        unit=row.unit,
        is_final=row.is_final,
        put_at=row.put_at,
        outcome=outcome,
        lines=lines,
        word=row.word,
        given_by=row.given_by,
        given_at=row.given_at,
    )


async def protection_handovers(
    uow: UnitOfWork, subject: SubjectId
) -> tuple[ProtectionHandover, ...]:
    """The acute protection given to the municipality, newest first."""
    newest = (await store.newest_threats(uow, [subject])).get(subject)
    return tuple(
        ProtectionHandover(
            protection_id=row.protection_id,
            threat_id=row.threat_id,
            unit=row.unit,
            offered_at=row.offered_at,
            offered_by=row.offered_by,
            confirmed_at=row.confirmed_at,
            confirmed_by=row.confirmed_by,
            responsible=row.responsible,
            is_current=newest is not None and newest.threat_id == row.threat_id,
        )
        for row in await store.handovers(uow, subject)
    )


def question_from(row: store.Record) -> Question:
    """The question as others see it."""
    return Question(
        question_id=row.question_id,
        kind=row.kind,
        unit=row.unit,
        authority=AuthorityCode(row.authority) if row.authority else None,
        asked_at=row.asked_at,
        answer=row.answer,
        answered_at=row.answered_at,
    )
