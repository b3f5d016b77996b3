import contextlib
import json
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.directory.domain import (
    Entry,
    KeyStatement,
    Profile,
    PublicKey,
    Removal,
    Root,
    SignedDirectory,
    accept,
    describe,
    encode,
    read_chain,
    remove,
    state_first_keys,
    state_next_keys,
)
from services.directory.domain.documents import read_payload
from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.ids import OPERATOR, AuthorityCode
from tests.support.trust import NOW

from .conftest import authority

US = AuthorityCode("0580")
THEM = AuthorityCode("1480")


def refused(code, **facts):
    return pytest.raises(DomainError, match=f"^{code.replace('.', '[.]')}$")


def replace(federation, code, **changes):
    federation.entries[code] = msgspec.structs.replace(federation.entries[code], **changes)


def test_a_list_of_the_operator_is_accepted_at_set_up(federation):
    whole = federation.directory
    assert whole.version == 1
    assert list(whole.entries) == ["0580", "1480", "9000", "9002"]
    assert federation.accept(whole.document(), None) == whole


def test_the_same_list_again_changes_nothing(federation):
    assert federation.accept(federation.directory.document()) is federation.directory


def test_a_message_may_carry_only_what_changed(federation):
    before = federation.directory
    replace(federation, THEM, status="paused")
    after = federation.publish()
    changes = after.changes_since(before)
    assert [entry.code for entry in changes.entries] == [THEM]
    assert federation.accept(changes, before) == after


def test_an_entry_that_nobody_has_is_missed(federation):
    replace(federation, THEM, status="paused")
    document = msgspec.structs.replace(federation.issue(), entries=())
    with refused("directory.entry_missing") as error:
        federation.accept(document)
    assert error.value.facts == {"authority": THEM}


# The operator


def test_another_operator_is_refused(federation):
    other = KeyRing.in_memory(OPERATOR, NOW)
    with refused("directory.signature"):
        federation.accept(federation.issue(signer=other.signing(NOW)))


def test_an_authority_cannot_sign_the_list(federation):
    with refused("directory.signature"):
        federation.accept(federation.issue(signer=federation.rings[US].signing(NOW)))


def test_an_operator_with_another_first_key_than_the_pinned_is_refused(federation):
    anchor = federation.anchor
    federation.join(OPERATOR)
    with refused("directory.anchor"):
        accept(federation.issue(), None, anchor=anchor)


def test_a_list_without_the_operator_is_refused(federation):
    del federation.entries[OPERATOR]
    with refused("directory.anchor"):
        federation.accept(federation.issue(), None)


def test_no_meeting_replaces_the_pinned_key(federation):
    stranger = KeyRing.in_memory(OPERATOR, federation.now)
    statements = federation.entries[OPERATOR].statements
    statement = state_next_keys(
        stranger, statements, federation.now, signer=stranger.signing(federation.now)
    )
    anchor = federation.anchor
    replace(federation, OPERATOR, statements=(*statements, statement))
    document = federation.issue(signer=stranger.signing(NOW))
    kid = stranger.signing(NOW).kid
    with refused("directory.anchor"):
        accept(document, federation.directory, anchor=anchor, resets={(OPERATOR, kid)})


def test_the_operator_rotates_as_everybody_does(federation):
    federation.rotate(OPERATOR)
    assert federation.publish().version == 2
    new = federation.rings[OPERATOR].signing(federation.now)
    assert new.kid != federation.anchor.kid
    assert federation.accept(federation.directory.document(), None).version == 2


def test_a_list_signed_under_a_revoked_key_of_the_operator_is_refused(federation):
    old = federation.rings[OPERATOR].signing(NOW)
    federation.rotate(OPERATOR, revoked=[old.kid])
    new = federation.rings[OPERATOR].signing(federation.now)
    federation.entries[OPERATOR] = federation.entry(
        OPERATOR, statements=federation.entries[OPERATOR].statements, number=2, signer=new
    )
    with refused("directory.signature"):
        federation.accept(federation.issue(signer=old))
    assert federation.accept(federation.issue(signer=new)).version == 2


def test_a_list_signed_under_a_key_that_the_operator_no_longer_states_is_refused(federation):
    old = federation.rings[OPERATOR].signing(NOW)
    anchor = federation.anchor
    fresh = KeyRing.in_memory(OPERATOR, NOW)
    statements = federation.entries[OPERATOR].statements
    dropped = state_next_keys(fresh, statements, NOW, signer=old)
    federation.rings[OPERATOR] = fresh
    federation.entries[OPERATOR] = federation.entry(
        OPERATOR, statements=(*statements, dropped), number=2
    )
    with refused("directory.signature"):
        accept(federation.issue(signer=old), federation.directory, anchor=anchor)
    assert accept(federation.issue(), federation.directory, anchor=anchor).version == 2


# Versions


def test_a_version_never_goes_back(federation):
    old = federation.directory.document()
    federation.publish()
    with refused("directory.rolled_back"):
        federation.accept(old)


def test_a_version_is_one_list(federation):
    replace(federation, THEM, status="paused")
    twin = federation.issue(before=None)
    with refused("directory.two_of_one_version"):
        federation.accept(twin)


def test_a_newer_version_is_not_issued_earlier(federation):
    federation.now -= timedelta(seconds=1)
    signer = federation.rings[OPERATOR].signing(NOW)
    with refused("directory.signature"):  # the key was not valid then
        federation.accept(federation.issue(signer=signer))
    federation.now = NOW + timedelta(days=2)
    federation.publish()
    federation.now = NOW + timedelta(days=1)
    with refused("directory.rolled_back"):
        federation.accept(federation.issue())


def test_nobody_vanishes(federation):
    del federation.entries[THEM]
    with refused("directory.authority_vanished") as error:
        federation.accept(federation.issue())
    assert error.value.facts == {"authority": THEM}


def test_codes_stand_once_and_in_order(federation):
    root = federation.directory.root
    for entries in (root.entries[::-1], (*root.entries, root.entries[-1])):
        wrong = msgspec.structs.replace(root, version=2, entries=entries)
        jws = federation.rings[OPERATOR].signing(NOW).sign(encode(wrong))
        with refused("directory.unreadable"):
            federation.accept(SignedDirectory(jws, ()))


def test_an_entry_under_another_code_is_refused(federation):
    root = federation.directory.root
    first, second, *others = root.entries
    swapped = (
        msgspec.structs.replace(first, sha256=second.sha256),
        msgspec.structs.replace(second, sha256=first.sha256),
        *others,
    )
    jws = (
        federation.rings[OPERATOR]
        .signing(NOW)
        .sign(encode(msgspec.structs.replace(root, version=2, entries=swapped)))
    )
    with refused("directory.entry_mismatch"):
        federation.accept(SignedDirectory(jws, ()))


# Keys


def test_a_new_key_signed_by_the_one_before_is_accepted(federation):
    old = federation.directory.chains[THEM]
    federation.rotate(THEM)
    new = federation.publish().chains[THEM]
    assert new.fingerprint == old.fingerprint
    assert set(new.signing) > set(old.signing)
    assert federation.accept(federation.directory.document(), None) == federation.directory


def test_a_key_that_only_the_operator_vouches_for_is_refused(federation):
    """The operator must not be able to read: it puts a key of its own under another's name."""
    thief = KeyRing.in_memory(THEM, NOW)
    statements = federation.entries[THEM].statements
    statement = state_next_keys(thief, statements, NOW, signer=thief.signing(NOW))
    replace(federation, THEM, statements=(*statements, statement))
    with refused("directory.keys_unproven") as error:
        federation.accept(federation.issue())
    assert error.value.facts == {"authority": THEM}


def test_it_is_refused_at_set_up_too(federation):
    thief = KeyRing.in_memory(THEM, NOW)
    statements = federation.entries[THEM].statements
    replace(
        federation,
        THEM,
        statements=(
            *statements,
            state_next_keys(thief, statements, NOW, signer=thief.signing(NOW)),
        ),
    )
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue(before=None), None)


def test_after_a_recorded_meeting_it_is_accepted_under_a_new_fingerprint(federation):
    fresh = KeyRing.in_memory(THEM, NOW)
    statements = federation.entries[THEM].statements
    statement = state_next_keys(fresh, statements, NOW, signer=fresh.signing(NOW))
    federation.rings[THEM] = fresh
    federation.entries[THEM] = federation.entry(THEM, statements=(*statements, statement), number=2)
    kid = fresh.signing(NOW).kid
    for resets in ((), {(US, kid)}, {(THEM, federation.anchor.kid)}):
        with refused("directory.keys_unproven"):
            federation.accept(federation.issue(), resets=resets)
    accepted = federation.accept(federation.issue(), resets={(THEM, kid)})
    assert accepted.chains[THEM].fingerprint == kid


def test_without_a_stated_key_the_next_statement_needs_somebody_to_sign_it(federation):
    fresh = KeyRing.in_memory(THEM, NOW)
    with refused("keys.no_signing_key"):
        state_next_keys(fresh, federation.entries[THEM].statements, NOW)


def test_a_rotation_announced_late_is_signed_by_the_key_before(federation):
    ring = federation.rings[THEM]
    ring.rotate(NOW, valid_days=365, lead=timedelta(0))
    assert ring.signing(NOW) == ring.signing_keys[1]
    statements = federation.entries[THEM].statements
    replace(federation, THEM, statements=(*statements, state_next_keys(ring, statements, NOW)))
    assert federation.publish().chains[THEM].fingerprint == ring.signing_keys[0].kid


def test_a_meeting_does_not_stand_in_for_a_signature(federation):
    """The statement must still be signed by the key that was compared."""
    fresh, thief = KeyRing.in_memory(THEM, NOW), KeyRing.in_memory(THEM, NOW)
    statements = federation.entries[THEM].statements
    forged = state_next_keys(fresh, statements, NOW, signer=thief.signing(NOW))
    replace(federation, THEM, statements=(*statements, forged))
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue(), resets={(THEM, thief.signing(NOW).kid)})


def test_an_authority_with_keys_has_stated_them(federation):
    with refused("directory.keys_unproven"):
        read_chain(THEM, (), ())


def test_the_first_statement_is_signed_by_its_own_key(federation):
    thief = KeyRing.in_memory(THEM, NOW)
    forged = thief.signing(NOW).sign(
        encode(read_payload(federation.entries[THEM].statements[0], KeyStatement))
    )
    replace(federation, THEM, statements=(forged,))
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue(before=None), None)


def test_a_forged_signature_under_a_true_name_is_refused(federation):
    statement = federation.entries[THEM].statements[0]
    forged = statement[:-4] + ("AAAA" if not statement.endswith("AAAA") else "AAAg")
    replace(federation, THEM, statements=(forged,))
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue(before=None), None)


def test_statements_are_never_taken_back_or_exchanged(federation):
    first, early = federation.entries[THEM].statements, federation.entries[THEM].profile
    federation.rotate(THEM)
    federation.publish()
    entry = federation.entries[THEM]
    other = state_next_keys(federation.rings[THEM], first, federation.now + timedelta(seconds=5))
    for statements in (first, (*first, other)):
        replace(federation, THEM, statements=statements, profile=early)
        with refused("directory.statement_rolled_back"):
            federation.accept(federation.issue())
        federation.entries[THEM] = entry


def test_an_old_key_of_an_authority_does_not_state_the_next(federation):
    stolen = federation.rings[THEM].signing(NOW)
    ring = KeyRing.in_memory(THEM, federation.now + timedelta(seconds=2))
    statements = federation.entries[THEM].statements
    federation.now += timedelta(seconds=2)
    # The authority has dropped the old key altogether.
    dropped = state_next_keys(ring, statements, federation.now, signer=stolen)
    thief = KeyRing.in_memory(THEM, federation.now)
    forged = state_next_keys(thief, (*statements, dropped), federation.now, signer=stolen)
    replace(federation, THEM, statements=(*statements, dropped, forged))
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue())


def test_a_revoked_key_does_not_state_the_next(federation):
    stolen = federation.rings[THEM].signing(NOW)
    federation.rotate(THEM, revoked=[stolen.kid])
    thief = KeyRing.in_memory(THEM, federation.now)
    statements = federation.entries[THEM].statements
    forged = state_next_keys(thief, statements, federation.now, signer=stolen)
    replace(federation, THEM, statements=(*statements, forged))
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue())


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 3},
        {"number": 1},
        {"previous": "00" * 32},
        {"previous": None},
        {"authority": US},
        {"stated_at": NOW - timedelta(seconds=1)},
    ],
)
def test_statements_follow_one_another(federation, changes):
    ring = federation.rings[THEM]
    statements = federation.entries[THEM].statements
    right = read_payload(state_next_keys(ring, statements, NOW), KeyStatement)
    wrong = ring.signing(NOW).sign(encode(msgspec.structs.replace(right, **changes)))
    replace(federation, THEM, statements=(*statements, wrong))
    with refused("directory.statement_order"):
        federation.accept(federation.issue())


@pytest.mark.parametrize("public", ["", "QQ", "!", "QR"])
@pytest.mark.parametrize("use", ["signing", "sealing"])
def test_a_key_that_is_none_is_refused(federation, public, use):
    ring = federation.rings[THEM]
    statements = federation.entries[THEM].statements
    right = read_payload(state_next_keys(ring, statements, NOW), KeyStatement)
    bad = (PublicKey(public, NOW, NOW),)
    wrong = ring.signing(NOW).sign(encode(msgspec.structs.replace(right, **{use: bad})))
    replace(federation, THEM, statements=(*statements, wrong))
    with refused("directory.unreadable"):
        federation.accept(federation.issue())


# Profiles


def test_a_profile_that_the_operator_wrote_is_refused(federation):
    federation.entries[THEM] = federation.entry(
        THEM,
        statements=federation.entries[THEM].statements,
        number=2,
        signer=federation.rings[OPERATOR].signing(NOW),
    )
    with refused("directory.profile_unproven"):
        federation.accept(federation.issue())


def test_a_profile_of_another_authority_is_refused(federation):
    replace(federation, THEM, profile=federation.entries[US].profile)
    with refused("directory.profile_unproven"):
        federation.accept(federation.issue())


def test_the_operator_describes_who_has_no_keys(federation):
    operator = federation.rings[OPERATOR].signing(NOW)
    police = authority("9001", runs_node=False)
    profile = describe(police, (), {}, number=1, signer=operator, now=NOW)
    federation.entries["9001"] = Entry(code="9001", status="active", statements=(), profile=profile)
    assert federation.publish().profiles["9001"].kind == "police"


def test_who_has_no_keys_runs_no_node(federation):
    operator = federation.rings[OPERATOR].signing(NOW)
    profile = describe(authority("0581"), (), {}, number=1, signer=operator, now=NOW)
    federation.entries["0581"] = Entry(code="0581", status="active", statements=(), profile=profile)
    with refused("directory.profile_unproven"):
        federation.accept(federation.issue())


def test_a_profile_is_judged_by_the_day_of_its_signing(federation):
    federation.now += timedelta(days=366)
    federation.rings[OPERATOR].rotate(NOW + timedelta(days=300), 365, lead=timedelta(0))
    later = NOW + timedelta(days=364)
    statements = federation.entries[OPERATOR].statements
    replace(
        federation,
        OPERATOR,
        statements=(*statements, state_next_keys(federation.rings[OPERATOR], statements, later)),
    )
    # Everybody else's keys have run out since: what they signed when valid still stands.
    assert federation.publish().version == 2


def test_a_profile_under_a_revoked_key_is_refused(federation):
    old = federation.rings[THEM].signing(NOW)
    federation.rotate(THEM, revoked=[old.kid])
    federation.entries[THEM] = federation.entry(
        THEM, statements=federation.entries[THEM].statements, number=2, signer=old
    )
    with refused("directory.profile_unproven"):
        federation.accept(federation.issue())


def test_a_profile_signed_after_the_keys_last_day_is_refused(federation):
    old = federation.rings[THEM].signing(NOW)
    profile = describe(authority(THEM), (), {}, number=2, signer=old, now=NOW + timedelta(days=366))
    replace(federation, THEM, profile=profile)
    with refused("directory.profile_unproven"):
        federation.accept(federation.issue())


def test_a_statement_made_after_the_keys_last_day_is_refused(federation):
    old, late = federation.rings[THEM].signing(NOW), NOW + timedelta(days=366)
    fresh = KeyRing.in_memory(THEM, late)
    statements = federation.entries[THEM].statements
    statement = state_next_keys(fresh, statements, late, signer=old)
    replace(federation, THEM, statements=(*statements, statement))
    with refused("directory.keys_unproven"):
        federation.accept(federation.issue())


def test_a_profile_never_goes_back(federation):
    federation.entries[THEM] = federation.entry(
        THEM,
        statements=federation.entries[THEM].statements,
        number=2,
        authority=authority(THEM, name="Nytt namn"),
    )
    old = federation.directory.entries[THEM]
    federation.publish()
    federation.entries[THEM] = old
    with refused("directory.profile_rolled_back"):
        federation.accept(federation.issue())
    federation.entries[THEM] = federation.entry(
        THEM,
        statements=old.statements,
        number=2,
        authority=authority(THEM, name="Ett annat namn"),
    )
    with refused("directory.profile_rolled_back"):
        federation.accept(federation.issue())


def test_a_municipality_does_not_become_the_police(federation):
    federation.entries[THEM] = federation.entry(
        THEM,
        statements=federation.entries[THEM].statements,
        number=2,
        authority=authority(THEM, kind="police"),
    )
    with refused("directory.kind_changed"):
        federation.accept(federation.issue())


def test_policies_are_those_that_the_profile_names(federation):
    federation.entries[THEM] = federation.entry(
        THEM, statements=federation.entries[THEM].statements, number=2, policies=['{"a":1}']
    )
    assert federation.publish().entries[THEM].policies == ('{"a":1}',)
    replace(federation, THEM, policies=('{"a":2}',))
    with refused("directory.policy_mismatch"):
        federation.accept(federation.issue())


def test_a_profile_of_a_newer_release_is_still_read(federation):
    signer = federation.rings[THEM].signing(NOW)
    members = json.loads(encode(federation.directory.profiles[THEM]))
    members |= {"number": 2, "languages": ["sv"]}
    replace(federation, THEM, profile=signer.sign(json.dumps(members).encode()))
    accepted = federation.publish()
    assert accepted.profiles[THEM].number == 2
    assert federation.accept(accepted.document(), None) == accepted


# Leaving


@pytest.mark.parametrize("signer", [THEM, "9002"])
def test_an_authority_leaves_by_its_own_word_or_the_national_coordinations(federation, signer):
    key = federation.rings[signer].signing(NOW)
    removal = remove(THEM, date(2026, 3, 2), signer=key, now=NOW)
    replace(federation, THEM, status="removed", removal=removal)
    assert federation.publish().entries[THEM].status == "removed"
    replace(federation, THEM, status="active", removal=None)
    with refused("directory.removed_returns"):
        federation.accept(federation.issue())


@pytest.mark.parametrize("signer", ["9000", "0580"])
def test_nobody_else_removes_an_authority(federation, signer):
    key = federation.rings[signer].signing(NOW)
    removal = remove(THEM, date(2026, 3, 2), signer=key, now=NOW)
    replace(federation, THEM, status="removed", removal=removal)
    with refused("directory.removal_unproven"):
        federation.accept(federation.issue())


def test_a_removal_is_of_one_authority(federation):
    key = federation.rings["9002"].signing(NOW)
    removal = remove(US, date(2026, 3, 2), signer=key, now=NOW)
    replace(federation, THEM, status="removed", removal=removal)
    with refused("directory.removal_unproven"):
        federation.accept(federation.issue())


@pytest.mark.parametrize("status", ["active", "removed"])
def test_a_removal_and_its_status_stand_together(federation, status):
    key = federation.rings[THEM].signing(NOW)
    removal = remove(THEM, date(2026, 3, 2), signer=key, now=NOW) if status == "active" else None
    replace(federation, THEM, status=status, removal=removal)
    with refused("directory.removal_unproven"):
        federation.accept(federation.issue())


# Reading


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"\xff", b"[" * 80_000, encode(Removal("0580", date(2026, 1, 1), NOW))],
)
@pytest.mark.parametrize("kind", [Root, KeyStatement, Profile])
def test_another_document_in_its_place_is_refused(federation, payload, kind):
    jws = federation.rings[OPERATOR].signing(NOW).sign(payload)
    with refused("directory.unreadable"):
        read_payload(jws, kind)


@given(st.text(max_size=100))
def test_any_text_is_a_list_or_refused(text):
    with pytest.raises(DomainError, match=r"directory[.]unreadable"):
        read_payload(text, Root)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_changed_byte_of_a_directory_goes_unseen(federation, data):
    raw = encode(federation.directory.document())
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = bytearray(raw)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        document = msgspec.json.decode(bytes(changed), type=SignedDirectory)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    with contextlib.suppress(DomainError):  # anything else would be a bug
        assert federation.accept(document, None) == federation.directory  # white space only


def test_a_first_statement_has_nothing_before_it(federation):
    ring = federation.rings[THEM]
    statement = read_payload(state_first_keys(ring, NOW), KeyStatement)
    assert (statement.number, statement.previous, statement.revoked) == (1, None, ())
