"""Policy of follow-up: the cooperation agreement, when it is followed up, and who reports."""

from datetime import date
from typing import Literal

from services.follow_up.domain import agreements as domain
from shared.policy import Policy, PolicyStruct, Sourced

SignerRole = Literal["exit_coordinator", "team_leader", "social_director"]
"""Who writes in the follow-up at all: the security chief reads it, and keeps action plans."""
KeeperRole = Literal["exit_coordinator", "team_leader", "social_director", "security_chief"]
MAX_REMIND_DAYS = 120
MAX_LAW_DAYS = 365  # product ceiling: a changed law that nobody has looked at for a year is missed


class NotStatedAgreement(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"
):
    """No cooperation agreement with the police is known."""


class Agreement(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="agreement"):
    """The agreement with the police.

    Args:
        police_unit: code of the other party, from the police's `authority.toml`.
        in_force_from: the agreement's own first day, the same in every later policy block that keeps
            it: a block with its own first day must not forget what was due before.
        until_further_notice: it has no last day.
        last_day: of an agreement for a time.
    """

    police_unit: str
    in_force_from: date
    until_further_notice: bool = True
    last_day: date | None = None

    def __post_init__(self) -> None:
        """An agreement has a last day, or says that it has none."""
        if self.until_further_notice == (self.last_day is not None):
            raise ValueError("an agreement holds until further notice, or to its last day")
        if self.last_day is not None and self.last_day < self.in_force_from:
            raise ValueError("an agreement does not end before its first day")


class Obligation(PolicyStruct, frozen=True, kw_only=True):
    """What one party has taken upon itself.

    Args:
        party: whose.
        code: stable, in the minutes of every year.
        text: as a person reads it.
        section: of the agreement.
    """

    party: domain.Party
    code: str
    text: str
    section: str


class FollowUpNotStated(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"
):
    """No document demands a joint follow-up."""


class EveryYear(PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="every_year"):
    """Once a calendar year.

    Args:
        first_year: the first that is followed up in this system; earlier ones lie elsewhere.
        month, day: last day of the year to have done it.
    """

    first_year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        """Refuse a day that does not come every year."""
        date(2025, self.month, self.day)


class LawChangeNotStated(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="not_stated"
):
    """No document says what a changed law leads to."""


class LawChangeFollowedUp(
    PolicyStruct, frozen=True, kw_only=True, tag_field="kind", tag="followed_up"
):
    """A changed law makes a joint follow-up due.

    Args:
        within_days: from the day that the change is in force.
        laws: ids of `tenants/law.toml` that the agreement rests on.
    """

    within_days: int
    laws: tuple[str, ...]

    def __post_init__(self) -> None:
        """Hold the ceiling."""
        if not 1 <= self.within_days <= MAX_LAW_DAYS:
            raise ValueError(f"within_days is 1 to {MAX_LAW_DAYS}")


class FollowUpPolicy(PolicyStruct, frozen=True, kw_only=True):
    """Section `[policy.follow_up]`.

    Args:
        agreement: the cooperation agreement with the police.
        obligations: what each party has taken upon itself in it.
        signed_by: who signs minutes for the municipality; the police unit's officers for the police.
        joint_follow_up: how often the parties follow it up together.
        law_change: whether a changed law makes that due.
        remind_days_before: when both parties are reminded: here by a card, the police on their first page.
        report_drafted_by: who writes the yearly report and sends it on.
        report_approved_by: who approves it before the board and publishes it after.
        plan_kept_by: who writes in the action plan.
    """

    agreement: Sourced[NotStatedAgreement | Agreement]
    obligations: Sourced[tuple[Obligation, ...]]
    signed_by: Sourced[tuple[SignerRole, ...]]
    joint_follow_up: Sourced[FollowUpNotStated | EveryYear]
    law_change: Sourced[LawChangeNotStated | LawChangeFollowedUp]
    remind_days_before: Sourced[int]
    report_drafted_by: Sourced[tuple[SignerRole, ...]]
    report_approved_by: Sourced[tuple[SignerRole, ...]]
    plan_kept_by: Sourced[tuple[KeeperRole, ...]]

    def __post_init__(self) -> None:
        """Hold what belongs together."""
        codes = [each.code for each in self.obligations.value]
        if len(codes) != len(set(codes)):
            raise ValueError("two obligations have one code")
        if bool(codes) != isinstance(self.agreement.value, Agreement):
            raise ValueError("an agreement has obligations, and obligations an agreement")
        if not 0 <= self.remind_days_before.value <= MAX_REMIND_DAYS:
            raise ValueError(f"remind_days_before is 0 to {MAX_REMIND_DAYS}")
        if not (
            self.signed_by.value and self.report_drafted_by.value and self.report_approved_by.value
        ):
            raise ValueError("somebody signs, drafts and approves")


def agreement_of(policy: Policy, rules: FollowUpPolicy) -> domain.Agreement | None:
    """The agreement as the domain reads it; None where no document names one."""
    agreement = rules.agreement.value
    if not isinstance(agreement, Agreement):
        return None
    yearly, law = rules.joint_follow_up.value, rules.law_change.value
    return domain.Agreement(
        police_unit=agreement.police_unit,
        obligations=tuple(
            domain.Obligation(each.party, each.code, each.text, each.section)
            for each in rules.obligations.value
        ),
        signed_by=rules.signed_by.value,
        title=policy.documents[rules.agreement.document].title,
        section=rules.agreement.section,
        in_force_from=agreement.in_force_from,
        last_day=agreement.last_day,
        yearly_from=yearly.first_year if isinstance(yearly, EveryYear) else None,
        yearly_by=(yearly.month, yearly.day) if isinstance(yearly, EveryYear) else (12, 31),
        law_days=law.within_days if isinstance(law, LawChangeFollowedUp) else None,
        remind_days=rules.remind_days_before.value,
    )


def law_ids(rules: FollowUpPolicy) -> tuple[str, ...]:
    """The references that the agreement rests on."""
    law = rules.law_change.value
    return law.laws if isinstance(law, LawChangeFollowedUp) else ()
