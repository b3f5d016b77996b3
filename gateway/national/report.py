"""The printable report of a release: the same findings, charts and tables as the page, as PDF."""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.letters import TEMPLATES
from gateway.national import charts
from gateway.national.views import View, front, shown
from gateway.texts.days import day
from gateway.texts.national_method import METHOD
from gateway.texts.words_national import period
from services.statistics.api import Release, ReleaseRow
from shared.pdf import render

_PIECE = 50
"""The typesetter's door breaks endless words; a picture goes through it in pieces."""


async def yearly_report(authority: str, row: ReleaseRow, until: Sequence[Release]) -> bytes:
    """Tagged and fit for an archive; the same release gives the same bytes.

    Args:
        until: the release, after all that came before it.
    """
    low, high = until[-1].contributors
    assert row.released_at is not None  # it has been released
    data = {
        "title": f"Avhopparverksamhet i Sverige, {period(row.half_year)}",
        "authority": authority,
        "date": day(row.released_at),
        "intro": f"Talen bygger på bidrag från {low}–{high} kommuner. De gäller hela landet och "
        "fasta grupper av län. Ingen kommuns egna tal har lämnat kommunen.",
        "views": [_view(each, await charts.draw(each)) for each in front(until)],
        "method": [{"heading": heading, "texts": texts} for heading, texts in METHOD],
        "signature": f"Undertecknad av {authority}. Kontrollsumma (SHA-256): {row.sha256}",
        "page_word": "Sida",
        "of_word": "av",
    }
    made_at = row.released_at
    return await asyncio.to_thread(render, TEMPLATES / "national.typ", data, made_at=made_at)


def _view(view: View, svg: bytes | None) -> dict[str, Any]:
    text = svg.decode() if svg else ""
    return {
        "title": view.title,
        "finding": view.finding,
        "alt": charts.alternative(view),
        "picture": [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)],
        "columns": list(view.columns),
        "rows": [[label, *(shown(value) for value in values)] for label, values in view.rows],
    }
