"""When a directory may take the place of the one known."""

from collections.abc import Collection, Mapping

import msgspec

from services.directory.domain.book import Directory
from services.directory.domain.chain import Chain, Reset, read_chain
from services.directory.domain.documents import (
    Anchor,
    Entry,
    JoinTest,
    Profile,
    Removal,
    Root,
    SignedDirectory,
    code_of,
    digest,
    entry_digest,
    read_payload,
)
from shared.crypto.jws import key_id_of
from shared.errors import DomainError
from shared.ids import OPERATOR, AuthorityCode

NATIONAL_COORDINATION = AuthorityCode("9002")


def accept(
    document: SignedDirectory,
    known: Directory | None,
    *,
    anchor: Anchor,
    resets: Collection[Reset] = (),
) -> Directory:
    """The directory that the document describes, once every rule has been checked.

    Args:
        document: may leave out entries that `known` has.
        known: the one in force; None at set-up, and when a kept one is loaded.
        anchor: the operator's pinned key.
        resets: recorded meetings of two persons.

    Raises:
        DomainError: `directory.*`; the one in force stays.
    """
    root = read_payload(document.root, Root)
    if known is not None and root.version <= known.version:
        if document.root == known.root_jws:
            return known
        same = root.version == known.version
        raise DomainError("directory.two_of_one_version" if same else "directory.rolled_back")
    entries = _entries(root, document, known)
    chains = {
        code: read_chain(code, entry.statements, resets)
        for code, entry in entries.items()
        if entry.statements
    }
    _check_operator(document.root, root, entries, chains, anchor)
    profiles = {code: _profile(code, entry, chains) for code, entry in entries.items()}
    for code, entry in entries.items():
        _check_removal(code, entry, chains)
        _check_test(code, entry, chains[OPERATOR])
    directory = Directory(document.root, root, entries, profiles, chains)
    if known is not None:
        _check_history(known, directory)
    return directory


def _entries(
    root: Root, document: SignedDirectory, known: Directory | None
) -> dict[AuthorityCode, Entry]:
    codes = [ref.code for ref in root.entries]
    if codes != sorted(set(codes)):
        raise DomainError("directory.unreadable")
    at_hand = {entry_digest(entry): entry for entry in document.entries}
    if known is not None:
        at_hand |= {entry_digest(entry): entry for entry in known.entries.values()}
    found: dict[AuthorityCode, Entry] = {}
    for ref in root.entries:
        entry = at_hand.get(ref.sha256)
        if entry is None:
            raise DomainError("directory.entry_missing", authority=ref.code)
        if ref.code != entry.code:
            raise DomainError("directory.entry_mismatch", authority=ref.code)
        found[code_of(entry)] = entry
    return found


def _check_operator(
    jws: str,
    root: Root,
    entries: Mapping[AuthorityCode, Entry],
    chains: Mapping[AuthorityCode, Chain],
    anchor: Anchor,
) -> None:
    """The pinned key stated the operator's keys, and one of those signed the list."""
    operator = chains.get(OPERATOR)
    if operator is None or key_id_of(entries[OPERATOR].statements[0]) != anchor.kid:
        raise DomainError("directory.anchor")
    if operator.fingerprint != anchor.kid:  # no meeting replaces the anchor; a new set-up does
        raise DomainError("directory.anchor")
    if not operator.vouches_now_for(jws, root.issued_at):
        raise DomainError("directory.signature")


def _profile(code: AuthorityCode, entry: Entry, chains: Mapping[AuthorityCode, Chain]) -> Profile:
    profile = read_payload(entry.profile, Profile)
    # No keys, no node: the operator alone may describe it, for nothing is ever sent there.
    chain = chains.get(code) or chains[OPERATOR]
    is_signed = chain.vouches_for(entry.profile, profile.signed_at)
    if profile.authority != code or not is_signed or (profile.runs_node and code not in chains):
        raise DomainError("directory.profile_unproven", authority=code)
    if tuple(digest(block) for block in entry.policies) != profile.policies:
        raise DomainError("directory.policy_mismatch", authority=code)
    return profile


def _check_removal(
    code: AuthorityCode, entry: Entry, chains: Mapping[AuthorityCode, Chain]
) -> None:
    if entry.status != "removed" and entry.removal is None:
        return
    if entry.status == "removed" and entry.removal is not None:
        removal = read_payload(entry.removal, Removal)
        signers = (chains.get(code), chains.get(NATIONAL_COORDINATION))
        if removal.authority == code and any(
            chain.vouches_for(entry.removal, removal.signed_at) for chain in signers if chain
        ):
            return
    raise DomainError("directory.removal_unproven", authority=code)


def _check_test(code: AuthorityCode, entry: Entry, operator: Chain) -> None:
    """The operator lets a node in; it cannot be let in by itself."""
    if entry.tested is msgspec.UNSET:
        return
    passed = read_payload(entry.tested, JoinTest)
    if passed.authority != code or not operator.vouches_for(entry.tested, passed.passed_at):
        raise DomainError("directory.test_unproven", authority=code)


def _check_history(known: Directory, new: Directory) -> None:
    """What was once said is not unsaid."""
    if new.root.issued_at < known.root.issued_at:
        raise DomainError("directory.rolled_back")
    for code, before in known.entries.items():
        after = new.entries.get(code)
        if after is None:
            raise DomainError("directory.authority_vanished", authority=code)
        if after.statements[: len(before.statements)] != before.statements:
            raise DomainError("directory.statement_rolled_back", authority=code)
        if before.status == "removed" and after.status != "removed":
            raise DomainError("directory.removed_returns", authority=code)
        if new.profiles[code].kind != known.profiles[code].kind:
            raise DomainError("directory.kind_changed", authority=code)
        has_changed = after.profile != before.profile
        if has_changed and new.profiles[code].number <= known.profiles[code].number:
            raise DomainError("directory.profile_rolled_back", authority=code)
