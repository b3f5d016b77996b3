"""The yearly report from draft to published: by the pages, by the parties, and never by others."""

import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pypdf
import pytest

from services.follow_up import api as follow_up
from services.follow_up.store import annual_reports
from tests.support.exchange import open_pair
from tests.support.leaks import Harness, open_harness

pytestmark = pytest.mark.servers
PAGE = "/follow-up/reports"
TEXTS = {
    "summary": "Arbetet med avhoppare har utvecklats under året.",
    "proposal": "Kommunstyrelsen godkänner rapporten.",
    "send_list": "Socialchefen\nSäkerhetschefen",
}


@dataclass
class Desk:
    """The people, at one report."""

    harness: Harness
    address: str = ""

    async def step(self, where, who, revision, status=303, **more):
        given = {"revision": str(revision), **more}
        path = f"{self.address}/{where}" if where else self.address
        answered = await self.harness.call("POST", path, who, given)
        assert answered.status_code == status, (where, who, answered.text)
        return answered.text

    async def get(self, who, ending="", status=200):
        answered = await self.harness.call("GET", self.address + ending, who)
        assert answered.status_code == status, (who, ending)
        return answered


@pytest.fixture
async def town(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        yield pair


@pytest.fixture
async def desk(town, tmp_path):
    bench = town.linkoping.bench
    harness = open_harness(town.linkoping, tmp_path)
    harness.people = {
        "coordinator": await bench.person("Sam", "exit_coordinator"),
        "director": await bench.person("Sonja", "social_director", "security_chief"),
        "watcher": await bench.person("Sixten", "security_chief"),
        "officer": await bench.officer(),
        "case_worker": await bench.case_worker(),
    }
    yield Desk(harness)
    await harness.client.aclose()


async def drafted(town, desk):
    """A report of a year with six contacts: so many may be told, the ages of so few may not."""
    for number in ("19950314-9800", *[None] * 5):
        await town.linkoping.bench.register(personal_number=number)
    opened = await desk.harness.call("POST", PAGE, "coordinator", {"year": "2026"})
    desk.address = opened.headers["location"]
    town.clock.move(timedelta(minutes=1))


async def test_a_report_goes_from_draft_to_published_and_names_nobody(town, desk):
    bench = town.linkoping.bench
    refused = await desk.harness.call("POST", PAGE, "watcher", {"year": "2026"})
    assert refused.status_code in {403, 404}
    await drafted(town, desk)
    await desk.get("officer", status=404)  # a draft is not the other party's
    await desk.get("case_worker", status=404)

    named = await desk.step("", "coordinator", 1, 422, **TEXTS, development="Se 20010822-9816.")
    assert TEXTS["summary"] in named  # nothing that was written is lost
    await desk.step("", "coordinator", 1, **TEXTS, development="Fler har fått egen bostad.")
    assert "Talen är inte räknade än" in await desk.step("submission", "coordinator", 2, 422)
    assert await follow_up.count_reports(bench.worker_node) == 1
    assert await follow_up.count_reports(bench.worker_node) == 0

    await forge(bench, desk.address, identified=1)  # as if the product had let it through
    await desk.step("act", "coordinator", 2, 422, act="sign")  # nothing to sign yet
    await desk.step("submission", "coordinator", 1, 409)
    await desk.step("submission", "coordinator", 2)
    for who, status in (("coordinator", 422), ("director", 303), ("director", 409)):
        await desk.step("act", who, 3, status, act="sign")
    late = await desk.step("", "coordinator", 2, 409, development="Skrivet medan den skickades.")
    assert "Skrivet medan den skickades." in late
    assert TEXTS["summary"] in (await desk.get("officer")).text
    await desk.step("act", "officer", 4, act="sign")
    assert "En annan person" in await desk.step("act", "coordinator", 5, 422, act="pass_check")
    assert "Tal i rapporten" in await desk.step("act", "director", 5, 422, act="pass_check")
    await desk.step("sent-back", "director", 5, reason="Räkna om.")
    town.clock.move(timedelta(minutes=1))
    await desk.step("act", "coordinator", 6, act="count")
    town.clock.move(timedelta(minutes=1))
    assert await follow_up.count_reports(bench.worker_node) == 1

    await desk.step("submission", "coordinator", 7)
    await desk.step("act", "officer", 8, act="sign")
    await desk.step("act", "director", 9, act="sign")  # the first signatures are not of this text
    await desk.step("act", "director", 10, act="pass_check")
    await desk.step("publication", "coordinator", 11, 422, decision="2027-02-09 § 31")
    await desk.step("publication", "director", 11, 422, decision=" ")
    await desk.step("publication", "director", 11, decision="2027-02-09 § 31")
    await desk.step("sent-back", "director", 12, 422, reason="Ångrar oss.")
    await same_in_all_forms(desk)
    async with bench.node.db.begin(desk.harness.people["director"]) as uow:
        row = await annual_reports.find(uow, desk.address.rpartition("/")[2])
    signing = bench.node.keyring.signing(town.clock.now())
    key = bench.node.directory.signing_key(bench.node.authority, signing.kid)
    assert key.verify(row.jws) == row.content


async def same_in_all_forms(desk):
    """Page, PDF and DOCX: the count that may be told, the small ones not, and no person."""
    for who in ("watcher", "officer"):
        page = (await desk.get(who)).text
        pdf = pypdf.PdfReader(io.BytesIO((await desk.get(who, "/report.pdf")).content))
        word = zipfile.ZipFile(io.BytesIO((await desk.get(who, "/report.docx")).content))
        document = word.read("word/document.xml").decode()
        for text in (page, " ".join(each.extract_text() for each in pdf.pages), document):
            for said in ("Fler har fått egen bostad.", "Första kontakter", "visas inte"):
                assert said in " ".join(text.split())
            assert "Kanariefågel" not in text
    report_id = desk.address.rpartition("/")[2]
    path = f"/api/v1/annual-reports/{report_id}"
    found = (await desk.harness.call("GET", path, "watcher")).json()
    assert found["figures"]["shown"]["contacts"] == 6
    assert "identified" not in found["figures"]["shown"]
    assert (await desk.harness.call("GET", path, "case_worker")).status_code == 404


async def forge(bench, address, **small):
    async with bench.worker_node.db.begin(bench.worker) as uow:
        row = await annual_reports.find(uow, address.rpartition("/")[2])
        told = msgspec.json.decode(row.figures)
        told["shown"] |= small
        await annual_reports.keep_figures(
            uow, row.report_id, msgspec.json.encode(told), row.counted_at
        )
        await uow.commit()


async def test_a_text_of_few_persons_stops_before_the_board(town, desk):
    await drafted(town, desk)
    await desk.step("", "coordinator", 1, **TEXTS, development="Tre personer har fått bostad.")
    await follow_up.count_reports(town.linkoping.bench.worker_node)
    await desk.step("submission", "coordinator", 2)
    await desk.step("act", "officer", 3, act="sign")
    await desk.step("act", "director", 4, act="sign")
    stopped = await desk.step("act", "director", 5, 422, act="pass_check")
    assert "färre än fem personer" in stopped
