"""The directory in force, and what the kernel may ask of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.directory.domain.chain import Chain
from services.directory.domain.documents import Entry, Profile, Root, SignedDirectory
from shared.crypto.keys import SealingKey, SigningKey
from shared.errors import DomainError, WireError
from shared.ids import OPERATOR, AuthorityCode


@dataclass(frozen=True)
class Directory:
    """A directory that passed every rule; `accept` makes it, nothing else.

    Args:
        chains: of the authorities that have keys.
    """

    root_jws: str
    root: Root
    entries: Mapping[AuthorityCode, Entry]
    profiles: Mapping[AuthorityCode, Profile]
    chains: Mapping[AuthorityCode, Chain]

    @property
    def version(self) -> int:
        """Rises with every list of the operator."""
        return self.root.version

    def document(self) -> SignedDirectory:
        """The whole of it, as it is kept and handed on."""
        return SignedDirectory(self.root_jws, tuple(self.entries.values()))

    def changes_since(self, known: "Directory") -> SignedDirectory:
        """What somebody with that older one lacks."""
        changed = (
            entry for code, entry in self.entries.items() if known.entries.get(code) != entry
        )
        return SignedDirectory(self.root_jws, tuple(changed))


class Trust:
    """Answers the kernel (`KeyDirectory`) from one directory.

    Args:
        directory: the one in force.
        keeps_removed: believe what a removed authority once signed: for verifying evidence, never
            for receiving.
    """

    def __init__(self, directory: Directory, *, keeps_removed: bool = False) -> None:
        self.directory = directory
        self._keeps_removed = keeps_removed

    def signing_key(self, authority: AuthorityCode, kid: str) -> SigningKey:
        """Any key it ever stated, unless revoked."""
        chain = self.directory.chains.get(authority)
        if chain is None or not (self._keeps_removed or self._status(authority) != "removed"):
            raise WireError("wire.unknown_sender")
        if kid in self._revoked(chain):
            raise WireError("wire.revoked_key")
        if kid not in chain.signing:
            raise WireError("wire.unknown_key")
        return chain.signing[kid]

    def sealing_key(self, authority: AuthorityCode, now: datetime) -> SealingKey:
        """The newest of its last statement that is valid now."""
        chain = self.directory.chains.get(authority)
        if chain is None:
            raise DomainError("directory.unknown_authority", authority=authority)
        revoked = self._revoked(chain)
        usable = [key for key in chain.sealing if key.is_valid_at(now) and key.kid not in revoked]
        if not usable:
            raise DomainError("directory.no_sealing_key", authority=authority)
        return max(usable, key=lambda key: key.not_before)

    def could_sign(self, authority: AuthorityCode, at: datetime) -> bool:
        """Whether it had a key to sign by then.

        Who runs a node could from its first key on, whatever day a note about it bears. Who runs
        none any more could as long as a key of its own, that is not revoked, was valid.
        """
        chain = self.directory.chains.get(authority)
        if chain is None:
            return False
        if self.directory.profiles[authority].runs_node:
            return min(key.not_before for key in chain.signing.values()) <= at
        revoked = self._revoked(chain)
        return any(key.is_valid_at(at) for key in chain.signing.values() if key.kid not in revoked)

    def may_receive(self, authority: AuthorityCode) -> bool:
        """Whether it is active and reads what comes: who runs a node, and the operator.

        The operator runs none, but it sends the directory and waits for each receipt.
        """
        profile = self.directory.profiles.get(authority)
        reads = profile is not None and (profile.runs_node or authority == OPERATOR)
        return reads and self._status(authority) == "active"

    def is_tested(self, authority: AuthorityCode) -> bool:
        """Whether its node has passed the join test."""
        entry = self.directory.entries.get(authority)
        return entry is not None and entry.tested is not msgspec.UNSET

    def version_of(self, authority: AuthorityCode, kind: str) -> frozenset[int]:
        """The versions of this kind that it says it reads."""
        profile = self.directory.profiles.get(authority)
        return frozenset(profile.message_versions.get(kind, ()) if profile else ())

    def fingerprint(self, authority: AuthorityCode) -> str | None:
        """Name of the key on which its others rest; None where it has none."""
        chain = self.directory.chains.get(authority)
        return chain.fingerprint if chain else None

    def _status(self, authority: AuthorityCode) -> str:
        return self.directory.entries[authority].status

    def _revoked(self, chain: Chain) -> Collection[str]:
        return chain.revoked.union(self.directory.root.revoked)


def spoken(fingerprint: str) -> str:
    """A fingerprint as two persons read it to each other: groups of four."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
