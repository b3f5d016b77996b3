"""Boards without content, and one handover with all of it; reading one is audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.decisions.api import Delegation, delegation
from services.handover import wire
from services.handover.domain.commands import DELEGATED, Draft, Payload, Pending, act_of
from services.handover.domain.on_paper import possible
from services.handover.domain.records import Happened, Incoming, Outgoing, Paper, Travelled
from services.handover.domain.states import (
    SENDER_ENDS,
    Act,
    Message,
    ReceiverState,
    SenderState,
)
from services.handover.domain.steps import acts, worth_sending_again
from services.handover.domain.timers import month_after, next_deadline
from services.handover.handlers import incoming, outgoing
from services.handover.handlers.acting import find_end
from services.handover.handlers.common import (
    End,
    bodies_of,
    is_reader,
    keys_for,
    policy_at,
    rules,
    standing_of,
    subject_of,
)
from services.handover.handlers.contested import Dispute, dispute_of
from services.handover.handlers.spoilt import asking_again
from services.handover.store import attached, beside, ends, papers
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import CaseId, ConversationId
from shared.node import Node

WaitsFor = Literal["us", "them", "nobody"]
_OURS = frozenset(
    {
        SenderState.DRAFT,
        SenderState.DECLINED,
        ReceiverState.RECEIVED,
        ReceiverState.ACCEPTED,
        ReceiverState.AGREED,
        ReceiverState.ORDERED,
    }
)
_THEIRS = frozenset(
    {
        SenderState.PROPOSED,
        SenderState.SENDING,
        SenderState.ESCALATING,
        SenderState.DISPUTED,
        SenderState.ORDERING,
        SenderState.WITHDRAWING,
        ReceiverState.DECLINED,
        ReceiverState.RETURNED,
        ReceiverState.DISPUTED,
    }
)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of a board: who and when, nothing of the person.

    Args:
        code_name: of our case; an incoming handover has none before the take-over.
        waits_for: whose turn it is.
        due_on: the day by which the next step is to be taken, here or there; None: no day binds.
        needs_second: a signature waits for a second person.
    """

    handover_id: ConversationId
    is_outgoing: bool
    case_id: CaseId | None
    code_name: str | None
    other: str
    state: str
    since: datetime
    urgency: str | None
    waits_for: WaitsFor
    due_on: date | None
    is_overdue: bool
    needs_second: bool


async def board(node: Node, actor: Actor) -> list[BoardRow]:
    """What the actor sees on its way out and in, what is due first."""
    async with node.db.begin(actor) as uow:
        found: list[End] = [*await ends.board_outgoing(uow), *await ends.board_incoming(uow)]
        rows = await _rows(uow, node, found)
        await uow.commit()
    return sorted(rows, key=lambda row: (row.due_on or date.max, row.since))


async def finished(node: Node, actor: Actor) -> list[BoardRow]:
    """What the actor sees that is over, newest first: both ends keep their own."""
    async with node.db.begin(actor) as uow:
        found: list[End] = [*await ends.finished_outgoing(uow), *await ends.finished_incoming(uow)]
        rows = await _rows(uow, node, found)
        await uow.commit()
    return sorted(rows, key=lambda row: row.since, reverse=True)


async def _rows(uow: UnitOfWork, node: Node, found: Sequence[End]) -> list[BoardRow]:
    today = local_date(uow.now)
    waiting = await beside.has_pending(uow)
    rows = []
    for end in found:
        code_name = None
        if end.case_id is not None:
            code_name = (await cases.load_header(uow, end.case_id)).code_name
        due_on = due(node, end, uow.now)
        rows.append(_board_row(end, code_name, due_on, today, needs=end.handover_id in waiting))
    uow.audit("handover.board_read", rows=len(rows))
    return rows


def due(node: Node, end: End, now: datetime) -> date | None:
    """The day by which the next step is to be taken, here or there."""
    received_at = end.received_at if isinstance(end, Incoming) else end.receipt_at
    return next_deadline(end.state, standing_of(rules(policy_at(node, now)), end, received_at))


def _board_row(
    end: End, code_name: str | None, due_on: date | None, today: date, *, needs: bool
) -> BoardRow:
    return BoardRow(
        handover_id=end.handover_id,
        is_outgoing=isinstance(end, Outgoing),
        case_id=end.case_id,
        code_name=code_name,
        other=end.other,
        state=end.state.value,
        since=end.since,
        urgency=end.urgency if isinstance(end, Incoming) else None,
        waits_for=waits_for(end),
        due_on=due_on,
        is_overdue=due_on is not None and today > due_on,
        needs_second=needs,
    )


def waits_for(end: End) -> WaitsFor:
    """Whose turn it is."""
    if end.state in _OURS:
        return "us"
    return "them" if end.state in _THEIRS else "nobody"


@dataclass(frozen=True, slots=True)
class AskedAndAnswered:
    """A question and its answer."""

    question_id: UUID
    is_ours: bool
    asked_at: datetime
    question: str
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Possible:
    """What a person may try now.

    Args:
        delegation: who may, by the delegation order; None for dropping a draft.
        is_mine: whether the actor is one of them.
    """

    act: Act
    delegation: Delegation | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class View:
    """One handover, with all that the actor may see of it.

    Args:
        row: our end.
        draft: at the sender: the proposal as it was written.
        proposal: at the receiver: what came; None once erased, or where it was refused.
        dossier: at the receiver, once it is in hand.
        bodies: what the messages say, where it is still kept.
        receipts: when the other end's signed receipt or refusal came, by our message.
        pending: a signature that waits for a second person.
        can_send_again: something was refused that the other end still must know.
        due_on: the day by which the next step is to be taken, here or there.
        ivo_opens_on: at the sender, while it waits: from this day IVO may be asked.
        dispute: what stands between the two ends; None where nothing does.
        is_excluded: at the sender, until it is over: the case is kept from the receiver by now.
        has_acute_protection: at the receiver: the police have confirmed it.
        papers: where it goes on paper: what was noted of each, and our words that wait for a letter.
        may_say: likewise, what a paper may say now.
        is_reader: at the receiver, from acceptance to take-over, only the named read it; for the
            others there is the row, what happened and when, and nothing that it says.
    """

    row: End
    code_name: str | None
    draft: Draft | None
    proposal: wire.Proposed | None
    dossier: wire.DossierContentWithFiles | None
    messages: Sequence[Travelled]
    bodies: Mapping[UUID, msgspec.Struct]
    receipts: Mapping[UUID, datetime]
    events: Sequence[Happened]
    questions: Sequence[AskedAndAnswered]
    pending: Pending | None
    possible: Sequence[Possible]
    can_send_again: bool
    waits_for: WaitsFor
    due_on: date | None
    ivo_opens_on: date | None
    is_excluded: bool
    has_acute_protection: bool
    is_reader: bool
    dispute: Dispute | None
    papers: Sequence[Paper]
    may_say: Sequence[str]


async def read(node: Node, actor: Actor, handover_id: ConversationId, reason: str) -> View:
    """One handover; audited with the reason.

    Raises:
        AccessDenied: none, or not the actor's to see.
    """
    seen = await find_end(node, actor, handover_id)
    key: SubjectKey | None = None
    is_erased = isinstance(seen, Incoming) and (seen.erased_at is not None or seen.was_refused)
    if not is_erased and is_reader(seen, actor):
        key = (await keys_for(node, subject_of(handover_id)))[subject_of(handover_id)]
    async with asking_again(node, actor, handover_id), node.db.begin(actor) as uow:
        view = await _view(uow, node, actor, seen, key)
        uow.audit("handover.read", case_id=seen.case_id, reason=reason, handover=str(handover_id))
        await uow.commit()
    return view


async def _view(
    uow: UnitOfWork, node: Node, actor: Actor, seen: End, key: SubjectKey | None
) -> View:
    handover_id = seen.handover_id
    row: End
    draft, proposal, dossier, code_name, has_protection = None, None, None, None, False
    is_excluded = False
    if isinstance(seen, Outgoing):
        row = await ends.outgoing(uow, handover_id)
        assert key is not None
        draft = await outgoing.load_draft(uow, row, {subject_of(handover_id): key})
        code_name = (await cases.load_header(uow, row.case_id)).code_name
        if row.state not in SENDER_ENDS:
            is_excluded = await cases.is_excluded(uow, row.case_id, row.receiver)
    else:
        row = await ends.incoming_row(uow, handover_id)
        key = key if is_reader(row, actor) else None
        if key is not None:
            content = await ends.incoming_content(uow, handover_id, key)
            proposal = None if content is None else msgspec.json.decode(content, type=wire.Proposed)
            if actor.staff_id in row.readers or row.case_id is not None:
                dossier = await incoming.read_dossier(uow, row, key)
        has_protection = await protection.acute_protection_confirmed(uow, subject_of(handover_id))
    messages = await beside.messages(uow, handover_id)
    bodies = await bodies_of(uow, handover_id, messages, key)
    is_on_paper = isinstance(row, Outgoing) and row.is_on_paper
    return View(
        row=row,
        code_name=code_name,
        draft=draft,
        proposal=proposal,
        dossier=dossier,
        messages=messages,
        bodies=bodies,
        receipts=await attached.receipts(uow, handover_id),
        events=await beside.events(uow, handover_id),
        questions=await _questions(uow, handover_id, key),
        pending=await _pending(uow, handover_id, key),
        possible=_possible(node, uow, actor, row),
        can_send_again=bool(_refused(messages, row)),
        waits_for=waits_for(row),
        due_on=due(node, row, uow.now),
        ivo_opens_on=_ivo_opens_on(row),
        is_excluded=is_excluded,
        has_acute_protection=has_protection,
        is_reader=is_reader(row, actor),
        dispute=dispute_of(messages, bodies, is_silent=_is_silent(row, local_date(uow.now))),
        papers=await papers.listed(uow, handover_id) if is_on_paper else (),
        may_say=_may_say(row),
    )


def _may_say(row: End) -> Sequence[str]:
    if not isinstance(row, Outgoing) or not row.is_on_paper:
        return ()
    return possible(row.state, has_receipt=row.receipt_at is not None)


def _ivo_opens_on(row: End) -> date | None:
    if not isinstance(row, Outgoing) or row.state is not SenderState.PROPOSED:
        return None
    return None if row.receipt_at is None else month_after(local_date(row.receipt_at))


def _is_silent(row: End, today: date) -> bool:
    opens_on = _ivo_opens_on(row)
    return opens_on is not None and today >= opens_on


def _refused(messages: Sequence[Travelled], row: End) -> tuple[Message, ...]:
    kinds = {kind.value for kind in Message}
    refused = tuple(
        Message(each.kind)
        for each in messages
        if each.is_ours and each.refusal_code and not each.sent_again_at and each.kind in kinds
    )
    return worth_sending_again(refused, row.state)


async def _questions(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey | None
) -> list[AskedAndAnswered]:
    if key is None:
        return []
    return [AskedAndAnswered(*row) for row in await beside.questions(uow, handover_id, key)]


async def _pending(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey | None
) -> Pending | None:
    waiting = None if key is None else await beside.find_pending(uow, handover_id, key)
    if waiting is None:
        return None
    revision, first, signed_at, encoded = waiting
    payload: Payload = msgspec.json.decode(encoded, type=Payload)
    return Pending(act_of(payload), payload, first, signed_at, revision)


def _possible(node: Node, uow: UnitOfWork, actor: Actor, row: End) -> list[Possible]:
    policy = policy_at(node, uow.now)
    found = []
    for act in acts(row.state):
        if act is Act.DROP:
            found.append(Possible(act, None, is_mine=True))
            continue
        order = delegation(policy, DELEGATED[act])
        is_named = is_reader(row, actor)
        is_mine = is_named and not actor.roles.isdisjoint(order.roles)
        found.append(Possible(act, order, is_mine=is_mine))
    return found
