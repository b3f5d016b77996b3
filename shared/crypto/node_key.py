"""The node's own secret: wraps the subject keys, and gives the blind index its key."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shared.crypto.ring import write_private_file
from shared.crypto.subject import KEY_BYTES, BlindIndex, SubjectKey, close, disclose
from shared.errors import DomainError
from shared.ids import SubjectId

_WRAP: Final = b"utvag/1 wrap subject keys"
_INDEX: Final = b"utvag/1 blind index"


@dataclass(frozen=True)
class NodeKey:
    """32 random bytes that are never used themselves: each task gets a key derived from them.

    Lost, every case of the node is unreadable; so it is kept apart from the database's backups.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def create(cls, file: Path) -> "NodeKey":
        """Draw a new one and keep it in this file, readable by its owner alone.

        Raises:
            FileExistsError: there is one; it is never replaced.
        """
        write_private_file(file, os.urandom(KEY_BYTES))
        return cls.load(file)

    @classmethod
    def load(cls, file: Path) -> "NodeKey":
        """Read it.

        Raises:
            DomainError: `keys.folder_not_private` when others may read it, `keys.damaged`.
        """
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise DomainError("keys.folder_not_private")
        secret = file.read_bytes()
        if len(secret) != KEY_BYTES:
            raise DomainError("keys.damaged")
        return cls(secret)

    def wrap(self, key: SubjectKey) -> bytes:
        """A subject's key as the key store keeps it; 61 bytes, bound to the subject."""
        return close(self._derived(_WRAP), key.key, key.subject.bytes)

    def unwrap(self, subject: SubjectId, wrapped: bytes) -> SubjectKey:
        """The key again.

        Raises:
            DomainError: `keys.damaged`: another subject's, another node's, or changed.
        """
        return SubjectKey(subject, disclose(self._derived(_WRAP), wrapped, subject.bytes))

    def blind_index(self) -> BlindIndex:
        """The node's index of personal numbers; the same for as long as this key lives."""
        return BlindIndex(self._derived(_INDEX))

    def _derived(self, purpose: bytes) -> bytes:
        # RFC 5869, section 3.3: the secret is uniformly random, so extracting is not needed.
        return HKDFExpand(SHA256(), KEY_BYTES, purpose).derive(self.secret)
