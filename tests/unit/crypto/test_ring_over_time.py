"""A ring whose folder is added to by another process, and which heeds what the others know."""

from datetime import timedelta

import pytest

from shared.crypto import KeyRing
from shared.errors import DomainError, WireError
from tests.support.trust import GOTEBORG, LINKOPING, NOW

YEAR = 365


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def ring(folder):
    return KeyRing.create(folder, LINKOPING, NOW, YEAR)


def test_a_key_drawn_by_another_process_opens_what_is_sealed_to_it(folder, ring):
    KeyRing.load(folder).rotate(NOW, YEAR, timedelta())
    fresh = KeyRing.load(folder).sealing_keys[-1]
    assert ring.opening(fresh.kid) == fresh
    with pytest.raises(WireError, match=r"wire\.unknown_key"):
        ring.opening("A" * 43)


def test_a_ring_sees_new_keys_when_it_looks_again_and_only_then(folder, ring):
    assert ring.refresh() is False
    KeyRing.load(folder).rotate(NOW, YEAR, timedelta())
    assert len(ring.signing_keys) == 1
    assert ring.refresh() is True
    assert (len(ring.signing_keys), ring.refresh()) == (2, False)


def test_keys_of_another_authority_do_not_take_the_place_of_ours(folder, ring, tmp_path):
    other = KeyRing.create(tmp_path / "other", GOTEBORG, NOW, YEAR)
    assert other.signing(NOW)
    for file in folder.glob("*.json"):
        file.unlink()
    for file in (tmp_path / "other").glob("*.json"):
        file.rename(folder / file.name)
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        ring.refresh()
    assert ring.authority == LINKOPING


def test_the_key_that_the_others_know_signs(ring):
    old = ring.signing(NOW)
    ring.rotate(NOW, YEAR, timedelta())
    new = ring.signing_keys[-1]
    assert ring.signing(NOW) == new
    ring.heed({old.kid}, ())
    assert ring.signing(NOW) == old
    ring.heed({old.kid, new.kid}, ())
    assert ring.signing(NOW) == new


def test_a_revoked_key_signs_nothing(ring):
    old = ring.signing(NOW)
    ring.heed({old.kid}, {old.kid})
    with pytest.raises(DomainError, match=r"keys\.no_signing_key"):
        ring.signing(NOW)
    ring.rotate(NOW, YEAR, timedelta())
    assert ring.signing(NOW) != old


def test_a_key_nobody_knows_signs_where_no_known_one_is_valid(ring):
    old = ring.signing(NOW)
    ring.rotate(NOW, YEAR, timedelta(days=300))
    ring.heed({old.kid}, ())
    later = NOW + timedelta(days=400)
    assert ring.signing(later) == ring.signing_keys[-1]
