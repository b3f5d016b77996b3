"""Fetch one file whose SHA-256 is known; a cut download is taken up where it ended."""

import hashlib
import http.client
import urllib.error
import urllib.request
from pathlib import Path

from infra.setup.say import Bar, megabytes, say
from infra.setup.trouble import AGAIN, NETWORK, Trouble

_CHUNK = 1 << 18
_TIMEOUT_S = 60
_TRIES = 3  # each goes on where the last was cut
_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416


def sha256_of(file: Path) -> str:
    """Of the whole file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def fetch(address: str, to: Path, *, sha256: str, size_bytes: int, what: str) -> Path:
    """The file, right to the last bit, or a sentence that says why not.

    Args:
        address: where from.
        to: where to; what is fetched but not yet checked is `NAME.part`.
        sha256: what it must be.
        size_bytes: what it must be; the whole for the bar.
        what: its name for the person.

    Raises:
        Trouble: not reached, cut, or another content than pinned.
    """
    if to.is_file() and sha256_of(to) == sha256:
        return to
    part = to.with_name(to.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    for left in reversed(range(_TRIES)):
        try:
            _continue(address, part, size_bytes, what)
        except Trouble:
            if not left:
                raise
        if part.is_file() and part.stat().st_size >= size_bytes:
            break
    if part.stat().st_size < size_bytes:
        raise Trouble(
            f"Hämtningen av {what} bröts vid {megabytes(part.stat().st_size)} av {megabytes(size_bytes)}.",
            NETWORK,
        )
    found = sha256_of(part)
    if found != sha256:
        part.unlink()
        raise Trouble(
            f"{what} har inte den kontrollsumma som är nålad (väntade {sha256[:12]}…, fick {found[:12]}…).",
            "Filen kastades. " + AGAIN + " Upprepas det: fråga den som sköter ert paketförråd.",
        )
    part.replace(to)
    return to


def _continue(address: str, part: Path, size_bytes: int, what: str) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if have > size_bytes:
        part.unlink()
        have = 0
    if have == size_bytes:
        return
    if have:
        say(f"  {what}: fortsätter efter {megabytes(have)}.")
    request = urllib.request.Request(address)  # noqa: S310  # from the registry client
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with (
            urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer,  # noqa: S310
            Bar(what, size_bytes) as bar,
        ):
            done = have if answer.status == _PARTIAL else 0
            with part.open("ab" if done else "wb") as file:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    bar.at(done, f"{megabytes(done)} av {megabytes(size_bytes)}")
    except urllib.error.HTTPError as error:
        if error.code == _RANGE_REFUSED:
            part.unlink()
        raise Trouble(f"Paketförrådet svarade {error.code} på {what}.", NETWORK) from error
    except http.client.HTTPException as error:
        raise Trouble(f"Hämtningen av {what} bröts.", NETWORK) from error
    except OSError as error:  # includes URLError, time-outs and a full disk
        full = "No space" in str(error)
        way_out = "Frigör minst 3 GB där utcheckningen ligger. " + AGAIN if full else NETWORK
        sentence = "Disken är full" if full else "Paketförrådet nåddes inte eller tystnade"
        raise Trouble(f"Hämtningen av {what} bröts: {sentence}.", way_out) from error
