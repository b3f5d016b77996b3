import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import WireError
from shared.messages import Registry, register_kernel_kinds
from shared.messages.kinds import KERNEL_KINDS
from tests.support.messages import Note, note
from tests.support.trust import two_authorities

US, THEM, DIRECTORY = two_authorities()
HEADER = note(US).header


@pytest.fixture(scope="module")
def registry():
    made = Registry()
    made.register("note", 1, Note)
    register_kernel_kinds(made)
    return made


def header(**changes):
    return msgspec.structs.replace(HEADER, **changes)


def test_a_known_body_is_read(registry):
    assert registry.decode(HEADER, b'{"text":"hej"}') == Note("hej")


def test_an_unknown_kind_is_refused(registry):
    with pytest.raises(WireError, match=r"wire\.unknown_kind"):
        registry.decode(header(kind="nota"), b"{}")


def test_an_unknown_version_is_refused(registry):
    with pytest.raises(WireError, match=r"wire\.unknown_version"):
        registry.decode(header(version=2), b"{}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"text":1}',
        b'{"text":"a","more":1}',
        b"\xff",
        b'{"text":"\xff"}',
        b"[" * 100_000,
    ],
)
def test_another_body_is_refused(registry, body):
    with pytest.raises(WireError, match=r"wire\.body"):
        registry.decode(HEADER, body)


@given(kind=st.sampled_from(sorted(KERNEL_KINDS)), body=st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(registry, kind, body):
    with pytest.raises(WireError, match=r"wire\.body"):
        registry.decode(header(kind=kind), body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(sorted(KERNEL_KINDS)),
    body=st.dictionaries(
        st.sampled_from(
            ["outcome", "content_hash", "applied_at", "code", "facts", "chunks", "attachment_id"]
        ),
        json_values,
    ),
)
def test_any_json_is_read_or_refused(registry, kind, body):
    try:
        read = registry.decode(header(kind=kind), msgspec.json.encode(body))
    except WireError:
        return
    assert isinstance(read, KERNEL_KINDS[kind])


def test_a_kind_is_registered_once(registry):
    with pytest.raises(ValueError, match="twice"):
        registry.register("note", 1, Note)


def test_a_struct_that_lets_unknown_fields_through_is_refused():
    class Loose(msgspec.Struct, frozen=True):
        text: str

    class Changeable(msgspec.Struct, forbid_unknown_fields=True):
        text: str

    for body_type in (Loose, Changeable):
        with pytest.raises(ValueError, match="frozen and forbid"):
            Registry().register("note", 1, body_type)


def test_every_kind_is_listed_with_its_versions(registry):
    assert registry.versions()["note"] == frozenset({1})
    assert set(registry.versions()) == {"note", *KERNEL_KINDS}
    listed = list(registry)
    assert ("note", 1, Note) in listed
    assert [kind for kind, _, _ in listed] == sorted(registry.versions())
