"""What others may call: seal, witness, verify and read the log."""

from services.audit.domain import Checkpoint, Entry, Fault, verify
from services.audit.handlers import (
    Sealer,
    Verdict,
    WitnessHandler,
    read_log,
    verify_log,
    witnessed_of,
)
from services.audit.wire import register

__all__ = [
    "Checkpoint",
    "Entry",
    "Fault",
    "Sealer",
    "Verdict",
    "WitnessHandler",
    "read_log",
    "register",
    "verify",
    "verify_log",
    "witnessed_of",
]
