"""A federation inside one process: real databases, an exchange in memory or the real one.

    federation = await Federation.open(postgres_server, "0580", "1480", handlers={"1480": [handler]})
    node = federation["0580"]
    async with node.web.begin(actor) as uow: ...
    await federation.settle()

Time stands still (`federation.wall`, `federation.clock`) until a test moves it. `settle` steps every
node until nothing is left to do; it never sleeps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from infra.postgres.databases import database_name
from shared.actor import worker
from shared.bus import Bus, MemoryExchange
from shared.clock import FixedClock
from shared.crypto import BlindIndex, CaseKeys, KeyRing, MemoryCaseKeys, SealingKey, SigningKey
from shared.db import Database
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode, ConversationId, SubjectId, random_id
from shared.inbox import Handler, Inbox
from shared.messages import Registry, register_kernel_kinds
from shared.node import Node
from shared.outbox import Relay, enqueue

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


class OpenDirectory:
    """Everybody's public keys, as the key rings have them now."""

    def __init__(self, keyrings: Mapping[AuthorityCode, KeyRing]) -> None:
        self.keyrings = keyrings
        self.inactive: set[AuthorityCode] = set()
        self.revoked: set[str] = set()
        self.versions: dict[str, frozenset[int]] = {}

    def signing_key(self, authority: AuthorityCode, kid: str) -> SigningKey:
        if authority not in self.keyrings:
            raise WireError("wire.unknown_sender")
        if kid in self.revoked:
            raise WireError("wire.revoked_key")
        for key in self.keyrings[authority].signing_keys:
            if key.kid == kid:
                return SigningKey.of_public(key.public, key.not_before, key.not_after)
        raise WireError("wire.unknown_key")

    def sealing_key(self, authority: AuthorityCode, now: datetime) -> SealingKey:
        if authority not in self.keyrings:
            raise DomainError("directory.unknown_authority")
        valid = [key for key in self.keyrings[authority].sealing_keys if key.is_valid_at(now)]
        if not valid:
            raise DomainError("directory.no_sealing_key")
        return SealingKey.of_public(valid[-1].public, valid[-1].not_before, valid[-1].not_after)

    def could_sign(self, authority: AuthorityCode, at: datetime) -> bool:
        ring = self.keyrings.get(authority)
        return ring is not None and min(key.not_before for key in ring.signing_keys) <= at

    def may_receive(self, authority: AuthorityCode) -> bool:
        return authority in self.keyrings and authority not in self.inactive

    def version_of(self, authority: AuthorityCode, kind: str) -> frozenset[int]:
        return self.versions.get(kind, frozenset({1}))


@dataclass
class FederationNode:
    """One authority: its databases, keys, relay and inbox, all replaceable by a test."""

    authority: AuthorityCode
    clock: FixedClock
    wall: FixedClock
    db: Database
    web: Database
    bus: Bus
    keyring: KeyRing
    directory: Any
    case_keys: CaseKeys
    registry: Registry
    handlers: list[Handler]
    relay: Relay = field(init=False)
    inbox: Inbox = field(init=False)
    steps: list[Callable[[], Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        """A new relay and inbox over the same state: what a restart of the worker makes."""
        self.relay = Relay(
            self.db, self.bus, self.directory, self.keyring, self.case_keys, self.wall
        )
        self.inbox = Inbox(
            self.db,
            self.bus,
            self.directory,
            self.keyring,
            self.case_keys,
            self.registry,
            self.handlers,
            self.wall,
        )

    @property
    def worker(self):
        return worker(self.authority)

    def service_node(self, *, web: bool = False, policies: Any = None, index: Any = None) -> Node:
        """What use cases are given: under the web's role, or the worker's."""
        return Node(
            authority=self.authority,
            clock=self.clock,
            wall=self.wall,
            db=self.web if web else self.db,
            case_keys=self.case_keys,
            keyring=self.keyring,
            directory=self.directory,
            policies=policies,
            registry=self.registry,
            index=index or BlindIndex(bytes(32)),
        )

    async def send(
        self,
        to: str,
        conversation: UUID,
        kind: str,
        body: Any,
        *,
        direction: str = "forward",
        version: int = 1,
        numbered: bool = True,
        db: Database | None = None,
    ) -> UUID:
        """Enqueue one message in a transaction of its own."""
        key = await self.case_keys.ensure(SubjectId(conversation))
        async with (db or self.db).begin(self.worker) as uow:
            message_id = await enqueue(
                uow,
                to=AuthorityCode(to),
                conversation=ConversationId(conversation),
                direction=direction,
                kind=kind,
                version=version,
                body=body,
                key=key,
                signer=self.keyring.signing(self.wall.now()),
                numbered=numbered,
            )
            await uow.commit()
        return message_id

    async def step(self) -> int:
        """Everything the worker does, once."""
        done = await self.relay.run_once()
        if self.bus.is_connected:
            done += await self.inbox.receive_once()
            done += await self.inbox.receive_once(stream="ATTACHMENT")
        done += await self.inbox.dispatch_once()
        done += await self.inbox.ask_once()
        for step in self.steps:
            done += await step() or 0
        return done

    async def rows(self, query: str, **facts: object) -> list[Any]:
        """What the node's worker sees in its database."""
        from sqlalchemy import text

        async with self.db.begin(self.worker) as uow:
            return list((await uow.execute(text(query), facts)).all())

    async def close(self) -> None:
        await self.bus.close()
        await self.db.close()
        await self.web.close()


class Federation:
    """Nodes by their code, their exchange and their time."""

    def __init__(self, nodes: Sequence[FederationNode], exchange: Any) -> None:
        self.nodes = {str(node.authority): node for node in nodes}
        self.exchange = exchange
        self.clock = nodes[0].clock
        self.wall = nodes[0].wall
        self.directory = nodes[0].directory

    def __getitem__(self, code: str) -> FederationNode:
        return self.nodes[code]

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        postgres_server: Any,
        *codes: str,
        handlers: Mapping[str, Iterable[Handler]] | None = None,
        kinds: Iterable[tuple[str, int, type]] = (),
        exchange: Any = None,
        start: datetime = START,
        clock: FixedClock | None = None,
        wall: FixedClock | None = None,
        case_keys: Callable[[Any], CaseKeys] | None = None,
        is_kernel_only: bool = False,
    ):
        """Fresh nodes; closed at the end.

        Args:
            handlers: for each code what its inbox takes.
            kinds: (kind, version, body type) that every node's registry knows.
            exchange: something with `bus(authority)`, possibly awaitable; in memory unless given.
            case_keys: makes a node's key store from its database addresses; in memory unless given.
            is_kernel_only: empty the kernel's tables of databases that exist instead of making new
                ones: much faster, for tests that use no service's tables.
        """
        clock = clock or FixedClock(start)
        wall = wall or FixedClock(start)
        exchange = exchange or MemoryExchange()
        authorities = [AuthorityCode(code) for code in codes]
        keyrings = {
            code: KeyRing.in_memory(code, start - timedelta(days=1)) for code in authorities
        }
        directory = OpenDirectory(keyrings)
        nodes = []
        for code in authorities:
            dsns = await _databases(postgres_server, code, is_kernel_only=is_kernel_only)
            registry = Registry()
            register_kernel_kinds(registry)
            for kind, version, body_type in kinds:
                registry.register(kind, version, body_type)
            bus = exchange.bus(code)
            if hasattr(bus, "__await__"):
                bus = await bus
            nodes.append(
                FederationNode(
                    code,
                    clock,
                    wall,
                    Database.open(dsns.worker, clock=clock, wall=wall),
                    Database.open(dsns.web, clock=clock, wall=wall),
                    bus,
                    keyrings[code],
                    directory,
                    case_keys(dsns) if case_keys else MemoryCaseKeys(),
                    registry,
                    list((handlers or {}).get(code, ())),
                )
            )
        try:
            yield cls(nodes, exchange)
        finally:
            for node in nodes:
                await node.close()

    async def settle(self, *, rounds: int = 200) -> int:
        """Step all nodes until none has anything left to do; how many rounds it took."""
        for count in range(rounds):
            if not sum([await node.step() for node in self.nodes.values()]):
                return count
        raise AssertionError(f"not quiet after {rounds} rounds")

    def pass_time(self, by: timedelta) -> None:
        """Both clocks go forward."""
        self.wall.move(by)
        if self.clock is not self.wall:
            self.clock.move(by)


async def _databases(postgres_server: Any, code: str, *, is_kernel_only: bool) -> Any:
    known = postgres_server._known.get(code)
    if not is_kernel_only or known is None:
        return await postgres_server.fresh_node_databases(code)
    async with postgres_server.admin(database_name(code)) as admin:
        # As a replica no trigger refuses: the log is append only for everybody else.
        await admin.execute("set session_replication_role = replica")
        await admin.execute(f"truncate {', '.join(_KERNEL_TABLES)} cascade")
        await admin.execute("update audit_sealer set through = '0'")
        await admin.execute("update exchange_watch set looked_at = null")
    return known


_KERNEL_TABLES = (
    "audit_entry",
    "audit_seal",
    "audit_checkpoint",
    "audit_witnessed",
    "conversation",
    "conversation_flow",
    "outbox",
    "inbox",
    "inbox_equivocation",
    "quarantine",
    "attachment_out",
    "attachment_in",
    "card",
    "exchange_gap",
    "exchange_peer",
)


def new_conversation() -> ConversationId:
    return ConversationId(random_id())
