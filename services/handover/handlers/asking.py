"""Beside the tables: questions, notices, sending again, and the police at the receiver."""

from uuid import UUID

from services.cases import api as cases
from services.handover import wire
from services.handover.domain.commands import (
    MAX_TEXT,
    AgreeToWithdrawal,
    AnswerQuestion,
    Ask,
    SendAgain,
    TellConsentHandled,
    TellFacts,
    TellRectified,
    TellSupplement,
)
from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import (
    RECEIVER_ENDS,
    SENDER_ENDS,
    Act,
    Message,
    ReceiverState,
    SenderState,
)
from services.handover.domain.steps import worth_sending_again
from services.handover.handlers import incoming, outgoing
from services.handover.handlers.acting import find_end, lock_end
from services.handover.handlers.common import (
    End,
    bodies_of,
    demand_reader,
    demand_revision,
    first_person,
    keys_for,
    policy_at,
    send,
    subject_of,
)
from services.handover.handlers.passing_on import unanswered_consent
from services.handover.store import beside, ends
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import finish_cards_about
from shared.errors import AccessDenied, Conflict, DomainError, Fact
from shared.ids import ConversationId, random_id
from shared.node import Node


async def ask(node: Node, actor: Actor, command: Ask) -> None:
    """Ask the other end something, until it is over.

    Raises:
        Conflict: `handover.over`.
        DomainError: `handover.text_missing`, `handover.text_too_long`.
    """
    text = _text(command.text)
    seen = await find_end(node, actor, command.handover_id)
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        _demand_open(row)
        key = keys[subject_of(row.handover_id)]
        question_id = random_id()
        await beside.add_question(uow, row.handover_id, question_id, text, key, is_ours=True)
        await send(uow, node, row, wire.Question(question_id, text), key)
        await _noted(uow, row, "asked")
        await uow.commit()


async def answer(node: Node, actor: Actor, command: AnswerQuestion) -> None:
    """Answer what the other end asked.

    Raises:
        Conflict: `handover.over`.
        DomainError: `handover.question_unknown`: not asked, or answered already.
    """
    text = _text(command.text)
    seen = await find_end(node, actor, command.handover_id)
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        _demand_open(row)
        key = keys[subject_of(row.handover_id)]
        if not await beside.answer_question(
            uow, row.handover_id, command.question_id, text, key, is_ours=False
        ):
            raise DomainError("handover.question_unknown")
        await send(uow, node, row, wire.Answer(command.question_id, text), key)
        await _noted(uow, row, "answered")
        await uow.commit()


async def send_again(node: Node, actor: Actor, command: SendAgain) -> int:
    """Send anew what the other end refused and still must know; how many messages that was.

    Raises:
        Conflict: `handover.nothing_to_send_again`.
    """
    seen = await find_end(node, actor, command.handover_id)
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        demand_revision(row, command.revision)
        key = keys[subject_of(row.handover_id)]
        refused = [
            each
            for each in await beside.messages(uow, row.handover_id)
            if each.is_ours and each.refusal_code and each.sent_again_at is None
        ]
        known = [each for each in refused if each.kind in {kind.value for kind in Message}]
        due = worth_sending_again(tuple(Message(each.kind) for each in known), row.state)
        again = [each for each in known if Message(each.kind) in due]
        if not again:
            raise Conflict("handover.nothing_to_send_again")
        bodies = await beside.bodies(uow, row.handover_id, key)
        for each in again:
            body = wire.read(each.kind, bodies[each.message_id])
            await beside.note_sent_again(uow, each.message_id)
            await send(uow, node, row, body, key)
        await _noted(uow, row, "sent_again")
        await uow.commit()
    return len(again)


async def agree_to_withdrawal(node: Node, actor: Actor, command: AgreeToWithdrawal) -> None:
    """At the receiver, after a ruling: let the sender withdraw.

    Raises:
        Conflict: `handover.not_in_this_state`.
    """
    seen = await find_end(node, actor, command.handover_id)
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        demand_revision(row, command.revision)
        first_person(policy_at(node, uow.now), Act.AGREE, actor)
        is_ours_to_say = isinstance(row, Incoming) and row.state in {
            ReceiverState.ORDERED,
            ReceiverState.AGREED,
        }
        if not is_ours_to_say:
            raise Conflict(
                "handover.not_in_this_state", state=str(row.state), on="agree_to_withdrawal"
            )
        assert isinstance(row, Incoming)
        await ends.change_incoming(uow, row, withdrawal_agreed_at=uow.now)
        content = wire.WithdrawalAgreed(local_date(uow.now), command.text)
        await send(uow, node, row, wire.Notice(content), keys[subject_of(row.handover_id)])
        await _noted(uow, row, "agreed_to_withdrawal")
        await uow.commit()


async def tell_facts(node: Node, actor: Actor, command: TellFacts) -> None:
    """At the sender: something has changed that the receiver must see before it acts.

    The threat's new level goes along only where the police have approved it.

    Raises:
        Conflict: `handover.not_in_this_state`: nothing was sent yet; `handover.over`: the other end
            has erased what it had.
        DomainError: `handover.nothing_changed`: nothing was chosen.
    """
    if not command.what:
        raise DomainError("handover.nothing_changed")
    seen = await find_end(node, actor, command.handover_id)
    if not isinstance(seen, Outgoing):
        raise AccessDenied
    threat = None
    if "threat" in command.what:
        async with node.db.begin(actor) as uow:
            threat = await outgoing.passed_threat(uow, seen)
    today = local_date(node.clock.now())
    content = wire.FactsChanged(command.what, today, threat)
    await _tell(node, actor, command.handover_id, Outgoing, content)


async def tell_rectified(node: Node, actor: Actor, command: TellRectified) -> None:
    """At the sender: correct what was sent; raises as `tell_facts`."""
    text = _text(command.text)
    await _tell(node, actor, command.handover_id, Outgoing, wire.Rectified(command.section, text))


async def tell_supplement(node: Node, actor: Actor, command: TellSupplement) -> None:
    """At the sender: add what the dossier lacked; raises as `tell_facts`."""
    text = _text(command.text)
    await _tell(node, actor, command.handover_id, Outgoing, wire.Supplement(text))


async def tell_consent_handled(node: Node, actor: Actor, command: TellConsentHandled) -> None:
    """At the holder: say what became of the data, and what law makes it keep.

    `erased` is done here and now, in the same transaction: the dossier as it came, its documents
    but for those that a decision of our own rests on, contact data that came, the proposal and
    every word of the conversation. The conversation's key is destroyed, and put on the list of
    erasures, once our word has arrived. What people here have written and decided is the remainder.

    Raises:
        DomainError: `handover.remainder_missing`, `handover.remainder_without_law`.
        Conflict: `handover.not_in_this_state`: the case was not taken over here;
            `handover.consent_not_withdrawn`: nobody has told of it, or it is answered.
    """
    if not command.remainder.strip():
        raise DomainError("handover.remainder_missing")
    if len(command.remainder) > MAX_TEXT:
        raise DomainError("handover.text_too_long", limit=MAX_TEXT)
    if not command.remainder_law:
        raise DomainError("handover.remainder_without_law")
    seen = await find_end(node, actor, command.handover_id)
    if not isinstance(seen, Incoming):
        raise AccessDenied
    keys = await keys_for(node, subject_of(command.handover_id))
    term = None
    if seen.case_id is not None:
        async with node.db.begin(actor) as uow:
            term = (await cases.load_header(uow, seen.case_id)).term
    async with node.db.begin(actor, term=term) as uow:
        row = await lock_end(uow, seen)
        assert isinstance(row, Incoming)
        if row.state is not ReceiverState.TAKEN_OVER or row.case_id is None:
            raise Conflict("handover.not_in_this_state", state=str(row.state), on="consent_handled")
        await _demand_taken_back(uow, row, command.consent_id, keys[subject_of(row.handover_id)])
        if command.outcome == "erased":
            await cases.erase_what_came(uow, row.case_id, row.sender, command.keep)
        content = wire.ConsentHandled(
            command.consent_id, command.outcome, command.remainder, command.remainder_law
        )
        await send(uow, node, row, wire.Notice(content), keys[subject_of(row.handover_id)])
        if command.outcome == "erased":
            await incoming.erase_what_came(uow, row)
        await finish_cards_about(uow, "handover.consent_withdrawn", row.handover_id)
        facts: dict[str, Fact] = {"outcome": command.outcome, "law": command.remainder_law}
        await _noted(uow, row, "told_consent_handled", facts)
        await uow.commit()


async def _demand_taken_back(
    uow: UnitOfWork, row: Incoming, consent_id: UUID, key: SubjectKey
) -> None:
    messages = await beside.messages(uow, row.handover_id)
    bodies = await bodies_of(uow, row.handover_id, messages, key)
    if unanswered_consent(messages, bodies) != consent_id:
        raise Conflict("handover.consent_not_withdrawn")


async def _tell(
    node: Node,
    actor: Actor,
    handover_id: ConversationId,
    end: type[Outgoing] | type[Incoming],
    content: wire.NoticeContent,
) -> None:
    """Send a notice from one end, at any time from the proposal on."""
    seen = await find_end(node, actor, handover_id)
    if not isinstance(seen, end):
        raise AccessDenied
    keys = await keys_for(node, subject_of(handover_id))
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        if row.state in {SenderState.DRAFT, SenderState.DROPPED}:
            raise Conflict("handover.not_in_this_state", state=str(row.state), on="notice")
        if row.state in {SenderState.WITHDRAWN, SenderState.KEPT}:
            raise Conflict("handover.over")  # what the other end had of the person is erased
        await send(uow, node, row, wire.Notice(content), keys[subject_of(handover_id)])
        await _noted(uow, row, f"told_{content.__struct_config__.tag}")
        await uow.commit()


async def ask_acute_protection(
    node: Node, actor: Actor, handover_id: ConversationId, code_name: str
) -> None:
    """At the receiver: ask the police unit for HIGH whether it has the acute protection here.

    The unit sees, in a joint room of its own, who it is about, as the dossier says.

    Raises:
        AccessDenied: not an incoming handover that the actor sees.
        Conflict: `handover.not_in_this_state`.
        DomainError: `handover.dossier_missing`, `threat.no_unit_for_level`.
    """
    seen = await find_end(node, actor, handover_id)
    if not isinstance(seen, Incoming):
        raise AccessDenied
    subject = subject_of(handover_id)
    room = protection.room_of(subject)
    keys = await keys_for(node, subject)
    room_key = await node.case_keys.ensure(room)
    unit = protection.responsible_unit(node, "HIGH")
    async with node.db.begin(actor) as uow:
        row = await ends.incoming_row(uow, handover_id, lock=True)
        if row.state not in {ReceiverState.ACCEPTED, ReceiverState.AGREED}:
            raise Conflict(
                "handover.not_in_this_state", state=str(row.state), on="ask_acute_protection"
            )
        demand_reader(row, actor)
        dossier = await incoming.read_dossier(uow, row, keys[subject])
        if dossier is None:
            raise DomainError("handover.dossier_missing")
        await protection.open_room(
            uow,
            room_key,
            subject=subject,
            term=0,
            code_name=code_name,
            identity=_shared_identity(dossier),
            rests_on="acute_protection",
            is_incoming=True,
        )
        await protection.attach_unit(uow, subject, unit)
        await protection.ask(uow, subject=subject, kind="acute_protection", unit=unit.code)
        await _noted(uow, row, "acute_protection_asked")
        await uow.commit()


def _shared_identity(dossier: wire.DossierContent) -> protection.SharedIdentity:
    for section in dossier.sections:
        if isinstance(section, cases.IdentitySection):
            return protection.SharedIdentity(
                section.given_name, section.family_name, section.personal_number
            )
    raise DomainError("dossier.identity_missing")


def _text(text: str) -> str:
    if not text.strip():
        raise DomainError("handover.text_missing")
    if len(text) > MAX_TEXT:
        raise DomainError("handover.text_too_long", limit=MAX_TEXT)
    return text


def _demand_open(row: End) -> None:
    is_over = (
        row.state in SENDER_ENDS or row.state is SenderState.DRAFT
        if isinstance(row, Outgoing)
        else row.state in RECEIVER_ENDS
    )
    if is_over:
        raise Conflict("handover.over")


async def _noted(
    uow: UnitOfWork, row: End, code: str, facts: dict[str, Fact] | None = None
) -> None:
    await beside.add_event(uow, row.handover_id, code, str(row.state), facts)
    uow.audit(f"handover.{code}", case_id=row.case_id, handover=str(row.handover_id))
