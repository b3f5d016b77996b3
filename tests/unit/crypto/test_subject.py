from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto import BlindIndex, NodeKey, SubjectKey
from shared.errors import DomainError
from shared.ids import SubjectId, random_id

CASE = SubjectKey.create(SubjectId(random_id()))
SEALED = CASE.seal("Åsa".encode(), "journal.text:1")


def test_what_is_sealed_opens_in_its_place():
    assert CASE.open(SEALED, "journal.text:1") == "Åsa".encode()


def test_the_same_text_is_never_sealed_alike():
    assert CASE.seal(b"x", "a") != CASE.seal(b"x", "a")


def test_a_row_moved_to_another_place_does_not_open():
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        CASE.open(SEALED, "journal.text:2")


def test_a_row_moved_to_another_case_does_not_open_even_under_the_same_key():
    other = SubjectKey(SubjectId(random_id()), CASE.key)
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        other.open(SEALED, "journal.text:1")


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_does_not_open(at, mask):
    changed = bytearray(SEALED)
    changed[at] ^= mask
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        CASE.open(bytes(changed), "journal.text:1")


@given(st.binary(max_size=40))
def test_any_bytes_open_or_are_refused(noise):
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        CASE.open(noise, "journal.text:1")
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        CASE.open(b"\x01" + noise, "journal.text:1")


def test_a_key_is_never_shown():
    assert repr(CASE.key) not in repr(CASE)
    assert CASE.key.hex() not in repr(CASE)


def test_the_blind_index_finds_the_same_text_under_the_same_key():
    index = BlindIndex(b"k" * 32)
    assert index.of("a") == index.of("a")
    assert index.of("a") != index.of("b")
    assert index.of("a") != BlindIndex(b"l" * 32).of("a")
    assert len(index.of("")) == 32


def test_a_short_index_key_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        BlindIndex(b"short")


@pytest.fixture
def node_key(tmp_path):
    return NodeKey.create(tmp_path / "node.key")


def test_a_wrapped_key_is_the_same_again(node_key):
    wrapped = node_key.wrap(CASE)
    assert node_key.unwrap(CASE.subject, wrapped).key == CASE.key
    assert CASE.key not in wrapped


def test_a_wrapped_key_belongs_to_its_subject_and_its_node(node_key, tmp_path):
    wrapped = node_key.wrap(CASE)
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        node_key.unwrap(SubjectId(UUID(int=1)), wrapped)
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        NodeKey.create(tmp_path / "other.key").unwrap(CASE.subject, wrapped)


def test_the_node_key_is_read_back_and_never_replaced(node_key, tmp_path):
    file = tmp_path / "node.key"
    assert NodeKey.load(file) == node_key
    assert NodeKey.load(file).blind_index().of("a") == node_key.blind_index().of("a")
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        NodeKey.create(file)
    assert repr(node_key.secret) not in repr(node_key)


def test_a_node_key_that_others_read_is_refused(node_key, tmp_path):
    (tmp_path / "node.key").chmod(0o644)
    with pytest.raises(DomainError, match=r"keys\.folder_not_private"):
        NodeKey.load(tmp_path / "node.key")


def test_a_node_key_cut_short_is_refused(node_key, tmp_path):
    (tmp_path / "node.key").write_bytes(node_key.secret[:-1])
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        NodeKey.load(tmp_path / "node.key")
