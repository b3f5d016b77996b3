"""Seals the log, has it witnessed, keeps what others want witnessed, and lets it be read."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from services.audit import store
from services.audit.domain import (
    Checkpoint,
    Entry,
    Fault,
    Link,
    RecordReview,
    Review,
    Sealed,
    chain,
    check_review,
    is_checkpoint_due,
    verify,
)
from services.audit.wire import KIND, PURPOSE, VERSION, CheckpointSigned, Statement
from shared.actor import Actor, worker
from shared.clock import local_date
from shared.crypto import CaseKeys, KeyDirectory, KeyRing, SubjectKey, key_id_of
from shared.db import Database, UnitOfWork, failpoints
from shared.db.cards import add_card
from shared.errors import AccessDenied, WireError
from shared.ids import AuthorityCode, StaffId, SubjectId, row_id
from shared.loop import keep_running
from shared.messages import Message
from shared.node import Node
from shared.outbox import enqueue, pair_conversation

REVIEWER = "log_reviewer"
REVIEWS_SEEN_BY = (REVIEWER, "team_leader", "social_director")
OUTCOME_SEEN_BY = (REVIEWER, "social_director")
"""A leader is among those whose rows are read: a warning before the director acts is none of theirs."""
"""Who sees that log reviews are done: who does them, and who answers for the work."""
ALARMED = "log_reviewer"
_PAGE = 10_000


class Sealer:
    """Links committed entries into the chain, every second; any number may run.

    Args:
        db: under the worker's role.
        keyring: whose key signs checkpoints.
        witnesses: authorities that keep our checkpoints; at least two, run by others.
    """

    def __init__(
        self,
        db: Database,
        keyring: KeyRing,
        case_keys: CaseKeys,
        witnesses: Sequence[AuthorityCode],
        *,
        batch: int = 5000,
    ) -> None:
        self._db = db
        self._keyring = keyring
        self._case_keys = case_keys
        self._witnesses = [code for code in witnesses if code != keyring.authority]
        self._batch = batch
        self._actor = worker(keyring.authority)

    async def seal_once(self) -> int:
        """Seal the next batch; how many entries. 0 also when another sealer is at it."""
        async with self._db.begin(self._actor) as uow:
            if not await store.try_lock(uow):
                return 0
            found = await store.unsealed(uow, self._batch)
            cases = [entry.case_id for entry in found.entries if entry.case_id is not None]
            links = chain(found.entries, await store.head(uow), await store.case_heads(uow, cases))
            failpoints.reach("audit.in_seal")
            await store.seal(uow, found.entries, links, found.through)
            await uow.commit()
        failpoints.reach("audit.after_seal")
        return len(links)

    async def checkpoint_once(self) -> int:
        """Sign how far the chain has come and send it to the witnesses, when that is due.

        Returns:
            1 when a checkpoint was signed, else 0.
        """
        conversations = {
            witness: pair_conversation(self._keyring.authority, witness, PURPOSE)
            for witness in self._witnesses
        }
        keys = {
            witness: await self._case_keys.ensure(SubjectId(conversation))
            for witness, conversation in conversations.items()
        }
        async with self._db.begin(self._actor) as uow:
            if not await store.try_lock(uow):
                return 0
            head, last = await store.head(uow), await store.last_checkpoint(uow)
            if head is None or not is_checkpoint_due(
                head.number, last.number if last else 0, last.signed_at if last else None, uow.wall
            ):
                return 0
            previous = Checkpoint(last.number, last.hash) if last else None
            jws = self._sign(head, previous, uow.wall)
            await store.add_checkpoint(uow, head, uow.wall, jws)
            for witness, conversation in conversations.items():
                await enqueue(
                    uow,
                    to=witness,
                    conversation=conversation,
                    direction="forward",
                    kind=KIND,
                    version=VERSION,
                    body=CheckpointSigned(jws),
                    key=keys[witness],
                    signer=self._keyring.signing(uow.wall),
                )
            uow.audit("audit.checkpoint_signed", number=head.number)
            await uow.commit()
        return 1

    async def run(self, stop: asyncio.Event) -> None:
        """Seal every second and have it witnessed, until told to stop."""
        async with asyncio.TaskGroup() as group:
            group.create_task(
                keep_running("sealer", self.seal_once, stop, idle_s=1.0, idle_most_s=1.0)
            )
            group.create_task(
                keep_running("checkpoints", self.checkpoint_once, stop, idle_s=30, idle_most_s=30)
            )

    def _sign(self, head: Link, previous: Checkpoint | None, now: datetime) -> str:
        statement = Statement(
            authority=self._keyring.authority,
            number=head.number,
            hash=head.hash.hex(),
            previous_number=previous.number if previous else None,
            previous_hash=previous.hash.hex() if previous else None,
            signed_at=now,
        )
        return self._keyring.signing(now).sign(msgspec.json.encode(statement))


class WitnessHandler:
    """Keeps other authorities' checkpoints, and notices when one does not continue.

    Args:
        directory: whose keys verify the statement itself, apart from the message around it.
    """

    kind = KIND
    version = VERSION

    def __init__(self, directory: KeyDirectory) -> None:
        self._directory = directory

    async def subjects(self, _uow: UnitOfWork, _message: Message) -> Sequence[SubjectId]:
        """No keys are needed."""
        return ()

    async def apply(
        self,
        uow: UnitOfWork,
        _keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: CheckpointSigned,
    ) -> None:
        """Keep it in any case: two that contradict each other are the proof."""
        statement = read_statement(body.jws, message.sender, self._directory)
        last = await store.last_witnessed(uow, message.sender)
        if last is not None and not _continues(statement, Checkpoint(last.number, last.hash)):
            await add_card(
                uow,
                "audit.forked",
                ALARMED,
                subject=message.conversation_id,
                facts={"authority": message.sender, "number": statement.number},
            )
        checkpoint = Checkpoint(statement.number, bytes.fromhex(statement.hash))
        await store.add_witnessed(uow, message.sender, checkpoint, body.jws)
        uow.audit("audit.witnessed", authority=message.sender, number=statement.number)


def read_statement(jws: str, authority: AuthorityCode, directory: KeyDirectory) -> Statement:
    """A checkpoint's statement, signed by the authority that it is about.

    Raises:
        WireError: `wire.checkpoint` and what verifying raises.
    """
    payload = directory.signing_key(authority, key_id_of(jws)).verify(jws)
    try:
        statement = msgspec.json.decode(payload, type=Statement)
    except msgspec.DecodeError as error:
        raise WireError("wire.checkpoint") from error
    if statement.authority != authority:
        raise WireError("wire.checkpoint")
    return statement


def _continues(statement: Statement, last: Checkpoint) -> bool:
    if statement.number == last.number:  # the same one, sent again
        return statement.hash == last.hash.hex()
    return (statement.previous_number, statement.previous_hash) == (last.number, last.hash.hex())


@dataclass(frozen=True)
class Verdict:
    """What verifying the log came to.

    Args:
        rows: how many links were read.
        faults: each names its row; empty when the log is as it was sealed.
    """

    rows: int
    faults: Sequence[Fault]


async def read_log(
    node: Node,
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    case_id: UUID | None = None,
    limit: int = 200,
) -> list[Entry]:
    """The log between two times, newest first, for who reviews it; the reading is logged too.

    Raises:
        AccessDenied: the actor does not review logs.
    """
    _demand_reviewer(actor)
    async with node.db.begin(actor) as uow:
        found = await store.entries(uow, since=since, until=until, case_id=case_id, limit=limit)
        uow.audit("audit.read", case_id=case_id, rows=len(found))
        await uow.commit()
    return found


async def verify_log(node: Node, actor: Actor, witnessed: Sequence[Checkpoint] = ()) -> Verdict:
    """Check the whole chain against its own checkpoints and what witnesses hold.

    Args:
        witnessed: our checkpoints as other authorities keep them; without them a chain rewritten
            with the node's own key looks whole.

    Raises:
        AccessDenied: the actor does not review logs.
    """
    _demand_reviewer(actor)
    rows: list[Sealed] = []
    async with node.db.begin(actor) as uow:
        checkpoints = [*await store.own_checkpoints(uow), *witnessed]
        while page := await store.sealed_after(uow, rows[-1].link.number if rows else 0, _PAGE):
            rows += page
        faults = tuple(verify(rows, checkpoints))
        uow.audit("audit.verified", rows=len(rows), faults=len(faults))
        await uow.commit()
    return Verdict(len(rows), faults)


async def witnessed_of(node: Node, actor: Actor, authority: AuthorityCode) -> list[Checkpoint]:
    """What this node keeps of another authority's log: handed out when that log is in doubt."""
    _demand_reviewer(actor)
    async with node.db.begin(actor) as uow:
        rows = await store.witnessed(uow, authority)
        uow.audit("audit.witnessed_read", authority=authority)
        await uow.commit()
    return [Checkpoint(row.number, row.hash) for row in rows]


async def record_review(node: Node, actor: Actor, command: RecordReview) -> UUID:
    """Write down that a log review was done; nothing of whom it was about.

    Raises:
        AccessDenied: the actor does not review logs.
        DomainError: `review.ends_before_start`, `review.in_future`, `review.entries`.
    """
    if not actor.has_any(REVIEWER) or actor.home != node.authority:
        raise AccessDenied
    async with node.db.begin(actor) as uow:
        check_review(command, local_date(uow.now))
        review_id = row_id(uow.now)
        await store.add_review(
            uow,
            review_id=review_id,
            from_on=command.from_on,
            until_on=command.until_on,
            entries=command.entries,
            outcome=command.outcome,
            reviewed_by=actor.staff_id,
            reviewed_at=uow.now,
        )
        uow.audit("audit.reviewed", entries=command.entries, outcome=command.outcome)
        await uow.commit()
    return review_id


async def log_reviews(node: Node, actor: Actor) -> list[Review]:
    """The log reviews that were done, newest first; what came of them for `OUTCOME_SEEN_BY` alone.

    Raises:
        AccessDenied: neither reviews logs nor answers for the work.
    """
    if not actor.has_any(*REVIEWS_SEEN_BY) or actor.home != node.authority:
        raise AccessDenied
    async with node.db.begin(actor) as uow:
        rows = await store.reviews(uow)
        outcomes = await store.review_outcomes(uow)
        uow.audit("audit.reviews_listed", rows=len(rows))
        await uow.commit()
    return [
        Review(
            review_id=row.review_id,
            from_on=row.from_on,
            until_on=row.until_on,
            entries=row.entries,
            outcome=outcomes.get(row.review_id),
            reviewed_by=StaffId(row.reviewed_by),
            reviewed_at=row.reviewed_at,
        )
        for row in rows
    ]


async def reviews_to_count(uow: UnitOfWork) -> list[datetime]:
    """When log reviews were done; for statistics, under the worker's role."""
    return [row.reviewed_at for row in await store.reviews(uow)]


def _demand_reviewer(actor: Actor) -> None:
    if not actor.has_any(REVIEWER, "worker"):
        raise AccessDenied
