"""The frame: what the exchange carries and cannot read.

```
"UTV" 1 | message id, 16 | receiver's kid, 32 | HPKE: encapsulated key and ciphertext
                                                `- length of jws, 2 | jws | salt, 32
                                                   | length of body, 4 | body | zeros
```

The zeros bring the whole frame to a step: 4 KiB apart up to 64 KiB, then 64 KiB apart, so that its
size tells a proposal from a dossier, but not one person's from another's.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.crypto import KeyDirectory, KeyRing, SealingKey
from shared.crypto.encoding import from_base64url, to_base64url
from shared.crypto.keys import SEAL_OVERHEAD
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode, MessageId
from shared.messages.envelope import (
    MAX_BODY_BYTES,
    PROTOCOL,
    SALT_BYTES,
    Message,
    check_content,
    verify,
)

MAX_FRAME_BYTES: Final = 512 * 1024  # architecture, "Beyond": the server cuts off who exceeds 1 MiB
MAX_AHEAD: Final = timedelta(days=2)
"""No clock is this wrong by accident, and a date chosen freely could outlive a key."""

_MAGIC: Final = b"UTV\x01"
_HEAD: Final = len(_MAGIC) + 16 + 32
_SMALL_STEP: Final = 4 * 1024
_LARGE_STEP: Final = 64 * 1024
_FIXED: Final = _HEAD + SEAL_OVERHEAD + 2 + SALT_BYTES + 4


def seal(message: Message, to: SealingKey) -> bytes:
    """The frame that only the holder of this key opens; another one each time.

    Raises:
        DomainError: `messages.too_large`.
    """
    jws = message.jws.encode("ascii")
    filled = _FIXED + len(jws) + len(message.body)
    size = _padded(filled)
    if size > MAX_FRAME_BYTES:
        raise DomainError("messages.too_large", limit_bytes=MAX_BODY_BYTES)
    plaintext = b"".join(
        (
            len(jws).to_bytes(2, "big"),
            jws,
            message.salt,
            len(message.body).to_bytes(4, "big"),
            message.body,
            bytes(size - filled),
        )
    )
    header = message.header
    info = _info(AuthorityCode(header.sender), AuthorityCode(header.receiver), header.message_id)
    head = _MAGIC + header.message_id.bytes + from_base64url(to.kid)
    return head + to.seal(plaintext, info)


def open_frame(
    frame: bytes,
    keys: KeyRing,
    sender: AuthorityCode,
    receiver: AuthorityCode,
    directory: KeyDirectory,
    now: datetime,
) -> Message:
    """The message inside, once everything about it has been checked.

    Args:
        sender, receiver: whom the bus names; the signature must name the same.
        now: wall clock.

    Raises:
        WireError: nothing of it may be believed, not even its number.
    """
    claimed, kid = _head(frame)
    info = _info(sender, receiver, claimed)
    jws, salt, body = _unpack(keys.opening(kid).open(frame[_HEAD:], info))
    header = verify(jws, directory)
    if header.receiver != receiver:
        raise WireError("wire.addressee")
    if header.sender != sender:
        raise WireError("wire.sender")
    if header.message_id != claimed:
        raise WireError("wire.message_id")
    if header.signed_at - now > MAX_AHEAD:
        raise WireError("wire.signed_ahead")
    check_content(header, body, salt)
    return Message(header, body, salt, jws)


def message_id_of(frame: bytes) -> MessageId:
    """Which message a frame claims to be: enough to ask for it again.

    Raises:
        WireError: `wire.frame`.
    """
    return MessageId(_head(frame)[0])


def _head(frame: bytes) -> tuple[UUID, str]:
    if (
        not frame.startswith(_MAGIC)
        or len(frame) > MAX_FRAME_BYTES
        or len(frame) < _FIXED
        or len(frame) != _padded(len(frame))
    ):
        raise WireError("wire.frame")
    start = len(_MAGIC)
    return UUID(bytes=frame[start : start + 16]), to_base64url(frame[start + 16 : _HEAD])


def _unpack(plaintext: bytes) -> tuple[str, bytes, bytes]:
    """Only who can seal to us reaches this; what they wrote may still be anything."""
    jws_end = 2 + int.from_bytes(plaintext[:2], "big")
    body_start = jws_end + SALT_BYTES + 4
    body_end = body_start + int.from_bytes(plaintext[jws_end + SALT_BYTES : body_start], "big")
    if body_end > len(plaintext) or plaintext[body_end:].strip(b"\0"):
        raise WireError("wire.frame")
    return (
        plaintext[2:jws_end].decode("latin-1"),
        plaintext[jws_end : jws_end + SALT_BYTES],
        plaintext[body_start:body_end],
    )


def _info(sender: AuthorityCode, receiver: AuthorityCode, message_id: UUID) -> bytes:
    return f"{PROTOCOL}|{sender}|{receiver}|{message_id}".encode()


def _padded(size: int) -> int:
    step = _SMALL_STEP if size <= _LARGE_STEP else _LARGE_STEP
    return -(-size // step) * step
