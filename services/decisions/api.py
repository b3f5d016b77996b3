"""What other services and the gateway may call of decisions."""

from services.decisions.handlers import (
    Delegation,
    delegation,
    may_decide,
    record_decision,
    require_delegate,
    require_second,
)

__all__ = [
    "Delegation",
    "delegation",
    "may_decide",
    "record_decision",
    "require_delegate",
    "require_second",
]
