"""An authority's own private keys, in a folder that only it can read.

One file a key, `signing-<kid>.json` or `sealing-<kid>.json`. A file is written whole or not at all,
never changed and never overwritten: rotation adds, and a sealing key stays for as long as something
sealed to it may still be on its way. Keys are drawn by another process than those that use them, so
a ring looks at its folder again: every few seconds, and before it says that it does not know a key.
"""

import os
import secrets
import stat
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Self

import msgspec

from shared.crypto.encoding import from_base64url, to_base64url
from shared.crypto.keys import SealingKey, SigningKey
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode

LEAD: Final = timedelta(days=7)
"""How long a new key is announced before it signs: the others must have the directory by then."""


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    authority: str
    use: Literal["signing", "sealing"]
    kid: str
    not_before: datetime
    not_after: datetime
    private: str


class KeyRing:
    """The keys an authority signs with and opens with.

    Args:
        authority: whose they are.
        signing_keys, sealing_keys: whole keys, in any order; at least one of each.
        folder: where new ones are written; None keeps them in memory.
    """

    def __init__(
        self,
        authority: AuthorityCode,
        signing_keys: Iterable[SigningKey],
        sealing_keys: Iterable[SealingKey],
        folder: Path | None = None,
    ) -> None:
        self.authority = authority
        self._signing = sorted(signing_keys, key=_age)
        self._sealing = sorted(sealing_keys, key=_age)
        self._folder = folder
        self._seen = _names(folder)
        self._believed: Collection[str] = ()
        self._revoked: Collection[str] = ()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read every key in the folder.

        Raises:
            DomainError: `keys.folder_not_private` when others may read it, `keys.folder_empty`
                when it lacks keys of a kind, `keys.damaged` when a file is not what its name says.
        """
        if not folder.is_dir():
            raise DomainError("keys.folder_empty")
        files = sorted(folder / name for name in _names(folder))
        if any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (folder, *files)):
            raise DomainError("keys.folder_not_private")
        read = [_read(path) for path in files]
        owners = {authority for authority, _ in read}
        signing = [key for _, key in read if isinstance(key, SigningKey)]
        sealing = [key for _, key in read if isinstance(key, SealingKey)]
        if not (signing and sealing):
            raise DomainError("keys.folder_empty")
        if len(owners) > 1:
            raise DomainError("keys.damaged")
        return cls(AuthorityCode(owners.pop()), signing, sealing, folder)

    @classmethod
    def create(cls, folder: Path, authority: AuthorityCode, now: datetime, valid_days: int) -> Self:
        """The first pair of each kind, valid at once; finishes what a crash left half made.

        Raises:
            DomainError: `keys.folder_in_use`: there are keys already, and they are never replaced.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        if any(folder.glob("signing-*.json")):  # written last
            raise DomainError("keys.folder_in_use")
        for alone in folder.glob("sealing-*.json"):
            alone.unlink()  # never published: nothing was sealed to it
        ring = cls(authority, (), (), folder)
        ring._add(now, timedelta(days=valid_days))
        return ring

    @classmethod
    def in_memory(cls, authority: AuthorityCode, now: datetime, valid_days: int = 365) -> Self:
        """Keys that end with the process: for tests."""
        ring = cls(authority, (), ())
        ring._add(now, timedelta(days=valid_days))
        return ring

    def refresh(self) -> bool:
        """Take in keys that were added to the folder since; whether there were any.

        Raises:
            DomainError: as `load`; the ring stays as it was.
        """
        seen = _names(self._folder)
        if self._folder is None or seen == self._seen:
            return False
        fresh = KeyRing.load(self._folder)
        if fresh.authority != self.authority:
            raise DomainError("keys.damaged")
        self._signing, self._sealing = list(fresh.signing_keys), list(fresh.sealing_keys)
        self._seen = seen
        return True

    def rotate(self, now: datetime, valid_days: int, lead: timedelta = LEAD) -> None:
        """Add the next pair of each kind; the old ones go on until the new ones are valid."""
        self._add(now + lead, timedelta(days=valid_days))

    @property
    def signing_keys(self) -> Sequence[SigningKey]:
        """All of them, oldest first."""
        return tuple(self._signing)

    @property
    def sealing_keys(self) -> Sequence[SealingKey]:
        """All of them, oldest first."""
        return tuple(self._sealing)

    def heed(self, believed: Collection[str], revoked: Collection[str]) -> None:
        """Say which of our signing keys the others know of, and which they do not believe.

        Until the directory has come that names a new key, the one before it goes on signing: what
        the others cannot verify only comes back.
        """
        self._believed, self._revoked = believed, revoked

    def signing(self, now: datetime) -> SigningKey:
        """The newest key that may sign now: one that the others know of, where there is one.

        Raises:
            DomainError: `keys.no_signing_key`.
        """
        usable = [k for k in self._signing if k.is_valid_at(now) and k.kid not in self._revoked]
        if not usable:
            raise DomainError("keys.no_signing_key")
        known = [key for key in usable if key.kid in self._believed]
        return (known or usable)[-1]

    def opening(self, kid: str) -> SealingKey:
        """The key of that name; how old does not matter.

        Raises:
            WireError: `wire.unknown_key`.
        """
        for _ in range(2):
            for key in self._sealing:
                if key.kid == kid:
                    return key
            if not self.refresh():
                break
        raise WireError("wire.unknown_key")

    def _add(self, not_before: datetime, valid: timedelta) -> None:
        signing = SigningKey.create(not_before, valid)
        sealing = SealingKey.create(not_before, valid)
        if self._folder is not None:
            _write(self._folder, self.authority, "sealing", sealing)
            _write(self._folder, self.authority, "signing", signing)
            self._seen |= {f"sealing-{sealing.kid}.json", f"signing-{signing.kid}.json"}
        self._signing.append(signing)
        self._sealing.append(sealing)


def _names(folder: Path | None) -> frozenset[str]:
    """The key files there are; they are only ever added to."""
    return frozenset(path.name for path in folder.glob("*.json")) if folder else frozenset()


def _age(key: SigningKey | SealingKey) -> tuple[datetime, datetime]:
    return key.not_before, key.not_after


def _read(path: Path) -> tuple[str, SigningKey | SealingKey]:
    try:
        held = msgspec.json.decode(path.read_bytes(), type=_KeyFile)
        kind = SigningKey if held.use == "signing" else SealingKey
        key = kind.of_private(from_base64url(held.private), held.not_before, held.not_after)
    except (msgspec.DecodeError, ValueError) as error:
        raise DomainError("keys.damaged") from error
    if (key.kid, path.name) != (held.kid, f"{held.use}-{held.kid}.json"):
        raise DomainError("keys.damaged")
    return held.authority, key


def _write(
    folder: Path,
    authority: AuthorityCode,
    use: Literal["signing", "sealing"],
    key: SigningKey | SealingKey,
) -> None:
    assert key.private is not None
    held = _KeyFile(
        authority, use, key.kid, key.not_before, key.not_after, to_base64url(key.private)
    )
    write_private_file(folder / f"{use}-{key.kid}.json", msgspec.json.encode(held))


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads: whole and on disk, or not at all.

    Raises:
        FileExistsError: it is there already; a secret is never overwritten.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike rename, refuses to replace
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
