"""What other services and the gateway may call of decisions."""

from services.decisions.domain.delegation import Delegation
from services.decisions.handlers.register import (
    Decision,
    decisions_of,
    delegation,
    may_decide,
    record_decision,
    require_delegate,
    require_second,
)

__all__ = [
    "Decision",
    "Delegation",
    "decisions_of",
    "delegation",
    "may_decide",
    "record_decision",
    "require_delegate",
    "require_second",
]
