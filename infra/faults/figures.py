"""What a run shall be, and what came of it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.faults import plan
from infra.faults.judge import Verdict


@dataclass(frozen=True)
class Wanted:
    """What the run shall be.

    Args:
        in_flight: handovers open at once.
        minutes: after which no more are begun; those that are open go on to their end.
        repeats: the share of frames that are sent twice.
    """

    handovers: int
    seed: int
    nodes: int = 10
    in_flight: int = 60
    pace: plan.Pace = field(default_factory=plan.Pace)
    repeats: float = 0.03
    minutes: float | None = None


@dataclass
class Figures:
    """What came of it."""

    handovers: int
    verdict: Verdict
    kills: dict[str, int]
    cuts: int
    repeated: int
    seconds: float
    processor_s: dict[str, float]
    quiet_s: float | None
    branches: dict[str, int]
    refused: dict[str, int]
    verified: int
    schedule: str
    errors: dict[str, int]

    @property
    def line(self) -> str:
        """The one line that says it all."""
        wrong = " ".join(
            f"{name}={len(getattr(self.verdict, name))}"
            for name in ("lost", "twice", "nobody", "stuck")
        )
        return f"handovers={self.handovers} {wrong} kills={sum(self.kills.values())}"

    @property
    def is_well(self) -> bool:
        """Nothing wrong, and something was killed."""
        return self.verdict.is_well and sum(self.kills.values()) > 0

    def as_facts(self) -> dict[str, Any]:
        """For a program."""
        verdict = self.verdict
        return {
            "handovers": self.handovers,
            "lost": len(verdict.lost),
            "twice": len(verdict.twice),
            "nobody": len(verdict.nobody),
            "stuck": len(verdict.stuck),
            "kills": self.kills,
            "cuts": self.cuts,
            "repeated": self.repeated,
            "lost_because": dict(verdict.because),
            "unwanted": verdict.unwanted,
            "ends": dict(verdict.ends),
            "branches": self.branches,
            "refused_decisions": self.refused,
            "evidence_verified": self.verified,
            "seconds": round(self.seconds, 1),
            "processor_s": {name: round(spent, 1) for name, spent in self.processor_s.items()},
            "quiet_after_s": None if self.quiet_s is None else round(self.quiet_s, 1),
            "schedule": self.schedule,
            "errors_logged": self.errors,
        }


def errors_logged(folder: Path) -> Counter[str]:
    """What the nodes' processes called a bug of ours: worth reading even where nothing was lost."""
    found: Counter[str] = Counter()
    for log in (folder / "nodes").glob("*/*.log"):
        for line in log.read_text().splitlines():
            if '"level": "error"' in line:
                found[str(json.loads(line)["text"])] += 1
    return found
