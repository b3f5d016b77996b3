"""A form with one file, read as it comes: the fields first, then the file, never the whole at once.

The file is the form's last field, as the pages draw it; so the fields (the form's token among them)
are judged before a byte of it is read, and the length that the browser announces tells its size.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from litestar import Request
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from shared.errors import DomainError, TooSlow

OPTION: Final = "is_upload"
"""`@post(…, is_upload=True)`: the guard reads the fields only, the handler takes the file."""
_FIELDS_MOST: Final = 64 * 1024  # bytes before the file; a title has 200 characters
_FIELDS_S: Final = 30.0  # a few hundred bytes; whoever takes longer is not writing a title
_DRAIN_MOST: Final = 64 * 1024 * 1024
_DRAIN_S: Final = 30.0


class Upload:
    """One form on its way in. Made by `of`, which has read it up to where the file begins.

    Args:
        fields: what was written; a field that came more than once has its last value.
        announced_bytes: how large the file is, by the announced length of the whole form; 0 where
            none was announced.
    """

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        _, options = request.content_type
        self.fields: dict[str, str] = {}
        self._boundary = options.get("boundary", "").encode()
        self._announced = request.content_length
        self._stream = request.stream()
        self._waiting: list[bytes | None] = []
        self._has_file = False
        self.announced_bytes = 0

    @classmethod
    async def of(cls, request: Request[Any, Any, Any]) -> "Upload":
        """The request's form; opened once, by whoever asks first.

        Raises:
            DomainError: `document.upload_broken`.
            TooSlow: `document.too_slow`.
        """
        upload: Upload | None = request.scope.get("upload")  # type: ignore[assignment]
        if upload is None:
            upload = cls(request)
            request.scope["upload"] = upload  # type: ignore[typeddict-unknown-key]
            try:
                async with asyncio.timeout(_FIELDS_S):
                    await upload._read_fields()
            except (MultipartError, UnicodeDecodeError, HTTPException):
                raise DomainError("document.upload_broken") from None
            except TimeoutError:
                raise TooSlow("document.too_slow") from None
        return upload

    async def file(self) -> AsyncIterator[bytes]:
        """The file as it comes; nothing where no file was chosen.

        Raises:
            DomainError: `document.upload_broken`: it ended early, or something follows it.
        """
        if not self._has_file:
            return
        is_whole = False
        try:
            async for event in self._events():
                if event is None:
                    is_whole = True
                    break
                yield event
        except (MultipartError, HTTPException):
            raise DomainError("document.upload_broken") from None
        if not is_whole:
            raise DomainError("document.upload_broken")

    def drained(self) -> BackgroundTask:
        """Take what still comes and throw it away, once the answer has been sent.

        A browser that is cut off while it sends shows its own error, not our page.
        """
        return BackgroundTask(self._drain)

    async def _read_fields(self) -> None:
        if not self._boundary:
            raise MultipartError
        self._parser = PushMultipartParser(self._boundary, max_segment_count=64)
        seen, segments, name, value = bytearray(), 0, "", bytearray()
        async for data in self._stream:
            if not data:
                break
            seen += data
            for event in self._parser.parse(data):
                if self._has_file:
                    self._waiting.append(_plain(event))
                elif isinstance(event, MultipartSegment):
                    segments, name, value = segments + 1, event.name, bytearray()
                    self._has_file = event.filename is not None
                elif event is None:
                    self.fields[name] = value.decode().replace("\r\n", "\n").strip()
                else:
                    value += event
            if self._has_file:
                self.announced_bytes = self._least_size(seen, segments)
                return
            if len(seen) > _FIELDS_MOST:
                raise MultipartError

    def _least_size(self, seen: bytearray, segments: int) -> int:
        """How large the file is, by the announced length of the whole; 0 where none is."""
        if self._announced is None:
            return 0
        mark = b"\r\n--" + self._boundary
        begins = seen.find(mark[2:])
        for _ in range(segments - 1):
            begins = seen.find(mark, begins + 1)
        begins = seen.find(b"\r\n\r\n", begins) + 4
        return self._announced - begins - len(mark + b"--\r\n")

    async def _events(self) -> AsyncIterator[bytes | None]:
        for event in self._waiting:
            yield event
        self._waiting.clear()
        async for data in self._stream:
            if data:
                for event in self._parser.parse(data):
                    yield _plain(event)

    async def _drain(self) -> None:
        taken = 0
        try:
            async with asyncio.timeout(_DRAIN_S):
                async for data in self._stream:
                    taken += len(data)
                    if taken > _DRAIN_MOST:
                        return
        except (TimeoutError, HTTPException):
            return  # who goes away has seen the answer, or never will


def _plain(event: object) -> bytes | None:
    """A part of the file, or None at its end.

    Raises:
        MultipartError: another field follows the file.
    """
    if event is None:
        return None
    if not isinstance(event, (bytes, bytearray, memoryview)):
        raise MultipartError
    return bytes(event)
