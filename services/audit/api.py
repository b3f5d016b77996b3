"""What others may call: seal, witness, verify and read the log."""

from services.audit.domain import (
    Checkpoint,
    Entry,
    Fault,
    RecordReview,
    Review,
    ReviewOutcome,
    verify,
)
from services.audit.handlers import (
    REVIEWS_SEEN_BY,
    Sealer,
    Verdict,
    WitnessHandler,
    log_reviews,
    read_log,
    record_review,
    reviews_to_count,
    verify_log,
    witnessed_of,
)
from services.audit.wire import register

__all__ = [
    "REVIEWS_SEEN_BY",
    "Checkpoint",
    "Entry",
    "Fault",
    "RecordReview",
    "Review",
    "ReviewOutcome",
    "Sealer",
    "Verdict",
    "WitnessHandler",
    "log_reviews",
    "read_log",
    "record_review",
    "register",
    "reviews_to_count",
    "verify",
    "verify_log",
    "witnessed_of",
]
