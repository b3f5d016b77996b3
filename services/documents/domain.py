"""What a file is, by its content, and whether it may be kept; no I/O."""

import codecs
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from shared.errors import DomainError
from shared.ids import AuthorityCode, StaffId

MAX_BYTES: Final = 26_214_400
"""25 MiB, as the handover protocol carries: what can be kept can be handed over."""
PIECE_BYTES: Final = 256 * 1024
"""The pieces it is kept in are those that it travels in."""

MediaType = Literal["application/pdf", "image/png", "image/jpeg", "text/plain"]
ENDINGS: dict[MediaType, str] = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "text/plain": "txt",
}

_KINDS: tuple[tuple[bytes, MediaType], ...] = (
    (b"%PDF-", "application/pdf"),  # ISO 32000-2, 7.5.2
    (b"\x89PNG\r\n\x1a\n", "image/png"),  # W3C PNG, 5.2
    (b"\xff\xd8\xff", "image/jpeg"),  # ITU T.81, B.1.1.3: SOI and the next marker
)
_PROGRAMS: tuple[bytes, ...] = (
    b"MZ",  # Windows and DOS
    b"\x7fELF",  # Linux
    b"#!",  # scripts
    b"\xca\xfe\xba\xbe",  # Java, and universal Mach-O
    *(bytes.fromhex(magic) for magic in ("feedface", "feedfacf", "cefaedfe", "cffaedfe")),  # macOS
    b"\x00asm",  # WebAssembly
)
_HEAD: Final = max(len(magic) for magic in (*_PROGRAMS, *(magic for magic, _ in _KINDS)))
_NOT_IN_TEXT: Final = bytes({*range(32), 127} - {9, 10, 12, 13})


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a case, without its content.

    Args:
        section: what kind of information it holds; the case's word for it.
        came_from: the municipality that it came from at a take-over; None where it was added here.
    """

    document_id: UUID
    section: str
    title: str
    media_type: MediaType
    sha256: str
    size_bytes: int
    received_on: date
    added_at: datetime
    added_by: StaffId
    came_from: AuthorityCode | None

    @property
    def file_name(self) -> str:
        """A name to save it under, which tells nothing of the person, the case or the content."""
        return f"handling-{self.document_id.hex[:8]}.{ENDINGS[self.media_type]}"


class Inspector:
    """Reads a file as it comes, and stops it as soon as it may not be kept."""

    def __init__(self) -> None:
        self._head = b""
        self._size = 0
        self._digest = hashlib.sha256()
        self._kind: MediaType | None = None
        self._text = codecs.getincrementaldecoder("utf-8")()

    def feed(self, data: bytes) -> None:
        """The next bytes.

        Raises:
            DomainError: `document.too_large`, `document.executable`, `document.type_unknown`.
        """
        self._size += len(data)
        check_size(self._size)
        self._digest.update(data)
        if self._kind is None:
            self._head += data
            if len(self._head) < _HEAD:
                return
            self._kind, data, self._head = _kind_of(self._head), self._head, b""
        if self._kind == "text/plain":
            self._read_text(data)

    def finish(self) -> tuple[MediaType, str, int]:
        """What it was: media type, SHA-256 and size.

        Raises:
            DomainError: `document.empty`, and what `feed` raises.
        """
        if not self._size:
            raise DomainError("document.empty")
        if self._kind is None:
            self._kind = _kind_of(self._head)
            if self._kind == "text/plain":
                self._read_text(self._head)
        if self._kind == "text/plain":
            self._read_text(b"", final=True)
        return self._kind, self._digest.hexdigest(), self._size

    def _read_text(self, data: bytes, *, final: bool = False) -> None:
        """Raise unless it goes on being text that a person wrote."""
        try:
            self._text.decode(data, final)
        except UnicodeDecodeError:
            raise DomainError("document.type_unknown") from None
        if len(data.translate(None, _NOT_IN_TEXT)) != len(data):
            raise DomainError("document.type_unknown")


def check_size(size_bytes: int) -> None:
    """Raise `document.too_large` above the limit."""
    if size_bytes > MAX_BYTES:
        raise DomainError("document.too_large", limit_bytes=MAX_BYTES)


def _kind_of(head: bytes) -> MediaType:
    if head.startswith(_PROGRAMS):
        raise DomainError("document.executable")
    found = next((kind for magic, kind in _KINDS if head.startswith(magic)), None)
    return found or "text/plain"  # judged byte for byte from here on
