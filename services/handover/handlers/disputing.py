"""A dispute over a handover: an appeal told to the other end, and the application to IVO.

Nothing here moves a state: applying, ruling and agreeing are steps of the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.cases import api as cases
from services.decisions.api import Decision, decisions_of, require_delegate
from services.handover import wire
from services.handover.domain.commands import ApplyToIVO, Draft, RecordAppeal
from services.handover.domain.records import Outgoing
from services.handover.domain.states import SENDER_ENDS, Act, ReceiverState, SenderState
from services.handover.handlers.acting import find_end, lock_end
from services.handover.handlers.common import (
    End,
    case_subject,
    keys_for,
    policy_at,
    send,
    subject_of,
)
from services.handover.handlers.contested import Dispute, last_said
from services.handover.handlers.reading import View, read
from services.handover.store import beside, ends
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import CaseId, ConversationId
from shared.node import Node

_AT_IVO: frozenset[object] = frozenset(
    {
        SenderState.ESCALATING,
        SenderState.DISPUTED,
        SenderState.ORDERING,
        ReceiverState.DISPUTED,
        ReceiverState.ORDERED,
        ReceiverState.AGREED,
    }
)


async def record_appeal(node: Node, actor: Actor, command: RecordAppeal) -> None:
    """Either end: IVO's decision is appealed; a ruling is sent only when it is final.

    Raises:
        Conflict: `handover.not_in_this_state`: nothing of it lies with IVO.
        DomainError: `handover.ruling_document_missing`, `handover.ruling_date_invalid`,
            `decision.not_delegate`: we have appealed, and that was not the actor's to decide.
    """
    if not command.document.strip():
        raise DomainError("handover.ruling_document_missing")
    seen = await find_end(node, actor, command.handover_id)
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        if not _is_at_ivo(row):
            raise Conflict("handover.not_in_this_state", state=str(row.state), on="record_appeal")
        if command.appealed_on > local_date(uow.now):
            raise DomainError("handover.ruling_date_invalid")
        if command.is_ours:
            require_delegate(policy_at(node, uow.now), "handover.appeal", actor)
        content = wire.RulingAppealed(command.document.strip(), command.appealed_on)
        await send(uow, node, row, wire.Notice(content), keys[subject_of(row.handover_id)])
        await beside.add_event(uow, row.handover_id, "ruling_appealed", str(row.state))
        uow.audit("handover.ruling_appealed", case_id=row.case_id, handover=str(row.handover_id))
        await uow.commit()


def _is_at_ivo(row: End) -> bool:
    """Whether IVO has the matter, or has decided and both ends still act on it."""
    is_kept_by_ruling = isinstance(row, Outgoing) and (
        row.state is SenderState.KEPT and row.ruled_for is not None
    )
    return row.state in _AT_IVO or is_kept_by_ruling


@dataclass(frozen=True, slots=True)
class Application:
    """All that an application to IVO must hold, and what is enclosed with it.

    Args:
        view: the handover; its messages are the request and the answer, word for word.
        draft: what the request was written as.
        file: the case, for the person, the needs and the finding that it rests on.
        decisions: on the request and on the application, as far as they are made.
        statement: ours; from a signature that waits for its second person, before it is sent.
        waits_for_second: so far only one of two has signed.
    """

    view: View
    draft: Draft
    dispute: Dispute
    file: cases.CaseFile
    decisions: Sequence[Decision]
    request: wire.Proposed
    requested_at: datetime
    receipt_at: datetime | None
    register_number: str
    applied_on: date | None
    statement: str
    waits_for_second: bool


async def ivo_application(node: Node, actor: Actor, handover_id: ConversationId) -> Application:
    """The application's content, before it is sent and ever after; audited as a read of both.

    Raises:
        AccessDenied: not ours to apply with, or not the actor's to see.
        Conflict: `handover.ivo_not_open`: neither a no nor a month's silence.
    """
    view = await read(node, actor, handover_id, "ivo_application")
    row, draft = view.row, view.draft
    if not isinstance(row, Outgoing) or draft is None:
        raise AccessDenied
    dispute = view.dispute
    request, body = last_said(view.messages, view.bodies, "proposed")
    if dispute is None or request is None or not isinstance(body, wire.Proposed):
        raise Conflict("handover.ivo_not_open")
    file = await cases.read_case(node, actor, row.case_id, "ivo_application")
    key = (await keys_for(node, case_subject(row.case_id)))[case_subject(row.case_id)]
    async with node.db.begin(actor) as uow:
        decided = sorted(
            (
                each
                for each in await decisions_of(uow, key, row.case_id)
                if each.about == handover_id and each.outcome in _DECIDED
            ),
            key=lambda each: (each.decided_at, _DECIDED.index(each.outcome)),
        )
        uow.audit("handover.ivo_application_read", case_id=row.case_id, handover=str(handover_id))
        await uow.commit()
    waiting = view.pending.payload if view.pending else None
    signed = waiting if isinstance(waiting, ApplyToIVO) else None
    return Application(
        view=view,
        draft=draft,
        dispute=dispute,
        file=file,
        decisions=decided,
        request=body,
        requested_at=request.at,
        receipt_at=row.receipt_at,
        register_number=signed.register_number if signed else draft.register_number,
        applied_on=signed.applied_on if signed else dispute.applied_on,
        statement=signed.text if signed else dispute.statement,
        waits_for_second=signed is not None,
    )


_DECIDED = (str(Act.PROPOSE), str(Act.APPLY_TO_IVO))


async def ruled_away_on(node: Node, actor: Actor, case_id: CaseId) -> date | None:
    """The day from which, by IVO's final decision, another authority is to have the case.

    None where there is no such decision, or it has been carried out. For the head of a file:
    nothing of the handover's content is opened.
    """
    async with node.db.begin(actor) as uow:
        for row in await ends.outgoing_of_case(uow, case_id):
            if row.ruled_for == "receiver" and row.state not in SENDER_ENDS:
                happened = await beside.events(uow, row.handover_id)
                ruled = [each for each in happened if each.code == str(Act.RULE_RECEIVER)]
                return date.fromisoformat(str(ruled[-1].facts["final_on"]))
    return None
