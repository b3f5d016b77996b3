"""A person decides: alone, or as the first or the second of two."""

from dataclasses import replace

import msgspec

from services.cases import api as cases
from services.handover.domain.commands import (
    Confirm,
    Payload,
    Sign,
    Signed,
    TakeBack,
    TakeOver,
    act_of,
    check_texts,
)
from services.handover.domain.facts import Facts, Persons
from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import Act
from services.handover.domain.steps import refusals
from services.handover.handlers import incoming, outgoing
from services.handover.handlers.common import (
    THE_LAW,
    End,
    Keys,
    both_persons,
    case_subject,
    demand_reader,
    demand_revision,
    first_person,
    keys_for,
    policy_at,
    second_roles,
    subject_of,
)
from services.handover.handlers.spoilt import asking_again
from services.handover.store import beside, ends
from services.staff.api import colleagues
from shared.actor import Actor
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import CaseId, ConversationId, SubjectId
from shared.node import Node

_WAITS_FOR_SECOND = frozenset({"handover.second_person_missing", "handover.same_person"})
_CASE_ROLES = ("case_worker", "exit_coordinator", "team_leader")


async def sign(node: Node, actor: Actor, command: Sign) -> Signed:
    """Decide, or be the first of two who do.

    Everything but the second person is judged now, so that the second is not asked in vain; it is
    judged again when they confirm.

    Raises:
        AccessDenied: no such handover, or not the actor's to see.
        Conflict: `handover.changed_meanwhile`, `handover.already_signed`,
            `handover.not_in_this_state`.
        DomainError: the first guard that refuses.
    """
    check_texts(command.payload)
    act = act_of(command.payload)
    seen = await find_end(node, actor, command.handover_id)
    prepared = await _Prepared.make(node, actor, seen, command.payload)
    async with (
        asking_again(node, actor, command.handover_id),
        node.db.begin(actor, term=prepared.term) as uow,
    ):
        row = await lock_end(uow, seen)
        demand_revision(row, command.revision)
        policy = policy_at(node, uow.now)
        persons = _dropper(policy, actor) if act is Act.DROP else first_person(policy, act, actor)
        facts = await prepared.facts(uow, row, persons)
        is_done = not persons.needs_second
        if is_done:
            await prepared.perform(uow, row, act, facts)
        else:
            _demand_all_but_second(row, act, facts)
            key = prepared.keys[subject_of(row.handover_id)]
            encoded = msgspec.json.encode(command.payload)
            await beside.add_pending(uow, row.handover_id, act.value, row.revision, encoded, key)
            await beside.add_event(uow, row.handover_id, f"signed.{act}", str(row.state))
            await _ask_second(uow, row, act, second_roles(policy, act))
            uow.audit("handover.signed", case_id=row.case_id, act=str(act))
        await uow.commit()
    return Signed(is_done, frozenset() if is_done else second_roles(policy, act))


async def confirm(node: Node, actor: Actor, command: Confirm) -> None:
    """Be the second of two; what the first signed is judged anew and done.

    Raises:
        Conflict: `handover.nothing_to_confirm`, `handover.changed_since_signed`.
        DomainError: `handover.same_person`, or the first guard that refuses.
    """
    seen = await find_end(node, actor, command.handover_id)
    payload = await pending_payload(node, actor, seen)
    act = act_of(payload)
    prepared = await _Prepared.make(node, actor, seen, payload)
    async with (
        asking_again(node, actor, command.handover_id),
        node.db.begin(actor, term=prepared.term) as uow,
    ):
        row = await lock_end(uow, seen)
        demand_revision(row, command.revision)
        key = prepared.keys[subject_of(row.handover_id)]
        waiting = await beside.find_pending(uow, row.handover_id, key)
        if waiting is None:
            raise Conflict("handover.nothing_to_confirm")
        revision, first, _, signed = waiting
        if revision != row.revision or signed != msgspec.json.encode(payload):
            raise Conflict("handover.changed_since_signed")
        policy = policy_at(node, uow.now)
        if first == actor.staff_id:
            raise DomainError("handover.same_person")
        persons = both_persons(policy, act, first, actor)
        facts = await prepared.facts(uow, row, persons)
        await beside.drop_pending(uow, row.handover_id)
        await prepared.perform(uow, row, act, facts)
        await uow.commit()


async def take_back(node: Node, actor: Actor, command: TakeBack) -> None:
    """Take back a signature that waits; whoever sees the handover may.

    Raises:
        Conflict: `handover.nothing_to_confirm`.
    """
    seen = await find_end(node, actor, command.handover_id)
    async with node.db.begin(actor) as uow:
        row = await lock_end(uow, seen)
        demand_revision(row, command.revision)
        if not await beside.drop_pending(uow, row.handover_id):
            raise Conflict("handover.nothing_to_confirm")
        await beside.finish_cards(uow, row.handover_id)
        await beside.add_event(uow, row.handover_id, "signature_taken_back", str(row.state))
        uow.audit("handover.signature_taken_back", case_id=row.case_id)
        await uow.commit()


async def find_end(node: Node, actor: Actor, handover_id: ConversationId) -> End:
    """The end that this node holds, as the actor may see it; nothing of its content.

    Raises:
        AccessDenied: none, or hidden.
    """
    async with node.db.begin(actor) as uow:
        found = await ends.find_outgoing(uow, handover_id)
        return found or await ends.incoming_row(uow, handover_id)


async def lock_end(uow: UnitOfWork, seen: End) -> End:
    """The same end, locked: the case first, as everywhere, then the handover.

    Raises:
        DomainError: `handover.not_reader`: it has been accepted, and others are named to read it;
            `case.on_call_may_not`: who is let in for a night reads a handover and moves none.
    """
    if isinstance(seen, Outgoing):
        _demand_not_on_call(await cases.load_header(uow, seen.case_id, lock=True))
        return await ends.outgoing(uow, seen.handover_id, lock=True)
    row = await ends.incoming_row(uow, seen.handover_id, lock=True)
    demand_reader(row, uow.actor)
    if row.case_id is not None:
        _demand_not_on_call(await cases.load_header(uow, row.case_id))
    return row


def _demand_not_on_call(header: cases.CaseHeader) -> None:
    if header.is_on_call:
        raise DomainError("case.on_call_may_not")


def _dropper(policy: object, actor: Actor) -> Persons:
    """Any member of the case who works with it drops a draft; it was never sent."""
    del policy
    if not actor.has_any(*_CASE_ROLES):
        raise AccessDenied
    return replace(THE_LAW, first=actor.staff_id)


async def _ask_second(uow: UnitOfWork, row: End, act: Act, roles: frozenset[str]) -> None:
    """A card for those who may be the second person."""
    kind = "handover.to_approve" if act is Act.PROPOSE else "handover.to_confirm"
    for role in sorted(roles):
        await add_card(
            uow,
            kind,
            role,
            subject=row.handover_id,
            case_id=row.case_id,
            facts={"act": str(act)},
        )


def _demand_all_but_second(row: End, act: Act, facts: Facts) -> None:
    for refusal in refusals(row.state, act, facts):
        if refusal.code not in _WAITS_FOR_SECOND:
            raise refusal


async def pending_payload(node: Node, actor: Actor, seen: End) -> Payload:
    """What waits for a second person.

    Raises:
        Conflict: `handover.nothing_to_confirm`.
    """
    keys = await keys_for(node, subject_of(seen.handover_id))
    async with node.db.begin(actor) as uow:
        waiting = await beside.find_pending(
            uow, seen.handover_id, keys[subject_of(seen.handover_id)]
        )
    if waiting is None:
        raise Conflict("handover.nothing_to_confirm")
    return msgspec.json.decode(waiting[3], type=Payload)  # type: ignore[no-any-return]


class _Prepared:
    """What must be known before the transaction is opened: keys, colleagues, a new case's id."""

    def __init__(
        self,
        node: Node,
        actor: Actor,
        seen: End,
        payload: Payload,
        keys: Keys,
        new_case: CaseId | None,
        *,
        has_case_worker: bool,
    ) -> None:
        self._node = node
        self._actor = actor
        self._seen = seen
        self._payload = payload
        self._new_case = new_case
        self._has_case_worker = has_case_worker
        self.keys = keys
        self.term = seen.term if isinstance(seen, Outgoing) else None

    @classmethod
    async def make(cls, node: Node, actor: Actor, seen: End, payload: Payload) -> "_Prepared":
        wanted: list[SubjectId] = [subject_of(seen.handover_id)]
        if isinstance(seen, Outgoing):
            wanted.append(case_subject(seen.case_id))
        keys = await keys_for(node, *wanted)
        new_case, has_case_worker = None, False
        if isinstance(payload, TakeOver) and isinstance(seen, Incoming):
            new_case = cases.new_case_id()
            subject = case_subject(new_case)
            keys[subject] = await node.case_keys.ensure(subject)
            # The former vault's content comes once we have taken over: it finds our key made.
            await node.case_keys.ensure(cases.vault_of(new_case))
            has_case_worker = any(
                one.staff_id == payload.case_worker and "case_worker" in one.roles
                for one in await colleagues(node, actor)
            )
        return cls(node, actor, seen, payload, keys, new_case, has_case_worker=has_case_worker)

    async def facts(self, uow: UnitOfWork, row: End, persons: Persons) -> Facts:
        if isinstance(row, Outgoing):
            draft = await outgoing.load_draft(uow, row, self.keys)
            return await outgoing.gather(
                uow, self._node, row, draft, self.keys, persons, self._payload
            )
        return await incoming.gather(
            uow,
            self._node,
            row,
            persons,
            self._payload,
            self.keys[subject_of(row.handover_id)],
            has_case_worker=self._has_case_worker,
        )

    async def perform(self, uow: UnitOfWork, row: End, act: Act, facts: Facts) -> None:
        """Do it, and keep the decision."""
        text = getattr(self._payload, "text", "")
        if isinstance(row, Outgoing):
            await outgoing.take(uow, self._node, row, act, self.keys, facts, self._payload)
            if act is not Act.DROP:
                await outgoing.record(uow, self._node, row, act, facts.persons, text, self.keys)
            return
        if isinstance(self._payload, TakeOver):
            assert self._new_case is not None
            await incoming.record(uow, self._node, row, act, facts.persons, text, self.keys)
            await incoming.take_over(
                uow,
                self._node,
                self._actor,
                row,
                self._new_case,
                self.keys,
                facts,
                self._payload,
            )
            return
        await incoming.take(uow, self._node, row, act, self.keys, facts, self._payload)
        await incoming.record(uow, self._node, row, act, facts.persons, text, self.keys)
