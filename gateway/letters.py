"""Letters as PDF: what they say comes from whoever writes them, how they look from one template."""

import asyncio
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.texts.days import day
from shared.pdf import render

TEMPLATES = Path(__file__).parent / "templates" / "pdf"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One headed part of a letter.

    Args:
        text: what people wrote; their line breaks are kept.
        rows: label and text, in order.
        items: a numbered list, in order.
    """

    heading: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()


class Signature(msgspec.Struct, frozen=True):
    """A line to sign on."""

    name: str
    role: str = ""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a letter says.

    Args:
        title: also the document's title in its properties: never anything of a person.
        authority: who writes.
        to: whom.
        notice: said first, in a frame.
    """

    title: str
    authority: str
    to: str = ""
    register_number: str = ""
    notice: str = ""
    parts: tuple[Part, ...] = ()
    signatures: tuple[Signature, ...] = ()


async def typeset(letter: Letter, made_at: datetime) -> bytes:
    """The letter as PDF, dated `made_at` (aware); the same letter and time give the same bytes."""
    data = {
        **msgspec.to_builtins(letter),
        "date": day(made_at),
        "page_word": "Sida",
        "of_word": "av",
    }
    return await asyncio.to_thread(render, TEMPLATES / "letter.typ", data, made_at=made_at)
