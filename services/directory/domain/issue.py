"""Writing the documents: an authority's part, and the operator's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from services.directory.domain.book import Directory
from services.directory.domain.documents import (
    DutyContact,
    Entry,
    EntryRef,
    FunctionAddress,
    JoinTest,
    KeyStatement,
    Profile,
    PublicKey,
    Removal,
    Root,
    SignedDirectory,
    digest,
    encode,
    entry_digest,
    read_payload,
)
from shared.crypto.keys import SealingKey, SigningKey
from shared.crypto.ring import KeyRing
from shared.errors import DomainError
from shared.ids import AuthorityCode
from shared.policy import Authority


def state_first_keys(ring: KeyRing, now: datetime) -> str:
    """An authority's first statement: signed by itself, to be confirmed by telephone."""
    return _state(ring, number=1, previous=None, revoked=(), signer=ring.signing(now), now=now)


def state_next_keys(
    ring: KeyRing,
    statements: Sequence[str],
    now: datetime,
    *,
    revoked: Iterable[str] = (),
    signer: SigningKey | None = None,
) -> str:
    """The next statement, when the ring has new keys or a key must not be believed any more.

    Args:
        statements: all before it.
        revoked: names of keys to revoke.
        signer: the newest key that the last statement names and that is valid, unless told
            otherwise. After a loss of all of them it is a new one, and each node asks for a
            recorded meeting.

    Raises:
        DomainError: `keys.no_signing_key`: no key is left that the last statement vouches for.
    """
    taken = tuple(revoked)
    return _state(
        ring,
        number=len(statements) + 1,
        previous=digest(statements[-1]),
        revoked=taken,
        signer=signer or _vouched(ring, statements[-1], now, taken),
        now=now,
        gone=revoked_by(statements).union(taken),
    )


def describe(
    authority: Authority,
    policies: Sequence[str],
    message_versions: Mapping[str, Iterable[int]],
    *,
    number: int,
    signer: SigningKey,
    now: datetime,
) -> str:
    """An authority's profile, signed.

    Args:
        policies: published policy blocks, canonical JSON.
        signer: its own key; the operator's for one that runs no node.
    """
    profile = Profile(
        authority=authority.code,
        number=number,
        name=authority.name,
        short_name=authority.short_name,
        kind=authority.kind,
        runs_node=authority.runs_node,
        colour=authority.colour,
        functions=tuple(FunctionAddress(f.address, f.name) for f in authority.functions),
        duty_contact=DutyContact(
            authority.duty_contact.name,
            authority.duty_contact.telephone,
            authority.duty_contact.hours,
        ),
        policies=tuple(digest(block) for block in policies),
        message_versions={
            kind: tuple(sorted(versions)) for kind, versions in sorted(message_versions.items())
        },
        signed_at=now,
    )
    return signer.sign(encode(profile))


def says_the_same(profile: str, other: str) -> bool:
    """Whether two signed profiles differ in nothing but number and date of signing."""
    one, two = (read_payload(jws, Profile) for jws in (profile, other))
    return one == msgspec.structs.replace(two, number=one.number, signed_at=one.signed_at)


def sign_profile_anew(profile: str, *, signer: SigningKey, now: datetime) -> str:
    """The same profile under another key, one number on: when the key that signed it is revoked."""
    known = read_payload(profile, Profile)
    anew = msgspec.structs.replace(known, number=known.number + 1, signed_at=now)
    return signer.sign(encode(anew))


def remove(authority: AuthorityCode, decided_on: date, *, signer: SigningKey, now: datetime) -> str:
    """The decision that an authority leaves, signed by itself or the national coordination."""
    return signer.sign(encode(Removal(authority, decided_on, now)))


def passed(
    authority: AuthorityCode,
    suite: int,
    probes: Sequence[str],
    *,
    signer: SigningKey,
    now: datetime,
) -> str:
    """That a node passed the join test, signed by the operator."""
    tested = JoinTest(authority=authority, suite=suite, probes=tuple(probes), passed_at=now)
    return signer.sign(encode(tested))


def revoked_by(statements: Sequence[str]) -> frozenset[str]:
    """Names of the keys that these statements take back; unverified, as `read_payload`."""
    return frozenset(kid for jws in statements for kid in read_payload(jws, KeyStatement).revoked)


def issue(
    entries: Iterable[Entry],
    *,
    before: Directory | None,
    signer: SigningKey,
    now: datetime,
    revoked: Iterable[str] = (),
) -> SignedDirectory:
    """The operator's next list of these entries.

    Args:
        before: the last one; its revocations stay.
    """
    ordered = tuple(sorted(entries, key=lambda entry: entry.code))
    root = Root(
        version=before.version + 1 if before else 1,
        issued_at=now,
        entries=tuple(EntryRef(entry.code, entry_digest(entry)) for entry in ordered),
        revoked=tuple(sorted({*revoked, *(before.root.revoked if before else ())})),
    )
    return SignedDirectory(signer.sign(encode(root)), ordered)


def statement_matches(
    statement: str, ring: KeyRing, now: datetime, gone: Collection[str] = ()
) -> bool:
    """Whether an authority's last statement names every key that its ring would state now.

    Args:
        gone: names of keys that were revoked.
    """
    stated = read_payload(statement, KeyStatement)
    return set(stated.signing) >= set(_usable(ring.signing_keys, now, gone)) and set(
        stated.sealing
    ) >= set(_usable(ring.sealing_keys, now, gone))


def _state(
    ring: KeyRing,
    *,
    number: int,
    previous: str | None,
    revoked: tuple[str, ...],
    signer: SigningKey,
    now: datetime,
    gone: Collection[str] = (),
) -> str:
    statement = KeyStatement(
        authority=ring.authority,
        number=number,
        previous=previous,
        signing=_usable(ring.signing_keys, now, gone),
        sealing=_usable(ring.sealing_keys, now, gone),
        revoked=revoked,
        stated_at=now,
    )
    return signer.sign(encode(statement))


def _usable(
    keys: Iterable[SigningKey | SealingKey], now: datetime, gone: Collection[str]
) -> tuple[PublicKey, ...]:
    """Every key that is valid, or will be, and was not taken back."""
    return tuple(PublicKey.of(key) for key in keys if key.not_after >= now and key.kid not in gone)


def _vouched(ring: KeyRing, statement: str, now: datetime, revoked: Collection[str]) -> SigningKey:
    """The newest key that is stated already: rotation may be announced late.

    One that is being revoked signs its own end only where there is no other.
    """
    stated = {key.public for key in read_payload(statement, KeyStatement).signing}
    vouched = [
        key
        for key in reversed(ring.signing_keys)
        if PublicKey.of(key).public in stated and key.is_valid_at(now)
    ]
    for key in sorted(vouched, key=lambda each: each.kid in revoked):
        return key
    raise DomainError("keys.no_signing_key")
