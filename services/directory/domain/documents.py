"""The signed documents that the directory is made of.

Who says what: an authority states its own keys and describes itself; the operator lists the
authorities, by the hash of each entry, and signs the list. So the operator can leave out and hold
back, which shows, but cannot put a key of its own under another's name, which would not.
"""

import hashlib
from datetime import date, datetime
from typing import Annotated, Final, Literal, Self, TypeVar

import msgspec
from msgspec import Meta

from shared.crypto.encoding import from_base64url, to_base64url
from shared.crypto.jws import key_id_of, payload_of
from shared.crypto.keys import SealingKey, SigningKey
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode

Status = Literal["active", "paused", "removed"]
"""`paused`: nothing is sent there for now. `removed`: for ever; what it once signed still stands."""

Kind = Literal["municipality", "police", "national_coordination", "collector", "operator"]
Code = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
SHA256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Kid = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
JWS = Annotated[str, Meta(max_length=120_000)]
Moment = Annotated[datetime, Meta(tz=True)]
ProbeName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9-]{1,59}\Z")]
Version = Annotated[int, Meta(ge=1, lt=2**31)]

BAD_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

MAX_AUTHORITIES: Final = 1_000
MAX_STATEMENTS: Final = 200
"""Of one authority: two rotations a year for a century."""


class PublicKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public half and the days on which it may be used; base64url."""

    public: Annotated[str, Meta(max_length=2_000)]
    not_before: Moment
    not_after: Moment

    @classmethod
    def of(cls, key: SigningKey | SealingKey) -> Self:
        """The public half of a key."""
        return cls(to_base64url(key.public), key.not_before, key.not_after)

    def signing_key(self) -> SigningKey:
        """As a key that verifies."""
        return SigningKey.of_public(self._bytes(), self.not_before, self.not_after)

    def sealing_key(self) -> SealingKey:
        """As a key one seals to."""
        return SealingKey.of_public(self._bytes(), self.not_before, self.not_after)

    def _bytes(self) -> bytes:
        try:
            return from_base64url(self.public)
        except ValueError as error:
            raise WireError("wire.key") from error


_Keys = Annotated[tuple[PublicKey, ...], Meta(min_length=1, max_length=8)]


class KeyStatement(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="utvag/1 keys",
    tag_field="document",
):
    """An authority's keys from now on, signed by a key of its statement before.

    Args:
        number: from 1, without a hole.
        previous: digest of the statement before; None for the first.
        revoked: names of keys that must no longer be believed, whatever they once signed.
    """

    authority: Code
    number: Version
    previous: SHA256 | None
    signing: _Keys
    sealing: _Keys
    revoked: Annotated[tuple[Kid, ...], Meta(max_length=64)]
    stated_at: Moment


class DutyContact(msgspec.Struct, frozen=True):
    """Whom to call when something is wrong; a function, never a person."""

    name: str
    telephone: str
    hours: str


class FunctionAddress(msgspec.Struct, frozen=True):
    """Where messages go: a function, never a person."""

    address: str
    name: str


class Profile(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="utvag/1 profile",
    tag_field="document",
):
    """How an authority describes itself, signed by it; the operator signs for who has no keys.

    Fields that this release does not know are kept, for the signed text is: a newer authority must
    not make the whole directory unreadable to an older one.

    Args:
        number: rises with every change.
        policies: digests of its published policy blocks.
        message_versions: which versions of which kinds its node reads.
        signed_at: judges the key.
    """

    authority: Code
    number: Version
    name: Annotated[str, Meta(max_length=200)]
    short_name: Annotated[str, Meta(max_length=100)]
    kind: Kind
    runs_node: bool
    colour: Annotated[str, Meta(pattern=r"\A#[0-9a-f]{6}\Z")]
    functions: Annotated[tuple[FunctionAddress, ...], Meta(max_length=50)]
    duty_contact: DutyContact
    policies: Annotated[tuple[SHA256, ...], Meta(max_length=100)]
    message_versions: dict[str, tuple[int, ...]]
    signed_at: Moment


class Removal(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="utvag/1 removal",
    tag_field="document",
):
    """The federation ends for this authority; signed by itself or by the national coordination."""

    authority: Code
    decided_on: date
    signed_at: Moment


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One authority in the directory.

    Args:
        statements: every key statement, the first first; empty for one that runs no node.
        profile: `Profile`, signed.
        policies: the published policy blocks that the profile names, canonical JSON.
        removal: there when, and only when, it is removed.
        tested: `JoinTest`, signed by the operator; left out until the node has passed, so that an
            entry without it is spelt as it always was.
    """

    code: Code
    status: Status
    statements: Annotated[tuple[JWS, ...], Meta(max_length=MAX_STATEMENTS)]
    profile: JWS
    policies: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    removal: JWS | None = None
    tested: JWS | msgspec.UnsetType = msgspec.UNSET


class EntryRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """An entry by its hash."""

    code: Code
    sha256: SHA256


class Root(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="utvag/1 directory",
    tag_field="document",
):
    """The list that the operator signs.

    Args:
        version: rises with every list.
        entries: in order of code.
        revoked: keys that the operator tells not to believe; it can take trust, never give it.
    """

    version: Version
    issued_at: Moment
    entries: Annotated[tuple[EntryRef, ...], Meta(min_length=1, max_length=MAX_AUTHORITIES)]
    revoked: Annotated[tuple[Kid, ...], Meta(max_length=1_000)] = ()


class JoinTest(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="utvag/1 join test",
    tag_field="document",
):
    """That a node passed the join test: before it, no real case goes to it or comes from it.

    Args:
        suite: which edition of the test.
        probes: what was tried, every one passed.
    """

    authority: Code
    suite: Version
    probes: Annotated[tuple[ProbeName, ...], Meta(min_length=1, max_length=200)]
    passed_at: Moment


class SignedDirectory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list and the entries that its reader may lack; also the message `directory`, version 1.

    Args:
        root: `Root`, signed by the operator.
        entries: at set-up all; in a message those that changed. 300 authorities in one message
            would be over the exchange's limit, as each sealing key alone is 1.6 kB of text.
    """

    root: JWS
    entries: Annotated[tuple[Entry, ...], Meta(max_length=MAX_AUTHORITIES)]


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operator's first signing key, pinned at set-up: all trust hangs on it."""

    kid: Kid
    public: str


S = TypeVar("S", bound=msgspec.Struct)


def encode(document: msgspec.Struct) -> bytes:
    """The one spelling of a document: what is signed and hashed."""
    return msgspec.json.encode(document, order="deterministic")


def read_payload(jws: str, kind: type[S]) -> S:
    """What a signed document says; who signed it is for the caller to check.

    Raises:
        DomainError: `directory.unreadable`.
    """
    try:
        key_id_of(jws)
        return msgspec.json.decode(payload_of(jws), type=kind)
    except (WireError, *BAD_JSON) as error:
        raise DomainError("directory.unreadable") from error


def digest(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry_digest(entry: Entry) -> str:
    """What the operator's list names the entry by."""
    return hashlib.sha256(encode(entry)).hexdigest()


def code_of(entry: Entry) -> AuthorityCode:
    """The entry's code as an id."""
    return AuthorityCode(entry.code)


def read_profile(entry: Entry) -> Profile:
    """What an entry's profile says; unverified, as `read_payload`."""
    return read_payload(entry.profile, Profile)
