"""A report in its three forms: a page, PDF for reading and archives, DOCX to go on editing.

The page is `macros/report.html`, given the same value; what each form says is `shared.report.texts`.
"""

import asyncio
from datetime import UTC, datetime, time
from typing import Any

import msgspec

from gateway.letters import TEMPLATES
from gateway.texts.days import day
from shared.docx import docx
from shared.pdf import render
from shared.report import Figure, Report

_PIECE = 50
"""The typesetter's door breaks endless words; a picture goes through it in pieces."""


async def report_pdf(report: Report) -> bytes:
    """Tagged and fit for an archive (PDF/UA-1, PDF/A-2a); the same report gives the same bytes."""
    made_at = datetime.combine(report.dated, time(), tzinfo=UTC)
    data = {
        **msgspec.to_builtins(report),
        "date": day(report.dated),
        "sections": [
            {
                "heading": section.heading,
                "level": section.level,
                "blocks": [_block(block) for block in section.blocks],
            }
            for section in report.sections
        ],
        "page_word": "Sida",
        "of_word": "av",
    }
    return await asyncio.to_thread(render, TEMPLATES / "report.typ", data, made_at=made_at)


async def report_docx(report: Report) -> bytes:
    """To go on editing; the same report gives the same bytes."""
    return await asyncio.to_thread(docx, report)


def _block(block: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": type(block).__name__, **msgspec.to_builtins(block)}
    if isinstance(block, Figure):
        data["svg"] = [block.svg[at : at + _PIECE] for at in range(0, len(block.svg), _PIECE)]
    return data
