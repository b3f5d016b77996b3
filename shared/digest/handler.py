"""Takes the other end's digest, compares it with this end, and sets in motion what heals."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from sqlalchemy.dialects.postgresql import insert

from shared.clock import local_date
from shared.crypto import KeyRing, SubjectKey
from shared.db import UnitOfWork
from shared.db.cards import add_card
from shared.db.sql import BigInteger, Text, Uuid, sql
from shared.digest import standings
from shared.digest.compare import Found, of_ours, of_theirs
from shared.digest.gaps import heal_content, heal_gaps, name_gap
from shared.digest.standings import Flow
from shared.digest.tables import NEVER
from shared.digest.tables import peer as peer_table
from shared.digest.wire import KIND, VERSION, Digest
from shared.errors import DomainError
from shared.ids import AuthorityCode, ConversationId, SubjectId
from shared.inbox.answers import Answers
from shared.messages import Header, Message
from shared.outbox import answers_subject
from shared.outbox.claims import reopen
from shared.outbox.conversations import ensure_conversation, ensure_flow, may_be_between

# A number that the other end has applied is never given again, whatever this end remembers.
_RAISE = sql(
    """
    update conversation_flow set sent = :last
    where conversation_id = :conversation and direction = :direction and sent < :last
    """,
    conversation=Uuid(),
    direction=Text(),
    last=BigInteger(),
)


class DigestHandler:
    """Applies the message `digest` (`shared.inbox.Handler`).

    Args:
        keyring: signs what is asked for again.
        alarm_role: who gets a card when something was lost.
    """

    kind = KIND
    version = VERSION

    def __init__(self, keyring: KeyRing, *, alarm_role: str = "system_admin") -> None:
        self._keyring = keyring
        self._alarm_role = alarm_role

    async def subjects(self, _uow: UnitOfWork, message: Message) -> Sequence[SubjectId]:
        """The pair's key, under which `missing` is kept."""
        return [answers_subject(self._keyring.authority, message.sender)]

    async def apply(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: Digest,
    ) -> None:
        """Compare, name what differs, ask for it or send it again.

        Raises:
            DomainError: `digest.another_conversation`: it names one that is with a third authority.
        """
        sender = message.sender
        named = [one.conversation for one in body.sent]
        named += [one.conversation for one in body.applied]
        own = uow.actor.authority
        is_foreign = not all(may_be_between(ConversationId(one), own, sender) for one in named)
        if is_foreign or await standings.is_with_another(uow, sender, named):
            raise DomainError("digest.another_conversation", authority=own)
        key = keys[answers_subject(self._keyring.authority, sender)]
        answers = Answers(uow, sender, key, self._keyring.signing(uow.wall))
        differing = await self._theirs(uow, sender, body, answers)
        differing += await self._ours(uow, sender, body)
        await _note(uow, sender, body, differing)
        await heal_gaps(uow)

    async def on_refused(
        self, uow: UnitOfWork, _keys: Mapping[SubjectId, SubjectKey], header: Header, code: str
    ) -> None:
        """An older release does not read digests, and need not; anything else is for a person."""
        if code not in {"wire.unknown_kind", "wire.unknown_version"}:
            facts = {"kind": header.kind, "code": code}
            subject = header.conversation_id
            await add_card(uow, "exchange.refused", self._alarm_role, subject=subject, facts=facts)

    async def _theirs(
        self, uow: UnitOfWork, sender: AuthorityCode, body: Digest, answers: Answers
    ) -> int:
        ours = await standings.ours_of_theirs(uow, body.sent)
        differing = 0
        for one in body.sent:
            flow = Flow(one.conversation, one.direction)
            found = of_theirs(one, ours[flow])
            if found is None:
                await heal_content(uow, *flow)
                continue
            differing += 1
            await self._name(uow, sender, flow, found)
            if found.code == "content":
                continue
            wanted = ConversationId(one.conversation)
            await ensure_conversation(uow, wanted, sender)
            await answers.missing(wanted, one.direction, found.first, found.last)
        return differing

    async def _ours(self, uow: UnitOfWork, sender: AuthorityCode, body: Digest) -> int:
        ours = await standings.ours_of_ours(uow, body.applied)
        differing = 0
        for one in body.applied:
            flow = Flow(one.conversation, one.direction)
            found = of_ours(one, ours[flow])
            if found is None:
                await heal_content(uow, *flow)
                continue
            differing += 1
            await self._name(uow, sender, flow, found)
            match found.code:
                case "lost_there":
                    await reopen(
                        uow, sender, one.conversation, one.direction, found.first, found.last
                    )
                case "numbers_lost":
                    wanted = ConversationId(one.conversation)
                    await ensure_conversation(uow, wanted, sender)
                    await ensure_flow(uow, wanted, one.direction)
                    await uow.execute(_RAISE, {**_facts(flow), "last": found.last})
                case "content" | "lost_here" | "not_arrived":
                    pass
                case never:
                    assert_never(never)
        return differing

    async def _name(self, uow: UnitOfWork, peer: AuthorityCode, flow: Flow, found: Found) -> None:
        await name_gap(uow, peer, *flow, found.code, found.first, found.last, self._alarm_role)


def _facts(flow: Flow) -> dict[str, object]:
    return {"conversation": flow.conversation, "direction": flow.direction}


async def _note(uow: UnitOfWork, sender: AuthorityCode, body: Digest, differing: int) -> None:
    """When it came, and what it came to; a digest in parts is summed up."""
    today, flows = local_date(uow.now), len(body.sent) + len(body.applied)
    came = {"came_on": today, "came_at": uow.wall}
    row = insert(peer_table).values(
        peer=sender, owed_since=today, sent_on=NEVER, flows=flows, differing=differing, **came
    )
    is_first = body.part == 1
    await uow.execute(
        row.on_conflict_do_update(
            index_elements=[peer_table.c.peer],
            set_={
                **came,
                "flows": flows if is_first else peer_table.c.flows + flows,
                "differing": differing if is_first else peer_table.c.differing + differing,
            },
        )
    )
