"""The directory in force in this process, and how it learns of a newer one."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import msgspec

from services.directory import store
from services.directory.domain import BAD_JSON, Anchor, Directory, SignedDirectory, Trust, accept
from shared.actor import worker
from shared.crypto import KeyDirectory, KeyRing, SealingKey, SigningKey
from shared.db import Database
from shared.errors import DomainError
from shared.ids import AuthorityCode


class LiveDirectory:
    """What the kernel is given as its `KeyDirectory`: answers from memory, replaced whole.

    Args:
        anchor: the operator's pinned key.
        directory: accepted.
        confirms_all: in a demo state every fingerprint counts as confirmed by telephone, and every
            node as tested.
    """

    def __init__(self, anchor: Anchor, directory: Directory, *, confirms_all: bool = False) -> None:
        self.anchor = anchor
        self._trust = Trust(directory)
        self._confirms_all = confirms_all
        self._confirmed: Collection[tuple[AuthorityCode, str]] = ()

    @property
    def directory(self) -> Directory:
        """The one in force."""
        return self._trust.directory

    def replace(self, directory: Directory) -> None:
        """Put an accepted one in force."""
        self._trust = Trust(directory)

    def confirm(self, confirmed: Collection[tuple[AuthorityCode, str]]) -> None:
        """Say which fingerprints people here have confirmed; all of them."""
        self._confirmed = confirmed

    def is_confirmed(self, authority: AuthorityCode) -> bool:
        """Whether a person has confirmed the key on which its others rest."""
        fingerprint = self._trust.fingerprint(authority)
        return fingerprint is not None and (
            self._confirms_all or (authority, fingerprint) in self._confirmed
        )

    def is_tested(self, authority: AuthorityCode) -> bool:
        """Whether real cases may go to it and come from it."""
        return self._confirms_all or self._trust.is_tested(authority)

    def fingerprint(self, authority: AuthorityCode) -> str | None:
        """Name of the key on which its others rest; None where it has none."""
        return self._trust.fingerprint(authority)

    def signing_key(self, authority: AuthorityCode, kid: str) -> SigningKey:
        """As `KeyDirectory`."""
        return self._trust.signing_key(authority, kid)

    def sealing_key(self, authority: AuthorityCode, now: datetime) -> SealingKey:
        """As `KeyDirectory`."""
        return self._trust.sealing_key(authority, now)

    def could_sign(self, authority: AuthorityCode, at: datetime) -> bool:
        """As `KeyDirectory`."""
        return self._trust.could_sign(authority, at)

    def may_receive(self, authority: AuthorityCode) -> bool:
        """As `KeyDirectory`."""
        return self._trust.may_receive(authority)

    def version_of(self, authority: AuthorityCode, kind: str) -> frozenset[int]:
        """As `KeyDirectory`."""
        return self._trust.version_of(authority, kind)


def open_directory(
    directory_file: Path, anchor_file: Path, *, confirms_all: bool = False
) -> LiveDirectory:
    """Load the directory that came with the set-up, checked from the anchor up.

    Raises:
        DomainError: `directory.*`, `directory.unreadable` for a file that is not one.
    """
    try:
        anchor = msgspec.json.decode(anchor_file.read_bytes(), type=Anchor)
        document = msgspec.json.decode(directory_file.read_bytes(), type=SignedDirectory)
    except BAD_JSON as error:
        raise DomainError("directory.unreadable") from error
    return LiveDirectory(anchor, accept(document, None, anchor=anchor), confirms_all=confirms_all)


async def refresh(db: Database, authority: AuthorityCode, live: LiveDirectory) -> bool:
    """Put in force what the worker has accepted since; whether there was anything.

    Run at start and every few seconds in every process: the list itself is small to ask for, and is
    loaded and checked only when its version has risen.
    """
    async with db.begin(worker(authority)) as uow:
        live.confirm(await store.confirmations(uow))
        version = await store.newest_version(uow)
        if version is None or version <= live.directory.version:
            return False
        document = await store.load(uow, version)
        resets = await store.meetings(uow)
    live.replace(accept(document, live.directory, anchor=live.anchor, resets=resets))
    return True


def heed(ring: KeyRing, live: LiveDirectory) -> None:
    """Take in our own keys as they lie in their folder, and what the directory says of them."""
    ring.refresh()
    chain = live.directory.chains.get(ring.authority)
    if chain is not None:
        gone = chain.revoked.union(live.directory.root.revoked)
        ring.heed({key.kid for key in chain.current}, gone)


def live(directory: KeyDirectory) -> LiveDirectory:
    """The node's directory with all that this service knows of it."""
    if not isinstance(directory, LiveDirectory):
        raise TypeError("the node was not given a LiveDirectory")
    return directory
