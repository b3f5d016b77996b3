"""The way between authorities: frames in, frames out, at least once, in no promised order.

A frame is sealed to its receiver before it comes here. The exchange sees who sends to whom, when,
and a size in steps; never a kind, a case or a person. The one for NATS is imported where it is
composed (`shared.bus.nats`), so that nothing else depends on the library.
"""

from shared.bus.memory import MemoryExchange
from shared.bus.port import (
    MAX_FRAME_BYTES,
    Bus,
    BusUnavailable,
    Delivery,
    Outgoing,
    Stream,
)

__all__ = [
    "MAX_FRAME_BYTES",
    "Bus",
    "BusUnavailable",
    "Delivery",
    "MemoryExchange",
    "Outgoing",
    "Stream",
]
