"""What other services and the gateway may call of decisions."""

from services.decisions.domain.at_once import AtOnce
from services.decisions.domain.delegation import COMMITTEE_ID, Delegation, check_days
from services.decisions.handlers.at_once import at_once, kinds_at_once, require_at_once
from services.decisions.handlers.counting import entry_refusals, first_aid_decisions
from services.decisions.handlers.register import (
    Decision,
    decisions_of,
    delegation,
    may_decide,
    record_decision,
    refusal_of,
    require_delegate,
    require_second,
)
from services.decisions.handlers.reports import Reportable, mark_reported, to_report

__all__ = [
    "COMMITTEE_ID",
    "AtOnce",
    "Decision",
    "Delegation",
    "Reportable",
    "at_once",
    "check_days",
    "decisions_of",
    "delegation",
    "entry_refusals",
    "first_aid_decisions",
    "kinds_at_once",
    "mark_reported",
    "may_decide",
    "record_decision",
    "refusal_of",
    "require_at_once",
    "require_delegate",
    "require_second",
    "to_report",
]
