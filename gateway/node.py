"""The composition root: one authority's node, put together from its settings.

Nothing else builds what it uses. Lower services' Protocols are filled here with upper services'
functions, so that the ladder holds.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Literal

from gateway.settings import NodeSettings
from services.audit import api as audit
from services.cases.api import AlarmListener, CaseEvents
from services.directory import api as directory
from services.handover import api as handover
from services.protection.api import PoliceFolder, PoliceRegister, ThreatEvents, Together
from services.statistics import api as statistics
from shared import digest
from shared.clock import Clock, ShiftedClock, SystemClock
from shared.crypto import KeyRing, NodeKey, PostgresCaseKeys
from shared.db import Database
from shared.ids import POLICE, AuthorityCode
from shared.loop import keep_running
from shared.messages import Registry, register_kernel_kinds
from shared.node import Node
from shared.policy import Authority, Tenant

Process = Literal["web", "worker"]
Tenants = Mapping[AuthorityCode, Tenant]
DIRECTORY_EVERY_S = 5.0
POOL = {"web": 10, "worker": 6}
"""Connections at most for each process: 290 nodes share no server, five on one machine do."""


def make_registry() -> Registry:
    """Every message that this release reads."""
    registry = Registry()
    register_kernel_kinds(registry)
    for register in (
        digest.register,
        directory.register,
        audit.register,
        handover.register,
        statistics.register,
    ):
        register(registry)
    return registry


def clocks(settings: NodeSettings) -> tuple[Clock, Clock]:
    """The domain clock and the wall clock; only a demo state has two."""
    wall = SystemClock()
    shifted = ShiftedClock(settings.state_dir / "domain-clock")
    return (shifted if settings.is_demo else wall), wall


def tenant_of(settings: NodeSettings, tenants: Tenants) -> Tenant:
    """This node's own tenant.

    Raises:
        LookupError: there is no folder for this authority.
    """
    if settings.code not in tenants:
        raise LookupError(f"there is no tenant folder for {settings.code}")
    return tenants[settings.code]


@asynccontextmanager
async def open_node(
    settings: NodeSettings, process: Process, tenants: Tenants
) -> AsyncIterator[Node]:
    """One node for the life of a process; its connections are closed behind it.

    Args:
        tenants: the whole federation, read and checked once by whoever starts the process.
    """
    domain_clock, wall = clocks(settings)
    node_key = NodeKey.load(settings.keys.node_key_file)
    dsn = settings.database.web if process == "web" else settings.database.worker
    db = Database.open(dsn, clock=domain_clock, wall=wall, pool_size=POOL[process])
    case_keys = PostgresCaseKeys(
        settings.database.keys,
        node_key,
        erasure_file=settings.keys.node_key_file.with_name("erasures.list"),
        wall=wall,
    )
    trusted = directory.open_directory(
        settings.trust.directory_file, settings.trust.anchor_file, confirms_all=settings.is_demo
    )
    node = Node(
        authority=settings.code,
        clock=domain_clock,
        wall=wall,
        db=db,
        case_keys=case_keys,
        keyring=KeyRing.load(settings.keys.folder),
        directory=trusted,
        policies=tenant_of(settings, tenants).policies,
        registry=make_registry(),
        index=node_key.blind_index(),
    )
    compose(node, tenants[POLICE].authority)
    try:
        # After a restore the key store may hold keys of the erased: they go before anyone signs in.
        await case_keys.replay_erasures()
        await directory.refresh(db, settings.code, trusted)
        directory.heed(node.keyring, trusted)
        yield node
    finally:
        await case_keys.close()
        await db.close()


async def keep_directory_fresh(node: Node, stop: asyncio.Event) -> None:
    """See within seconds what a worker has accepted of the directory, and keys drawn since.

    Every process runs this.
    """

    async def refresh() -> int:
        live = directory.live(node.directory)
        is_new = await directory.refresh(node.db, node.authority, live)
        directory.heed(node.keyring, live)
        return is_new

    await keep_running(
        "directory", refresh, stop, idle_s=DIRECTORY_EVERY_S, idle_most_s=DIRECTORY_EVERY_S
    )


def compose(node: Node, police: Authority) -> None:
    """Hand upper services' functions to the lower ones that declared what they want to tell.

    Args:
        police: authority 9001 as its folder describes it; who its units are comes from there.
    """
    node.provide(PoliceRegister, PoliceFolder(police))  # type: ignore[type-abstract]
    node.provide(CaseEvents, handover.case_events(node))  # type: ignore[type-abstract]
    node.provide(directory.OpenConversations, handover.open_handovers())  # type: ignore[type-abstract]
    raised = Together(AlarmListener(node), handover.threat_events(node))
    node.provide(ThreatEvents, raised)  # type: ignore[type-abstract]
