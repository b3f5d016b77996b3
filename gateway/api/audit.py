"""Log reviews over the API: that they are done; never whom they were about."""

from gateway.api.operation import Operation
from services.audit import api as audit

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/log-reviews",
        "Loggkontroller som är gjorda",
        audit.REVIEWS_SEEN_BY,
        audit.log_reviews,
    ),
    Operation(
        "POST",
        "/log-reviews",
        "En loggkontroll är gjord",
        ("log_reviewer",),
        audit.record_review,
        audit.RecordReview,
    ),
)
