"""What is written around the activities when the plan is reported to the executive board."""

from datetime import date
from typing import Literal

import msgspec

from shared.errors import DomainError

Occasion = Literal["HALF_TIME", "FINAL"]


class PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of a half-time or final report; the activities come from the plan as they stand.

    Args:
        proposal: what the board is asked to decide.
        matter: what it is about.
        material: what the decision rests on.
        measures: said before the areas.
        office: whose officers sign.
        signed_by: their names.
    """

    occasion: Occasion
    title: str
    dated: date
    proposal: str
    register_number: str = ""
    matter: str = ""
    material: str = ""
    background: str = ""
    measures: str = ""
    assessment: str = ""
    office: str = ""
    signed_by: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()


def check_plan_report(report: PlanReport) -> None:
    """Whether the board can decide on it.

    Raises:
        DomainError: `plan_report.title_missing`, `plan_report.proposal_missing`.
    """
    if not report.title:
        raise DomainError("plan_report.title_missing")
    if not report.proposal:
        raise DomainError("plan_report.proposal_missing")
