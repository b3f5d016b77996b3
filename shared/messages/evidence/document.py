"""The evidence file: what is in it, and how it is written.

One line of JSON for the manifest, then one for each message and one for each link, and every line in
its one spelling: a byte that is changed anywhere spoils the line it stands on, and no other.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.crypto import SigningKey
from shared.crypto.encoding import to_base64url
from shared.ids import AuthorityCode, ConversationId
from shared.messages.envelope import Message, read_header
from shared.messages.paper import read_paper

FORMAT: Final = "utvag-evidence/2"

_SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Code = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On what the parties acted: a consent or a policy in the version of that day, by its hash.

    Args:
        kind: `consent`, `policy`, `decision`.
        name: which one, without personal data (`0580 2026-01-01`).
    """

    kind: Annotated[str, Meta(pattern=r"\A[a-z_]{1,40}\Z")]
    name: Annotated[str, Meta(max_length=200)]
    sha256: _SHA256


class EvidenceMessage(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="message", tag_field="step"
):
    """A message as it was signed; body (JSON) and salt (base64url) both, or neither."""

    jws: str
    body: str | None = None
    salt: str | None = None

    @classmethod
    def of(cls, message: Message) -> Self:
        """With its body."""
        return cls(message.jws, message.body.decode(), to_base64url(message.salt))


class EvidencePaper(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="paper", tag_field="step"
):
    """A paper of a handover with an authority that has no node, as the exporter noted it."""

    jws: str


class EvidenceLink(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="link", tag_field="step"
):
    """One link of the responsibility chain: the same link under one or several signatures."""

    signatures: Annotated[tuple[str, ...], Meta(min_length=1, max_length=4)]


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message in the manifest: enough to say which one is gone.

    Args:
        sha256: of its JWS.
        name: kind, direction and number, for a person to read.
    """

    sha256: _SHA256
    name: Annotated[str, Meta(max_length=80)]


class Manifest(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="utvag/1 evidence",
    tag_field="document",
):
    """What the exporter signs: that this is all of it.

    Args:
        messages: each, in the file's order.
        links: SHA-256 of each, likewise.
        directory_version: the exporter's; an older directory may lack keys that are used here.
        is_one_sided: the other end had no node: its answers are papers, recorded by the exporter.
        papers: each, in the file's order; left out where there are none, as before there were any.
    """

    conversation_id: UUID
    exported_by: _Code
    exported_at: datetime
    directory_version: Annotated[int, Meta(ge=0)]
    messages: tuple[Listed, ...]
    links: tuple[_SHA256, ...]
    grounds: tuple[Ground, ...]
    is_one_sided: bool
    papers: tuple[Listed, ...] | UnsetType = UNSET


Step = EvidenceMessage | EvidencePaper | EvidenceLink


class Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    format: Literal["utvag-evidence/2"]
    manifest: str


def export_evidence(
    messages: Sequence[EvidenceMessage],
    *,
    conversation_id: ConversationId,
    exported_by: AuthorityCode,
    directory_version: int,
    signer: SigningKey,
    now: datetime,
    links: Sequence[Sequence[str]] = (),
    grounds: Sequence[Ground] = (),
    papers: Sequence[str] = (),
    is_one_sided: bool = False,
) -> bytes:
    """The file's content.

    Args:
        messages: every numbered message of the conversation, and every receipt and refusal.
        links: for each link of the chain its signatures, JWS compact.
        papers: JWS compact of each `Paper`.
        now: wall clock.
    """
    chain = tuple(EvidenceLink(tuple(signatures)) for signatures in links)
    noted = tuple(map(EvidencePaper, papers))
    listed = tuple(Listed(digest_of(each), read_paper(each.jws).name) for each in noted)
    manifest = Manifest(
        conversation_id=conversation_id,
        exported_by=exported_by,
        exported_at=now,
        directory_version=directory_version,
        messages=tuple(Listed(digest_of(each), name_of(each.jws)) for each in messages),
        links=tuple(digest_of(link) for link in chain),
        grounds=tuple(grounds),
        is_one_sided=is_one_sided,
        papers=listed or UNSET,
    )
    signed = signer.sign(msgspec.json.encode(manifest))
    return write(Heading(FORMAT, signed), (*messages, *noted, *chain))


def write(heading: Heading, steps: Sequence[Step]) -> bytes:
    """The lines of a file."""
    return b"".join(msgspec.json.encode(line) + b"\n" for line in (heading, *steps))


def digest_of(step: Step) -> str:
    """By which the manifest knows a step: SHA-256 of what was signed, not of what may be erased."""
    match step:
        case EvidenceMessage(jws=jws) | EvidencePaper(jws=jws):
            return digest(jws)
        case EvidenceLink(signatures=signatures):
            return digest(*signatures)


def name_of(jws: str) -> str:
    """How a message is called in a report."""
    header = read_header(jws)
    return f"{header.kind} {header.direction} {header.number}"


def digest(*texts: str) -> str:
    """SHA-256 of signed texts, in hex."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
