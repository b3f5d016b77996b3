"""Policy of decisions: the delegation order, one row for each kind of decision.

A row narrows what the law leaves open. Law and the protocol set floors: some decisions always take
two different persons, and some are never an official's.
"""

from typing import Literal, get_args

from services.decisions.domain.delegation import COMMITTEE
from shared.policy import PolicyStruct, SourcedRow

Role = Literal[
    "case_worker",
    "exit_coordinator",
    "team_leader",
    "social_director",
    "security_chief",
    "subcommittee",
    "committee_chair",
    "records_officer",
    "data_protection_officer",
    "log_reviewer",
    "system_admin",
    "police_partner",
]
DecisionKind = Literal[
    "investigation.open",
    "investigation.not_open",
    "case.assign",
    "case.close",
    "residence.find",
    "entry.assess",
    "entry.refuse",
    "exclusion.decide",
    "aid.counselling",
    "aid.emergency_housing",
    "aid.protected_housing",
    "aid.financial_within_norm",
    "aid.financial_above_norm",
    "aid.refuse",
    "care.apply",
    "care.immediate",
    "handover.propose",
    "handover.recall",
    "handover.answer",
    "handover.return",
    "handover.take_over",
    "handover.keep",
    "handover.dispute",
    "handover.agree",
    "handover.ruling",
    "handover.appeal",
    "disclosure.decide",
    "vault.reveal",
    "break_glass.review",
    "file.export",
    "protection.lower",
    "purge.decide",
    "policy.change",
]

MUST_BE_DELEGATED: frozenset[str] = frozenset(
    {
        "residence.find",
        "handover.propose",
        "handover.recall",
        "handover.answer",
        "handover.return",
        "handover.take_over",
        "handover.keep",
        "handover.dispute",
        "handover.agree",
        "handover.ruling",
    }
)
"""A municipality without these rows could receive a case and never answer."""

ALWAYS_TWO: frozenset[str] = frozenset(
    {
        # "Two different persons propose, and two answer, always" (services/handover/PROTOCOL.md).
        "handover.propose",
        "handover.answer",
        "handover.take_over",
        # The residence finding has two readers; vault, export, lowering, purge and policy take two
        # named persons so that no single insider can expose or erase a person.
        "residence.find",
        "vault.reveal",
        "file.export",
        "protection.lower",
        "purge.decide",
        "policy.change",
    }
)

WORKS_IN_FILES: frozenset[str] = frozenset({"case_worker", "exit_coordinator", "team_leader"})
"""Who reads a proposal to exclude: it stands in the person's file, and so does the signature."""

NEVER_AN_OFFICIAL: frozenset[str] = frozenset({"care.apply", "care.immediate"})
"""LVU (1990:52) 4, 6 §§ with kommunallagen (2017:725) 6 kap. 38 §: the committee or its chair."""
ImmediateKind = Literal[
    "aid.counselling",
    "aid.emergency_housing",
    "aid.protected_housing",
    "aid.financial_within_norm",
    "aid.financial_above_norm",
]
"""What may be decided at once: help. A refusal can wait for the morning, and care under LVU is never
an official's."""
assert set(get_args(ImmediateKind)) <= set(get_args(DecisionKind))
assert not set(get_args(ImmediateKind)) & (ALWAYS_TWO | NEVER_AN_OFFICIAL)
MAX_CONFIRM_WORKING_DAYS = 2
"""Product ceiling: until the ordinary delegate has read it, the decision stands on one person."""

NEVER_DECIDES: frozenset[str] = frozenset({"log_reviewer", "system_admin", "police_partner"})
"""Review and administration are kept apart from casework; the police decide nothing in a file."""


class DelegationRow(SourcedRow, frozen=True, kw_only=True):
    """Who decides one kind of matter.

    Args:
        decision: the kind.
        roles: any of them decides, or proposes the decision where a second person is demanded.
        second: any of them is the second person, always another one than the first; empty where
            one person is enough.
        limit_days: longest time one such decision may grant; none where the kind has no time.
        document: key of the delegation order in the tenant's `[document]` table.
        section: its row.
    """

    decision: DecisionKind
    roles: tuple[Role, ...]
    second: tuple[Role, ...] = ()
    limit_days: int | None = None

    compared = ("roles", "second", "limit_days")

    def __post_init__(self) -> None:
        """Hold the floors: a row narrows, it never widens."""
        if not self.roles:
            raise ValueError(f"{self.decision}: nobody decides")
        if self.decision in ALWAYS_TWO and not self.second:
            raise ValueError(f"{self.decision}: always takes a second person")
        if (
            self.decision == "exclusion.decide"
            and self.second
            and not WORKS_IN_FILES & {*self.second}
        ):
            raise ValueError(f"{self.decision}: the second person has no file to read it in")
        everyone = {*self.roles, *self.second}
        if everyone & NEVER_DECIDES:
            raise ValueError(f"{self.decision}: {sorted(everyone & NEVER_DECIDES)} never decide")
        if self.decision in NEVER_AN_OFFICIAL and not everyone <= COMMITTEE:
            raise ValueError(f"{self.decision}: never an official's decision")
        if self.limit_days is not None and self.limit_days < 1:
            raise ValueError(f"{self.decision}: a limit is at least one day")
        self.check_source(self.decision)

    @property
    def rule_key(self) -> str:
        """The row's name in a comparison of policies."""
        return self.decision


class ImmediateRow(SourcedRow, frozen=True, kw_only=True):
    """Who on call may decide one kind of matter at once, until the ordinary delegate has read it.

    Args:
        decision: the kind; the delegation order says who confirms it or sets it aside.
        roles: any of them decides, when on call.
        confirm_working_days: by when the ordinary delegate has confirmed it or set it aside.
        limit_days: longest time that one such decision may grant; none where the kind has no time.
        law: key of the law reference it rests on.
        document: key of what says so in the tenant's `[document]` table.
        section: where in it.
    """

    decision: ImmediateKind
    roles: tuple[Role, ...]
    confirm_working_days: int
    limit_days: int | None = None
    law: str

    compared = ("roles", "confirm_working_days", "limit_days")

    def __post_init__(self) -> None:
        """Hold the floors and ceilings."""
        if not self.roles:
            raise ValueError(f"{self.decision}: nobody decides at once")
        if set(self.roles) & (NEVER_DECIDES | COMMITTEE):
            raise ValueError(f"{self.decision}: who decides at once works in files")
        if not 1 <= self.confirm_working_days <= MAX_CONFIRM_WORKING_DAYS:
            raise ValueError(
                f"{self.decision}: confirm_working_days is 1 to {MAX_CONFIRM_WORKING_DAYS}"
            )
        if self.limit_days is not None and self.limit_days < 1:
            raise ValueError(f"{self.decision}: a limit is at least one day")
        self.check_source(self.decision)

    @property
    def rule_key(self) -> str:
        """The row's name in a comparison of policies."""
        return f"immediate.{self.decision}"


class DecisionsPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.decisions]`.

    Args:
        delegation: one row for each kind; a kind without a row may be decided by nobody here.
        immediate: what somebody on call may decide at once; a kind without a row waits.
    """

    delegation: tuple[DelegationRow, ...]
    immediate: tuple[ImmediateRow, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two rows for one kind, and a municipality that could not answer a handover."""
        kinds = [row.decision for row in self.delegation]
        twice = {kind for kind in kinds if kinds.count(kind) > 1}
        if twice:
            raise ValueError(f"two rows for {sorted(twice)}")
        missing = MUST_BE_DELEGATED - set(kinds)
        if missing:
            raise ValueError(f"no row for {sorted(missing)}")
        at_once = [row.decision for row in self.immediate]
        if len(at_once) != len(set(at_once)):
            raise ValueError("two immediate rows for one kind")
        if unconfirmed := set(at_once) - set(kinds):
            raise ValueError(f"nobody would confirm {sorted(unconfirmed)}")
        committees = {row.decision for row in self.delegation if set(row.roles) <= COMMITTEE}
        if alone := set(at_once) & committees:
            raise ValueError(f"no official would confirm {sorted(alone)}: the committee decides")

    def row(self, decision: str) -> DelegationRow | None:
        """The row of this kind; none means that nobody may decide it here."""
        return next((row for row in self.delegation if row.decision == decision), None)

    def at_once(self, decision: str) -> ImmediateRow | None:
        """The row of what may be decided at once; none means that this kind waits."""
        return next((row for row in self.immediate if row.decision == decision), None)
