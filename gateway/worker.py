"""A node's worker process: sends, receives, seals the log, keeps time.

Every loop may run in any number of processes at once; what they share is claimed in the database.
A loop that ends without being told to is a bug, and ends the process: the supervisor starts it
anew.
"""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from gateway.log import start_log
from gateway.monitor import count_figures
from gateway.node import DIRECTORY_EVERY_S, keep_directory_fresh, open_node
from gateway.policies import load_federation
from gateway.settings import NodeSettings
from services.audit import api as audit
from services.cases import api as cases
from services.directory import api as directory
from services.follow_up import api as follow_up
from services.handover import api as handover
from services.statistics import api as statistics
from shared.bus.nats import NatsBus
from shared.digest import Digester, DigestHandler, Watch
from shared.ids import AuthorityCode
from shared.inbox import Inbox
from shared.loop import keep_running
from shared.node import Node
from shared.outbox import Relay
from shared.policy import LawBook, load_law

TICK_EVERY_S = 5.0
WATCH_EVERY_S = 30.0
KEYS_EVERY_S = 600.0
STATISTICS_EVERY_S = 60.0
FOLLOW_UP_EVERY_S = 15.0


def witnesses_of(node: Node) -> list[AuthorityCode]:
    """Who keeps our checkpoints: national bodies that run a node, never a municipality's neighbour."""
    return [
        listed.code
        for listed in directory.authorities(node)
        if listed.runs_node and listed.kind in {"national_coordination", "collector"}
    ]


def inbox_of(node: Node, bus: NatsBus) -> Inbox:
    """The inbox with every service's handlers."""
    live = directory.live(node.directory)
    return Inbox(
        node.db,
        bus,
        node.directory,
        node.keyring,
        node.case_keys,
        node.registry,
        [
            directory.DirectoryHandler(live),
            directory.LeavingHandler(node),
            audit.WitnessHandler(node.directory),
            DigestHandler(node.keyring),
            *handover.inbox_handlers(node),
            *statistics.inbox_handlers(node),
        ],
        node.wall,
    )


def digester_of(node: Node) -> Digester:
    """Compares with whom something is open, and after a pause with everybody that runs a node."""

    def everybody() -> list[AuthorityCode]:
        return [
            listed.code
            for listed in directory.authorities(node)
            if listed.runs_node and listed.status == "active" and listed.code != node.authority
        ]

    return Digester(
        node.db,
        node.directory,
        node.keyring,
        node.case_keys,
        handover.open_conversations,
        everybody,
    )


async def run(settings: NodeSettings) -> None:
    """Work until SIGTERM or SIGINT; what is in hand is finished."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tenants = load_federation(settings.tenants_dir)
    law = load_law(settings.tenants_dir / "law.toml")
    async with open_node(settings, "worker", tenants) as node:
        bus = await NatsBus.connect(
            settings.exchange.servers, settings.exchange.seed_file, settings.code
        )
        try:
            newer = directory.DirectoryFile(settings.trust.directory_file)
            await _together(_loops(node, bus, newer, law, stop), stop)
        finally:
            await bus.close()


def _loops(
    node: Node,
    bus: NatsBus,
    newer: directory.DirectoryFile,
    law: LawBook,
    stop: asyncio.Event,
) -> list[Coroutine[Any, Any, None]]:
    relay = Relay(node.db, bus, node.directory, node.keyring, node.case_keys, node.wall)
    sealer = audit.Sealer(node.db, node.keyring, node.case_keys, witnesses_of(node))

    digester, watch = digester_of(node), Watch(node.db, node.authority)

    async def tick() -> int:
        return await cases.tick(node) + await handover.tick(node)

    async def compare() -> int:
        done = await digester.run_once() + await watch.run_once()
        await count_figures(node)
        return done

    async def take_file() -> int:
        return await newer.take(node)

    async def watch_keys() -> int:
        return await directory.watch_keys(node)

    count = statistics.ticks(node)

    async def remind() -> int:
        if not node.policies.policies:
            return 0
        return await follow_up.remind(node, law=law) + await follow_up.count_reports(node)

    return [
        relay.run(stop),
        inbox_of(node, bus).run(stop),
        sealer.run(stop),
        keep_running("tick", tick, stop, idle_s=TICK_EVERY_S, idle_most_s=TICK_EVERY_S),
        keep_running("watch", compare, stop, idle_s=WATCH_EVERY_S, idle_most_s=WATCH_EVERY_S),
        keep_running("directory file", take_file, stop, idle_s=1.0, idle_most_s=DIRECTORY_EVERY_S),
        keep_running("keys", watch_keys, stop, idle_s=KEYS_EVERY_S, idle_most_s=KEYS_EVERY_S),
        keep_running(
            "statistics",
            count,
            stop,
            idle_s=STATISTICS_EVERY_S,
            idle_most_s=STATISTICS_EVERY_S,
        ),
        keep_running(
            "follow-up",
            remind,
            stop,
            idle_s=FOLLOW_UP_EVERY_S,
            idle_most_s=FOLLOW_UP_EVERY_S,
        ),
        keep_directory_fresh(node, stop),
    ]


async def _together(loops: list[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Run them all; when one ends, tell the others to end too, and let its failure out."""
    async with asyncio.TaskGroup() as group:
        for each in loops:
            group.create_task(_until_end(each, stop))


async def _until_end(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    try:
        await work
    finally:
        stop.set()


def work(code: str, settings: NodeSettings) -> None:
    """Run the worker of one authority in the foreground."""
    start_log(code, "worker")
    asyncio.run(run(settings))
