"""An authority's own keys: what they are, the next ones, and taking back one that has leaked.

What is done here the authority does alone, on its own machine, with its own keys: it signs what it
states and leaves it in `entry.json`. Nobody believes it until the operator has listed it
(`infra.listing`), and the operator can list nothing that is not signed so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from infra.directory import VALID_DAYS, TrustFiles, offered
from infra.files import write_private
from services.directory.api import Entry, Trust, revoked_by, sign_profile_anew, state_next_keys
from shared.crypto import KeyRing, key_id_of
from shared.crypto.ring import LEAD
from shared.errors import DomainError

WARN: Final = timedelta(days=60)
"""As long before the last day as the node's own card (`services.directory`)."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key, without its private half.

    Args:
        use: `signing` or `sealing`.
        is_listed: whether the directory in the authority's file names it.
    """

    kid: str
    use: str
    not_before: datetime
    not_after: datetime
    is_listed: bool
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class RingFacts:
    """An authority's keys as they stand.

    Args:
        fingerprint: of the key on which the others rest; what is compared by telephone.
        ends_at: when the last usable pair ends.
        is_unstated: whether there are keys, or a revocation, that the directory does not know of.
    """

    authority: str
    fingerprint: str | None
    keys: Sequence[KeyFacts]
    ends_at: datetime
    is_unstated: bool

    def days_left(self, now: datetime) -> int:
        """Whole days until then; 0 or fewer when it is over."""
        return (self.ends_at - now).days

    def is_expiring(self, now: datetime) -> bool:
        """Whether somebody should do something about it."""
        return self.ends_at - now < WARN


def facts(files: TrustFiles) -> RingFacts:
    """What an authority's folder says of its keys.

    Raises:
        DomainError: `keys.*`, `directory.*`: the folder is not in order.
    """
    ring, directory = KeyRing.load(files.keys), files.held()
    chain = directory.chains.get(ring.authority)
    listed = directory.entries.get(ring.authority)
    newest = offered(files, listed)
    gone = revoked_by(newest.statements) if newest else frozenset()
    known = {*chain.signing, *(key.kid for key in chain.sealing)} if chain else set()
    keys = [
        KeyFacts(key.kid, use, key.not_before, key.not_after, key.kid in known, key.kid in gone)
        for use, held in (("signing", ring.signing_keys), ("sealing", ring.sealing_keys))
        for key in held
    ]
    usable = [key for key in keys if not key.is_revoked]
    ends = [
        max((k.not_after for k in usable if k.use == use), default=directory.root.issued_at)
        for use in ("signing", "sealing")
    ]
    return RingFacts(
        authority=ring.authority,
        fingerprint=Trust(directory).fingerprint(ring.authority),
        keys=keys,
        ends_at=min(ends),
        is_unstated=newest != listed or any(not k.is_listed for k in usable),
    )


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about an authority's keys that a person should see to.

    Args:
        is_over: it cannot sign, or nobody can seal to it, any more.
    """

    authority: str
    sentence: str
    is_over: bool


def warnings(state: Path, now: datetime) -> list[Warned]:
    """What is to be seen to, of all authorities whose keys are in this state folder."""
    found: list[Warned] = []
    for folder in (state / "operator", *sorted(state.glob("nodes/*"))):
        files = TrustFiles(folder)
        if not (files.keys.is_dir() and files.directory.exists()):
            continue
        try:
            ring = facts(files)
        except DomainError as error:
            sentence = f"{folder.name}: nycklarna är inte i ordning ({error.code})."
            found.append(Warned(folder.name, sentence, is_over=True))
            continue
        days = ring.days_left(now)
        if ring.is_expiring(now):
            said = f"går ut om {days} dagar" if days > 0 else "har gått ut"
            sentence = f"{ring.authority}: nycklarna {said}. Byt: utvag keys rotate."
            found.append(Warned(ring.authority, sentence, is_over=days <= 0))
        if ring.is_unstated:
            sentence = f"{ring.authority}: nya nycklar väntar på 'utvag directory publish'."
            found.append(Warned(ring.authority, sentence, is_over=False))
    return found


def rotate(files: TrustFiles, now: datetime, lead: timedelta = LEAD) -> Entry:
    """Draw the next pair of each kind, and state them under the key in use.

    Args:
        lead: how long the new keys are announced before they are used.

    Returns:
        The entry for the operator, also written to `entry.json`.
    """
    ring, entry = _ring_and_entry(files)
    ring.rotate(now, VALID_DAYS, lead)
    statements = (*entry.statements, state_next_keys(ring, entry.statements, now))
    return _write(files, msgspec.structs.replace(entry, statements=statements))


def revoke(files: TrustFiles, kids: Sequence[str], now: datetime) -> Entry:
    """Say that these keys must not be believed any more, and draw new ones that are valid at once.

    Sealing keys stay in the folder: what is on its way to them is still to be opened.

    Raises:
        DomainError: `keys.unknown`: no such key of ours; `keys.no_signing_key`: nothing is left that
            vouches for the new ones: two persons must meet each authority.
    """
    ring, entry = _ring_and_entry(files)
    own = {each.kid for each in ring.signing_keys} | {each.kid for each in ring.sealing_keys}
    if unknown := [kid for kid in kids if kid not in own]:
        raise DomainError("keys.unknown", kid=unknown[0])
    ring.rotate(now, VALID_DAYS, timedelta())
    statement = state_next_keys(ring, entry.statements, now, revoked=kids)
    profile = entry.profile
    if key_id_of(profile) in kids:
        profile = sign_profile_anew(profile, signer=ring.signing_keys[-1], now=now)
    changed = msgspec.structs.replace(
        entry, statements=(*entry.statements, statement), profile=profile
    )
    return _write(files, changed)


def _ring_and_entry(files: TrustFiles) -> tuple[KeyRing, Entry]:
    ring = KeyRing.load(files.keys)
    entry = offered(files, files.held().entries.get(ring.authority))
    if entry is None:
        raise DomainError("directory.unknown_authority", authority=ring.authority)
    return ring, entry


def _write(files: TrustFiles, entry: Entry) -> Entry:
    write_private(files.entry, msgspec.json.encode(entry))
    return entry
