"""What the inbox gives us: one object for each kind of message, at whichever end.

Each applies exactly one kind, in the conversation's order, in a transaction that the inbox opens
and commits together with the receipt. A `DomainError` becomes a signed refusal.

Longer than most files on purpose: whoever asks what a message does reads both ends in one place.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.decisions.api import delegation
from services.directory import api as directory
from services.handover import wire
from services.handover.domain import on_paper
from services.handover.domain.reasons import MESSAGE_REFUSED
from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import (
    Event,
    ReceiverState,
    SenderState,
)
from services.handover.domain.states import (
    Message as Kind,
)
from services.handover.domain.table import find
from services.handover.handlers import incoming, outgoing, passing_on
from services.handover.handlers.common import case_subject, policy_at, rules, send, subject_of
from services.handover.handlers.listening import ConsentListener
from services.handover.handlers.vaults import open_vault
from services.handover.store import attached, beside, ends
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card, add_cards
from shared.errors import Conflict, DomainError, Fact
from shared.ids import CaseId, ConversationId, MessageId, SubjectId
from shared.messages import Header, Message
from shared.node import Node

Keys = Mapping[SubjectId, SubjectKey]


class Arriving:
    """What all kinds share.

    Args:
        node: under the worker's role.
    """

    kind: str
    version = wire.VERSION

    def __init__(self, node: Node) -> None:
        self._node = node

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """At the sender the case's key too, and the one of the handover that it came by."""
        row = await ends.find_outgoing(uow, message.conversation_id)
        if row is None:
            return ()
        return (
            case_subject(row.case_id),
            *await passing_on.keys_before(self._node, uow, row.case_id),
        )

    async def on_refused(self, uow: UnitOfWork, keys: Keys, header: Header, code: str) -> None:
        """The other end refused a message of this kind that we had sent.

        A refused proposal is a no; anything else leaves the state and asks a person to look.
        """
        handover_id = ConversationId(header.conversation_id)
        await beside.note_refused(uow, header.message_id, code)
        row = await ends.find_outgoing(uow, handover_id)
        if row is None:
            theirs = await ends.incoming_row(uow, handover_id)
            await _tell_function(uow, theirs, "handover.message_refused")
            return
        if header.kind == Kind.PROPOSED.value:
            await self._is_declined(uow, row, keys)
        await _tell_members(uow, row, "handover.message_refused")

    async def _is_declined(self, uow: UnitOfWork, seen: Outgoing, keys: Keys) -> None:
        if seen.state is SenderState.PROPOSED:
            await cases.enter_term(uow, seen.case_id, seen.term)
        row = await ends.outgoing(uow, seen.handover_id, lock=True)
        values = {"answer_code": MESSAGE_REFUSED} if row.state is SenderState.PROPOSED else {}
        await outgoing.take(uow, self._node, row, Event.PROPOSAL_REFUSED, keys, None, values=values)

    async def keep(self, uow: UnitOfWork, message: Message, key: SubjectKey | None) -> None:
        """Keep that it came, and what it said, beside the handover."""
        await beside.add_message(
            uow,
            message.conversation_id,
            message.message_id,
            message.header.kind,
            message.body,
            key,
            is_ours=False,
            number=message.header.number,
        )


# -- at the sender --------------------------------------------------------------------------------
class AtSender(Arriving):
    """A kind that goes back: it moves the sender's table."""

    def __init__(self, node: Node, kind: Kind) -> None:
        super().__init__(node)
        self.kind = kind.value
        self._kind = kind

    async def apply(self, uow: UnitOfWork, keys: Keys, message: Message, body: Any) -> None:
        """Move along the table's row for this kind; without one the message is refused."""
        row = await sender_end(uow, message)
        key = keys[subject_of(row.handover_id)]
        await self.keep(uow, message, key)
        if isinstance(body, wire.Completed):
            await self._check_link(uow, row, body)
        await heard(uow, self._node, row, self._kind, body, keys, message.message_id)

    async def _check_link(self, uow: UnitOfWork, row: Outgoing, body: wire.Completed) -> None:
        link = body.link
        is_theirs = link.kind == "responsible" and link.authority == row.receiver
        if not is_theirs or link.term != row.term + 1:
            raise DomainError("handover.link_wrong")
        await cases.receive_links(uow, self._node, row.case_id, [link])


async def heard(
    uow: UnitOfWork,
    node: Node,
    row: Outgoing,
    kind: Kind,
    body: Any,
    keys: Keys,
    refers_to: MessageId,
) -> None:
    """The other end has said this, by a message or on a paper: our table moves, people are told."""
    await outgoing.take(uow, node, row, kind, keys, None, refers_to=refers_to, values=_said(body))
    if kind is Kind.COMPLETED:
        await _end(uow, node, row, keys)
    await _tell_members(uow, row, f"handover.{kind}", _coded(body))


async def _end(uow: UnitOfWork, node: Node, row: Outgoing, keys: Keys) -> None:
    """The case has left; from here on the file is read, never written."""
    if row.withdrawn_because == "consent_withdrawn" and row.consent_id is not None:
        withdrawn_at = row.consent_withdrawn_at or uow.now
        notice = wire.ConsentWithdrawn(row.consent_id, withdrawn_at.date())
        key = keys[subject_of(row.handover_id)]
        await send(uow, node, row, wire.Notice(notice), key)
    await cases.end_transferred(uow, row.case_id, row.handover_id, to=row.receiver)
    links = await passing_on.links_after(uow, row.case_id, row.term)
    await passing_on.tell_before(uow, node, row.case_id, links, keys)


def _said(body: Any) -> dict[str, object]:
    """What of the answer is kept in the row itself."""
    match body:
        case wire.Accepted() | wire.Agreed() | on_paper.SaidYes() | on_paper.SaidAgreed():
            return {"take_over_on": body.take_over_on}
        case wire.Declined() | wire.Returned() | on_paper.SaidNo() | on_paper.GaveBack():
            return {"answer_code": body.code}
        case _:
            return {}


async def sender_end(uow: UnitOfWork, message: Message) -> Outgoing:
    """Our end of the handover, locked, its case first; the rest of the transaction is fenced.

    Raises:
        DomainError: `handover.unknown`: no such handover with this authority.
        Conflict: `case.responsibility_moved`.
    """
    seen = await ends.find_outgoing(uow, message.conversation_id)
    if seen is None or seen.receiver != message.sender or message.header.direction != "back":
        raise DomainError("handover.unknown")
    await cases.enter_term(uow, seen.case_id, seen.term)
    return await ends.outgoing(uow, seen.handover_id, lock=True)


def _coded(body: Any) -> dict[str, Fact]:
    """The coded reason of a no: it stands on the card, so that nobody has to go and look."""
    refusing = (wire.Declined, wire.Returned, on_paper.SaidNo, on_paper.GaveBack)
    return {"reason": body.code} if isinstance(body, refusing) else {}


async def _tell_members(
    uow: UnitOfWork, row: Outgoing, kind: str, facts: Mapping[str, Fact] | None = None
) -> None:
    await add_card(
        uow, kind, "case_worker", subject=row.handover_id, case_id=row.case_id, facts=facts
    )


# -- at the receiver ------------------------------------------------------------------------------
class ProposedArrives(Arriving):
    """A proposal: it waits where only the function it came to sees it."""

    kind = Kind.PROPOSED.value

    async def apply(
        self, uow: UnitOfWork, keys: Keys, message: Message, body: wire.Proposed
    ) -> None:
        """Open our end.

        Raises:
            DomainError: `directory.not_tested`, `handover.unknown_function`, `handover.unknown`.
        """
        directory.check_tested(self._node, message.sender)
        policy = policy_at(self._node, uow.now)
        if body.receiving_function != rules(policy).receiving_function.value:
            raise DomainError("handover.unknown_function")
        if message.header.direction != "forward" or message.header.number != 1:
            raise DomainError("handover.unknown")
        row = new_end(self._node, uow, message, body)
        key = keys[subject_of(row.handover_id)]
        await ends.add_incoming(uow, row, message.body, key)
        await self.keep(uow, message, key)
        await incoming.note(uow, row, self.kind, row.state)
        await _tell_function(uow, row, "handover.proposed", {"urgency": body.urgency})


def new_end(node: Node, uow: UnitOfWork, message: Message, body: wire.Proposed | None) -> Incoming:
    """Our end of a handover, as a proposal opens it.

    Args:
        body: None for a proposal that was refused: it is declined, and nothing of it is kept.
    """
    policy = policy_at(node, uow.now)
    answer = delegation(policy, "handover.answer")
    agree = delegation(policy, "handover.agree")
    function = rules(policy).receiving_function.value
    on = Event.PROPOSAL_REFUSED if body is None else Kind.PROPOSED
    row = find(ReceiverState.NONE, on)
    assert row is not None
    assert isinstance(row.to, ReceiverState)
    return Incoming(
        handover_id=message.conversation_id,
        sender=message.sender,
        sending_function=function if body is None else body.sending_function,
        receiving_function=function,
        roles=answer.roles | answer.second_roles,
        dispute_roles=agree.roles | agree.second_roles,
        readers=frozenset(),
        is_protected=body is None or body.is_protected,
        is_locked=False,
        state=row.to,
        revision=1,
        since=uow.now,
        received_at=uow.now,
        answer_on=None if body is None else body.answer_on,
        urgency=None if body is None else body.urgency,
        is_threat_high=None,
        was_refused=body is None,
        take_over_on=None,
        dossier=None,
        files=(),
        dossier_at=None,
        withdrawal_agreed_at=None,
        case_id=None,
        erased_at=None,
        key_destroyed_at=None,
    )


class AtReceiver(Arriving):
    """A kind that goes forward, after the proposal: it moves the receiver's table."""

    needs_no_more_keys: Literal[True] = True

    def __init__(self, node: Node, kind: Kind, version: int = wire.VERSION) -> None:
        super().__init__(node)
        self.kind = kind.value
        self.version = version
        self._kind = kind

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """The conversation's own is enough."""
        del uow, message
        return ()

    async def apply(self, uow: UnitOfWork, keys: Keys, message: Message, body: Any) -> None:
        """Move along the table's row for this kind; without one the message is refused."""
        row = await receiver_end(self._node, uow, message)
        values: dict[str, object] = {}
        if isinstance(body, wire.Dossier):
            files = body.files if isinstance(body, wire.DossierWithFiles) else ()
            values = {
                "dossier": msgspec.to_builtins(body.manifest),
                "files": msgspec.to_builtins(files),
                "dossier_at": uow.now,
            }
        await self.keep(uow, message, keys.get(subject_of(row.handover_id)))
        await incoming.take(
            uow,
            self._node,
            row,
            self._kind,
            keys,
            None,
            refers_to=message.message_id,
            values=values,
        )
        await _tell_function(uow, row, f"handover.{self.kind}")


async def receiver_end(node: Node, uow: UnitOfWork, message: Message) -> Incoming:
    """Our end of the handover, locked.

    A proposal that was refused used up its number and left no row: the next message makes the one
    that the protocol wants, declined and without personal data. Nothing else does: not what came
    without a proposal before it, nor what comes of an authority that has not passed its trial.

    Raises:
        DomainError: `handover.unknown`, `directory.not_tested`.
    """
    row = await ends.find_incoming(uow, message.conversation_id, lock=True)
    if message.header.direction != "forward":
        raise DomainError("handover.unknown")
    if row is None:
        if await ends.find_outgoing(uow, message.conversation_id) is not None:
            raise DomainError("handover.unknown")
        directory.check_tested(node, message.sender)
        if not await attached.has_refused_proposal(uow, message.conversation_id, message.sender):
            raise DomainError("handover.unknown")
        row = new_end(node, uow, message, None)
        await ends.add_incoming(uow, row, None, None)
    if row.sender != message.sender:
        raise DomainError("handover.unknown")
    return row


async def _tell_function(
    uow: UnitOfWork, row: Incoming, kind: str, facts: Mapping[str, Fact] | None = None
) -> None:
    """A card for each role of the function; after the take-over for the members of the case."""
    if row.case_id is not None:
        await add_card(
            uow, kind, "case_worker", subject=row.handover_id, case_id=row.case_id, facts=facts
        )
        return
    roles = row.dispute_roles if row.is_locked else row.roles
    await add_cards(uow, kind, roles, subject=row.handover_id, facts=facts)


# -- at either end --------------------------------------------------------------------------------
class Beside(Arriving):
    """A kind that moves no state: question, answer, notice."""

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """The conversation's own is enough."""
        del uow, message
        return ()

    async def end(self, uow: UnitOfWork, message: Message) -> Outgoing | Incoming:
        """Our end, whichever it is, locked.

        Raises:
            DomainError: `handover.unknown`.
        """
        if message.header.direction == "back":
            row = await ends.find_outgoing(uow, message.conversation_id, lock=True)
            if row is None or row.receiver != message.sender:
                raise DomainError("handover.unknown")
            return row
        return await receiver_end(self._node, uow, message)

    async def told(self, uow: UnitOfWork, row: Outgoing | Incoming, kind: str) -> None:
        """Note it, and ask somebody to look."""
        await beside.add_event(uow, row.handover_id, kind.removeprefix("handover."), str(row.state))
        uow.audit(f"{kind}_received", case_id=row.case_id, handover=str(row.handover_id))
        if isinstance(row, Outgoing):
            await _tell_members(uow, row, kind)
        else:
            await _tell_function(uow, row, kind)


class QuestionArrives(Beside):
    """The other end asks."""

    kind = "question"
    needs_no_more_keys: Literal[True] = True

    async def apply(
        self, uow: UnitOfWork, keys: Keys, message: Message, body: wire.Question
    ) -> None:
        """Keep the question.

        Raises:
            Conflict: `handover.over`: nobody answers any more.
        """
        row = await self.end(uow, message)
        if isinstance(row, Incoming) and row.erased_at is not None:
            raise Conflict("handover.over")
        key = keys[subject_of(row.handover_id)]
        await beside.add_question(
            uow, row.handover_id, body.question_id, body.text, key, is_ours=False
        )
        await self.keep(uow, message, key)
        await self.told(uow, row, "handover.question")


class AnswerArrives(Beside):
    """The other end answers."""

    kind = "answer"
    needs_no_more_keys: Literal[True] = True

    async def apply(self, uow: UnitOfWork, keys: Keys, message: Message, body: wire.Answer) -> None:
        """Keep the answer.

        Raises:
            DomainError: `handover.question_unknown`: not asked, or answered already.
        """
        row = await self.end(uow, message)
        if isinstance(row, Incoming) and row.erased_at is not None:
            await self.keep(uow, message, None)
            return
        key = keys[subject_of(row.handover_id)]
        if not await beside.answer_question(
            uow, row.handover_id, body.question_id, body.text, key, is_ours=True
        ):
            raise DomainError("handover.question_unknown")
        await self.keep(uow, message, key)
        await self.told(uow, row, "handover.answer")


class NoticeArrives(Beside):
    """Something to know."""

    kind = "notice"

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """Of the case too, where it is or was here, and of the handovers before and after."""
        row: Outgoing | Incoming | None
        if message.header.direction == "back":
            row = await ends.find_outgoing(uow, message.conversation_id)
        else:
            row = await ends.find_incoming(uow, message.conversation_id)
        if row is None or row.case_id is None:
            return ()
        return (
            case_subject(row.case_id),
            *await passing_on.keys_before(self._node, uow, row.case_id),
            *await ConsentListener(self._node).subjects(uow, row.case_id),
        )

    async def apply(self, uow: UnitOfWork, keys: Keys, message: Message, body: wire.Notice) -> None:
        """Keep it, and change what it changes; a form drawn before it no longer counts."""
        row = await self.end(uow, message)
        is_erased = isinstance(row, Incoming) and row.erased_at is not None
        key = None if is_erased else keys[subject_of(row.handover_id)]
        await self.keep(uow, message, key)
        tag = str(type(body.content).__struct_config__.tag)
        if isinstance(row, Outgoing):
            await self._at_sender(uow, row, keys, body.content)
        elif not is_erased:
            await self._at_receiver(uow, row, keys, body.content)
        await self.told(uow, row, f"handover.{tag}")

    async def _at_sender(
        self, uow: UnitOfWork, row: Outgoing, keys: Keys, content: wire.NoticeContent
    ) -> None:
        match content:
            case wire.WithdrawalAgreed():
                await ends.change_outgoing(uow, row, withdrawal_agreed_at=uow.now)
            case wire.ChainLinks(links=links):
                await cases.enter_term(uow, row.case_id, row.term)
                await cases.receive_links(uow, self._node, row.case_id, links)
                await passing_on.tell_before(uow, self._node, row.case_id, links, keys)
            case _:
                await ends.change_outgoing(uow, row)

    async def _at_receiver(
        self, uow: UnitOfWork, row: Incoming, keys: Keys, content: wire.NoticeContent
    ) -> None:
        match content:
            case wire.FactsChanged(what=what, threat=threat):
                changes: dict[str, object] = {}
                if "threat" in what:
                    changes["is_threat_high"] = threat is None or threat.level == "HIGH"
                if "protected_identity" in what:
                    changes["is_protected"] = True
                await ends.change_incoming(uow, row, **changes)
            case wire.ConsentWithdrawn(consent_id=consent_id) if row.case_id is not None:
                await self._lock(uow, row.case_id, keys, consent_id)
                await ends.change_incoming(uow, row)
            case _:
                await ends.change_incoming(uow, row)

    async def _lock(self, uow: UnitOfWork, case_id: CaseId, keys: Keys, consent_id: UUID) -> None:
        """Nothing more rests on it here; whoever got the case from us is told in its turn."""
        header = await cases.load_header(uow, case_id)
        await cases.enter_term(uow, case_id, header.term)
        consent = await cases.lock_consent(uow, keys[case_subject(case_id)], case_id, consent_id)
        if consent is not None:
            listener = ConsentListener(self._node)
            await listener.on_consent_withdrawn(uow, keys, case_id, consent)


class VaultArrives(Beside):
    """What lay in the sender's vault, once the case is ours: from vault to vault, past everybody."""

    kind = "vault"

    async def subjects(self, uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """Our vault's own, made before we took over."""
        row = await ends.find_incoming(uow, message.conversation_id)
        return () if row is None or row.case_id is None else (cases.vault_of(row.case_id),)

    async def apply(self, uow: UnitOfWork, keys: Keys, message: Message, body: wire.Vault) -> None:
        """Put it where it belongs; only that it came is kept beside the handover.

        Raises:
            Conflict: `handover.not_in_this_state`: not taken over; `case.responsibility_moved`.
            DomainError: `handover.unknown`, `vault.unreadable`.
            WireError: sealed to another, for another handover, or changed.
        """
        row = await receiver_end(self._node, uow, message)
        if row.case_id is None:
            raise Conflict("handover.not_in_this_state", state=str(row.state), on="vault")
        content = open_vault(self._node, row, body)
        header = await cases.load_header(uow, row.case_id)
        await cases.enter_term(uow, row.case_id, header.term)
        key = keys[cases.vault_of(row.case_id)]
        is_kept = await cases.keep_from_another(uow, key, row.case_id, content)
        await self.keep(uow, message, None)
        await self.told(uow, row, "handover.vault" if is_kept else "handover.vault_not_needed")


BACK = (
    Kind.ACCEPTED,
    Kind.DECLINED,
    Kind.COMPLETED,
    Kind.RETURNED,
    Kind.NOTED,
    Kind.AGREED,
    Kind.CANCELLED,
)
FORWARD = (
    Kind.DOSSIER,
    Kind.DISPUTED,
    Kind.KEPT,
    Kind.RULED_SENDER,
    Kind.RULED_RECEIVER,
    Kind.WITHDRAWN,
)


def inbox_handlers(node: Node) -> tuple[Any, ...]:
    """One for each kind of message of a handover."""
    return (
        ProposedArrives(node),
        *(AtSender(node, kind) for kind in BACK),
        *(AtReceiver(node, kind) for kind in FORWARD),
        *(AtReceiver(node, Kind(kind), version) for kind, version in wire.LATER),
        VaultArrives(node),
        QuestionArrives(node),
        AnswerArrives(node),
        NoticeArrives(node),
    )
