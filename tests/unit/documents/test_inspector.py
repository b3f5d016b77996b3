"""What a file is, is read from its bytes, and what may not be kept is stopped as it comes."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.domain import MAX_BYTES, PIECE_BYTES, Inspector, check_size
from shared.errors import DomainError
from shared.outbox.attachments import CHUNK_BYTES
from shared.outbox.attachments import MAX_BYTES as MOST_THAT_TRAVELS

GOOD = {
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "text/plain": "Hyra: 5 100 kr, مرحبا 🙂\r\n\tOrt\f".encode(),
}
PROGRAMS = {
    "windows": b"MZ\x90\0\x03\0\0\0",
    "linux": b"\x7fELF\x02\x01\x01\0",
    "script": b"#!/bin/sh\nrm -rf /\n",
    "java": b"\xca\xfe\xba\xbe\0\0\0\x34",
    "macos": b"\xcf\xfa\xed\xfe\x07\0\0\x01",
    "wasm": b"\0asm\x01\0\0\0",
}
UNKNOWN = {
    "zip, and so Word": b"PK\x03\x04\x14\0\0\0",
    "old Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "utf-16": "Hej".encode("utf-16"),
    "latin-1": "Hyra för våning".encode("latin-1"),
    "a null byte": b"text\0text",
    "an escape sequence": b"text \x1b[31m rod",
    "gif": b"GIF89a\x01\0\x01\0",
    "cut off in a letter": "Hyra å".encode()[:-1],
}


def judged(*parts):
    inspector = Inspector()
    for part in parts:
        inspector.feed(part)
    return inspector.finish()


def refusal(*parts):
    with pytest.raises(DomainError) as refused:
        judged(*parts)
    return refused.value.code


@pytest.mark.parametrize("kind", sorted(GOOD))
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_file_is_what_its_bytes_say_however_they_come(kind, step):
    content = GOOD[kind]
    parts = [content[at : at + step] for at in range(0, len(content), step)]
    assert judged(*parts) == (kind, hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize("kind", sorted(PROGRAMS))
def test_a_program_is_refused_as_one(kind):
    assert refusal(PROGRAMS[kind]) == "document.executable"


@pytest.mark.parametrize("kind", sorted(UNKNOWN))
def test_what_is_none_of_the_kinds_is_refused(kind):
    assert refusal(UNKNOWN[kind]) == "document.type_unknown"


def test_text_is_read_to_its_end():
    assert refusal(b"a" * 5000, b"b" * 5000, b"\0") == "document.type_unknown"


def test_an_empty_file_is_refused():
    assert refusal() == refusal(b"") == "document.empty"


def test_the_last_byte_allowed_passes_and_the_next_is_refused_at_once():
    inspector = Inspector()
    inspector.feed(b"%PDF-" + bytes(MAX_BYTES - 5))
    assert inspector.finish()[2] == MAX_BYTES == 26_214_400
    with pytest.raises(DomainError) as refused:
        inspector.feed(b"x")
    assert refused.value.code == "document.too_large"
    check_size(MAX_BYTES)
    with pytest.raises(DomainError):
        check_size(MAX_BYTES + 1)


def test_what_can_be_kept_can_be_handed_over_piece_by_piece():
    assert (MAX_BYTES, PIECE_BYTES) == (MOST_THAT_TRAVELS, CHUNK_BYTES)


def outcome(*parts):
    try:
        return judged(*parts)
    except DomainError as refused:
        return refused.code


@given(st.binary(max_size=64), st.integers(1, 9))
def test_no_bytes_break_the_judge_and_the_cut_changes_nothing(content, step):
    parts = [content[at : at + step] for at in range(0, len(content), step)]
    assert outcome(*parts) == outcome(content)
