"""A paper between two authorities of which one has no node: what the other says of it, signed alone.

A message proves itself: who is named as its sender has signed it. A paper does not. What is kept of
it is a statement by the end that has a node: on this day this file went, or came, and this is what
was read out of it. The statement proves that nobody has changed it since, and nothing of the other
end; the paper itself has to do that, and is known by its hash.
"""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.crypto import KeyDirectory, SigningKey, key_id_of, payload_of
from shared.errors import WireError
from shared.ids import AuthorityCode
from shared.messages.envelope import BAD_JSON, Direction

SENT: Final = "sent"
"""The kind of a statement that a letter has left: it refers to the message that the letter carries."""
RECEIPT: Final = "receipt"
"""The kind of a paper that says only that a letter arrived."""

_Code = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class Paper(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="utvag/1 paper",
    tag_field="document",
):
    """What one end says of a paper; no person, no case number, no word of it.

    Args:
        recorded_by: who signed this: the sender or the receiver.
        message_id: random; the statement's own.
        number: from 1 in this direction, as a message's; 0 for `sent` and `receipt`.
        refers_to: the message that a letter carries or a paper answers.
        paper_on: the day it was sent, or came.
        paper_sha256: of the file that is kept of it: the letter, or the scanned paper.
        content_hash: SHA-256 of salt and what was read out of it; None for what only went or arrived.
        persons: how many answer for the statement.
        recorded_at: wall clock; judges the key.
    """

    recorded_by: _Code
    sender: _Code
    receiver: _Code
    message_id: UUID
    conversation_id: UUID
    direction: Direction
    number: Annotated[int, Meta(ge=0, lt=2**31)]
    kind: Annotated[str, Meta(pattern=r"\A[a-z][a-z_]{0,39}\Z")]
    refers_to: UUID | None
    paper_on: date
    paper_sha256: _SHA256
    content_hash: _SHA256 | None
    persons: Literal[1, 2]
    recorded_at: Annotated[datetime, Meta(tz=True)]

    @property
    def name(self) -> str:
        """How a report calls it."""
        return f"{self.kind} {self.direction} {self.number}"


def sign_paper(paper: Paper, key: SigningKey) -> str:
    """The statement under the signature of the end that makes it."""
    return key.sign(msgspec.json.encode(paper))


def read_paper(jws: str) -> Paper:
    """What a signed statement says, believed by nobody until `verify_paper`.

    Raises:
        WireError: `wire.jws`, `wire.paper`.
    """
    payload = payload_of(jws)
    try:
        return msgspec.json.decode(payload, type=Paper)
    except BAD_JSON as error:
        raise WireError("wire.paper") from error


def verify_paper(jws: str, directory: KeyDirectory) -> Paper:
    """The statement, signed by the end that it names, on a day when that key was valid.

    Raises:
        WireError: `wire.jws`, `wire.paper`, `wire.signature`, `wire.expired_key`, and what
            `KeyDirectory.signing_key` raises.
    """
    paper = read_paper(jws)
    key = directory.signing_key(AuthorityCode(paper.recorded_by), key_id_of(jws))
    key.verify(jws)
    if not key.is_valid_at(paper.recorded_at):
        raise WireError("wire.expired_key")
    return paper
