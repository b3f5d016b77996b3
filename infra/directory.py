"""Keys and the first directory, for a federation whose nodes stand on one machine.

In production an authority draws its keys on its own machine and gives the operator its entry; the
operator signs the list. Here one command holds every key ring, and does each party's part with that
party's keys only. What comes out is the same, and passes the same rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from infra.files import private_folder, write_private
from services.directory.api import (
    Anchor,
    Directory,
    Entry,
    SignedDirectory,
    accept,
    describe,
    issue,
    read_profile,
    revoked_by,
    says_the_same,
    state_first_keys,
    state_next_keys,
    statement_matches,
)
from shared.clock import SystemClock
from shared.crypto import KeyRing, NodeKey, key_id_of
from shared.crypto.encoding import to_base64url
from shared.errors import DomainError
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import Tenant

VALID_DAYS: Final = 730
"""Two years, rotated after one: NIST SP 800-57 part 1, section 5.3.6, allows one to three."""

Versions = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class TrustFiles:
    """Where one authority's keys and trust lie in a state folder."""

    folder: Path

    @property
    def keys(self) -> Path:
        """Its private signing and sealing keys."""
        return self.folder / "keys"

    @property
    def node_key(self) -> Path:
        """Wraps its case keys."""
        return self.folder / "node.key"

    @property
    def anchor(self) -> Path:
        """The operator's pinned key."""
        return self.folder / "anchor.json"

    @property
    def directory(self) -> Path:
        """The newest directory that was handed out as a file."""
        return self.folder / "directory.json"

    @property
    def entry(self) -> Path:
        """What the authority itself has signed since, on its way to the operator."""
        return self.folder / "entry.json"

    def pinned(self) -> Anchor:
        """The operator's key, as it was pinned at set-up.

        Raises:
            DomainError: `directory.missing`.
        """
        try:
            return msgspec.json.decode(self.anchor.read_bytes(), type=Anchor)
        except FileNotFoundError as error:
            raise DomainError("directory.missing") from error

    def held(self) -> Directory:
        """The directory in the file, checked from the pinned key up.

        Raises:
            DomainError: `directory.missing`, and what `accept` raises.
        """
        known = _known(self, self.pinned())
        if known is None:
            raise DomainError("directory.missing")
        return known


def trust_files(state: Path, code: AuthorityCode) -> TrustFiles:
    """The authority's files; the operator's lie apart from the nodes'."""
    return TrustFiles(state / "operator" if code == OPERATOR else state / "nodes" / code)


def bootstrap(
    state: Path,
    tenants: Mapping[AuthorityCode, Tenant],
    *,
    versions: Versions | None = None,
    now: datetime | None = None,
) -> int:
    """Make what is missing: keys, node keys, the directory; and pin the operator's key.

    Run at every start. A new tenant folder, or a changed one, gives a new version of the list; an
    unchanged one gives none. Nothing that exists is overwritten but the directory, and that only
    with one that the rules accept in its place.

    Args:
        versions: which versions of which kinds this release reads (`Registry.versions()`); None
            leaves what is said already.
        now: wall clock, the machine's own unless a test sets it.

    Returns:
        The directory's version.
    """
    now = now or SystemClock().now()
    rings = {
        code: _ring(state, code, now)
        for code, tenant in tenants.items()
        if tenant.authority.runs_node or code == OPERATOR
    }
    operator = rings[OPERATOR]
    anchor = _anchor(trust_files(state, OPERATOR), operator)
    known = _known(trust_files(state, OPERATOR), anchor)
    entries = dict(known.entries) if known else {}
    for code, tenant in tenants.items():
        before = offered(trust_files(state, code), entries.get(code))
        entries[code] = _entry(tenant, before, rings.get(code), operator, versions, now)
    if known is None or entries != dict(known.entries):
        document = issue(entries.values(), before=known, signer=operator.signing(now), now=now)
        known = accept(document, known, anchor=anchor)
    for code in rings:
        hand_out(trust_files(state, code), anchor, known)
    return known.version


def offered(files: TrustFiles, listed: Entry | None) -> Entry | None:
    """The entry with what the authority has signed since it was listed; only ever more of it."""
    if listed is None or not files.entry.exists():
        return listed
    signed = msgspec.json.decode(files.entry.read_bytes(), type=Entry)
    return merged(listed, signed)


def merged(listed: Entry, signed: Entry) -> Entry:
    """The listed entry with newer statements and profile; what is the operator's to say stays."""
    before = len(listed.statements)
    if signed.statements[:before] != listed.statements:
        return listed
    newer = read_profile(signed).number > read_profile(listed).number
    return msgspec.structs.replace(
        listed,
        statements=signed.statements,
        profile=signed.profile if newer else listed.profile,
        policies=signed.policies if newer else listed.policies,
    )


def _ring(state: Path, code: AuthorityCode, now: datetime) -> KeyRing:
    files = trust_files(state, code)
    private_folder(files.folder)
    if code != OPERATOR and not files.node_key.exists():
        NodeKey.create(files.node_key)
    try:
        return KeyRing.load(files.keys)
    except DomainError as error:
        if error.code != "keys.folder_empty":
            raise
        return KeyRing.create(files.keys, code, now, VALID_DAYS)


def _anchor(files: TrustFiles, operator: KeyRing) -> Anchor:
    """What was pinned once; the operator's only key when nothing was."""
    if not files.anchor.exists():
        first = operator.signing_keys[0]
        write_private(
            files.anchor, msgspec.json.encode(Anchor(first.kid, to_base64url(first.public)))
        )
    return msgspec.json.decode(files.anchor.read_bytes(), type=Anchor)


def _known(files: TrustFiles, anchor: Anchor) -> Directory | None:
    if not files.directory.exists():
        return None
    document = msgspec.json.decode(files.directory.read_bytes(), type=SignedDirectory)
    return accept(document, None, anchor=anchor)


def _entry(
    tenant: Tenant,
    before: Entry | None,
    ring: KeyRing | None,
    operator: KeyRing,
    versions: Versions | None,
    now: datetime,
) -> Entry:
    """The authority's entry: as it was where nothing has changed."""
    described = read_profile(before) if before else None
    if versions is None and described is not None:
        versions = {kind: frozenset(read) for kind, read in described.message_versions.items()}
    statements = _statements(before, ring, now)
    policies = tuple(policy.published().decode() for policy in tenant.policies.policies)
    profile = describe(
        tenant.authority,
        policies,
        (versions or {}) if tenant.authority.runs_node else {},
        number=described.number + 1 if described else 1,
        signer=(ring or operator).signing(now),
        now=now,
    )
    gone = revoked_by(statements)
    if before is not None and says_the_same(before.profile, profile):
        profile = before.profile if key_id_of(before.profile) not in gone else profile
    return Entry(
        code=tenant.code,
        status=before.status if before else "active",
        statements=statements,
        profile=profile,
        policies=policies,
        removal=before.removal if before else None,
        tested=before.tested if before else msgspec.UNSET,
    )


def _statements(before: Entry | None, ring: KeyRing | None, now: datetime) -> tuple[str, ...]:
    stated = before.statements if before else ()
    if ring is None:
        return stated
    if not stated:
        return (state_first_keys(ring, now),)
    if statement_matches(stated[-1], ring, now, revoked_by(stated)):
        return stated
    return (*stated, state_next_keys(ring, stated, now))


def hand_out(files: TrustFiles, anchor: Anchor, directory: Directory) -> None:
    """Give a node its files: the anchor once, the directory when it is newer.

    Raises:
        DomainError: `directory.anchor`: the node has pinned another operator; and what `accept`
            raises when the operator's list is older than the node's, or another.
    """
    if not files.anchor.exists():
        write_private(files.anchor, msgspec.json.encode(anchor))
    pinned = msgspec.json.decode(files.anchor.read_bytes(), type=Anchor)
    if pinned != anchor:
        raise DomainError("directory.anchor")
    held = _known(files, pinned)
    accepted = accept(directory.document(), held, anchor=pinned)
    if held is None or held.version < accepted.version:
        write_private(files.directory, msgspec.json.encode(accepted.document()))
