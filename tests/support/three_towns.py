"""Three municipalities in one process: a case that goes on to a third, or comes back."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from gateway.node import make_registry
from infra.directory import bootstrap
from services.cases import api as cases
from services.handover import api as handover
from shared.bus import MemoryExchange
from shared.clock import FixedClock
from shared.ids import AuthorityCode, ConversationId
from tests.support.casework import GOTEBORG, LINKOPING, NOW
from tests.support.exchange import FEDERATION, Town, open_town

NORRKOPING = AuthorityCode("0581")
KINDS = ("identity", "residence", "needs.housing")
PARTS: dict[str, Any] = {
    "connection": "Familjen bor där.",
    "duration": "Tills vidare.",
    "circumstances": "Har ordnat boende där.",
    "wish": "Vill dit.",
    "need": "Bostad och sysselsättning.",
}


@dataclass(frozen=True)
class Moved:
    """A finished handover: the conversation, the file it left and the file it opened."""

    handover_id: ConversationId
    left: cases.CaseHeader
    opened: cases.CaseHeader


@dataclass
class Towns:
    """The three by code, and their time."""

    towns: dict[AuthorityCode, Town]
    clock: FixedClock
    folder: Path

    def __getitem__(self, code) -> Town:
        return self.towns[AuthorityCode(code)]

    async def settle(self, rounds: int = 200) -> None:
        for _ in range(rounds):
            if not sum([await town.step() for town in self.towns.values()]):
                return
        raise AssertionError(f"not quiet after {rounds} rounds")

    async def file(self, code, case_id) -> cases.CaseFile:
        """As the town's case worker reads it."""
        town = self[code]
        return await cases.read_case(town.node, await town.bench.case_worker(), case_id, "prov")

    async def begun(self, code, *receivers):
        """A case that begins in a town, with a consent that covers these receivers."""
        bench = self[code].bench
        case_id = await bench.investigated()
        return case_id, await self.consent(code, case_id, *receivers)

    async def consent(self, code, case_id, *receivers, term=1):
        """The person lets these social services know."""
        bench = self[code].bench
        parties = tuple(cases.Counterparty(one, "social_services") for one in receivers)
        return await bench.consent(
            case_id,
            term=term,
            counterparties=parties,
            kinds=KINDS,
            valid_until=bench.today + timedelta(days=200),
        )

    async def proposed(self, code, case_id, receiver, **changes):
        """Proposed by two, and arrived."""
        town = self[code]
        asta = await town.bench.case_worker()
        term = (await self.file(code, case_id)).header.term
        handover_id = await handover.start_draft(
            town.node, asta, handover.StartDraft(case_id, term, AuthorityCode(receiver))
        )
        view = await town.view(handover_id, asta)
        draft = msgspec.structs.replace(view.draft, **(PARTS | changes))
        await handover.update_draft(
            town.node, asta, handover.UpdateDraft(handover_id, view.row.revision, draft)
        )
        await town.decide(handover_id, handover.Propose())
        await self.settle()
        return handover_id

    async def hand_over(self, code, case_id, receiver, **changes) -> Moved:
        """All the way, to a new file at the receiver."""
        handover_id = await self.proposed(code, case_id, receiver, **changes)
        there = self[receiver]
        await there.decide(handover_id, handover.Accept(there.bench.today))
        await self.settle()
        worker = await there.bench.case_worker()
        payload = handover.TakeOver(
            there.bench.today, worker.staff_id, self.clock.now() + timedelta(days=2)
        )
        await there.decide(handover_id, payload)
        await self.settle()
        opened = (await there.view(handover_id, worker)).row.case_id
        return Moved(
            handover_id,
            (await self.file(code, case_id)).header,
            (await self.file(receiver, opened)).header,
        )

    async def chain_bytes(self, code, case_id) -> list[bytes]:
        """The responsibility chain as the database of a town has it."""
        rows = await self[code].rows(
            "select link from case_link where case_id = :id order by number", id=case_id
        )
        return [bytes(row.link) for row in rows]


@asynccontextmanager
async def open_three(postgres_server, folder, now=NOW):
    """Linköping, Norrköping and Göteborg on fresh databases."""
    clock = FixedClock(now)
    bootstrap(folder, FEDERATION, versions=make_registry().versions(), now=now - timedelta(days=1))
    exchange = MemoryExchange()
    towns = {
        code: await open_town(postgres_server, folder, code, exchange, clock)
        for code in (LINKOPING, NORRKOPING, GOTEBORG)
    }
    try:
        yield Towns(towns, clock, folder)
    finally:
        for town in towns.values():
            await town.bus.close()
            for database in town.databases:
                await database.close()
