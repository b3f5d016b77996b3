"""The programme by its pages: read back before it is decided, refused in words, nothing lost."""

import html
import io
import re
from datetime import timedelta

import pypdf
import pytest

from services.cases import api as cases

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
GRANT = {
    "outcome": "GRANTED",
    "kind": "aid.counselling",
    "area": "occupation",
    "matter": "Kontaktperson & hjälp att söka arbete.",
    "reasons": "Behovet kan inte tillgodoses på annat sätt.",
    "granted_from": "2026-11-22",
    "granted_until": "",
    "minutes": "",
}


def hidden(text: str) -> dict[str, str]:
    """What the form of the page posts unseen, but for its token."""
    main = text[text.index("<main") : text.index("</main>")]
    found = re.findall(r'<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', main)
    return {name: html.unescape(value) for name, value in found if name != "_csrf_token"}


def field_error(text: str, name: str) -> str:
    found = re.search(rf'id="{name}-error">.*?</span>([^<]*)<', text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


async def posted(desk, path, given, who="asta"):
    """Open the form, write, post; the answer."""
    shown = await desk.call("GET", path, who)
    assert shown.status_code == 200, path
    return await desk.call("POST", path, who, hidden(shown.text) | given)


async def at_desk(pair, desks):
    case_id = await pair.linkoping.bench.admitted()
    return desks[0], f"/cases/{case_id}", case_id


async def decided(desk, path, **changes):
    """Written, read back, decided."""
    back = await posted(desk, f"{path}/aid/new", GRANT | changes)
    assert "Läs igenom beslutet" in back.text
    return await desk.call("POST", f"{path}/aid/new", "asta", hidden(back.text) | {"act": "decide"})


async def test_a_decision_is_read_back_and_made_only_then(pair, desks):
    desk, path, case_id = await at_desk(pair, desks)
    back = await posted(desk, f"{path}/aid/new", GRANT)
    assert back.status_code == 200
    for said in ("Inget är sparat än", "Kontaktperson &amp; hjälp", "Beslutet kan inte ändras"):
        assert said in back.text
    asta = await pair.linkoping.bench.case_worker()
    read = cases.read_programme(pair.linkoping.node, asta, case_id, "prov")
    assert (await read).aids == ()
    kept = hidden(back.text)
    again = await desk.call("POST", f"{path}/aid/new", "asta", kept | {"act": "change"})
    assert again.status_code == 200
    assert "Kontaktperson &amp; hjälp" in again.text
    made = await desk.call("POST", f"{path}/aid/new", "asta", kept | {"act": "decide"})
    assert (made.status_code, made.headers["location"]) == (303, f"{path}/decisions")
    shown = (await desk.call("GET", f"{path}/decisions", "asta")).text
    for said in ("Bifall", "Inte verkställt", "11 kap. SoL (2025:400)", "Inte än"):
        assert said in shown


async def test_who_may_not_decide_is_told_who_may_and_loses_nothing(pair, desks):
    desk, path, _ = await at_desk(pair, desks)
    refused = await posted(desk, f"{path}/aid/new", GRANT | {"kind": "aid.emergency_housing"})
    assert refused.status_code == 422
    assert "fattas av gruppledare" in field_error(refused.text, "kind")
    assert "Kontaktperson &amp; hjälp" in refused.text
    listed = (await desk.call("GET", f"{path}/decisions", "asta")).text
    assert re.search(r"<strong>Akut boende</strong><br>\s*Beslut .* gruppledare", listed)
    for change, name, said in (
        ({"granted_from": "i går"}, "granted_from", "Skriv datumet som"),
        ({"matter": ""}, "matter", "Skriv vad beslutet gäller"),
        ({"granted_until": "2026-11-01"}, "granted_until", "före den första"),
        ({"minutes": "§ 4"}, "minutes", "inte av nämnden"),
    ):
        wrong = await posted(desk, f"{path}/aid/new", GRANT | change)
        assert wrong.status_code == 422
        assert said in field_error(wrong.text, name), name
        assert "tillgodoses" in wrong.text


async def test_what_ends_is_of_the_kind_that_is_chosen(pair, desks):
    desk, path, case_id = await at_desk(pair, desks)
    await decided(desk, path)
    bench = pair.linkoping.bench
    found = await cases.read_programme(bench.node, await bench.case_worker(), case_id, "prov")
    other = {
        "outcome": "ENDED",
        "kind": "aid.financial_within_norm",
        "granted_from": "",
        "ends": str(found.aids[0].aid_id),
    }
    for act in ({}, {"act": "decide"}):
        refused = await posted(desk, f"{path}/aid/new", GRANT | other | act, "gun")
        assert refused.status_code == 422
        assert "ett annat slags bistånd" in field_error(refused.text, "kind")
        assert "tillgodoses" in refused.text


async def test_the_letter_says_what_why_who_and_how_to_appeal_and_no_place(pair, desks):
    desk, path, _ = await at_desk(pair, desks)
    await decided(desk, path)
    shown = (await desk.call("GET", f"{path}/decisions", "asta")).text
    told = re.search(rf'href="({path}/aid/[^"]+/told)"', shown)[1]
    await posted(desk, told, {"told_on": "2026-11-22"})
    shown = (await desk.call("GET", f"{path}/decisions", "asta")).text
    assert "13 dec. 2026" in shown
    fetched = await desk.call("GET", re.search(r'href="([^"]+/letter)"', shown)[1], "asta")
    assert fetched.headers["content-type"] == "application/pdf"
    letter = pypdf.PdfReader(io.BytesIO(fetched.content))
    said = " ".join(" ".join(page.extract_text() for page in letter.pages).split())
    for part in (
        "Beslut om bistånd: bifall",
        "Kontaktperson & hjälp att söka arbete.",
        "Behovet kan inte tillgodoses på annat sätt.",
        "Typisk delegationsordning för socialtjänsten, 5.1",
        "Så överklagar du",
        "förvaltningsrätten",
        "senast 13 dec. 2026",
    ):
        assert part in said
    assert "Göteborg" not in said  # where the person is registered stands in no letter
    told_of = letter.trailer["/Root"]["/Metadata"].get_data().decode()
    for claim in ("<pdfuaid:part>1<", "<pdfaid:part>2<", "<pdfaid:conformance>A<"):
        assert claim in told_of
    assert "Kanariefågel" not in told_of


async def test_the_programme_is_walked_by_its_forms(pair, desks):
    desk, path, case_id = await at_desk(pair, desks)
    soon = (pair.linkoping.bench.today + timedelta(days=60)).isoformat()
    early = await posted(desk, f"{path}/programme-start", {"first_follow_up_on": soon})
    assert early.status_code == 422
    assert "undertecknat överenskommelsen" in early.text
    signed = {"conditions": ["no_crime", "keep_contact"], "signed_on": "2026-11-22"}
    nothing = await posted(desk, f"{path}/agreement", signed | {"conditions": []})
    assert "Välj minst ett villkor" in field_error(nothing.text, "conditions")
    await posted(desk, f"{path}/agreement", signed)
    await decided(desk, path)
    late = await posted(desk, f"{path}/programme-start", {"first_follow_up_on": "2028-01-01"})
    assert "inom 3 månader" in field_error(late.text, "first_follow_up_on")
    await posted(desk, f"{path}/programme-start", {"first_follow_up_on": soon})
    goal = {"area": "housing", "text": "Egen bostad.", "due_on": soon}
    await posted(desk, f"{path}/goals/new", goal)
    form = (await desk.call("GET", f"{path}/measures/new", "asta")).text
    aid_id = re.search(r'<option value="([0-9a-f-]{36})"', form)[1]
    measure = {"aid_id": aid_id, "what": "Kontaktperson", "started_on": "2026-11-22"}
    wrong = await posted(desk, f"{path}/measures/new", measure | {"provider": "Kanariefågel AB"})
    assert "personens namn" in field_error(wrong.text, "provider")
    await posted(desk, f"{path}/measures/new", measure | {"provider": "Stöd AB"})
    held = {
        "held_on": "2026-11-22",
        "summary": "Framåt.",
        "persons_view": "Vill fortsätta.",
        "next_on": soon,
    }
    unscored = await posted(desk, f"{path}/follow-ups/new", held)
    assert "Bedöm varje mål" in unscored.text
    assert "Vill fortsätta." in unscored.text
    score = re.search(r'name="(score-[^"]+)"', unscored.text)[1]
    done = await posted(desk, f"{path}/follow-ups/new", held | {score: "PARTLY"})
    assert done.headers["location"] == f"{path}/plan"
    shown = (await desk.call("GET", f"{path}/plan", "asta")).text
    for said in ("Inte begå brott", "Stöd AB", "Delvis nått", "Vill fortsätta."):
        assert said in shown
    await posted(
        desk, f"{path}/pause", {"cause": "HOSPITAL", "text": "Inlagd.", "review_on": "2026-12-20"}
    )
    shown = (await desk.call("GET", f"{path}/plan", "asta")).text
    assert "Programmet är pausat: på sjukhus" in shown
    await posted(desk, f"{path}/resumption", {"next_follow_up_on": soon})
    await posted(desk, f"{path}/wish-to-end", {"wish": "Vill inte mer.", "source": "samtal"})
    assert f'href="{path}/reopening"' not in (await desk.call("GET", f"{path}/plan", "asta")).text
    assert f'href="{path}/reopening"' in (await desk.call("GET", f"{path}/plan", "gun")).text
    await posted(desk, f"{path}/reopening", {"reason": "Har ringt igen."}, "gun")
    gun = await pair.linkoping.bench.leader()
    file = await cases.read_case(pair.linkoping.node, gun, case_id, "prov")
    assert file.header.state == "INVESTIGATION"


async def test_the_leader_finds_what_is_to_be_reported_and_reports_it(pair, desks):
    desk, path, _ = await at_desk(pair, desks)
    await decided(desk, path)
    await decided(desk, path, kind="aid.protected_housing", minutes="Utskottet 2026-11-20, § 118")
    assert "/decisions-to-report" not in (await desk.call("GET", "/cases", "asta")).text
    assert "/decisions-to-report" in (await desk.call("GET", "/cases", "gun")).text
    shown = (await desk.call("GET", "/decisions-to-report", "gun")).text
    assert "infört från protokoll" in shown
    chosen = re.findall(r'name="decisions"\s+value="([^"]+)"', shown)
    assert chosen
    given = {"decisions": chosen, "meeting_on": "2026-11-01"}
    past = await posted(desk, "/decisions-to-report", given, "gun")
    assert "redan varit" in field_error(past.text, "meeting_on")
    await posted(desk, "/decisions-to-report", given | {"meeting_on": "2026-12-08"}, "gun")
    assert "Alla beslut är anmälda" in (await desk.call("GET", "/decisions-to-report", "gun")).text
