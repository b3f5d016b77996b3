"""Every kind of PDF that Utväg makes, judged by veraPDF: read aloud right, and kept for ever."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pypdf
import pytest_asyncio

import gateway
from gateway.letters import typeset
from gateway.national.report import yearly_report
from gateway.rendering import report_pdf
from infra.setup import verapdf
from services.handover import wire
from services.statistics.api import Release, ReleaseRow, ShownTable
from tests.support.letters import letters
from tests.support.reports import sample

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parents[2] / "contract/handover/golden/later.json"
BOTH = {"PDF/UA-1", "PDF/A-2A"}


async def national() -> bytes:
    cells = {("*",): 239, ("0-17",): 12, ("18-20",): 50}
    release = Release(
        half_year="2026H2",
        contributors=(285, 289),
        tables=(
            ShownTable(kind="contacts", period="2026H2", cells={(): 412}),
            ShownTable(kind="admitted.age", period="2026", cells=cells),
        ),
    )
    row = ReleaseRow("2026H2", "released", AT, release, "", "0f" * 32, "kid", is_genuine=True)
    return await yearly_report("Nationell samordning", row, [release])


def without_alternative_text(pdf: bytes) -> bytes:
    """The same file, claiming the same, whose pictures have lost their words."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    lost = 0
    for each in writer._objects:
        if isinstance(each, dict) and each.get("/S") == "/Figure":
            lost += each.pop("/Alt", None) is not None
    assert lost
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def judged(tmp_path_factory):
    """What veraPDF says of each, by name; all in one process."""
    dossier = msgspec.json.decode(
        json.loads(GOLDEN.read_text())["attachment/dossier/2"], type=wire.DossierContentWithFiles
    )
    made = {name: await typeset(each, AT) for name, each in letters(dossier).items()}
    made["report"] = await report_pdf(sample())
    made["national"] = await national()
    made["spoilt"] = without_alternative_text(made["report"])
    folder = tmp_path_factory.mktemp("pdf")
    files = {folder / f"{name}.pdf": content for name, content in made.items()}
    for file, content in files.items():
        file.write_bytes(content)
    return {file.stem: found for file, found in verapdf.judge(list(files)).items()}


def test_every_letter_and_report_holds_as_pdf_ua_1_and_pdf_a_2a(judged) -> None:
    whole = {name: found for name, found in judged.items() if name != "spoilt"}

    assert whole == {name: {each: [] for each in BOTH} for name in whole}


def test_each_template_of_a_pdf_is_among_those_judged(judged) -> None:
    """A new template wants a PDF here; letters are also judged by whoever composes them."""
    templates = {file.stem for file in (Path(gateway.__file__).parent / "templates/pdf").iterdir()}
    assert templates == {"letter", "national", "report"}
    composers = {file.stem for file in Path(gateway.__file__).parent.glob("*_letter.py")}
    assert composers == {
        "aid_letter",
        "entry_letter",
        "exclusion_letter",
        "ivo_letter",
        "paper_letter",
    }
    assert {name.partition("-")[0] for name in judged} - {"spoilt"} == {
        *(each.removesuffix("_letter") for each in composers),
        "national",
        "report",
    }


def test_a_figure_without_alternative_text_is_found(judged) -> None:
    assert any("7.3" in rule and "Figure" in rule for rule in judged["spoilt"]["PDF/UA-1"])
