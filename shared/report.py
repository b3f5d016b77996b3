"""A report as a value: what it says, in order, before it has a form.

One value becomes a page (`gateway/templates/macros/report.html`), an archive's PDF
(`gateway/rendering.py`) and a document to go on editing (`shared/docx.py`). Text is text in all
three: nothing of it is run, fetched or read. `texts` lists all that the three must say.
"""

from collections.abc import Iterator
from datetime import date

import msgspec


class _Block(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One thing under a heading; a closed set."""


class Paragraph(_Block, frozen=True, kw_only=True):
    """Running text; its line breaks are kept.

    Args:
        is_strong: said with weight, for instance a finding.
    """

    text: str
    is_strong: bool = False


class Listing(_Block, frozen=True, kw_only=True):
    """Points, or numbered points that begin with 1."""

    items: tuple[str, ...]
    is_numbered: bool = False


class Grid(_Block, frozen=True, kw_only=True):
    """A table: its first row heads the columns, its first column heads the rows.

    Args:
        numbers: the columns, from 0, that hold figures and are set to the right.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Each row has a cell for each column.

        Raises:
            ValueError: it has not; the forms would each break in their own way.
        """
        if 0 in self.numbers:
            raise ValueError("the first column heads the rows")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row's cells differ in number from the columns")


class Figure(_Block, frozen=True, kw_only=True):
    """A picture.

    Args:
        name: of letters and hyphens; the page's address for it ends with it.
        svg: the picture.
        alt: what it shows, for those who do not see it; never empty.
    """

    name: str
    svg: str
    alt: str
    caption: str

    def __post_init__(self) -> None:
        """No picture is without words, or draws on anything outside itself.

        Raises:
            ValueError: the alternative text is empty, or the picture refers to something.
        """
        if not self.alt.strip():
            raise ValueError("a figure without alternative text")
        if "href" in self.svg or "url(" in self.svg.replace("url(#", ""):
            raise ValueError("a picture that refers to something outside itself")


Block = Paragraph | Listing | Grid | Figure


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and what is under it.

    Args:
        level: 2, or 3 below the section before it.
    """

    heading: str
    blocks: tuple[Block, ...] = ()
    level: int = 2


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands for the report.

    Args:
        at: when it was signed, in words; empty leaves a line to sign on.
    """

    name: str
    role: str = ""
    at: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report.

    Args:
        authority: who gives it.
        notice: said first, in a frame, for instance that it is a draft.
        office: whose officers sign.
        sent_to: who gets it.
        seal: said last, small, for instance the check sum of what was published.
    """

    title: str
    authority: str
    dated: date
    register_number: str = ""
    notice: str = ""
    sections: tuple[Section, ...] = ()
    office: str = ""
    signatures: tuple[Signature, ...] = ()
    sent_to_heading: str = "Skickas till"
    sent_to: tuple[str, ...] = ()
    seal: str = ""


def texts(report: Report) -> Iterator[str]:
    """All that is written in it, in order; every form of it says all of this."""
    yield from filter(None, (report.authority, report.register_number, report.title))
    if report.notice:
        yield report.notice
    for section in report.sections:
        yield section.heading
        for block in section.blocks:
            yield from _block_texts(block)
    if report.office:
        yield report.office
    for each in report.signatures:
        yield from filter(None, (each.name, each.role, each.at))
    if report.sent_to:
        yield report.sent_to_heading
        yield from report.sent_to
    if report.seal:
        yield report.seal


def _block_texts(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text=text):
            yield text
        case Listing(items=items):
            yield from items
        case Grid():
            yield block.caption
            yield from block.columns
            for row in block.rows:
                yield from filter(None, row)
        case Figure():
            yield block.caption


def written(text: str) -> tuple[Block, ...]:
    """What a person wrote in one field, as blocks.

    An empty line parts paragraphs; lines that each begin with "- " are points, and lines that begin
    with "1. ", "2. " and so on are numbered ones. All else is text as it stands.
    """
    found: list[Block] = []
    for piece in (each.strip("\n") for each in text.split("\n\n")):
        lines = [line for line in piece.split("\n") if line.strip()]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            found.append(Listing(items=tuple(line[2:].strip() for line in lines)))
        elif all(line.startswith(f"{at}. ") for at, line in enumerate(lines, start=1)):
            items = tuple(line.partition(". ")[2].strip() for line in lines)
            found.append(Listing(items=items, is_numbered=True))
        else:
            found.append(Paragraph(text="\n".join(lines)))
    return tuple(found)
