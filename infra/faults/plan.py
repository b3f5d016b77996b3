"""What will be tried and what will be broken: both are drawn from the seed before anything runs."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Part = Literal["worker", "desk", "postgres", "nats", "cut", "silence", "delay"]
KILLED: frozenset[Part] = frozenset({"worker", "desk", "postgres", "nats"})


class Branch(StrEnum):
    """How the people of a handover mean it to go."""

    TAKE_OVER = "take_over"
    DECLINE = "decline"
    RETURN = "return"
    WITHDRAW = "withdraw"
    CONSENT = "consent"
    RULED_SENDER = "ruled_sender"
    RULED_RECEIVER = "ruled_receiver"
    SETTLED = "settled"


WEIGHTS: dict[Branch, int] = {
    Branch.TAKE_OVER: 40,
    Branch.DECLINE: 16,
    Branch.RETURN: 8,
    Branch.WITHDRAW: 14,
    Branch.CONSENT: 10,
    Branch.RULED_SENDER: 4,
    Branch.RULED_RECEIVER: 4,
    Branch.SETTLED: 4,
}
DISPUTED = frozenset({Branch.RULED_SENDER, Branch.RULED_RECEIVER, Branch.SETTLED})
CROSSING = frozenset({Branch.WITHDRAW, Branch.CONSENT})


@dataclass(frozen=True, slots=True)
class Intent:
    """One handover as its people mean it.

    Args:
        number: from 0.
        by_consent: on what it rests; statute otherwise.
        waits_s: how long the sender waits before it withdraws: into what, chance decides.
    """

    number: int
    sender: str
    receiver: str
    branch: Branch
    by_consent: bool
    waits_s: float


@dataclass(frozen=True, slots=True)
class Blow:
    """Something breaks.

    Args:
        at_s: seconds after the first handover began.
        target: which node, or which PostgreSQL server; of NATS there is one.
        lasts_s: of a cut, a silence or a delay.
    """

    at_s: float
    part: Part
    target: str
    lasts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something breaks, and of what how much.

    Args:
        least_s, most_s: between two blows.
    """

    least_s: float = 0.5
    most_s: float = 3.0
    shares: dict[Part, int] = field(
        default_factory=lambda: {
            "worker": 34,
            "desk": 20,
            "postgres": 6,
            "nats": 10,
            "cut": 14,
            "silence": 6,
            "delay": 10,
        }
    )


def intents(seed: int, codes: Sequence[str], count: int) -> list[Intent]:
    """The handovers, in the order in which they are begun; every branch occurs from 50 on."""
    rng = random.Random(f"intents {seed}")  # noqa: S311 - a schedule, not a secret
    branches = list(WEIGHTS)
    drawn: list[Intent] = []
    for number in range(count):
        sender, receiver = rng.sample(list(codes), 2)
        branch = rng.choices(branches, list(WEIGHTS.values()))[0]
        # The first ones go through all branches, so that a short run has them too.
        branch = branches[number] if number < min(len(branches), count) else branch
        by_consent = branch is Branch.CONSENT or rng.random() < 0.5
        drawn.append(Intent(number, sender, receiver, branch, by_consent, rng.uniform(0, 2.5)))
    return drawn


def blows(seed: int, codes: Sequence[str], servers: Sequence[str], pace: Pace) -> Iterator[Blow]:
    """What breaks and when, without end."""
    rng = random.Random(f"blows {seed}")  # noqa: S311 - a schedule, not a secret
    at_s = 0.0
    while True:
        at_s += rng.uniform(pace.least_s, pace.most_s)
        part = rng.choices(list(pace.shares), list(pace.shares.values()))[0]
        node, server = rng.choice(list(codes)), rng.choice(list(servers))
        target = {"nats": "nats", "postgres": server}.get(part, node)
        yield Blow(at_s, part, target, rng.uniform(0.2, 4.0) if part not in KILLED else 0.0)


def fingerprint(seed: int, codes: Sequence[str], servers: Sequence[str], pace: Pace) -> str:
    """The same for the same schedule: its first 1,000 blows and 1,000 intents, hashed."""
    schedule = blows(seed, codes, servers, pace)
    text = repr([next(schedule) for _ in range(1_000)]) + repr(intents(seed, codes, 1_000))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
