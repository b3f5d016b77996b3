"""The product's commands, as a page calls them, and what the caller waits for.

`python -m infra.bench.product STATE SAMPLES LOOK READY`. Stands for both municipalities' web processes: opens
their nodes under the web roles, has cases and handovers ready, and answers one line a run. It learns
of a committed receipt from the outbox itself: by a trigger's notification where one is in flight,
by looking every few milliseconds where many are (a notification's lock would hold them up).
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from gateway.node import open_node
from gateway.policies import load_federation
from gateway.settings import load_settings
from infra.bench.floor import BODY_BYTES
from infra.bench.lines import Run, Took, answer, flights, lines
from infra.bench.sampling import Sampler
from infra.people import hold_what_is_demanded
from infra.supervisor.health import wait_until
from infra.supervisor.state import State
from services.cases import api as cases
from services.handover import api as handover
from services.intake.api import RegisterContact, register_contact
from services.staff.api import sign_in
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import AuthorityCode, CaseId, ConversationId
from shared.node import Node

SENDER: Final = AuthorityCode("0580")
RECEIVER: Final = AuthorityCode("1480")
_LOOK_EVERY_S: Final = 0.005
_ARRIVES_WITHIN_S: Final = 60.0
_PEOPLE: Final = (("Asta", "case_worker"), ("Gun", "team_leader"), ("Bo", "case_worker"))
_AT_ONCE: Final = 6  # while making ready; the pool has ten connections
_CHANNEL: Final = "bench_done"

_TRIGGER: Final = f"""
    create or replace function bench_ring() returns trigger language plpgsql as
        $$ begin perform pg_notify('{_CHANNEL}', new.conversation_id::text); return null; end $$;
    create trigger bench_ring after update of done_at on outbox for each row
        when (old.done_at is null and new.done_at is not null and new.number > 0)
        execute function bench_ring();
"""
_NO_TRIGGER: Final = "drop trigger if exists bench_ring on outbox"
_UNANSWERED: Final = """
    select distinct conversation_id from outbox
    where conversation_id = any($1) and number > 0 and done_at is null
"""
_IN_HAND: Final = """
    select exists (select from incoming_handover h where handover_id = $1 and dossier is not null)
       and exists (select from attachment_in
                   where conversation_id = $1 and completed_at is not null)
"""
_CLOSED: Final = (
    "select exists (select from handover where handover_id = $1 and state = 'completed')"
)


class Town:
    """One municipality's node, and three people who work in it."""

    def __init__(self, node: Node, first: Actor, second: Actor, third: Actor) -> None:
        self.node, self.first, self.second, self.third = node, first, second, third

    @classmethod
    async def of(cls, node: Node) -> "Town":
        """Sign a case worker, a team leader and another case worker in."""
        people = [
            await sign_in(
                node,
                issuer=f"https://id.example/realms/{node.authority}",
                subject=name,
                display_name=name,
                roles=frozenset({role}),
                unit=None,
                home=node.authority,
            )
            for name, role in _PEOPLE
        ]
        for each in people:
            if each is not people[1]:
                await hold_what_is_demanded(node, people[1], each)
        return cls(node, *people)

    async def decide(self, handover_id: ConversationId, payload: Any) -> None:
        """Both signatures, where two are demanded."""
        if await self.sign(handover_id, payload):
            await self.confirm(handover_id)

    async def sign(self, handover_id: ConversationId, payload: Any) -> bool:
        """The first signature; whether another is demanded."""
        seen = await handover.read(self.node, self.first, handover_id, "bench")
        command = handover.Sign(handover_id, seen.row.revision, payload)
        return not (await handover.sign(self.node, self.first, command)).is_done

    async def confirm(self, handover_id: ConversationId) -> None:
        """The second signature."""
        seen = await handover.read(self.node, self.second, handover_id, "bench")
        command = handover.Confirm(handover_id, seen.row.revision)
        await handover.confirm(self.node, self.second, command)


class Look(msgspec.Struct, frozen=True):
    """The superuser's addresses of both nodes' databases: row security hides all from the owner."""

    sender: str
    receiver: str


class Watch:
    """When a command's receipt is committed at the sender; asked beside the product.

    Args:
        owner, looker: connections to the sender's database.
        there: one to the receiver's.
    """

    def __init__(
        self,
        owner: asyncpg.Connection,
        looker: asyncpg.Connection,
        there: asyncpg.Connection,
    ) -> None:
        self._owner, self._looker, self._there = owner, looker, there
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        self._given: set[UUID] = set()

    async def receipted(self, conversation: UUID, command: Awaitable[object]) -> None:
        """Give a command that sends one message there; return when its receipt is committed."""
        waiter = self._waiting[conversation] = asyncio.get_running_loop().create_future()
        await command
        self._given.add(conversation)
        await waiter

    async def until_in_hand(self, handover_id: UUID) -> None:
        """Return when the dossier has arrived whole."""
        await _until(self._there, _IN_HAND, handover_id)

    async def until_closed(self, handover_id: UUID) -> None:
        """Return when the sender's file is closed."""
        await _until(self._owner, _CLOSED, handover_id)

    def _finish(self, conversation: UUID) -> None:
        self._given.discard(conversation)
        waiter = self._waiting.pop(conversation, None)
        if waiter is not None:
            waiter.set_result(None)

    @contextlib.asynccontextmanager
    async def watched(self, in_flight: int) -> AsyncIterator[None]:
        """By the commit's own bell for one in flight, by looking for many."""
        async with self._ringing() if in_flight == 1 else self._looking():
            yield

    @contextlib.asynccontextmanager
    async def _ringing(self) -> AsyncIterator[None]:
        def rung(*args: Any) -> None:
            self._finish(UUID(args[-1]))

        await self._owner.execute(_TRIGGER)
        await self._looker.add_listener(_CHANNEL, rung)
        try:
            yield
        finally:
            await self._looker.remove_listener(_CHANNEL, rung)
            await self._owner.execute(_NO_TRIGGER)

    @contextlib.asynccontextmanager
    async def _looking(self) -> AsyncIterator[None]:
        async def look() -> None:
            while True:
                await asyncio.sleep(_LOOK_EVERY_S)
                given = list(self._given)
                open_ = await self._looker.fetch(_UNANSWERED, given) if given else []
                for conversation in set(given) - {row["conversation_id"] for row in open_}:
                    self._finish(conversation)

        looker = asyncio.create_task(look())
        try:
            yield
        finally:
            looker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looker


async def _until(connection: asyncpg.Connection, question: str, handover_id: UUID) -> None:
    async def is_so() -> bool:
        return bool(await connection.fetchval(question, handover_id))

    if not await wait_until(is_so, _ARRIVES_WITHIN_S, every_s=_LOOK_EVERY_S):
        raise TimeoutError(question)


class Story:
    """Cases, handovers and commands."""

    def __init__(self, sender: Town, receiver: Town, watch: Watch) -> None:
        self._sender, self._receiver, self._watch = sender, receiver, watch
        self._text = "å" * (BODY_BYTES // 2)
        self._open: list[ConversationId] = []

    async def make_ready(self, count: int) -> None:
        """So many handovers proposed, arrived and open."""
        async with self._watch.watched(_AT_ONCE):
            room = asyncio.Semaphore(_AT_ONCE)

            async def one() -> None:
                async with room:
                    handover_id = await self._signed()
                    proposed = self._sender.confirm(handover_id)
                    await self._watch.receipted(handover_id, proposed)
                    self._open.append(handover_id)

            async with asyncio.TaskGroup() as group:
                for _ in range(count):
                    group.create_task(one())

    async def run(self, run: Run) -> Took:
        """Commands or whole handovers."""
        async with self._watch.watched(run.in_flight):
            if run.kind == "command":
                return await flights(self._command, run.count, run.in_flight)
            ready = [await self._signed() for _ in range(run.count)]
            proposal_ms: list[float] = []

            async def whole(_: int) -> None:
                await self._whole(ready.pop(), proposal_ms)

            took = await flights(whole, run.count, run.in_flight)
            return msgspec.structs.replace(took, proposal_ms=proposal_ms)

    async def _command(self, place: int) -> None:
        handover_id = self._open[place]
        asked = handover.ask(
            self._sender.node, self._sender.first, handover.Ask(handover_id, self._text)
        )
        await self._watch.receipted(handover_id, asked)

    async def _signed(self) -> ConversationId:
        """A case, and a proposal that waits for the second signature."""
        town = self._sender
        case_id = await register_contact(town.node, town.first, _CONTACT)
        await _joined(town, case_id, town.second, "team_leader")
        await _joined(town, case_id, town.third, "case_worker")
        finding = cases.RecordResidence(
            case_id, 1, "OTHER", RECEIVER, "nights_rest", "Sover där de flesta nätter."
        )
        finding_id = await cases.record_residence(town.node, town.first, finding)
        confirmed = cases.ConfirmResidence(case_id, 1, finding_id)
        await cases.confirm_residence(town.node, town.second, confirmed)
        handover_id = await handover.start_draft(
            town.node, town.first, handover.StartDraft(case_id, 1, RECEIVER)
        )
        seen = await handover.read(town.node, town.first, handover_id, "bench")
        assert seen.draft is not None
        draft = msgspec.structs.replace(
            seen.draft,
            duration="Tills vidare.",
            circumstances="Familjen bor där.",
            wish="Vill dit.",
            need=self._text,
            ground="statute",
            statute="transfer.request",
        )
        await handover.update_draft(
            town.node, town.first, handover.UpdateDraft(handover_id, seen.row.revision, draft)
        )
        await town.sign(handover_id, handover.Propose())
        return handover_id

    async def _whole(self, handover_id: ConversationId, proposal_ms: list[float]) -> None:
        """From the second signature on the proposal until the sender's file is closed."""
        here, there = self._sender, self._receiver
        started = time.perf_counter()
        await self._watch.receipted(handover_id, here.confirm(handover_id))
        proposal_ms.append((time.perf_counter() - started) * 1000)
        today = local_date(there.node.clock.now())
        await there.decide(handover_id, handover.Accept(today))
        await self._watch.until_in_hand(handover_id)
        meeting = there.node.clock.now() + timedelta(days=2)
        await there.decide(handover_id, handover.TakeOver(today, there.first.staff_id, meeting))
        await self._watch.until_closed(handover_id)


_CONTACT: Final = RegisterContact(
    channel="referral",
    person_kind="exiter",
    on_behalf="self",
    personal_number=None,
    given_name="Ture",
    family_name="Mätare",
    registered_municipality=RECEIVER,
    protected_identity="EXIT_THREAT",
    wants_to_apply=True,
    note="Vill lämna ett nätverk.",
)


async def _joined(town: Town, case_id: CaseId, person: Actor, role: cases.MemberRole) -> None:
    command = cases.AssignMember(case_id, 1, person.staff_id, role, "behövs i ärendet", True)
    await cases.assign_member(town.node, town.second, command)


async def _main(state: State, look: Look, in_flight: int) -> None:
    settings = {code: load_settings(state.settings(code)) for code in (SENDER, RECEIVER)}
    federation = load_federation(settings[SENDER].tenants_dir)
    async with contextlib.AsyncExitStack() as stack:
        towns = [
            await Town.of(await stack.enter_async_context(open_node(each, "web", federation)))
            for each in settings.values()
        ]
        connections = [
            await stack.enter_async_context(_connected(dsn))
            for dsn in (look.sender, look.sender, look.receiver)
        ]
        story = Story(towns[0], towns[1], Watch(*connections))
        await story.make_ready(in_flight)
        answer("ready")
        async for run in lines(Run):
            answer(await story.run(run))


@contextlib.asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


if __name__ == "__main__":
    Sampler(Path(sys.argv[2]))
    given = msgspec.json.decode(Path(sys.argv[3]).read_bytes(), type=Look)
    asyncio.run(_main(State.of(Path(sys.argv[1])), given, int(sys.argv[4])))
