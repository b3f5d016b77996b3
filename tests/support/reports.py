"""A report with one of each kind of block, and reading what a form of a report says."""

import io
import re
from datetime import date
from html import unescape
from typing import Any

import pypdf

from shared.report import Figure, Grid, Listing, Paragraph, Report, Section, Signature

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40">'
    '<rect width="80" height="30" fill="#4a3f1f"/></svg>'
)


def sample(text: str = "Rad ett\nrad två.\n\nNytt stycke.") -> Report:
    """A report where `text` stands in every place that people write in."""
    return Report(
        title="Återrapport 2017",
        authority="Linköpings kommun",
        dated=date(2018, 3, 1),
        register_number="KS 2018-17",
        notice=f"Utkast. {text}",
        sections=(
            Section(heading="Förslag till beslut", blocks=(Paragraph(text=text, is_strong=True),)),
            Section(
                heading="Områden",
                blocks=(
                    Listing(items=("Sociala risker", "Segregation"), is_numbered=True),
                    Paragraph(text="Samma en gång till:"),
                    Listing(items=("Sociala risker", "Segregation"), is_numbered=True),
                ),
            ),
            Section(
                heading="1. Sociala risker",
                level=3,
                blocks=(
                    Listing(items=(text, "<b>inte fet</b> & {{ 6 * 7 }}")),
                    Grid(
                        caption="Aktiviteter efter läge",
                        columns=("Läge", "Antal"),
                        rows=(("Genomförd", "12"), ("Avvikelse", "..")),
                        numbers=(1,),
                    ),
                    Figure(
                        name="states",
                        svg=SVG,
                        alt="Stapeldiagram: tolv är genomförda.",
                        caption="De flesta är genomförda.",
                    ),
                ),
            ),
        ),
        office="Kommunledningsförvaltningen",
        signatures=(
            Signature(name="A. Alm", role="säkerhetschef", at="1 mars 2018"),
            Signature(name="B. Berg"),
        ),
        sent_to=("Hållbarhetschefen", "Säkerhetschefen"),
        seal="Kontrollsumma (SHA-256): " + "0f" * 32,
    )


def squeezed(text: str) -> str:
    """Without white space, which lines move, the places offered for a break, and list marks."""
    return "".join(text.replace("\u200b", "").split())


def said_by_pdf(pdf: bytes) -> str:
    """All that its pages say, without what stands at the head and foot of each."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    head = squeezed(str(reader.metadata and reader.metadata.title))
    pages = [squeezed(page.extract_text()) for page in reader.pages]
    bodies = [pages[0], *(page.removeprefix(head) for page in pages[1:])]
    author = squeezed(str(reader.metadata and reader.metadata.author))
    return "".join(re.sub(rf"{re.escape(author)}Sida\d+av\d+$", "", page) for page in bodies)


def said_by_html(html: str) -> str:
    """All that the page says, tags away."""
    return squeezed(unescape(re.sub(r"<[^>]*>", "", html)))


def said_by_docx(file: bytes) -> str:
    """All that its body says, in order."""
    return squeezed(
        "\n".join(
            "".join(
                node.text or "" if node.tag.endswith("}t") else "\n"
                for node in paragraph.iter()
                if node.tag.endswith(("}t", "}br"))
            )
            for paragraph in body(file).element.body.iter(
                "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
            )
        )
    )


def body(file: bytes) -> Any:
    """The document as the library reads it back."""
    import docx

    return docx.Document(io.BytesIO(file))
