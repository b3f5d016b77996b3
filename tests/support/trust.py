"""Keys and trust for tests: real keys, a directory that is a dictionary."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from shared.crypto import KeyRing, SealingKey, SigningKey
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LINKOPING = AuthorityCode("0580")
GOTEBORG = AuthorityCode("1480")


class StaticDirectory:
    """A `KeyDirectory` of the public halves of these rings; everybody is active."""

    def __init__(self, rings: Iterable[KeyRing]) -> None:
        self._rings = {ring.authority: ring for ring in rings}
        self.revoked: set[str] = set()
        self.silent: set[AuthorityCode] = set()

    def signing_key(self, authority: AuthorityCode, kid: str) -> SigningKey:
        if authority not in self._rings:
            raise WireError("wire.unknown_sender")
        if kid in self.revoked:
            raise WireError("wire.revoked_key")
        for key in self._rings[authority].signing_keys:
            if key.kid == kid:
                return SigningKey.of_public(key.public, key.not_before, key.not_after)
        raise WireError("wire.unknown_key")

    def sealing_key(self, authority: AuthorityCode, now: datetime) -> SealingKey:
        if authority not in self._rings:
            raise DomainError("directory.unknown_authority")
        for key in reversed(self._rings[authority].sealing_keys):
            if key.is_valid_at(now):
                return SealingKey.of_public(key.public, key.not_before, key.not_after)
        raise DomainError("directory.no_sealing_key")

    def could_sign(self, authority: AuthorityCode, at: datetime) -> bool:
        ring = self._rings.get(authority)
        return ring is not None and min(key.not_before for key in ring.signing_keys) <= at

    def may_receive(self, authority: AuthorityCode) -> bool:
        return authority in self._rings and authority not in self.silent

    def version_of(self, authority: AuthorityCode, kind: str) -> frozenset[int]:
        return frozenset({1})


def two_authorities(
    now: datetime = NOW, valid: timedelta = timedelta(days=365)
) -> tuple[KeyRing, KeyRing, StaticDirectory]:
    """Linköping's ring, Göteborg's, and a directory that knows both."""
    first, second = (
        KeyRing.in_memory(code, now, valid_days=valid.days) for code in (LINKOPING, GOTEBORG)
    )
    return first, second, StaticDirectory([first, second])
