"""What all use cases here share: keys, policy, who decides, and sending."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.decisions.api import delegation, require_delegate, require_second
from services.handover import wire
from services.handover.domain.commands import DELEGATED
from services.handover.domain.facts import Persons
from services.handover.domain.readers import may_read
from services.handover.domain.records import Incoming, Outgoing, Travelled
from services.handover.domain.states import Act
from services.handover.domain.timers import Standing
from services.handover.handlers import letters
from services.handover.policy import HandoverPolicy
from services.handover.store import beside
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import Conflict, DomainError
from shared.ids import CaseId, ConversationId, MessageId, StaffId, SubjectId
from shared.node import Node
from shared.outbox import enqueue
from shared.policy import Policy

End = Outgoing | Incoming
Keys = Mapping[SubjectId, SubjectKey]


def subject_of(handover_id: ConversationId) -> SubjectId:
    """Whose key closes a handover's content: its own."""
    return SubjectId(handover_id)


def case_subject(case_id: CaseId) -> SubjectId:
    """Whose key closes a case's content."""
    return SubjectId(case_id)


async def keys_for(node: Node, *subjects: SubjectId) -> dict[SubjectId, SubjectKey]:
    """These keys, asked before a transaction is opened.

    Raises:
        AccessDenied: one is not there.
        DomainError: `keys.erased`.
    """
    return {subject: await node.case_keys.get(subject) for subject in subjects}


def policy_at(node: Node, now: datetime) -> Policy:
    """Our policy of that day."""
    return node.policies.on(local_date(now))


def rules(policy: Policy) -> HandoverPolicy:
    """Its section on handovers."""
    return policy.section("handover", HandoverPolicy)


def standing_of(
    policy: HandoverPolicy,
    row: Outgoing | Incoming,
    received_at: datetime | None,
    *,
    has_dossier: bool = False,
) -> Standing:
    """The dates of one end, with what our policy says of them."""
    return Standing(
        received_on=None if received_at is None else local_date(received_at),
        answer_on=row.answer_on,
        since=local_date(row.since),
        has_dossier=has_dossier,
        remind_days_before=policy.remind_days_before.value,
        open_within_days=policy.open_within_days.value,
        take_over_on=row.take_over_on,
    )


def demand_revision(row: End, revision: int) -> None:
    """Whoever was not shown the newest state does not decide on it.

    Raises:
        Conflict: `handover.changed_meanwhile`.
    """
    if row.revision != revision:
        raise Conflict("handover.changed_meanwhile")


def is_reader(end: End, actor: Actor) -> bool:
    """Whether the actor, who sees it, may also read what it says."""
    if isinstance(end, Outgoing) or end.case_id is not None:
        return True
    return may_read(end.readers, actor.staff_id)


def demand_reader(end: End, actor: Actor) -> None:
    """From acceptance to take-over only the named readers read, and so only they act.

    Raises:
        DomainError: `handover.not_reader`.
    """
    if not is_reader(end, actor):
        raise DomainError("handover.not_reader")


def first_person(policy: Policy, act: Act, actor: Actor) -> Persons:
    """The one who signs first, or alone.

    Raises:
        DomainError: the delegation order does not name them.
    """
    kind = DELEGATED[act]
    row = require_delegate(policy, kind, actor)
    return Persons(actor.staff_id, None, is_delegated=True, needs_second=bool(row.second_roles))


def both_persons(policy: Policy, act: Act, first: StaffId, second: Actor) -> Persons:
    """The two who sign.

    Raises:
        DomainError: the delegation order does not let the second be it.
    """
    require_second(policy, DELEGATED[act], first, second)
    return Persons(first, second.staff_id, is_delegated=True, needs_second=True)


def second_roles(policy: Policy, act: Act) -> frozenset[str]:
    """Who may be the second person; empty where one is enough."""
    return delegation(policy, DELEGATED[act]).second_roles


THE_LAW = Persons(is_delegated=True, needs_second=False)
"""Nobody decides: the person's withdrawn consent does."""


async def send(
    uow: UnitOfWork,
    node: Node,
    row: End,
    body: msgspec.Struct,
    key: SubjectKey,
    refers_to: MessageId | None = None,
) -> MessageId:
    """Number, sign and keep a message to the other end; it goes when this transaction commits.

    To a municipality without a node it goes as a letter, once a person has sent it.
    """
    if isinstance(row, Outgoing) and row.is_on_paper:
        return await letters.write(uow, node, row, body, key, refers_to)
    kind, version = wire.kind_of(body)
    message_id = await enqueue(
        uow,
        to=row.other,
        conversation=row.handover_id,
        direction="forward" if isinstance(row, Outgoing) else "back",
        kind=kind,
        version=version,
        body=body,
        key=key,
        signer=node.keyring.signing(uow.wall),
        refers_to=refers_to,
    )
    await beside.add_message(
        uow,
        row.handover_id,
        message_id,
        kind,
        msgspec.json.encode(body),
        None if isinstance(row, Incoming) and row.erased_at is not None else key,
        is_ours=True,
    )
    return message_id


def later(first: date | None, second: date | None) -> date | None:
    """The later of two days that may be missing."""
    days = [day for day in (first, second) if day is not None]
    return max(days) if days else None


async def bodies_of(
    uow: UnitOfWork,
    handover_id: ConversationId,
    messages: Sequence[Travelled],
    key: SubjectKey | None,
) -> dict[UUID, msgspec.Struct]:
    """What is kept of these messages, opened; nothing without the key."""
    if key is None:
        return {}
    kinds = {each.message_id: each.kind for each in messages}
    kept = await beside.bodies(uow, handover_id, key)
    # A message may have come since the list was read: it is shown the next time, whole.
    return {
        message_id: wire.read(kinds[message_id], body)
        for message_id, body in kept.items()
        if message_id in kinds
    }
