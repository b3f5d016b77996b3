"""The run: people act, things break, somebody watches, and at the end all is counted."""

import asyncio
import contextlib
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.directory import trust_files
from infra.faults import plan
from infra.faults.cost import processor_seconds
from infra.faults.desk import Begin, Decide, Done, Prove, TakeConsentBack, Task
from infra.faults.federation import CODES, Federation, kills, server_names
from infra.faults.figures import Figures, Wanted, errors_logged
from infra.faults.judge import Verdict, judge, wait_until_quiet
from infra.faults.mind import Receiving, Sending, Wish, has_ended, has_nobody, wishes
from infra.faults.orders import DeskGoneError
from infra.faults.watch import Watch
from infra.verify import verify_file
from services.handover.api import SenderState, follows_protocol
from shared.ids import AuthorityCode

_LOOK_EVERY_S = 0.2
_AGAIN_AFTER_S = 1.5
"""Somebody whose decision was refused, or whose desk died, reads anew and tries again."""
_SURELY_TOLD_S = 3.0
"""A desk that lives says within it that it has proposed."""
_SURELY_OVER_S = 6.0
"""What a dead desk had begun, its database server has committed or given up by then."""
_QUIET_WITHIN_S = 120.0
_NO_PROGRESS_S = 150.0
_SAMPLE = 40
_HOLD_S = 20.0
_ANSWERS = 2


@dataclass
class Affair:
    """One handover that is under way."""

    intent: plan.Intent
    since: float
    sending: Sending | None = None
    receiving: Receiving | None = None
    tried: dict[tuple[bool, str, int], float] = field(default_factory=dict)
    busy: set[bool] = field(default_factory=set)


class Run:
    """One run over a federation that stands.

    Args:
        say: told of the progress, now and then.
    """

    def __init__(self, wanted: Wanted, federation: Federation, say: Callable[[str], None]) -> None:
        self.wanted = wanted
        self.federation = federation
        self.intents: dict[UUID, plan.Intent] = {}
        self.nobody: set[UUID] = set()
        self.refused: Counter[str] = Counter()
        self._say = say
        self._watches = {code: Watch(place.admin_dsn) for code, place in federation.places.items()}
        self._to_begin = deque(plan.intents(wanted.seed, federation.codes, wanted.handovers))
        self._beginning: set[int] = set()
        self._in_doubt: dict[str, list[tuple[float, plan.Intent]]] = {
            code: [] for code in federation.codes
        }
        self._affairs: dict[UUID, Affair] = {}
        self._ended = 0
        self._answers = 0
        self._unknown: dict[UUID, float] = {}
        self._kept: dict[str, list[UUID]] = {code: [] for code in federation.codes}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = 0.0

    async def play(self) -> Figures:
        """All of it."""
        self._started = time.monotonic()
        spent = processor_seconds()
        breaking = asyncio.create_task(self._break())
        try:
            await self._act()
        finally:
            breaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await breaking
            await asyncio.gather(*self._tasks, return_exceptions=True)
        seconds = time.monotonic() - self._started
        cpu = {name: s - spent.get(name, 0.0) for name, s in processor_seconds().items()}
        quiet_s = await wait_until_quiet(self._watches.values(), _QUIET_WITHIN_S)
        verdict = await judge(self._watches, self.intents)
        verdict.nobody |= self.nobody
        verified = await self._verify(verdict)
        for watch in self._watches.values():
            await watch.close()
        ways = [place.way for place in self.federation.places.values()]
        return Figures(
            handovers=len(self.intents),
            verdict=verdict,
            kills=kills(self.federation),
            cuts=sum(way.cuts for way in ways),
            repeated=sum(way.repeated for way in ways),
            seconds=seconds,
            processor_s=cpu,
            quiet_s=quiet_s,
            branches=dict(Counter(str(one.branch) for one in self.intents.values())),
            refused=dict(self.refused),
            verified=verified,
            errors=dict(errors_logged(self.federation.folder)),
            schedule=plan.fingerprint(
                self.wanted.seed,
                self.federation.codes,
                self.federation.servers,
                self.wanted.pace,
            ),
        )

    # -- what breaks ------------------------------------------------------------------------------
    async def _break(self) -> None:
        wanted, federation = self.wanted, self.federation
        ways: set[asyncio.Task[None]] = set()
        try:
            for blow in plan.blows(wanted.seed, federation.codes, federation.servers, wanted.pace):
                await asyncio.sleep(max(0.0, self._started + blow.at_s - time.monotonic()))
                await self._until_people_work()
                if task := self._strike(blow):
                    ways.add(task)
                    task.add_done_callback(ways.discard)
        finally:
            # A way that is silent or cut when the run ends comes back by itself.
            await asyncio.gather(*ways)

    async def _until_people_work(self) -> None:
        """Hold the next blow back while a laden machine still recovers from the last.

        Nothing is tried by killing what stands still; the order of the blows stays the seed's.
        """
        limit, before = time.monotonic() + _HOLD_S, self._answers
        while time.monotonic() < limit:
            if self._answers >= before + _ANSWERS:
                return
            await asyncio.sleep(0.05)

    def _strike(self, blow: plan.Blow) -> asyncio.Task[None] | None:
        places = self.federation.places
        match blow.part:
            case "worker":
                places[blow.target].worker.kill()
            case "desk":
                places[blow.target].desk.process.kill()
            case "postgres":
                self.federation.postgres[blow.target].kill()
            case "nats":
                self.federation.nats.kill()
            case "cut":
                return asyncio.create_task(places[blow.target].way.cut(blow.lasts_s))
            case "silence":
                return asyncio.create_task(places[blow.target].way.silence(blow.lasts_s))
            case "delay":
                return asyncio.create_task(places[blow.target].way.delay(blow.lasts_s))
        return None

    # -- what people do ---------------------------------------------------------------------------
    async def _act(self) -> None:
        last_said = last_progress = time.monotonic()
        while self._to_begin or self._beginning or self._affairs or any(self._in_doubt.values()):
            before = self._ended
            if self._is_time_up():
                self._to_begin.clear()
            await self._look()
            self._begin_more()
            now = time.monotonic()
            if self._ended > before:
                last_progress = now
            if now - last_progress > _NO_PROGRESS_S:
                self._say(f"Inget har hänt på {_NO_PROGRESS_S:.0f} s.")
                return
            if now - last_said > 10:
                last_said = now
                self._tell()
            await asyncio.sleep(_LOOK_EVERY_S)

    def _is_time_up(self) -> bool:
        minutes = self.wanted.minutes
        return minutes is not None and time.monotonic() - self._started > 60 * minutes

    def _tell(self) -> None:
        seconds = time.monotonic() - self._started
        self._say(
            f"{seconds:6.0f} s  {self._ended} klara, {len(self._affairs)} öppna, "
            f"{self._ended / seconds:.1f}/s, dödade {sum(kills(self.federation).values())}"
        )

    def _begin_more(self) -> None:
        room = self.wanted.in_flight - len(self._affairs) - len(self._beginning)
        waiting: list[plan.Intent] = []
        while self._to_begin and room > 0:
            intent = self._to_begin.popleft()
            if not self.federation.places[intent.sender].desk.is_open.is_set():
                waiting.append(intent)
                if len(waiting) > self.wanted.in_flight:
                    break
                continue
            self._beginning.add(intent.number)
            self._spawn(self._begin(intent))
            room -= 1
        self._to_begin.extendleft(reversed(waiting))

    async def _begin(self, intent: plan.Intent) -> None:
        kept = self._kept[intent.sender]
        case_id = kept.pop() if kept and not intent.by_consent else None
        task = Begin(intent.receiver, intent.by_consent, case_id)
        try:
            done = await self.federation.places[intent.sender].desk.do(task)
        except DeskGoneError:
            done = Done(0, "desk", is_unclear=True)
        self._answers += not done.is_unclear
        if done.handover_id is not None:
            self._adopt(done.handover_id, intent)
        elif done.is_unclear:
            self._in_doubt[intent.sender].append((time.monotonic(), intent))
        else:
            self.refused[f"begin {done.code}"] += 1
            self._to_begin.append(intent)
        self._beginning.discard(intent.number)

    def _adopt(self, handover_id: UUID, intent: plan.Intent) -> None:
        if handover_id not in self.intents:
            self.intents[handover_id] = intent
            self._affairs[handover_id] = Affair(intent, time.monotonic())

    async def _look(self) -> None:
        """Read all senders, then all receivers; see that somebody is responsible; act."""
        looked = time.monotonic()
        by_sender: dict[str, list[UUID]] = {code: [] for code in self._watches}
        by_receiver: dict[str, list[UUID]] = {code: [] for code in self._watches}
        for handover_id, affair in self._affairs.items():
            by_sender[affair.intent.sender].append(handover_id)
            by_receiver[affair.intent.receiver].append(handover_id)
        sendings = await asyncio.gather(
            *(watch.sending(by_sender[code]) for code, watch in self._watches.items())
        )
        receivings = await asyncio.gather(
            *(watch.receiving(by_receiver[code]) for code, watch in self._watches.items())
        )
        seen = {row.handover_id: row for rows in sendings for row in rows or ()}
        came = {row.handover_id: row for rows in receivings for row in rows or ()}
        for code, rows in zip(self._watches, sendings, strict=True):
            if rows is not None:
                self._find_begun(code, rows, looked)
        answered = {
            code for code, rows in zip(self._watches, receivings, strict=True) if rows is not None
        }
        for handover_id, affair in list(self._affairs.items()):
            if handover_id in seen and affair.intent.receiver in answered:
                affair.sending = seen[handover_id]
                affair.receiving = came.get(handover_id, affair.receiving)
                self._consider(handover_id, affair)

    def _find_begun(self, code: str, rows: list[Sending], looked: float) -> None:
        """What a desk began that died before it could say so; the rest is begun anew."""
        unknown = [row for row in rows if row.handover_id not in self.intents]
        doubts = self._in_doubt[code]
        for row in unknown:
            first = self._unknown.setdefault(row.handover_id, looked)
            if looked - first > _SURELY_TOLD_S and doubts:
                _, intent = doubts.pop(0)
                self._adopt(row.handover_id, replace(intent, receiver=row.receiver))
        if not unknown:
            for at, intent in [each for each in doubts if looked - each[0] > _SURELY_OVER_S]:
                doubts.remove((at, intent))
                self._to_begin.append(intent)

    def _consider(self, handover_id: UUID, affair: Affair) -> None:
        sending, receiving = affair.sending, affair.receiving
        assert sending is not None
        if has_nobody(sending, receiving):
            self.nobody.add(handover_id)
        if has_ended(sending, receiving):
            del self._affairs[handover_id]
            self._ended += 1
            if sending.state is not SenderState.COMPLETED:
                self._kept[affair.intent.sender].append(sending.case_id)
            return
        now = time.monotonic()
        for wish in wishes(affair.intent, sending, receiving, now - affair.since):
            key = (wish.by_sender, wish.act, wish.revision)
            if wish.by_sender in affair.busy or affair.tried.get(key, 0.0) > now:
                continue
            affair.tried[key] = now + _AGAIN_AFTER_S
            affair.busy.add(wish.by_sender)
            self._spawn(self._carry_out(affair, wish))

    async def _carry_out(self, affair: Affair, wish: Wish) -> None:
        intent, sending = affair.intent, affair.sending
        assert sending is not None
        task: Task = Decide(wish.act, sending.handover_id, wish.revision)
        if wish.act == "consent":
            assert sending.consent_id is not None
            task = TakeConsentBack(sending.case_id, sending.consent_id)
        code = intent.sender if wish.by_sender else intent.receiver
        try:
            done = await self.federation.places[code].desk.do(task)
            self._answers += not done.is_unclear
            if done.code:
                self.refused[f"{wish.act} {done.code}"] += 1
        except DeskGoneError:
            pass
        finally:
            affair.busy.discard(wish.by_sender)
            key = (wish.by_sender, wish.act, wish.revision)
            affair.tried[key] = time.monotonic() + _AGAIN_AFTER_S

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- what is proved ---------------------------------------------------------------------------
    async def _verify(self, verdict: Verdict) -> int:
        """Both ends' evidence of a sample; what does not hold is lost."""
        rng = random.Random(f"sample {self.wanted.seed}")  # noqa: S311 - a choice, not a secret
        sample = rng.sample(sorted(self.intents), min(_SAMPLE, len(self.intents)))
        trust = trust_files(self.federation.folder, AuthorityCode(self.federation.codes[0]))
        verified = 0
        for handover_id in sample:
            intent = self.intents[handover_id]
            for code in (intent.sender, intent.receiver):
                desk = self.federation.places[code].desk
                await desk.is_open.wait()
                done = await desk.do(Prove(handover_id))
                file = Path(self.federation.folder) / "evidence"
                file.write_bytes(done.content)
                report = verify_file(file, trust, follows_protocol)
                if done.code or not report.holds:
                    self._say(f"Beviset håller inte: {done.code} {report.as_text()}")
                    verdict.lose(handover_id, "the evidence does not hold")
                else:
                    verified += 1
        return verified


async def run(wanted: Wanted, folder: Path, say: Callable[[str], None]) -> Figures:
    """Stand a federation up in this folder, run, take it down."""
    codes = CODES[: wanted.nodes]
    federation = Federation(folder, codes, wanted.seed, wanted.repeats)
    try:
        await federation.start()
        say(
            f"{len(codes)} noder står. Schema {plan.fingerprint(wanted.seed, codes, server_names(len(codes)), wanted.pace)}."
        )
        return await Run(wanted, federation, say).play()
    finally:
        await federation.stop()
