"""The yearly report from draft to published: by the pages, by the parties, and never by others."""

import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pypdf
import pytest
from sqlalchemy import select

from services.follow_up import api as follow_up
from services.follow_up.store import annual_reports
from services.statistics import api as statistics
from tests.support.exchange import open_pair
from tests.support.leaks import Harness, open_harness

pytestmark = pytest.mark.servers
PAGE = "/follow-up/reports"
OVER = timedelta(days=60)
"""From the day of the tests into the year after, past the day on which the year is counted."""
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
    assert await follow_up.count_reports(bench.worker_node) == 0  # the year is not over
    await bench.register()
    town.clock.move(OVER)
    assert await follow_up.count_reports(bench.worker_node) == 1
    assert await follow_up.count_reports(bench.worker_node) == 0  # and never again

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
    await desk.step("sent-back", "director", 5, reason="Skriv om.")
    await desk.step("submission", "coordinator", 6)
    await desk.step("act", "officer", 7, act="sign")
    await desk.step("sent-back", "officer", 8, 422, reason=" ")
    await desk.step("sent-back", "officer", 8, reason="Ett fel.")
    await desk.get("officer", status=404)  # a draft again, and not theirs
    listed = await desk.harness.call("GET", PAGE, "officer")
    assert desk.address not in listed.text
    assert await seen_figures(bench, desk.harness.people) == {"officer": 0, "director": 1}

    await desk.step("submission", "coordinator", 9)
    await desk.step("act", "officer", 10, act="sign")
    await desk.step("act", "director", 11, act="sign")  # the first signatures are not of this text
    await desk.step("act", "director", 12, act="pass_check")
    await desk.step("publication", "coordinator", 13, 422, decision="2027-02-09 § 31")
    await desk.step("publication", "director", 13, 422, decision=" ")
    await desk.step("publication", "director", 13, decision="2027-02-09 § 31")
    await desk.step("sent-back", "director", 14, 422, reason="Ångrar oss.")
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
    assert found["figures"]["shown"]["contacts"] == 5  # of seven: rounded
    assert "identified" not in found["figures"]["shown"]
    assert (await desk.harness.call("GET", path, "case_worker")).status_code == 404


async def seen_figures(bench, people):
    """How many rows of figures row security shows."""
    found = {}
    for who in ("officer", "director"):
        async with bench.node.db.begin(people[who]) as uow:
            rows = await uow.execute(select(annual_reports.figures.c.report_id))
            found[who] = len(rows.all())
    return found


async def test_a_small_number_stops_before_the_board(town, desk, monkeypatch):
    """As if the product had let one through."""
    count = statistics.count_own_year

    async def too_much(*given):
        told = await count(*given)
        return msgspec.structs.replace(told, shown=told.shown | {"identified": 1})

    monkeypatch.setattr(statistics, "count_own_year", too_much)
    await drafted(town, desk)
    await desk.step("", "coordinator", 1, **TEXTS)
    town.clock.move(OVER)
    await follow_up.count_reports(town.linkoping.bench.worker_node)
    await desk.step("submission", "coordinator", 2)
    await desk.step("act", "officer", 3, act="sign")
    await desk.step("act", "director", 4, act="sign")
    stopped = await desk.step("act", "director", 5, 422, act="pass_check")
    assert "Tal i rapporten" in stopped
