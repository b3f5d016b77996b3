from datetime import date, timedelta

import msgspec
import pytest

from services.directory.domain import (
    KeyStatement,
    Trust,
    describe,
    remove,
    says_the_same,
    spoken,
    state_next_keys,
    statement_matches,
)
from services.directory.domain.documents import read_payload
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode
from tests.support.trust import NOW

from .conftest import authority

THEM = AuthorityCode("1480")
STRANGER = AuthorityCode("2480")


def trust(federation, **fields):
    return Trust(federation.directory, **fields)


def test_keys_are_answered_as_the_authority_stated_them(federation):
    ring = federation.rings[THEM]
    known = trust(federation)
    assert known.signing_key(THEM, ring.signing(NOW).kid) == ring.signing(NOW)
    assert known.signing_key(THEM, ring.signing(NOW).kid).private is None
    assert known.sealing_key(THEM, NOW).kid == ring.sealing_keys[0].kid
    assert known.may_receive(THEM)
    assert known.version_of(THEM, "proposed") == {1}
    assert known.version_of(THEM, "hummed") == frozenset()
    assert known.fingerprint(THEM) == ring.signing_keys[0].kid


def test_a_stranger_is_not_known(federation):
    known = trust(federation)
    with pytest.raises(WireError, match=r"wire\.unknown_sender"):
        known.signing_key(STRANGER, "x" * 43)
    with pytest.raises(DomainError, match=r"directory\.unknown_authority"):
        known.sealing_key(STRANGER, NOW)
    assert not known.may_receive(STRANGER)
    assert known.version_of(STRANGER, "proposed") == frozenset()
    assert known.fingerprint(STRANGER) is None
    assert not known.could_sign(STRANGER, NOW)


def test_who_runs_a_node_could_sign_from_its_first_key_on(federation):
    known = trust(federation)
    first = federation.rings[THEM].signing_keys[0]
    assert not known.could_sign(THEM, first.not_before - timedelta(seconds=1))
    assert known.could_sign(THEM, first.not_before)
    assert known.could_sign(THEM, first.not_after + timedelta(days=9_000))


def test_who_has_left_could_sign_while_its_keys_were_valid(federation):
    ring = federation.rings[THEM]
    profile = describe(
        authority(THEM, runs_node=False), (), {}, number=2, signer=ring.signing(NOW), now=NOW
    )
    federation.entries[THEM] = msgspec.structs.replace(federation.entries[THEM], profile=profile)
    known = Trust(federation.publish())
    last = ring.signing_keys[0].not_after
    assert known.could_sign(THEM, last)
    assert not known.could_sign(THEM, last + timedelta(seconds=1))


def test_an_unknown_key_is_named_so(federation):
    own = federation.rings["0580"].signing(NOW).kid
    with pytest.raises(WireError, match=r"wire\.unknown_key"):
        trust(federation).signing_key(THEM, own)


def test_rotation_overlaps_for_who_seals_and_who_verifies(federation):
    ring = federation.rings[THEM]
    old = ring.signing(NOW)
    federation.rotate(THEM, lead=timedelta(days=7))
    federation.publish()
    known = trust(federation)
    assert known.sealing_key(THEM, NOW + timedelta(days=6)).kid == ring.sealing_keys[0].kid
    assert known.sealing_key(THEM, NOW + timedelta(days=8)).kid == ring.sealing_keys[1].kid
    for kid in (old.kid, ring.signing_keys[1].kid):
        assert known.signing_key(THEM, kid).kid == kid


def test_an_expired_key_still_verifies_and_is_not_sealed_to(federation):
    ring = federation.rings[THEM]
    late = NOW + timedelta(days=400)
    assert trust(federation).signing_key(THEM, ring.signing(NOW).kid)
    with pytest.raises(DomainError, match=r"directory\.no_sealing_key"):
        trust(federation).sealing_key(THEM, late)


@pytest.mark.parametrize("by", ["authority", "operator"])
def test_a_revoked_key_is_neither_believed_nor_sealed_to(federation, by):
    ring = federation.rings[THEM]
    signing, sealing = ring.signing(NOW).kid, ring.sealing_keys[0].kid
    if by == "authority":
        federation.rotate(THEM, revoked=[signing, sealing])
        federation.entries[THEM] = federation.entry(
            THEM,
            statements=federation.entries[THEM].statements,
            number=2,
            signer=ring.signing_keys[1],
        )
        federation.publish()
    else:
        federation.publish(revoked=[signing, sealing])
        federation.publish()  # and it stays so
    known = trust(federation)
    with pytest.raises(WireError, match=r"wire\.revoked_key"):
        known.signing_key(THEM, signing)
    if by == "authority":
        assert known.sealing_key(THEM, federation.now).kid != sealing
    else:
        with pytest.raises(DomainError, match=r"directory\.no_sealing_key"):
            known.sealing_key(THEM, NOW)


def test_nothing_is_sent_to_who_is_paused(federation):
    federation.entries[THEM] = msgspec.structs.replace(federation.entries[THEM], status="paused")
    federation.publish()
    known = trust(federation)
    assert not known.may_receive(THEM)
    assert known.signing_key(THEM, federation.rings[THEM].signing(NOW).kid)


def test_what_a_removed_authority_signed_is_proof_but_no_message(federation):
    key = federation.rings[THEM].signing(NOW)
    federation.entries[THEM] = msgspec.structs.replace(
        federation.entries[THEM],
        status="removed",
        removal=remove(THEM, date(2026, 3, 2), signer=key, now=NOW),
    )
    federation.publish()
    with pytest.raises(WireError, match=r"wire\.unknown_sender"):
        trust(federation).signing_key(THEM, key.kid)
    assert trust(federation, keeps_removed=True).signing_key(THEM, key.kid) == key
    assert not trust(federation, keeps_removed=True).may_receive(THEM)


def test_a_fingerprint_is_read_in_groups_of_four():
    assert spoken("abcdefghij") == "abcd efgh ij"


def test_profiles_say_the_same_but_for_number_and_day(federation):
    key = federation.rings[THEM].signing(NOW)

    def profile(number=1, now=NOW, **more):
        return describe(
            authority(THEM, **more), (), {"a": {2, 1}}, number=number, signer=key, now=now
        )

    assert says_the_same(profile(), profile(number=2, now=NOW + timedelta(days=1)))
    assert not says_the_same(profile(), profile(name="Annat namn"))


def test_a_statement_matches_until_the_ring_has_new_keys(federation):
    ring = federation.rings[THEM]
    statement = federation.entries[THEM].statements[0]
    assert statement_matches(statement, ring, NOW)
    ring.rotate(NOW, 365)
    assert not statement_matches(statement, ring, NOW)


def test_only_keys_that_may_still_be_used_are_stated(federation):
    ring = federation.rings[THEM]
    ring.rotate(NOW, valid_days=800)
    federation.now = NOW + timedelta(days=400)
    statement = state_next_keys(
        ring,
        federation.entries[THEM].statements,
        federation.now,
        signer=ring.signing(federation.now),
    )
    stated = read_payload(statement, KeyStatement)
    assert len(stated.signing) == len(stated.sealing) == 1
