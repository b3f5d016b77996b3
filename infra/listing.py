"""The operator's list: taking in what authorities have signed, pausing, removing, letting in.

Every list is checked here by the rules that each node checks it by, before anybody sees it: what a
node would refuse is never issued. The operator cannot give a key to anybody; see
`services.directory` for who vouches for what.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import msgspec

from infra.directory import hand_out, merged, offered, trust_files
from services.directory.api import (
    Directory,
    Entry,
    Status,
    accept,
    issue,
    passed,
    remove,
)
from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.ids import OPERATOR, AuthorityCode

NATION = AuthorityCode("9002")


@dataclass(frozen=True, slots=True)
class Changes:
    """What the next list says that the last one did not.

    Args:
        entries: signed by their authorities, from elsewhere than this machine.
        statuses: paused or active again.
        removals: the decision that an authority leaves, signed (`signed_removal`).
        tested: join tests passed (`signed_pass`).
        revoked: keys that the operator tells not to believe, by name.
    """

    entries: Iterable[Entry] = ()
    statuses: Mapping[AuthorityCode, Status] = field(default_factory=dict)
    removals: Mapping[AuthorityCode, str] = field(default_factory=dict)
    tested: Mapping[AuthorityCode, str] = field(default_factory=dict)
    revoked: Iterable[str] = ()


def publish(state: Path, now: datetime, changes: Changes | None = None) -> Directory:
    """Issue the next list and hand it to the nodes on this machine; the last one if nothing changed.

    What authorities on this machine have left in `entry.json` is taken in, too. Nodes elsewhere, and
    running ones, get it as a message (`infra.post`).

    Raises:
        DomainError: `directory.*`: every node would refuse it; nothing was issued.
    """
    changes = changes or Changes()
    files = trust_files(state, OPERATOR)
    anchor, known = files.pinned(), files.held()
    entries = {
        code: offered(trust_files(state, code), entry) or entry
        for code, entry in known.entries.items()
    }
    for entry in changes.entries:
        code = AuthorityCode(entry.code)
        entries[code] = merged(entries[code], entry) if code in entries else entry
    for code, status in changes.statuses.items():
        entries[code] = msgspec.structs.replace(_of(entries, code), status=status)
    for code, removal in changes.removals.items():
        entries[code] = msgspec.structs.replace(
            _of(entries, code), status="removed", removal=removal
        )
    for code, tested in changes.tested.items():
        entries[code] = msgspec.structs.replace(_of(entries, code), tested=tested)
    if entries != dict(known.entries) or set(changes.revoked) - set(known.root.revoked):
        signer = operator_ring(state, now).signing(now)
        document = issue(
            entries.values(), before=known, signer=signer, now=now, revoked=changes.revoked
        )
        known = accept(document, known, anchor=anchor)
    hand_out(files, anchor, known)
    for code, chain in known.chains.items():
        at_node = trust_files(state, code)
        if chain and at_node.keys.is_dir():
            hand_out(at_node, anchor, known)
    return known


def operator_ring(state: Path, now: datetime) -> KeyRing:
    """The operator's keys, signing with one that its own list names."""
    files = trust_files(state, OPERATOR)
    ring, chain = KeyRing.load(files.keys), files.held().chains[OPERATOR]
    ring.heed({key.kid for key in chain.current if key.is_valid_at(now)}, chain.revoked)
    return ring


def signed_removal(
    state: Path, code: AuthorityCode, decided_on: date, now: datetime, *, by: AuthorityCode
) -> str:
    """The decision that an authority leaves, signed by itself or by the national coordination."""
    return remove(
        code, decided_on, signer=KeyRing.load(trust_files(state, by).keys).signing(now), now=now
    )


def signed_pass(
    state: Path, code: AuthorityCode, suite: int, probes: Iterable[str], now: datetime
) -> str:
    """That a node passed the join test."""
    signer = operator_ring(state, now).signing(now)
    return passed(code, suite, tuple(probes), signer=signer, now=now)


def _of(entries: Mapping[AuthorityCode, Entry], code: AuthorityCode) -> Entry:
    if code not in entries:
        raise DomainError("directory.unknown_authority", authority=code)
    return entries[code]
