"""Two municipalities in one process, with all their services: real databases, an exchange in memory.

Everything is as the composition root makes it, but for the clocks, the bus and the key stores, which
live in memory. `settle` steps both until nothing is left to do; it never sleeps.
"""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from gateway.node import compose, make_registry
from gateway.policies import SECTIONS, load_federation
from infra import listing
from infra.directory import bootstrap, trust_files
from infra.post import Post
from services.cases import api as cases
from services.directory import api as directory
from services.directory.domain import accept, issue, remove
from services.handover import api as handover
from services.protection import api as protection
from shared.bus import MemoryExchange
from shared.clock import FixedClock, local_date
from shared.crypto import BlindIndex, KeyRing, MemoryCaseKeys
from shared.db import Database
from shared.ids import OPERATOR, POLICE, AuthorityCode, SubjectId
from shared.inbox import Inbox
from shared.node import Node
from shared.outbox import Relay
from tests.support.casework import GOTEBORG, LINKOPING, NOW, Bench

FEDERATION = load_federation()


@dataclass
class Town:
    """One municipality: its people's bench, its worker's relay and inbox."""

    bench: Bench
    bus: Any
    databases: tuple[Database, ...]
    relay: Relay = field(init=False)
    inbox: Inbox = field(init=False)

    @property
    def node(self) -> Node:
        return self.bench.node

    @property
    def worker_node(self) -> Node:
        return self.bench.worker_node

    async def step(self) -> int:
        done = await self.relay.run_once()
        done += await self.inbox.receive_once()
        done += await self.inbox.receive_once(stream="ATTACHMENT")
        done += await self.inbox.dispatch_once()
        done += await self.inbox.ask_once()
        done += await cases.tick(self.worker_node)
        return done + await handover.tick(self.worker_node)

    def restart(self) -> None:
        """The worker dies and another begins: nothing but the databases and the bus is left."""
        node = self.worker_node
        self.relay = Relay(
            node.db, self.bus, node.directory, node.keyring, node.case_keys, node.wall
        )
        self.inbox = Inbox(
            node.db,
            self.bus,
            node.directory,
            node.keyring,
            node.case_keys,
            node.registry,
            [
                directory.DirectoryHandler(directory.live(node.directory)),
                directory.LeavingHandler(node),
                *handover.inbox_handlers(node),
            ],
            node.wall,
        )

    async def hear(self) -> None:
        """Every process sees the directory that was accepted, and the keys that were drawn."""
        live = directory.live(self.node.directory)
        await directory.refresh(self.worker_node.db, self.node.authority, live)
        directory.heed(self.node.keyring, live)

    async def rows(self, query: str, **facts: object) -> list[Any]:
        from sqlalchemy import text

        async with self.worker_node.db.begin(self.bench.worker) as uow:
            return list((await uow.execute(text(query), facts)).all())

    async def view(self, handover_id, actor=None):
        actor = actor or await self.bench.leader()
        return await handover.read(self.node, actor, handover_id, "prov")

    async def state(self, handover_id) -> str:
        found = await self.rows(
            "select state from handover where handover_id = :id"
            " union all select state from incoming_handover where handover_id = :id",
            id=handover_id,
        )
        return found[0].state if found else "none"

    async def sign(self, handover_id, payload, actor=None):
        actor = actor or await self.bench.case_worker()
        view = await self.view(handover_id, actor)
        command = handover.Sign(handover_id, view.row.revision, payload)
        return await handover.sign(self.node, actor, command)

    async def confirm(self, handover_id, actor=None):
        actor = actor or await self.bench.leader()
        view = await self.view(handover_id, actor)
        await handover.confirm(self.node, actor, handover.Confirm(handover_id, view.row.revision))

    async def decide(self, handover_id, payload, first=None, second=None):
        """Both signatures where two are demanded."""
        signed = await self.sign(handover_id, payload, first)
        if not signed.is_done:
            await self.confirm(handover_id, second)


@dataclass
class Pair:
    """The two, and their time."""

    linkoping: Town
    goteborg: Town
    clock: FixedClock
    exchange: Any
    folder: Path

    def remove(self, code, *, at=()) -> None:
        """The operator and the nation remove an authority; only these towns have heard of it."""
        operator, nation = (
            KeyRing.load(trust_files(self.folder, AuthorityCode(one)).keys)
            for one in (OPERATOR, "9002")
        )
        now = self.clock.now()
        for town in at:
            live = town.node.directory
            before = live.directory
            decision = remove(code, local_date(now), signer=nation.signing(now), now=now)
            entries = dict(before.entries)
            entries[code] = msgspec.structs.replace(
                entries[code], status="removed", removal=decision
            )
            document = issue(entries.values(), before=before, signer=operator.signing(now), now=now)
            live.replace(accept(document, before, anchor=live.anchor))

    async def publish(self, changes=None, *, to=(LINKOPING, GOTEBORG)):
        """The operator's next list, sent to these; how far each has come."""
        listing.publish(self.folder, self.clock.now(), changes)
        return await self.spread(to=to)

    async def spread(self, *, to=(LINKOPING, GOTEBORG)):
        """Send the operator's list; the towns it is for read it and put it in force."""
        post = Post(self.folder, self.exchange.bus(OPERATOR), self.clock)
        await post.deliver(0, only=to)
        for town in (self.linkoping, self.goteborg):
            if town.node.authority in to:
                while await town.inbox.receive_once() + await town.inbox.dispatch_once():
                    pass
                await town.hear()
                await town.relay.run_once()
        return {each.authority: each for each in await post.deliver(0, only=to)}

    async def settle(self, rounds: int = 100) -> None:
        for _ in range(rounds):
            if not await self.linkoping.step() + await self.goteborg.step():
                return
        raise AssertionError(f"not quiet after {rounds} rounds")

    async def drafted(self, *, high=False, consent=True):
        """A case in Linköping that belongs to Göteborg, and a draft of its handover."""
        bench = self.linkoping.bench
        asta = await bench.case_worker()
        case_id = await bench.investigated()
        await bench.found_elsewhere(case_id)
        kinds = ("identity", "residence", "threat_level", "needs.housing")
        consent_id = None
        if consent:
            until = bench.today + timedelta(days=200)
            consent_id = await bench.consent(case_id, kinds=kinds, valid_until=until)
        for area in ("housing", "health_care"):
            await cases.record_need(
                bench.node, asta, cases.RecordNeed(case_id, 1, area, f"Om {area}.", "Stöd")
            )
        if high:
            await self.assessed_high(case_id)
        handover_id = await handover.start_draft(
            bench.node, asta, handover.StartDraft(case_id, 1, GOTEBORG)
        )
        view = await self.linkoping.view(handover_id, asta)
        changes: dict[str, Any] = {
            "duration": "Tills vidare.",
            "circumstances": "Familjen bor där.",
            "wish": "Vill till Göteborg.",
            "need": "Bostad och sysselsättning.",
        }
        if consent is False:
            changes |= {"ground": "statute", "statute": "transfer.request"}
        draft = _with(view.draft, **changes)
        await handover.update_draft(
            bench.node, asta, handover.UpdateDraft(handover_id, view.row.revision, draft)
        )
        return case_id, handover_id, consent_id

    async def assessed_high(self, case_id) -> None:
        """Bops gives HIGH, says the place is clear and that the level may be passed on."""
        bench = self.linkoping.bench
        asta = await bench.case_worker()
        await bench.threat_asked(case_id, "bops-ost")
        officer = await bench.officer("bops-ost")
        room = protection.room_of(SubjectId(case_id))
        await protection.give_threat(
            bench.node,
            officer,
            protection.GiveThreat(room, 1, "HIGH", "structured", bench.today + timedelta(days=14)),
        )
        await cases.ask_placement(bench.node, asta, cases.AskPlacement(case_id, 1, GOTEBORG))
        await cases.ask_level_passing(bench.node, asta, cases.AskLevelPassing(case_id, 1, GOTEBORG))
        await self.answer_all(self.linkoping, SubjectId(case_id), officer, 1)

    async def answer_all(self, town, subject, officer, term) -> None:
        room_id = protection.room_of(subject)
        room = await protection.read_room(town.node, officer, room_id, "prov")
        for question in room.questions:
            if question.answer is None and question.kind != "threat":
                await protection.answer_question(
                    town.node,
                    officer,
                    protection.AnswerQuestion(room_id, term, question.question_id, "CLEAR"),
                )

    async def proposed(self, **how):
        """Sent, and arrived."""
        case_id, handover_id, consent_id = await self.drafted(**how)
        await self.linkoping.decide(handover_id, handover.Propose())
        await self.settle()
        return case_id, handover_id, consent_id

    async def accepted(self, **how):
        """Accepted, and the dossier in hand."""
        found = await self.proposed(**how)
        await self.goteborg.decide(found[1], handover.Accept(self.goteborg.bench.today))
        await self.settle()
        return found

    async def name_reader(self, handover_id, whom=None) -> None:
        """In Göteborg: whoever will work with the person reads too; the leader names them."""
        town = self.goteborg
        whom = whom or await town.bench.case_worker()
        command = handover.AddReader(handover_id, whom.staff_id, "works_with_it")
        await handover.add_reader(town.node, await town.bench.leader(), command)

    async def take_over_facts(self, case_worker=None):
        worker = case_worker or await self.goteborg.bench.case_worker()
        return handover.TakeOver(
            self.goteborg.bench.today,
            worker.staff_id,
            self.clock.now() + timedelta(days=2),
        )

    async def acute_protection(self, handover_id) -> None:
        """Göteborg asks its Bops, and Bops confirms."""
        bench = self.goteborg.bench
        bo = await bench.case_worker()
        await handover.ask_acute_protection(bench.node, bo, handover_id, "Björk Mes 12")
        unit = protection.responsible_unit(bench.node, "HIGH")
        officer = await bench.officer(unit.code)
        await self.answer_all(self.goteborg, SubjectId(handover_id), officer, 0)

    async def declined(self, **how):
        """Declined, and the no has come back."""
        found = await self.proposed(**how)
        payload = handover.Decline("connection_not_here", "Bor inte här.")
        await self.goteborg.decide(found[1], payload)
        await self.settle()
        return found

    async def responsible(self, handover_id) -> tuple[bool, bool]:
        """Whether Linköping is, and whether Göteborg is."""
        ours = handover.SenderState(await self.linkoping.state(handover_id))
        theirs = handover.ReceiverState(await self.goteborg.state(handover_id))
        return (
            handover.sender_is_responsible(ours),
            handover.receiver_is_responsible(theirs),
        )

    async def director(self):
        """The social director, who sees a case only as its member."""
        return await self.linkoping.bench.person("Dag", "social_director", "team_leader")

    async def dispute(self, case_id, handover_id) -> None:
        """Linköping applies to IVO, by the two that its delegation order names."""
        bench = self.linkoping.bench
        gun, dag = await bench.leader(), await self.director()
        await bench.assign(case_id, gun, dag, "team_leader")
        payload = handover.ApplyToIVO(bench.today, "Vi delar inte bedömningen.")
        await self.linkoping.decide(handover_id, payload, gun, dag)

    async def taken_over(self, **how):
        """All the way."""
        found = await self.accepted(**how)
        await self.goteborg.decide(found[1], await self.take_over_facts())
        await self.settle()
        return found


def _with(draft, **changes):
    return msgspec.structs.replace(draft, **changes)


def sections():
    return SECTIONS


@asynccontextmanager
async def open_pair(postgres_server, folder, *, exchange=None, now=NOW, skew=None):
    """Linköping and Göteborg on fresh databases; with `skew` Göteborg has a clock of its own."""
    clock = FixedClock(now)
    theirs = clock if skew is None else FixedClock(now + skew)
    bootstrap(folder, FEDERATION, versions=make_registry().versions(), now=now - timedelta(days=1))
    exchange = exchange or MemoryExchange()
    towns = [
        await open_town(postgres_server, folder, code, exchange, time)
        for code, time in ((LINKOPING, clock), (GOTEBORG, theirs))
    ]
    try:
        yield Pair(*towns, clock, exchange, folder)
    finally:
        for town in towns:
            await town.bus.close()
            for database in town.databases:
                await database.close()


async def open_town(postgres_server, folder, code: AuthorityCode, exchange, clock) -> Town:
    """One municipality on fresh databases, on this exchange and by this clock."""
    dsns = await postgres_server.fresh_node_databases(code)
    files = trust_files(folder, code)
    known = directory.open_directory(files.directory, files.anchor, confirms_all=True)
    keyring, keys, registry = KeyRing.load(files.keys), MemoryCaseKeys(), make_registry()
    nodes = []
    for dsn in (dsns.web, dsns.worker):
        node = Node(
            authority=code,
            clock=clock,
            wall=clock,
            db=Database.open(dsn, clock=clock, wall=clock, pool_size=4),
            case_keys=keys,
            keyring=keyring,
            directory=known,
            policies=FEDERATION[code].policies,
            registry=registry,
            index=BlindIndex(bytes(32)),
        )
        compose(node, FEDERATION[POLICE].authority)
        nodes.append(node)
    web, worker_node = nodes
    bus = exchange.bus(code)
    if hasattr(bus, "__await__"):
        bus = await bus
    town = Town(Bench(web, worker_node, clock), bus, (web.db, worker_node.db))
    town.restart()
    return town


__all__ = ["GOTEBORG", "LINKOPING", "Pair", "Town", "open_pair", "sections"]
