import json
import os
from datetime import timedelta

import pytest

from shared.crypto import KeyRing, ring
from shared.errors import DomainError, WireError
from tests.support.trust import GOTEBORG, LINKOPING, NOW


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "node" / "keys"


@pytest.fixture
def keys(folder):
    return KeyRing.create(folder, LINKOPING, NOW, valid_days=365)


def test_a_ring_is_read_back_as_it_was_made(folder, keys):
    read = KeyRing.load(folder)
    assert read.authority == LINKOPING
    assert read.signing_keys == keys.signing_keys
    assert read.sealing_keys == keys.sealing_keys
    assert read.signing(NOW).private == keys.signing(NOW).private


def test_only_the_owner_reads_the_keys(folder, keys):
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o750, 0o701])
def test_a_folder_that_others_reach_is_refused(folder, keys, mode):
    folder.chmod(mode)
    with pytest.raises(DomainError, match=r"keys\.folder_not_private"):
        KeyRing.load(folder)


def test_a_file_that_others_read_is_refused(folder, keys):
    next(folder.iterdir()).chmod(0o640)
    with pytest.raises(DomainError, match=r"keys\.folder_not_private"):
        KeyRing.load(folder)


def test_keys_are_never_replaced(folder, keys):
    with pytest.raises(DomainError, match=r"keys\.folder_in_use"):
        KeyRing.create(folder, LINKOPING, NOW, valid_days=365)
    assert KeyRing.load(folder).signing_keys == keys.signing_keys


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_keys_is_refused(folder, made):
    if made:
        folder.mkdir(parents=True, mode=0o700)
    with pytest.raises(DomainError, match=r"keys\.folder_empty"):
        KeyRing.load(folder)


def test_a_crash_between_the_two_kinds_is_finished_by_the_next_try(folder, monkeypatch):
    real = ring.write_private_file

    def crash(path, content):
        if path.name.startswith("signing"):
            raise OSError("power cut")
        real(path, content)

    monkeypatch.setattr(ring, "write_private_file", crash)
    with pytest.raises(OSError, match="power cut"):
        KeyRing.create(folder, LINKOPING, NOW, valid_days=365)
    monkeypatch.undo()
    with pytest.raises(DomainError, match=r"keys\.folder_empty"):
        KeyRing.load(folder)
    keys = KeyRing.create(folder, LINKOPING, NOW, valid_days=365)
    assert KeyRing.load(folder).sealing_keys == keys.sealing_keys
    assert len(keys.sealing_keys) == 1


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def refuse(handle):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="disk full"):
        ring.write_private_file(tmp_path / "key", b"secret")
    assert list(tmp_path.iterdir()) == []


def test_a_secret_file_is_never_overwritten(tmp_path):
    ring.write_private_file(tmp_path / "key", b"first")
    with pytest.raises(FileExistsError):
        ring.write_private_file(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def spoil(folder, **changes):
    path = next(folder.glob("signing-*.json"))
    held = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(held))


@pytest.mark.parametrize(
    "changes",
    [
        {"private": "QQ"},
        {"private": "not base64url!"},
        {"kid": "A" * 43},
        {"use": "wrapping"},
        {"more": 1},
        {"not_after": "soon"},
    ],
)
def test_a_spoilt_key_file_is_refused(folder, keys, changes):
    spoil(folder, **changes)
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        KeyRing.load(folder)


def test_a_key_file_under_another_name_is_refused(folder, keys):
    path = next(folder.glob("sealing-*.json"))
    path.rename(folder / "sealing-x.json")
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        KeyRing.load(folder)


def test_keys_of_two_authorities_in_one_folder_are_refused(folder, keys):
    spoil(folder, authority=GOTEBORG)
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        KeyRing.load(folder)


def test_rotation_overlaps_and_the_old_sealing_key_still_opens(folder, keys):
    (old_signing,), (old_sealing,) = keys.signing_keys, keys.sealing_keys
    keys.rotate(NOW + timedelta(days=300), valid_days=365)
    read = KeyRing.load(folder)
    assert len(read.signing_keys) == len(read.sealing_keys) == 2
    for day, is_old in [(300, True), (306, True), (307, False), (400, False)]:
        key = read.signing(NOW + timedelta(days=day))
        assert (key.kid == old_signing.kid) is is_old
    assert read.opening(old_sealing.kid) == old_sealing
    assert read.opening(read.sealing_keys[1].kid) == read.sealing_keys[1]


def test_no_key_signs_outside_its_days(keys):
    for day in (-1, 366):
        with pytest.raises(DomainError, match=r"keys\.no_signing_key"):
            keys.signing(NOW + timedelta(days=day))


def test_an_unknown_sealing_key_is_named_so(keys):
    with pytest.raises(WireError, match=r"wire\.unknown_key"):
        keys.opening(keys.signing_keys[0].kid)


def test_a_ring_in_memory_rotates_without_a_folder():
    keys = KeyRing.in_memory(LINKOPING, NOW)
    keys.rotate(NOW, valid_days=10, lead=timedelta(0))
    assert len(keys.signing_keys) == 2
