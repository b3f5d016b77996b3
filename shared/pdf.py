"""PDF from a template and data: tagged (PDF/UA-1), fit for an archive (PDF/A-2a), in Swedish.

The template is ours and is code; what people have written is data and stays text: it is never
joined into a source, so nothing in it is run, fetched or read. The typesetter sees the templates'
folder alone, has its own fonts, and never the network.

A character that its fonts lack, or that would turn the reading order, is written out as
`[U+1F389]`: an archived letter may hold no empty boxes, and nothing that was written is lost.
"""

import functools
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import typst

_NO_PACKAGES = "/nonexistent"
_UNKNOWN = re.compile(
    "[^\t\n\u0020-\u007e"  # Latin …
    "\u00a0-\u00ac\u00ae-\u02ff\u0300-\u036f"  # … with its marks, without the soft hyphen
    "\u0370-\u052f"  # Greek and Cyrillic
    "\u0590-\u05ff\u0600-\u06ff"  # Hebrew and Arabic
    "\u1e00-\u1fff"  # Vietnamese, old Greek
    "\u2010-\u2027\u202f-\u205e\u2070-\u218f\u2190-\u22ff]"  # dashes, money, arrows, sums
)
"""All but the scripts that the typesetter's own fonts hold. Wider ones were tried: some made it
stop in the middle, and an emoji in a journal must not keep an application from IVO."""
_UNBROKEN = re.compile(r"(\S{60})(?=\S)")
_LACKING = re.compile(r"^(?:error: )?PDF/[^\n\"]*\"((?:[^\"\\]|\\.)+)\"", re.MULTILINE)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_ROUNDS = 4
"""The typesetter names most of what it lacks at once; hidden behind others may be a few more."""


class PDFError(RuntimeError):
    """The template is wrong or does not fit the data; says where, and nothing of the data."""


def render(template: Path, data: Mapping[str, object], *, made_at: datetime) -> bytes:
    """The PDF. Takes tens of milliseconds of pure computing: call it beside the event loop.

    Args:
        template: a `.typ` file; it may import its neighbours in the same folder and nothing else.
        data: JSON at heart; the template reads it as `json(bytes(sys.inputs.data))`.
        made_at: aware; with the data it decides every byte.

    Raises:
        PDFError: the template is wrong, or does not fit the data.
    """
    plain = msgspec.to_builtins(data)
    unshown = _UNKNOWN
    for _ in range(_ROUNDS):
        encoded = msgspec.json.encode(_written_out(plain, unshown)).decode()
        made = _compile(template, encoded, made_at)
        if isinstance(made, bytes):
            return made
        if not made:
            break
        # What one round has spelt out is ASCII: a later one has only more to spell out.
        plain = _written_out(plain, unshown)
        unshown = re.compile(f"[{''.join(map(re.escape, sorted(made)))}]")
    raise PDFError(template.name)


def _compile(template: Path, encoded: str, made_at: datetime) -> bytes | frozenset[str]:
    """The PDF, or the characters that the fonts lack."""
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": encoded},
        package_path=_NO_PACKAGES,
        package_cache_path=_NO_PACKAGES,
    )
    try:
        made = compiler.compile(
            format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=int(made_at.timestamp())
        )
    except typst.TypstError as error:
        if lacking := _lacking(error.diagnostic):
            return lacking
        place = re.search(r"┌─ (\S+)", error.diagnostic)
        raise PDFError(f"{template.name}: wrong at {place[1] if place else '?'}") from None
    except BaseException as error:
        # The typesetter's own fault is no `Exception`, and its words may quote the data.
        if type(error).__name__ != "PanicException":
            raise
        raise PDFError(f"{template.name}: the typesetter gave up") from None
    assert isinstance(made, bytes)  # one output format gives one file
    return made


@functools.cache
def _fonts() -> typst.Fonts:
    """The typesetter's own; a machine's fonts would make the same letter differ."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _written_out(value: Any, unshown: re.Pattern[str]) -> Any:
    """The data, with what cannot be shown spelt out and endless words given places to break."""
    if isinstance(value, str):
        shown = unshown.sub(lambda found: f"[U+{ord(found[0]):04X}]", value)
        return _UNBROKEN.sub("\\1\u200b", shown) if unshown is _UNKNOWN else shown
    if isinstance(value, list | tuple):
        return [_written_out(each, unshown) for each in value]
    if isinstance(value, dict):
        return {key: _written_out(each, unshown) for key, each in value.items()}
    return value


def _lacking(diagnostic: str) -> frozenset[str]:
    """The characters that the typesetter says it cannot show."""
    return frozenset(
        char
        for found in _LACKING.findall(diagnostic)
        for char in _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], found)
    )
