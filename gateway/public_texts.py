"""A tenant's public texts: one file for each language in `tenants/<code>/public/`, data only."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from shared.ids import AuthorityCode
from shared.policy import PolicyInvalid

FIRST = "sv"
"""The language of the page that no language is asked for."""


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom to call.

    Args:
        where: the number, or how one finds it, in words.
        tel: what a telephone dials; empty where there is no number to print.
    """

    who: str
    where: str
    tel: str = ""
    when: str = ""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question and its answers."""

    heading: str
    points: tuple[str, ...]


class PublicText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The page in one language.

    Args:
        language: its own name for itself.
        title: stands in the browser's history, so it says nothing.
        leave: on the button that leaves at once.
    """

    language: str
    title: str
    heading: str
    lead: str
    leave: str
    leave_hint: str
    no_trace: str
    call: tuple[Call, ...]
    section: tuple[Section, ...]


def load_public_texts(tenants: Path, code: AuthorityCode) -> Mapping[str, PublicText]:
    """The tenant's texts by language, Swedish first; none where it has no public page.

    Args:
        tenants: the folder of all tenants.

    Raises:
        PolicyInvalid: naming the file and the path in it.
    """
    found: dict[str, PublicText] = {}
    for file in sorted((tenants / code / "public").glob("*.toml"), key=_order):
        try:
            found[file.stem] = msgspec.toml.decode(file.read_bytes(), type=PublicText)
        except msgspec.MsgspecError as error:
            raise PolicyInvalid(f"{file}: {error}") from error
    if found and FIRST not in found:
        raise PolicyInvalid(f"{tenants / code}: public texts without Swedish")
    return found


def _order(file: Path) -> tuple[bool, str]:
    return file.stem != FIRST, file.stem
