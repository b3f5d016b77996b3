"""With a municipality that has no node: letters of ours that leave, papers of theirs that come.

A paper moves the same table as the message would have, by the same function; two persons have read
it. What is noted is signed by us alone, and marked so wherever it is shown.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.documents import api as documents
from services.handover import wire
from services.handover.domain import on_paper
from services.handover.domain.commands import Confirm, Payload, Sign, Signed, check_texts
from services.handover.domain.facts import Facts
from services.handover.domain.on_paper import PaperReceived, PaperSaid, RecordSent
from services.handover.domain.records import Outgoing, Paper
from services.handover.domain.states import Act, SenderState
from services.handover.handlers import acting, arriving, letters, outgoing
from services.handover.handlers.common import (
    Keys,
    bodies_of,
    case_subject,
    demand_revision,
    keys_for,
    subject_of,
)
from services.handover.handlers.passing_on import keys_before
from services.handover.store import beside, ends, papers
from shared.actor import Actor
from shared.clock import STOCKHOLM, local_date
from shared.db import UnitOfWork
from shared.db.cards import add_card, finish_cards_about
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import ConversationId, MessageId, StaffId, random_id
from shared.messages import RECEIPT, SENT, sign_paper
from shared.messages import Paper as Statement
from shared.messages.envelope import SALT_BYTES, content_hash
from shared.node import Node

READERS = frozenset({"case_worker", "exit_coordinator", "team_leader"})
"""Who may read a paper into the file; noting what stands there decides nothing."""
LETTER_SECTION = "journal"
"""What letters and papers are kept as: no part of what travels when the case goes on."""


# -- a letter of ours ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, to be set as one.

    Args:
        kind: of the message that it carries.
        enclosed: the dossier that goes with it.
        register_number: of the matter, in our own register.
        decided_at: when the words were decided.
        sent_on: None until it has left.
    """

    row: Outgoing
    message_id: UUID
    kind: str
    body: msgspec.Struct
    enclosed: wire.DossierContentWithFiles | None
    register_number: str
    urgency: str
    decided_at: datetime
    sent_on: date | None
    number: int


async def read_letter(
    node: Node, actor: Actor, handover_id: ConversationId, message_id: UUID
) -> Letter:
    """The words of one letter; its reading is audited.

    Raises:
        AccessDenied: none, not on paper, or not the actor's to see.
    """
    seen = await _on_paper(node, actor, handover_id)
    key = (await keys_for(node, subject_of(handover_id)))[subject_of(handover_id)]
    async with node.db.begin(actor) as uow:
        row = await ends.outgoing(uow, seen.handover_id)
        listed = await papers.listed(uow, handover_id)
        noted = _words(listed, message_id)
        messages = await beside.messages(uow, handover_id)
        bodies = await bodies_of(uow, handover_id, messages, key)
        draft = await outgoing.load_draft(uow, row, {subject_of(handover_id): key})
        content = await papers.content(uow, message_id, key)
        uow.audit("handover.letter_read", case_id=row.case_id, handover=str(handover_id))
        await uow.commit()
    if message_id not in bodies:
        raise AccessDenied
    return Letter(
        row=row,
        message_id=message_id,
        kind=noted.kind,
        body=bodies[message_id],
        enclosed=None
        if content is None
        else msgspec.json.decode(content, type=wire.DossierContentWithFiles),
        register_number=draft.register_number,
        urgency=draft.urgency,
        decided_at=noted.recorded_at,
        sent_on=sent_on(listed, message_id),
        number=noted.number,
    )


async def record_sent(node: Node, actor: Actor, command: RecordSent, letter: bytes) -> UUID | None:
    """Note that a letter has left, and keep it as it was sent.

    Args:
        letter: the PDF.

    Returns:
        The document in the case; None where the case has left, and only the letter's hash is kept.

    Raises:
        AccessDenied: no such letter, or not the actor's to see or note.
        Conflict: `handover.letter_already_sent`.
        DomainError: `handover.paper_in_future`, `handover.letter_too_early`: before it was decided.
    """
    handover_id = ConversationId(command.handover_id)
    seen = await _on_paper(node, actor, handover_id)
    _demand_reader(actor)
    keys = await keys_for(node, subject_of(handover_id), case_subject(seen.case_id))
    case_key = keys[case_subject(seen.case_id)]
    draft = await documents.receive(case_key, actor.staff_id, _in_one(letter))
    async with node.db.begin(actor, term=seen.term) as uow:
        row = await _locked(uow, seen)
        listed = await papers.listed(uow, handover_id)
        noted = _words(listed, command.message_id)
        _check_sent(command, noted, listed, local_date(uow.now))
        document_id = None
        if row.state is not SenderState.COMPLETED:  # our file is closed: the hash must do
            document_id = await documents.keep(
                uow,
                case_key,
                row.case_id,
                draft,
                section=LETTER_SECTION,
                title=f"Brev {noted.number} till mottagaren, som det skickades",
                received_on=command.sent_on,
            )
        await _note(
            uow,
            node,
            row,
            keys,
            what="sent",
            kind=SENT,
            refers_to=command.message_id,
            paper_on=command.sent_on,
            means=command.means,
            file=(document_id, draft.sha256),
            first=actor.staff_id,
        )
        waiting = [each for each in listed if each.what == "message"]
        if len(waiting) == sum(each.what == "sent" for each in listed) + 1:
            await finish_cards_about(uow, letters.TO_SEND, handover_id)
        await _happened(uow, row, "letter_sent")
        await uow.commit()
    return document_id


def sent_on(listed: list[Paper], message_id: UUID) -> date | None:
    """The day the letter with these words left."""
    found = (each for each in listed if each.what == "sent" and each.refers_to == message_id)
    return next((each.paper_on for each in found), None)


def _check_sent(command: RecordSent, noted: Paper, listed: list[Paper], today: date) -> None:
    if sent_on(listed, command.message_id) is not None:
        raise Conflict("handover.letter_already_sent")
    if command.sent_on > today:
        raise DomainError("handover.paper_in_future")
    if command.sent_on < local_date(noted.recorded_at):
        raise DomainError("handover.letter_too_early")


def _words(listed: list[Paper], message_id: UUID) -> Paper:
    for each in listed:
        if each.what == "message" and each.paper_id == message_id:
            return each
    raise AccessDenied


# -- a paper of theirs ---------------------------------------------------------------------------
async def sign(node: Node, actor: Actor, command: Sign) -> Signed:
    """Be the first of two who read a paper into the file; it does nothing until the second has.

    Raises:
        AccessDenied: no such handover or document, or not the actor's to see or note.
        Conflict: `handover.changed_meanwhile`, `handover.already_signed`,
            `handover.not_in_this_state`.
        DomainError: `handover.paper_already_noted`, and what `on_paper.check` raises.
    """
    paper = _paper(command.payload)
    seen = await _on_paper(node, actor, command.handover_id)
    _demand_reader(actor)
    keys = await keys_for(node, subject_of(seen.handover_id), case_subject(seen.case_id))
    async with node.db.begin(actor, term=seen.term) as uow:
        row = await _locked(uow, seen)
        demand_revision(row, command.revision)
        await _check(uow, node, row, paper, keys)
        key = keys[subject_of(row.handover_id)]
        encoded = msgspec.json.encode(paper)
        act = Act.NOTE_PAPER
        await beside.add_pending(uow, row.handover_id, act.value, row.revision, encoded, key)
        await beside.add_event(uow, row.handover_id, f"signed.{act}", str(row.state))
        for role in sorted(READERS):
            await add_card(
                uow,
                "handover.to_confirm",
                role,
                subject=row.handover_id,
                case_id=row.case_id,
                facts={"act": str(act)},
            )
        uow.audit("handover.signed", case_id=row.case_id, act=str(act))
        await uow.commit()
    return Signed(is_done=False, second_roles=READERS)


async def confirm(node: Node, actor: Actor, command: Confirm, payload: PaperReceived) -> None:
    """Be the second, who has compared what was written with the paper: now it counts.

    Raises:
        Conflict: `handover.nothing_to_confirm`, `handover.changed_since_signed`, and as `sign`.
        DomainError: `handover.same_person`, and as `sign`.
    """
    seen = await _on_paper(node, actor, command.handover_id)
    _demand_reader(actor)
    wanted = [subject_of(seen.handover_id), case_subject(seen.case_id)]
    async with node.db.begin(actor) as uow:
        wanted += await keys_before(node, uow, seen.case_id)
    keys = await keys_for(node, *wanted)
    async with node.db.begin(actor, term=seen.term) as uow:
        row = await _locked(uow, seen)
        demand_revision(row, command.revision)
        waiting = await beside.find_pending(uow, row.handover_id, keys[subject_of(row.handover_id)])
        if waiting is None:
            raise Conflict("handover.nothing_to_confirm")
        revision, first, _, signed = waiting
        if revision != row.revision or signed != msgspec.json.encode(payload):
            raise Conflict("handover.changed_since_signed")
        if first == actor.staff_id:
            raise DomainError("handover.same_person")
        document = await _check(uow, node, row, payload, keys)
        await beside.drop_pending(uow, row.handover_id)
        await _read_in(uow, node, row, payload, document, keys, (first, actor.staff_id))
        await uow.commit()


async def _read_in(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    paper: PaperReceived,
    document: documents.Document,
    keys: Keys,
    both: tuple[StaffId, StaffId],
) -> None:
    """Note it, signed, and let it do what the message would have done."""
    key = keys[subject_of(row.handover_id)]
    said, kind = paper.said, on_paper.kind_of(paper.said)
    listed = await papers.listed(uow, row.handover_id)
    is_receipt = isinstance(said, on_paper.ReceiptCame)
    body = _body(said, paper)
    salt = None if is_receipt else os.urandom(SALT_BYTES)
    paper_id = await _note(
        uow,
        node,
        row,
        keys,
        what="received",
        kind=RECEIPT if is_receipt else _message_kind(said),
        refers_to=_request(listed) if is_receipt else None,
        paper_on=paper.received_on,
        means=None,
        file=(document.document_id, document.sha256),
        first=both[0],
        second=both[1],
        words=None if salt is None else (salt, msgspec.json.encode(body)),
    )
    if is_receipt:
        # The month begins with the day it arrived, as the paper says; the day's hour is nobody's.
        arrived = datetime.combine(paper.received_on, time(12), STOCKHOLM)
        await ends.note_receipt(uow, row.handover_id, arrived)
        await beside.finish_cards(uow, row.handover_id)
        await _happened(uow, row, "receipt_came")
        return
    await beside.add_message(
        uow,
        row.handover_id,
        paper_id,
        _message_kind(said),
        msgspec.json.encode(body),
        key,
        is_ours=False,
        number=(await papers.next_number(uow, row.handover_id, is_ours=False)) - 1,
    )
    if isinstance(said, on_paper.TookOver):
        signer = node.keyring.signing(uow.wall)
        await cases.give_on_paper(uow, signer, row.case_id, row.receiver)
    if (moves := on_paper.MOVES.get(type(said))) is not None:
        await arriving.heard(uow, node, row, moves, body, keys, MessageId(paper_id))
        return
    await _beside_the_table(uow, row, said, paper_id, keys)
    await beside.finish_cards(uow, row.handover_id)
    await _happened(uow, row, kind)


async def _beside_the_table(
    uow: UnitOfWork, row: Outgoing, said: PaperSaid, paper_id: UUID, keys: Keys
) -> None:
    key = keys[subject_of(row.handover_id)]
    match said:
        case on_paper.TheyAsked(text=text):
            await beside.add_question(uow, row.handover_id, paper_id, text, key, is_ours=False)
        case on_paper.TheyAnswered(question_id=question_id, text=text):
            await beside.answer_question(uow, row.handover_id, question_id, text, key, is_ours=True)
        case on_paper.LetWithdraw():
            await ends.change_outgoing(uow, row, withdrawal_agreed_at=uow.now)
        case _:
            raise AssertionError("the table moves by all other papers")


def _body(said: PaperSaid, paper: PaperReceived) -> msgspec.Struct:
    """What is kept of it: in the words that a message has for it, where it has none but those."""
    if isinstance(said, on_paper.LetWithdraw):
        return wire.Notice(wire.WithdrawalAgreed(paper.received_on, said.text))
    return said


def _message_kind(said: PaperSaid) -> str:
    return "notice" if isinstance(said, on_paper.LetWithdraw) else on_paper.kind_of(said)


async def _check(
    uow: UnitOfWork, node: Node, row: Outgoing, paper: PaperReceived, keys: Keys
) -> documents.Document:
    """Raise unless it may be read in; the scanned paper, which must be the case's own.

    Neither a letter of ours nor a paper that is noted already proves what they now are said to say.
    """
    check_texts(paper)
    check_texts(paper.said)
    listed = await papers.listed(uow, row.handover_id)
    key = keys[subject_of(row.handover_id)]
    open_questions = frozenset(
        question_id
        for question_id, is_ours, _, _, answered_at, _ in await beside.questions(
            uow, row.handover_id, key
        )
        if is_ours and answered_at is None
    )
    standing = on_paper.Standing(
        facts=Facts(local_date(uow.now), node.authority, row.receiver),
        state=row.state,
        proposed_sent_on=_left_on(listed, "proposed"),
        dossier_sent_on=_left_on(listed, "dossier"),
        has_receipt=row.receipt_at is not None,
        take_over_on=row.take_over_on,
        questions=open_questions,
    )
    on_paper.check(paper, standing)
    case_key = keys[case_subject(row.case_id)]
    found = await documents.find(uow, case_key, row.case_id, paper.document_id)
    if await papers.is_noted(uow, row.case_id, found.document_id, found.sha256):
        raise DomainError("handover.paper_already_noted")
    return found


def _left_on(listed: list[Paper], kind: str) -> date | None:
    """The day the newest letter of this kind left."""
    ours = [each for each in listed if each.what == "message" and each.kind == kind]
    return sent_on(listed, ours[-1].paper_id) if ours else None


def _request(listed: list[Paper]) -> UUID:
    return next(each.paper_id for each in listed if each.kind == "proposed")


# -- both ----------------------------------------------------------------------------------------
async def _note(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    keys: Keys,
    *,
    what: str,
    kind: str,
    refers_to: UUID | None,
    paper_on: date,
    means: str | None,
    file: tuple[UUID | None, str],
    first: StaffId,
    second: StaffId | None = None,
    words: tuple[bytes, bytes] | None = None,
) -> UUID:
    """Sign and keep a statement about a paper; its id.

    Args:
        words: salt and body of what was read out of it; None for what only went or arrived.
    """
    document_id, digest = file
    is_ours = what == "sent"
    ours, theirs = node.authority, row.receiver
    number = 0
    if words is not None:
        number = await papers.next_number(uow, row.handover_id, is_ours=is_ours)
    statement = Statement(
        recorded_by=ours,
        sender=ours if is_ours else theirs,
        receiver=theirs if is_ours else ours,
        message_id=random_id(),
        conversation_id=row.handover_id,
        direction="forward" if is_ours else "back",
        number=number,
        kind=kind,
        refers_to=refers_to,
        paper_on=paper_on,
        paper_sha256=digest,
        content_hash=None if words is None else content_hash(*words),
        persons=1 if second is None else 2,
        recorded_at=uow.wall,
    )
    noted = Paper(
        paper_id=statement.message_id,
        is_ours=is_ours,
        what="sent" if is_ours else "received",
        kind=kind,
        number=number,
        refers_to=refers_to,
        paper_on=paper_on,
        means=means,
        sha256=digest,
        document_id=document_id,
        recorded_at=uow.now,
        first=first,
        second=second,
    )
    jws = sign_paper(statement, node.keyring.signing(uow.wall))
    key = keys[subject_of(row.handover_id)]
    salt = None if words is None else words[0]
    await papers.add(uow, row.handover_id, noted, jws, key, salt=salt)
    return statement.message_id


async def _on_paper(node: Node, actor: Actor, handover_id: ConversationId) -> Outgoing:
    """Our end, which goes on paper.

    Raises:
        AccessDenied: none, hidden, or one that goes through the exchange.
    """
    seen = await acting.find_end(node, actor, handover_id)
    if not isinstance(seen, Outgoing) or not seen.is_on_paper:
        raise AccessDenied
    return seen


async def _locked(uow: UnitOfWork, seen: Outgoing) -> Outgoing:
    row = await acting.lock_end(uow, seen)
    assert isinstance(row, Outgoing)
    return row


def _demand_reader(actor: Actor) -> None:
    if actor.roles.isdisjoint(READERS):
        raise AccessDenied


def _paper(payload: Payload) -> PaperReceived:
    assert isinstance(payload, PaperReceived)
    return payload


async def _happened(uow: UnitOfWork, row: Outgoing, code: str) -> None:
    await beside.add_event(uow, row.handover_id, code, str(row.state))
    uow.audit(f"handover.{code}", case_id=row.case_id, handover=str(row.handover_id))


async def _in_one(content: bytes) -> AsyncIterator[bytes]:
    yield content
