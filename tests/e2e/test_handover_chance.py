"""People act by chance, the bus stutters: the two real nodes stay within the walked worlds."""

import random
from datetime import timedelta

import pytest

from services.cases import api as cases
from services.handover import api as handover
from services.handover.domain.table import RECEIVER, SENDER
from shared.errors import AccessDenied, DomainError
from tests.unit.handover.walk import walk

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
WORLDS = walk((*SENDER, *RECEIVER)).steps
STATES = {(world.sender.value, world.receiver.value) for world in WORLDS}
QUIET = {(world.sender.value, world.receiver.value) for world in WORLDS if world.is_quiet}


def sender_acts(pair):
    today = pair.linkoping.bench.today
    return [
        handover.Withdraw("Ångrat."),
        handover.Keep("Vi behåller."),
        handover.RecordRuling("sender", "IVO 1", today, today),
        handover.RecordRuling("receiver", "IVO 1", today, today),
        "dispute",
        "consent",
    ]


async def receiver_acts(pair):
    today = pair.goteborg.bench.today
    return [
        handover.Accept(today),
        handover.Decline("facts_missing", "Mer behövs."),
        handover.ReturnIt("facts_differ", "Stämmer inte."),
        handover.Agree(today),
        await pair.take_over_facts(),
        await pair.take_over_facts(),
    ]


async def act(pair, rng, found) -> None:
    """Somebody tries something; what is not allowed is refused and changes nothing."""
    case_id, handover_id, consent_id = found
    try:
        if rng.random() < 0.5:
            payload = rng.choice(sender_acts(pair))
            gun = await pair.linkoping.bench.leader()
            if payload == "dispute":
                await pair.dispute(case_id, handover_id)
            elif payload == "consent":
                asta = await pair.linkoping.bench.case_worker()
                command = cases.WithdrawConsent(case_id, 1, consent_id)
                await cases.withdraw_consent(pair.linkoping.node, asta, command)
            else:
                await pair.linkoping.decide(handover_id, payload, gun)
        else:
            payload = rng.choice(await receiver_acts(pair))
            leader = await pair.goteborg.bench.leader()
            karin = await pair.goteborg.bench.person("Karin", "exit_coordinator")
            await pair.goteborg.decide(handover_id, payload, leader, karin)
    except (AccessDenied, DomainError):
        pass


async def stutter(pair, rng) -> None:
    """A part of a worker runs, or the bus brings everything again."""
    town = rng.choice([pair.linkoping, pair.goteborg])
    part = rng.randrange(4)
    if part == 0:
        await town.relay.run_once()
    elif part == 1:
        await town.inbox.receive_once()
        await town.inbox.receive_once(stream="ATTACHMENT")
    elif part == 2:
        await town.inbox.dispatch_once()
    else:
        pair.exchange.redeliver()
        pair.clock.move(timedelta(seconds=6))


async def states(pair, handover_id):
    return await pair.linkoping.state(handover_id), await pair.goteborg.state(handover_id)


@pytest.mark.parametrize("seed", range(10))
async def test_a_handover_by_chance_stays_within_the_walk(pair, seed) -> None:
    rng = random.Random(seed)
    found = await pair.drafted()
    handover_id = found[1]
    await pair.linkoping.decide(handover_id, handover.Propose())
    for _ in range(30):
        if rng.random() < 0.25:
            await act(pair, rng, found)
        else:
            await stutter(pair, rng)
        assert await states(pair, handover_id) in STATES
    pair.exchange.redeliver()
    pair.clock.move(timedelta(seconds=30))
    await pair.settle()
    assert await states(pair, handover_id) in QUIET
    assert sum(await pair.responsible(handover_id)) == 1
    refused = await pair.linkoping.rows(
        "select kind, refusal_code from outbox where conversation_id = :id"
        " and refusal_code is not null",
        id=handover_id,
    )
    refused += await pair.goteborg.rows(
        "select kind, refusal_code from outbox where conversation_id = :id"
        " and refusal_code is not null",
        id=handover_id,
    )
    assert refused == []
