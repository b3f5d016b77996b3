"""What other services and the gateway may call of documents."""

from services.documents.domain import (
    ENDINGS,
    MAX_BYTES,
    PIECE_BYTES,
    Document,
    MediaType,
    check_size,
)
from services.documents.handlers import (
    Draft,
    erase_what_came,
    find,
    keep,
    listed,
    pieces,
    receive,
    take_in,
)

__all__ = [
    "ENDINGS",
    "MAX_BYTES",
    "PIECE_BYTES",
    "Document",
    "Draft",
    "MediaType",
    "check_size",
    "erase_what_came",
    "find",
    "keep",
    "listed",
    "pieces",
    "receive",
    "take_in",
]
