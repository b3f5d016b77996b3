"""The header, its signature, and the body it vouches for."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.crypto import KeyDirectory, SigningKey, key_id_of, payload_of
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode, ConversationId, MessageId, random_id

PROTOCOL: Final = "utvag/1"
SALT_BYTES: Final = 32
MAX_BODY_BYTES: Final = 520_000
"""The longest body that fits a frame beside its signature; anything longer is an attachment."""

TOLERATED_SKEW: Final = timedelta(minutes=5)
"""Handover protocol: clock differences up to 5 minutes change nothing, beyond that one is told."""

BAD_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises on bytes from outside: bad UTF-8 and deep nesting pass by its own error."""

Direction = Literal["forward", "back"]
"""`forward` is away from who opened the conversation. Each direction is numbered by itself."""

_Code = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
_Kind = Annotated[str, Meta(pattern=r"\A[a-z][a-z_]{0,39}\Z")]
_Number = Annotated[int, Meta(ge=0, lt=2**31)]
_Version = Annotated[int, Meta(ge=1, lt=2**15)]
_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Moment = Annotated[datetime, Meta(tz=True)]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed and kept: no person, no case number, no word of the body.

    Args:
        number: from 1 in this direction of this conversation; 0 is outside the numbering.
        refers_to: the message that this one answers.
        content_hash: SHA-256 of salt and body, in hex.
        signed_at: the sender's wall clock; judges its key, dates nothing here.
    """

    protocol: Literal["utvag/1"] = PROTOCOL
    sender: _Code
    receiver: _Code
    message_id: UUID
    conversation_id: UUID
    direction: Direction
    number: _Number
    kind: _Kind
    version: _Version
    refers_to: UUID | None
    content_hash: _SHA256
    signed_at: _Moment


@dataclass(frozen=True)
class Message:
    """One message, open.

    Args:
        header: what `jws` says.
        body: JSON, UTF-8; personal data.
        salt: 32 bytes; erased with the body.
        jws: the header under the sender's signature.
    """

    header: Header
    body: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    jws: str = field(repr=False)

    @property
    def sender(self) -> AuthorityCode:
        """Who signed it."""
        return AuthorityCode(self.header.sender)

    @property
    def message_id(self) -> MessageId:
        """The same however often it is sent, signed or sealed."""
        return MessageId(self.header.message_id)

    @property
    def conversation_id(self) -> ConversationId:
        """What it is about."""
        return ConversationId(self.header.conversation_id)


def compose(
    *,
    sender: AuthorityCode,
    receiver: AuthorityCode,
    conversation_id: ConversationId,
    direction: Direction,
    number: int,
    kind: str,
    version: int,
    body: msgspec.Struct,
    key: SigningKey,
    now: datetime,
    refers_to: MessageId | None = None,
    message_id: MessageId | None = None,
) -> Message:
    """A new message, signed.

    Args:
        number: 0 for a message outside the numbering.
        now: wall clock.
        message_id: drawn at random unless given.

    Raises:
        DomainError: `messages.too_large`: send it as an attachment.
        msgspec.ValidationError: header or body would be refused by the receiver; a bug here.
    """
    encoded = msgspec.json.encode(body)
    if len(encoded) > MAX_BODY_BYTES:
        raise DomainError("messages.too_large", limit_bytes=MAX_BODY_BYTES)
    # Structs check when decoded, not when constructed: better here than at the other authority.
    msgspec.json.decode(encoded, type=type(body))
    salt = os.urandom(SALT_BYTES)
    header = Header(
        sender=sender,
        receiver=receiver,
        message_id=message_id or random_id(),
        conversation_id=conversation_id,
        direction=direction,
        number=number,
        kind=kind,
        version=version,
        refers_to=refers_to,
        content_hash=content_hash(salt, encoded),
        signed_at=now,
    )
    checked = msgspec.json.decode(msgspec.json.encode(header), type=Header)
    return _signed(checked, encoded, salt, key)


def resign(message: Message, key: SigningKey, now: datetime) -> Message:
    """The same message (id, number, content) under a key that is valid now."""
    header = msgspec.structs.replace(message.header, signed_at=now)
    return _signed(header, message.body, message.salt, key)


def restore(jws: str, body: bytes, salt: bytes) -> Message:
    """A message of our own store. Its header is read, its signature is not asked again.

    Raises:
        WireError: `wire.jws`, `wire.header`, `wire.content`.
    """
    message = Message(read_header(jws), body, salt, jws)
    check_content(message.header, body, salt)
    return message


def read_header(jws: str) -> Header:
    """What a signed text says, believed by nobody until `verify`.

    Raises:
        WireError: `wire.jws`, `wire.header`.
    """
    payload = payload_of(jws)
    try:
        header = msgspec.json.decode(payload, type=Header)
    except BAD_JSON as error:
        raise WireError("wire.header") from error
    # One header has one spelling: no second member of a name, no other form of a date.
    if _spelt(header) != payload:
        raise WireError("wire.header")
    return header


def verify(jws: str, directory: KeyDirectory) -> Header:
    """The header, signed by the authority it names, on a day when that key was valid.

    Raises:
        WireError: `wire.jws`, `wire.header`, `wire.signature`, `wire.expired_key`, and what
            `KeyDirectory.signing_key` raises.
    """
    header = read_header(jws)
    key = directory.signing_key(AuthorityCode(header.sender), key_id_of(jws))
    key.verify(jws)
    if not key.is_valid_at(header.signed_at):
        raise WireError("wire.expired_key")
    return header


def check_content(header: Header, body: bytes, salt: bytes) -> None:
    """The body is the one that the header vouches for.

    Raises:
        WireError: `wire.content`.
    """
    if len(salt) != SALT_BYTES or not hmac.compare_digest(
        content_hash(salt, body), header.content_hash
    ):
        raise WireError("wire.content")


def content_hash(salt: bytes, body: bytes) -> str:
    """SHA-256 of salt and body, in hex."""
    return hashlib.sha256(salt + body).hexdigest()


def is_ahead(header: Header, now: datetime) -> bool:
    """Whether the sender's clock is so far ahead that its people should be told."""
    return header.signed_at - now > TOLERATED_SKEW


def _signed(header: Header, body: bytes, salt: bytes, key: SigningKey) -> Message:
    payload = _spelt(header)
    return Message(msgspec.json.decode(payload, type=Header), body, salt, key.sign(payload))


def _spelt(header: Header) -> bytes:
    """The one spelling of a header: fields in their order, time in UTC."""
    in_utc = msgspec.structs.replace(header, signed_at=header.signed_at.astimezone(UTC))
    return msgspec.json.encode(in_utc)
