"""Runs the probes against a node and says how each went."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.join_test.partner import PARTNER, Partner, ProbeFailedError
from infra.join_test.probes import IN_ORDER, PROBES, SUITE, Probe
from infra.join_test.stage import open_stage
from infra.ports import LOOPBACK
from infra.supervisor.state import State
from shared.bus import BusUnavailable
from shared.bus.nats import NatsBus
from shared.clock import SystemClock
from shared.ids import OPERATOR, AuthorityCode

PATIENCE_S: Final = 30.0
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Result:
    """How one probe went; `why` is empty when it passed."""

    name: str
    title: str
    why: str

    @property
    def has_passed(self) -> bool:
        """Whether the node did as it must."""
        return not self.why


@dataclass(frozen=True, slots=True)
class JoinTest:
    """How a node did.

    Args:
        is_whole: no probe was left out.
    """

    node: AuthorityCode
    suite: int
    results: Sequence[Result]
    is_whole: bool

    @property
    def has_passed(self) -> bool:
        """Whether it may be let in: every probe, and none left out."""
        return self.is_whole and all(result.has_passed for result in self.results)


async def join_test(
    node: AuthorityCode,
    *,
    only: Collection[str] = (),
    patience_s: float = PATIENCE_S,
    on_result: Callable[[Result], None] = lambda _: None,
) -> JoinTest:
    """Try a node of this authority, in a test exchange of its own."""
    async with open_stage(node) as state:
        return await try_node(state, node, only=only, patience_s=patience_s, on_result=on_result)


async def try_node(
    state: Path,
    node: AuthorityCode,
    *,
    only: Collection[str] = (),
    patience_s: float = PATIENCE_S,
    on_result: Callable[[Result], None] = lambda _: None,
) -> JoinTest:
    """Try a node that runs in this state; its exchange, partner and directory are there already.

    Args:
        only: names of probes; all when empty.
        patience_s: how long the node may take to answer.
    """
    place = State.of(state)
    address = f"nats://{LOOPBACK}:{json.loads(place.ports.read_text())['nats']}"
    results: list[Result] = []

    def note(result: Result) -> None:
        results.append(result)
        on_result(result)

    async with contextlib.AsyncExitStack() as stack:
        buses = []
        for code in (PARTNER, OPERATOR):
            bus = await NatsBus.connect([address], place.seed(code), code)
            stack.push_async_callback(bus.close)
            buses.append(bus)
        partner = Partner(state, node, buses[0], buses[1], SystemClock(), patience_s)
        reader = asyncio.create_task(partner.listen())
        stack.push_async_callback(_cancel, reader)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def gated(probe: Probe) -> None:
            async with gate:
                note(await _try(partner, probe))

        async def in_order() -> None:
            for probe in IN_ORDER:
                if _is_wanted(probe, only):
                    note(await _try(partner, probe))

        wanted = (gated(probe) for probe in PROBES if _is_wanted(probe, only))
        await asyncio.gather(in_order(), *wanted)
    order = [probe.name for probe in (*PROBES, *IN_ORDER)]
    results.sort(key=lambda result: order.index(result.name))
    return JoinTest(node, SUITE, results, is_whole=len(results) == len(order))


async def _try(partner: Partner, probe: Probe) -> Result:
    try:
        await probe.run(partner)
    except ProbeFailedError as failed:
        return Result(probe.name, probe.title, str(failed))
    except BusUnavailable:
        return Result(probe.name, probe.title, "växeln svarade inte")
    return Result(probe.name, probe.title, "")


def _is_wanted(probe: Probe, only: Collection[str]) -> bool:
    return not only or probe.name in only


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
