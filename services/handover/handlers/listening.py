"""What lower services tell us, in their own transaction."""

from collections.abc import Mapping, Sequence

from services.cases import api as cases
from services.handover.domain.facts import Facts, Ground, GroundKind
from services.handover.domain.records import Outgoing
from services.handover.domain.states import Event, SenderState
from services.handover.domain.steps import is_open
from services.handover.domain.table import find
from services.handover.handlers import outgoing, passing_on
from services.handover.handlers.common import THE_LAW, subject_of
from services.handover.store import beside, ends
from services.protection.api import ThreatChanged
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.ids import AuthorityCode, CaseId, SubjectId
from shared.node import Node


class ConsentListener:
    """`cases.CaseEvents`: a consent is taken back, or a municipality put on the exclusion list."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def subjects(self, uow: UnitOfWork, case_id: CaseId) -> Sequence[SubjectId]:
        """The keys of the case's handovers that are open, or through which it has left."""
        rows = await ends.outgoing_of_case(uow, case_id)
        return [subject_of(row.handover_id) for row in rows if _rests(row) or _left_by(row)]

    async def on_consent_withdrawn(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        case_id: CaseId,
        consent: cases.Consent,
    ) -> None:
        """Withdraw, or keep, what rests on this consent; a dossier that has not left never will.

        Whoever has taken the case over is told, and does the same with whoever got it from there.
        """
        for seen in await ends.outgoing_of_case(uow, case_id):
            if _left_by(seen) and passing_on.concerns(self._node, seen, consent):
                await passing_on.tell_after(uow, self._node, seen, consent, keys)
            if not _rests(seen) or seen.consent_id != consent.consent_id:
                continue
            row = await ends.outgoing(uow, seen.handover_id, lock=True)
            await ends.note_consent_withdrawn(uow, row)
            if row.ground == "consent" and find(row.state, Event.CONSENT_WITHDRAWN) is not None:
                facts = _facts(self._node, uow, row)
                await outgoing.take(uow, self._node, row, Event.CONSENT_WITHDRAWN, keys, facts)
            await beside.drop_pending(uow, row.handover_id)

    async def on_excluded(self, uow: UnitOfWork, case_id: CaseId, authority: AuthorityCode) -> None:
        """What leaves has stopped by itself; whoever answers for the handover must ask it back."""
        for row in await ends.outgoing_of_case(uow, case_id):
            if row.receiver == authority and _rests(row):
                for role in ("case_worker", "team_leader"):
                    await add_card(
                        uow, EXCLUDED, role, subject=row.handover_id, case_id=row.case_id
                    )


EXCLUDED = "handover.excluded"
"""The card that says that a handover goes to whom the case is kept from by now."""


def _rests(row: Outgoing) -> bool:
    return is_open(row.state) or row.state is SenderState.DRAFT


def _left_by(row: Outgoing) -> bool:
    return row.state is SenderState.COMPLETED


def _facts(node: Node, uow: UnitOfWork, row: Outgoing) -> Facts:
    """What the guards of this event ask: nobody decides, the withdrawn consent does."""
    return Facts(
        today=local_date(uow.now),
        own=node.authority,
        other=row.receiver,
        persons=THE_LAW,
        ground=Ground(GroundKind.CONSENT, is_withdrawn=True),
        receiver_agrees=row.withdrawal_agreed_at is not None,
        is_ruled_for_receiver=row.ruled_for == "receiver",
    )


class ThreatListener:
    """`protection.ThreatEvents`: the police have given another level.

    The transaction is the police officer's, who sees no handover: a card tells the case's members
    to let the receiver know.
    """

    async def on_threat_changed(self, uow: UnitOfWork, change: ThreatChanged) -> None:
        """A card for the members, where the case is on its way."""
        if not await ends.is_on_its_way(uow, CaseId(change.subject)):
            return
        await add_card(
            uow,
            "handover.threat_changed",
            "case_worker",
            subject=change.subject,
            case_id=CaseId(change.subject),
            facts={"level": change.now},
        )


class OpenHandovers:
    """Answers the directory (`services.directory.OpenConversations`)."""

    async def count(self, uow: UnitOfWork, other: AuthorityCode | None) -> int:
        """How many handovers are open with this authority, at either end."""
        return await ends.count_open(uow, other)
