"""Letters as PDF: what was written comes out, whatever was written."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.letters import Letter, Part, Signature, typeset
from shared.pdf import PDFError, render

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in read(pdf).pages)


def squeezed(text: str) -> str:
    """Without white space, which a line break moves, and the places offered for one."""
    return "".join(text.replace("\u200b", "").split())


async def letter(text: str) -> bytes:
    return await typeset(
        Letter(
            title="Ansökan om överflyttning",
            authority="Linköpings kommun",
            register_number="SN 2026-17",
            parts=(Part(heading="Skäl", rows=(("Anknytning", text),)),),
            signatures=(Signature("A. Alm", "gruppledare"),),
        ),
        AT,
    )


async def test_a_letter_says_who_wrote_it_when_and_under_which_number() -> None:
    said = words(await letter("Sover där de flesta nätter."))

    for part in ("Linköpings kommun", "22 nov. 2026", "SN 2026-17", "Skäl", "gruppledare"):
        assert part in said
    assert "Sover där de flesta nätter." in said


async def test_a_letter_is_tagged_swedish_and_fit_for_an_archive() -> None:
    pdf = read(await letter("Sover där."))

    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "sv-SE"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    told = root["/Metadata"].get_data().decode()
    for claim in ("<pdfuaid:part>1<", "<pdfaid:part>2<", "<pdfaid:conformance>A<"):
        assert claim in told


async def test_the_same_letter_is_the_same_bytes() -> None:
    assert await letter("Sover där.") == await letter("Sover där.")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("مرحبا", None),  # which way it is read differs between readers; that it is made does not
        ("bra 🎉", "bra [U+1F389]"),
        ("漢字", "[U+6F22][U+5B57]"),
        ("noll\x00 klang\x07", "noll[U+0000] klang[U+0007]"),
        ("a\u202eb", "a[U+202E]b"),
        ("Ӕ", "Ӕ"),
        ("ԥ", "[U+0525]"),  # within what is let through, and lacking in the fonts
        ('citat " och \\ och \\u{41}', 'citat " och \\ och \\u{41}'),
    ],
)
async def test_every_script_gives_a_letter_and_nothing_is_lost(
    written: str, shown: str | None
) -> None:
    said = words(await letter(written))

    if shown is not None:
        assert squeezed(shown) in squeezed(said)


async def test_a_hundred_thousand_characters_without_a_space_stay_on_the_paper() -> None:
    pdf = read(await letter("å" * 100_000))

    assert sum(page.extract_text().count("å") for page in pdf.pages) == 100_000
    page = pdf.pages[1]
    ends: list[float] = []
    page.extract_text(visitor_text=lambda text, _c, place, *_: ends.append(place[4]) if text else 0)
    assert max(ends) < float(page.mediabox.right)


@given(st.text(max_size=60))
async def test_any_text_gives_a_letter(text: str) -> None:
    assert (await letter(text)).startswith(b"%PDF")


def test_a_template_that_does_not_fit_its_data_is_an_error_without_the_data(
    tmp_path: Path,
) -> None:
    template = tmp_path / "bad.typ"
    template.write_text("#let d = json(bytes(sys.inputs.data))\n#panic(d.text)\n")

    with pytest.raises(PDFError) as refusal:
        render(template, {"text": "Vera Lind"}, made_at=AT)

    assert "Vera" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
