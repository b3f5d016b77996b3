"""One report, three forms, the same content; and the DOCX is safe, Swedish and accessible."""

import io
import zipfile

import jinja2
import pytest

from gateway.letters import TEMPLATES
from gateway.rendering import report_docx, report_pdf
from gateway.texts.jinja import install
from shared.report import Figure, Grid, texts
from tests.support.reports import SVG, body, said_by_docx, said_by_html, said_by_pdf, sample

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = (
    '=HYPERLINK("http://x.test") { DDEAUTO c:\\\\cmd } { INCLUDETEXT /etc/passwd } #read("/etc/passwd") '
    "{% include '/etc/passwd' %} <w:instrText>DDE</w:instrText> <script>alert(1)</script> $ 6 $"
)


def page(report) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    install(environment)
    template = environment.from_string(
        '{% import "macros/report.html" as r %}{{ r.report(value, "/here") }}'
    )
    return template.render(value=report)


@pytest.mark.parametrize("text", ["Rad ett\nrad två.\n\nNytt stycke.", HOSTILE])
async def test_a_page_a_pdf_and_a_docx_say_all_of_the_report_in_the_same_order(text: str) -> None:
    report = sample(text)
    forms = {
        "page": said_by_html(page(report)),
        "pdf": said_by_pdf(await report_pdf(report)),
        "docx": said_by_docx(await report_docx(report)),
    }

    for form, said in forms.items():
        at = 0
        for each in texts(report):
            found = said.find("".join(each.split()), at if form != "pdf" else 0)
            assert found >= 0, (form, each)
            at = found
        assert "root:x:0" not in said


async def test_the_docx_has_headings_header_rows_alternative_texts_and_is_in_swedish() -> None:
    file = await report_docx(sample())
    document = body(file)

    headings = [
        (paragraph.style.name, paragraph.text)
        for paragraph in document.paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    assert headings[:2] == [
        ("Heading 1", "Återrapport 2017"),
        ("Heading 2", "Förslag till beslut"),
    ]
    assert ("Heading 3", "1. Sociala risker") in headings
    (table,) = document.tables
    assert [row._tr.find(f".//{W}tblHeader") is not None for row in table.rows] == [
        True,
        False,
        False,
    ]
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == "Stapeldiagram: tolv är genomförda."
    languages = {each.get(f"{W}val") for each in document.styles.element.iter(f"{W}lang")}
    assert languages == {"sv-SE"}
    said = document.core_properties
    assert (said.title, said.author, said.language) == (
        "Återrapport 2017",
        "Linköpings kommun",
        "sv-SE",
    )
    numbered = [p._p.pPr.numPr for p in document.paragraphs if p.style.name == "List Number"]
    assert len({each.numId.val for each in numbered}) == 2  # the second list begins with 1 again


async def test_the_docx_runs_nothing_fetches_nothing_and_tells_of_nobody_else() -> None:
    file = await report_docx(sample(HOSTILE))

    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        everything = {name: parts.read(name) for name in parts.namelist()}
    joined = b"".join(everything.values())
    assert b'TargetMode="External"' not in joined
    assert b"<w:instrText" not in joined
    assert joined.count(b"<w:fldSimple") == 2  # the page's number and their count
    assert not [name for name in everything if "vba" in name.lower() or "thumbnail" in name]
    told = everything["docProps/core.xml"] + everything["docProps/app.xml"]
    assert b"python" not in told
    assert b"Macintosh" not in told
    assert file == await report_docx(sample(HOSTILE))


def test_what_would_break_in_a_form_is_refused_before() -> None:
    with pytest.raises(ValueError, match="alternative text"):
        Figure(name="x", svg=SVG, alt=" ", caption="x")
    for outside in ("<image href='http://x.test/a.png'/>", "<style>@import url(x.css)</style>"):
        with pytest.raises(ValueError, match="outside itself"):
            Figure(name="x", svg=SVG.replace("<rect", outside + "<rect"), alt="x", caption="x")
    with pytest.raises(ValueError, match="cells differ"):
        Grid(caption="x", columns=("a", "b"), rows=(("1",),))


async def test_what_xml_has_no_place_for_is_spelt_out() -> None:
    assert "[U+0000][U+202E]kvar" in said_by_docx(await report_docx(sample("\x00\u202ekvar")))
