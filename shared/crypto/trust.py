"""What the kernel asks about other authorities; the answer is a service's."""

from datetime import datetime
from typing import Protocol

from shared.crypto.keys import SealingKey, SigningKey
from shared.ids import AuthorityCode


class KeyDirectory(Protocol):
    """Whom to believe and to whom to seal. Answers from memory: never waits, never calls out."""

    def signing_key(self, authority: AuthorityCode, kid: str) -> SigningKey:
        """The key of that name, also one that has expired: its day is judged by who asks.

        Raises:
            WireError: `wire.unknown_sender`, `wire.unknown_key`, `wire.revoked_key`.
        """
        ...

    def sealing_key(self, authority: AuthorityCode, now: datetime) -> SealingKey:
        """The key to seal to today.

        Raises:
            DomainError: `directory.unknown_authority`, `directory.no_sealing_key`.
        """
        ...

    def could_sign(self, authority: AuthorityCode, at: datetime) -> bool:
        """Whether it had a key to sign by then: nobody else speaks for it, not even on paper."""
        ...

    def may_receive(self, authority: AuthorityCode) -> bool:
        """Whether it runs a node and is active: a message to any other would wait for ever."""
        ...

    def version_of(self, authority: AuthorityCode, kind: str) -> frozenset[int]:
        """The versions of this kind of message that it reads; empty when it reads none."""
        ...
