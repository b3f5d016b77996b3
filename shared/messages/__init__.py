"""What travels between authorities: a signed header, a body it vouches for, a sealed frame.

From the inside out:

- A **body** is one msgspec struct as JSON. It holds personal data and can be erased.
- A **salt** of 32 random bytes stands before it when it is hashed, so that the hash alone tells
  nothing about a body that is guessed.
- The **header** says who wrote to whom, about what, in which order, and carries that hash. It
  holds no personal data and is kept for ever; `jws` is the header under the sender's signature.
- A **frame** is all three, padded to a size that tells little and sealed to the receiver. It is
  made at publishing and never kept: a lost sealing key costs nothing.

The signature names the addressee: a receiver cannot seal a message anew to a third and pass it off
as sent to them. The sealing names sender, receiver and message: a frame moved to another subject of
the bus does not open.
"""

from shared.messages.envelope import (
    MAX_BODY_BYTES,
    Direction,
    Header,
    Message,
    check_content,
    compose,
    is_ahead,
    read_header,
    resign,
    restore,
    verify,
)
from shared.messages.evidence import (
    EvidenceMessage,
    Failure,
    Ground,
    Report,
    Said,
    export_evidence,
    verify_evidence,
)
from shared.messages.frame import MAX_FRAME_BYTES, message_id_of, open_frame, seal
from shared.messages.kinds import (
    AttachmentMissing,
    AttachmentReceived,
    Missing,
    Receipt,
    Refusal,
    ResignWanted,
    register_kernel_kinds,
)
from shared.messages.paper import RECEIPT, SENT, Paper, read_paper, sign_paper, verify_paper
from shared.messages.registry import Registry

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_FRAME_BYTES",
    "RECEIPT",
    "SENT",
    "AttachmentMissing",
    "AttachmentReceived",
    "Direction",
    "EvidenceMessage",
    "Failure",
    "Ground",
    "Header",
    "Message",
    "Missing",
    "Paper",
    "Receipt",
    "Refusal",
    "Registry",
    "Report",
    "ResignWanted",
    "Said",
    "check_content",
    "compose",
    "export_evidence",
    "is_ahead",
    "message_id_of",
    "open_frame",
    "read_header",
    "read_paper",
    "register_kernel_kinds",
    "resign",
    "restore",
    "seal",
    "sign_paper",
    "verify",
    "verify_evidence",
    "verify_paper",
]
