"""Så arbetar vi: the tenant's policy, step by step, with who decides and where each rule is from.

Made from the policy in force, so that it cannot say anything else than what the node does. A rule
that no step names stands last: nothing that binds is left out.
"""

from dataclasses import dataclass
from datetime import date

from gateway.policies import SECTIONS
from gateway.texts.how_we_work import REST, STEPS, Step
from gateway.texts.policy import rule_name, say
from shared.actor import Actor
from shared.clock import local_date
from shared.node import Node
from shared.policy import Document, Policy
from shared.policy.diff import rules

READERS = ("case_worker", "exit_coordinator", "team_leader", "social_director", "security_chief")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in words.

    Args:
        rule: its path in the policy.
        verified: somebody has read it in the document.
        assumed: made up, for a municipality whose documents nobody has seen.
    """

    rule: str
    name: str
    value: str
    document: str
    section: str
    verified: bool
    assumed: bool
    note: str


@dataclass(frozen=True, slots=True)
class WorkStep:
    """One step of the work.

    Args:
        rules: what holds, the clocks among it.
        decisions: who decides what, by the delegation order.
    """

    title: str
    text: str
    rules: tuple[Rule, ...]
    decisions: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class HowWeWork:
    """The whole page.

    Args:
        sha256: of the policy; every decision keeps it.
    """

    authority: str
    valid_from: date
    sha256: str
    documents: tuple[Document, ...]
    steps: tuple[WorkStep, ...]
    verified: int
    total: int


async def how_we_work(node: Node, _actor: Actor) -> HowWeWork:
    """The policy in force today, in words."""
    return described(node.policies.on(local_date(node.clock.now())))


def described(policy: Policy) -> HowWeWork:
    """A policy in words, every rule of it once."""
    left = [
        Rule(
            rule,
            rule_name(rule),
            say(side.value),
            side.document,
            side.section,
            side.verified,
            side.assumed,
            side.note,
        )
        for rule, side in rules(policy, SECTIONS).items()
    ]
    total, verified = len(left), sum(each.verified for each in left)
    steps = []
    for step in STEPS:
        steps.append(_step(step, [each for each in left if step.takes(each.rule)]))
        left = [each for each in left if not step.takes(each.rule)]
    if left:
        steps.append(_step(REST, left))
    return HowWeWork(
        policy.authority,
        policy.valid_from,
        policy.sha256,
        tuple(policy.documents.values()),
        tuple(steps),
        verified,
        total,
    )


def _step(step: Step, here: list[Rule]) -> WorkStep:
    return WorkStep(
        step.title,
        step.text,
        tuple(each for each in here if not _is_decision(each)),
        tuple(each for each in here if _is_decision(each)),
    )


def _is_decision(rule: Rule) -> bool:
    return rule.rule.startswith("decisions.")
