"""Look for words in everything that a state has on disk: what is nowhere must be found nowhere.

Databases with their logs, the exchange's store, logs and settings are read as bytes, so that nothing
hides behind a view or a column that nobody thought of. What is sealed does not match.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

_PIECE = 1 << 22
_SECRET = frozenset({"secrets", "run"})
"""Passwords and sockets: nothing that anybody writes about a person comes there."""


def places_with(folder: Path, words: Sequence[str]) -> set[str]:
    """Below which parts of the state one of the words stands; never the word itself."""
    wanted = [
        word.encode(encoding) for word in words for encoding in ("utf-8", "latin-1", "utf-16-le")
    ]
    return {file.relative_to(folder).parts[0] for file in _files(folder) if _holds(file, wanted)}


def _files(folder: Path) -> Iterable[Path]:
    for file in folder.rglob("*"):
        if file.is_file() and not _SECRET & set(file.relative_to(folder).parts):
            yield file


def _holds(file: Path, wanted: Sequence[bytes]) -> bool:
    overlap = max(map(len, wanted))
    tail = b""
    try:
        with file.open("rb") as source:
            while piece := source.read(_PIECE):
                searched = tail + piece
                if any(word in searched for word in wanted):
                    return True
                tail = searched[-overlap:]
    except FileNotFoundError:
        pass  # a temporary file of a running server
    return False
