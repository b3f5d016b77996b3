"""The action plan by its pages and its API, and a real report of one in and out again."""

import re
from pathlib import Path

import pytest
import pytest_asyncio

from infra.demo.action_plan import enter
from services.follow_up.handlers import action_plan
from tests.support.leaks import open_harness
from tests.support.reports import body, said_by_html, said_by_pdf, squeezed

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

SEED = Path(__file__).parent / "data/action_plan_report_2017.txt"
API = "/api/v1"
PLAN = {
    "title": "Trygghetsplan",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "areas": ["Sociala risker", "Organiserad brottslighet"],
}
ACTIVITY = {"text": "Nattvandring.", "areas": [1], "status": "ONGOING"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(pair, tmp_path_factory):
    town = pair.linkoping
    opened = open_harness(town, tmp_path_factory.mktemp("desk"))
    opened.people = {
        "sam": await town.bench.person("Sam", "exit_coordinator"),
        "gun": await town.bench.leader(),
        "sven": await town.bench.person("Sven", "security_chief"),
        "asta": await town.bench.case_worker(),
        "police": await town.bench.officer(),
    }
    yield opened
    await opened.client.aclose()


async def post(desk, path, given, who="sam"):
    answer = await desk.call("POST", f"{API}{path}", who, given)
    assert answer.status_code < 300, (path, answer.text)
    return answer.json() if answer.content else None


async def begun(desk, **activity):
    plan = (await post(desk, "/action-plans", PLAN))["id"]
    path = f"/action-plans/{plan}"
    if activity:
        entry = (await post(desk, f"{path}/activities", ACTIVITY | activity))["id"]
        return path, entry
    return path, None


# -- the report of 2017, in and out ------------------------------------------------------------------

HEADINGS = ("Förslag till beslut", "Ärende", "Beslutsunderlag", "Bakgrund", "Bedömning")
AREAS = "Prioriterade samverkansområden (problemområden) och genomförda aktiviteter"
SENT_TO = "Beslutet skickas till"


def sections_of_seed():
    """What the report says, by its headings: sentences, points and lines, none left out."""
    text = SEED.read_text("utf-8").replace("*", "")
    # A page ends in the middle of a sentence: the next line goes on in small letters.
    text = re.sub(r"\n+(?=[a-zåäö])", " ", text)
    found: dict[str, list[str]] = {"": []}
    heading, is_in_areas = "", False
    for line in filter(None, (each.strip() for each in text.split("\n"))):
        is_area = is_in_areas and re.match(r"\d\. ", line)
        if line.rstrip(":") in {*HEADINGS, AREAS, SENT_TO} or is_area:
            heading = line.rstrip(":")
            is_in_areas = heading == AREAS or bool(is_area)
            found[heading] = []
        else:
            found[heading] += re.split(r"(?<=\D[.!?])\s+(?=[A-ZÅÄÖ”])", line)
    return found


def sections_of_docx(file):
    document = body(file)
    found, heading = {"": ""}, ""
    for block in document.iter_inner_content():
        style = getattr(getattr(block, "style", None), "name", "")
        if style in {"Heading 2", "Heading 3"}:
            heading = block.text
            found[heading] = ""
        elif hasattr(block, "rows"):
            found[heading] += "".join(cell.text for row in block.rows for cell in row.cells)
        else:
            found[heading] += block.text + "\n"
    return found


def bare(sentence):
    """Without the mark of its list, which is not text in a document."""
    return squeezed(re.sub(r"^(?:- |\d\. )", "", sentence))


async def test_the_report_of_2017_comes_out_with_every_sentence_in_its_section(desk):
    async def by_coordinator(path, given):
        return await post(desk, path, given)

    entered = await enter(by_coordinator)
    said = sections_of_seed()
    points = [each for part in said.values() for each in part if each.startswith("- ")]
    assert len(points) == entered.activities == 46
    base = f"/action-plans/{entered.plan_id}"
    listed = (await desk.call("GET", f"{API}/action-plans", "sven")).json()["items"]
    assert [(row["activities"], row["overdue"]) for row in listed if row["activities"] == 46] == [
        (46, 1)
    ]
    docx = await desk.call("GET", f"{API}{base}/reports/{entered.report_id}/docx", "sven")
    pdf = await desk.call("GET", f"{API}{base}/reports/{entered.report_id}/pdf", "sven")
    page = await desk.call("GET", f"{base}/printed/{entered.report_id}", "sven")
    assert {docx.status_code, pdf.status_code, page.status_code} == {200}
    came_out = sections_of_docx(docx.content)
    everywhere = {"pdf": said_by_pdf(pdf.content), "page": said_by_html(page.text)}

    count = 0
    for heading, sentences in said.items():
        section = squeezed(came_out[heading])
        for each in sentences:
            assert bare(each) in section, (heading, each)
            for form, whole in everywhere.items():
                assert bare(each) in whole, (form, each)
            count += 1
    whole_seed = squeezed(re.sub(r"[*:-]", "", SEED.read_text("utf-8")))
    counted = squeezed("".join("".join((h, *each)) for h, each in said.items()))
    assert re.sub(r"[:-]", "", counted) == whole_seed  # nothing of it was left unasked
    assert count > 100


async def test_the_plan_shows_each_activity_under_all_its_areas_and_counts_it_once(desk):
    path, _ = await begun(desk, areas=[2, 1], text="SIG stöder avhoppare.")
    page = (await desk.call("GET", path, "sven")).text
    assert page.count('<td data-label="Aktivitet">SIG stöder avhoppare.') == 2
    assert page.count("Redovisas under ett annat område.") == 1
    row = re.search(r'<th scope="row">Alla</th>(.*?)</tr>', page, re.DOTALL)[1]
    assert re.findall(r">(\d+)<", row) == ["0", "1", "1"]


async def test_a_change_keeps_what_was_said_before_and_who_said_it(desk):
    path, entry = await begun(desk, due_on="2026-11-01")
    assert "1 aktivitet är försenad" in (await desk.call("GET", path, "gun")).text
    start = (await desk.call("GET", "/", "gun")).text
    assert re.search(rf'href="{path}".*?En aktivitet är försenad', start, re.DOTALL)
    done = ACTIVITY | {"status": "DONE", "number": 1, "entry_id": entry, "evidence": "Protokoll."}
    await post(desk, f"{path}/activities", done, "gun")
    for page in (path, "/"):
        said = (await desk.call("GET", page, "gun")).text
        assert path not in said or "försenad" not in said
    history = (await desk.call("GET", f"{path}/activities/{entry}/history", "gun")).text
    assert re.findall(r"Version (\d)", history) == ["2", "1"]
    assert "Gun" in history
    assert "Sam" in history
    assert "Pågår" in history
    late = await desk.call("POST", f"{API}{path}/activities", "sam", done | {"status": "PLANNED"})
    assert (late.status_code, late.json()["code"]) == (409, "db.changed_meanwhile")
    typed = {
        "revision": "1",
        "area": "1",
        "text": "Skrivet.",
        "status": "DONE",
        "evidence": "Kvar.",
    }
    late = await desk.call("POST", f"{path}/activities/{entry}", "sam", typed)
    assert late.status_code == 409
    assert "Kvar." in late.text  # nothing that was written is lost


@pytest.mark.parametrize("who", ["asta", "police"])
async def test_who_does_not_keep_or_read_plans_meets_nothing(desk, who):
    path, entry = await begun(desk, due_on="2026-11-01")
    for method, address in (
        ("GET", path),
        ("GET", "/action-plans"),
        ("POST", f"{path}/activities/new"),
        ("GET", f"{path}/activities/{entry}"),
        ("POST", f"{API}{path}/activities"),
        ("GET", f"{API}{path}"),
    ):
        answer = await desk.call(method, address, who, ACTIVITY if method == "POST" else None)
        assert answer.status_code in {403, 404}, (who, address)
        assert "Nattvandring" not in answer.text


@pytest.mark.parametrize(
    ("kind", "given", "field", "says"),
    [
        ("activities", {"area": "1", "status": "PARTIAL", "text": "Kurs."}, "deviation", "varför"),
        ("activities", {"area": "1", "status": "DONE", "text": "Vera 19950314-9800."}, "", "pekar"),
        ("pledges", {"valid_from": "2026-01-01", "valid_until": "2025-01-01", "promise": "Fler."},
         "valid_until", "före"),
        ("meetings", {"held_on": "2026-12-24", "area": "1", "seen": "Lugnt."}, "held_on", "inte"),
        ("reports", {"occasion": "FINAL", "title": "Slut", "dated": "2026-11-22", "proposal": ""},
         "proposal", "föreslås"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    desk, kind, given, field, says
):
    path, _ = await begun(desk)
    answer = await desk.call("POST", f"{path}/{kind}/new", "sam", given)
    assert answer.status_code == 422
    if field:
        error = re.search(rf'id="{field}-error">(.*?)</', answer.text, re.DOTALL)
        assert error
    assert says in answer.text
    for value in given.values():
        assert value in answer.text


async def test_a_pledge_is_replaced_by_the_next_and_a_meeting_gives_the_picture(desk):
    path, _ = await begun(desk)
    years = {"valid_from": "2026-01-01", "valid_until": "2026-12-31", "promise": "Fler på gatan."}
    first = (await post(desk, f"{path}/pledges", years))["id"]
    later = {"valid_from": "2027-01-01", "valid_until": "2028-12-31", "promise": "Ännu fler."}
    answer = await desk.call("POST", f"{path}/pledges/new", "sam", later | {"replaces": first})
    assert answer.status_code == 303
    line = {"held_on": "2026-11-20", "area": 1, "seen": "Klotter vid torget.", "who": "Polisen"}
    await post(desk, f"{path}/meetings", line | {"measure": "Synlighet.", "until": "2026-11-27"})
    page = (await desk.call("GET", path, "sven")).text
    assert page.count("Ersatt") == 1
    assert (
        "Lägesbild 20 nov. 2026:</strong> Klotter vid torget. Insats: Synlighet. (Polisen" in page
    )


async def test_whoever_the_policy_does_not_name_reads_the_plan_and_changes_nothing(
    desk, monkeypatch
):
    path, entry = await begun(desk, areas=[1])
    monkeypatch.setattr(action_plan, "keepers", lambda *_: ("exit_coordinator",))
    page = (await desk.call("GET", path, "sven")).text
    assert "Nattvandring." in page
    assert "Ny aktivitet" not in page
    assert (await desk.call("GET", f"{path}/activities/{entry}/history", "sven")).status_code == 200
    for method, address in (
        ("GET", f"{path}/activities/{entry}"),
        ("GET", "/action-plans/new"),
        ("POST", f"{path}/activities/new"),
        ("POST", f"{path}/frame"),
        ("POST", f"{API}{path}/activities"),
        ("POST", f"{API}/action-plans"),
    ):
        given = PLAN if "frame" in address or address.endswith("plans") else ACTIVITY
        form = {"area": "1", "text": "x", "status": "DONE", "areas": "x", **given}
        answer = await desk.call(method, address, "sven", given if API in address else form)
        assert answer.status_code == 404, address
