"""What goes on to those who held the case before, and to those who hold it now.

A case that has left lives on elsewhere: the chain's later links go back to whoever handed it over
to us, and a consent that is taken back goes on to whoever got it from us. Both travel as notices in
the old handover's own conversation, for as long as either file lives.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.cases import api as cases
from services.handover import wire
from services.handover.domain.records import Incoming, Outgoing, Travelled
from services.handover.domain.states import SenderState
from services.handover.handlers.common import End, send, subject_of
from services.handover.store import beside, ends
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import CaseId, SubjectId
from shared.node import Node
from shared.outbox import answers_subject

Keys = Mapping[SubjectId, SubjectKey]


def unanswered_consent(messages: Sequence[Travelled], bodies: Mapping[UUID, object]) -> UUID | None:
    """The consent that the other end said was taken back, until we have told what became of it."""
    waiting: UUID | None = None
    for message in messages:
        content = getattr(bodies.get(message.message_id), "content", None)
        if isinstance(content, wire.ConsentWithdrawn) and not message.is_ours:
            waiting = content.consent_id
        elif isinstance(content, wire.ConsentHandled) and content.consent_id == waiting:
            waiting = None
    return waiting


async def keys_before(node: Node, uow: UnitOfWork, case_id: CaseId) -> Sequence[SubjectId]:
    """The key that a word to whoever handed the case to us is closed with, if anybody did."""
    came_by = await ends.incoming_of_case(uow, case_id)
    return () if came_by is None else (_closed_with(node, came_by),)


def _closed_with(node: Node, row: End) -> SubjectId:
    """The handover's own, until that is erased: then that of the two nodes' answers."""
    if isinstance(row, Incoming) and row.erased_at is not None:
        return answers_subject(node.authority, row.sender)
    return subject_of(row.handover_id)


async def tell_before(
    uow: UnitOfWork, node: Node, case_id: CaseId, links: Sequence[cases.Link], keys: Keys
) -> None:
    """The chain has grown past our own part: whoever handed the case to us gets the new links."""
    came_by = await ends.incoming_of_case(uow, case_id)
    if came_by is not None and links:
        await _notice(uow, node, came_by, wire.ChainLinks(tuple(links)), keys)


async def links_after(uow: UnitOfWork, case_id: CaseId, term: int) -> list[cases.Link]:
    """The links that follow the one that made us responsible: what the one before us lacks."""
    links = await cases.chain(uow, case_id)
    since = next(link.number for link in links if link.kind == "responsible" and link.term == term)
    return [link for link in links if link.number > since]


def concerns(node: Node, row: Outgoing, consent: cases.Consent) -> bool:
    """Whether this consent went along to the one who got the case."""
    named = cases.consents_name(row.receiver, node.authority)
    return any(party.authority in named for party in consent.counterparties)


async def tell_after(
    uow: UnitOfWork, node: Node, row: Outgoing, consent: cases.Consent, keys: Keys
) -> None:
    """Whoever took the case over is told that the person has taken this consent back."""
    assert row.state is SenderState.COMPLETED
    notice = wire.ConsentWithdrawn(consent.consent_id, local_date(uow.now))
    await _notice(uow, node, row, notice, keys)


async def _notice(
    uow: UnitOfWork, node: Node, row: End, content: wire.NoticeContent, keys: Keys
) -> None:
    await send(uow, node, row, wire.Notice(content), keys[_closed_with(node, row)])
    code = f"told_{content.__struct_config__.tag}"
    await beside.add_event(uow, row.handover_id, code, str(row.state))
    uow.audit(f"handover.{code}", case_id=row.case_id, handover=str(row.handover_id))
