"""Scenario 4 by the pages and the API: the same facts, admitted in Göteborg and not in Linköping."""

import html
import io
import re

import pypdf
import pytest
import pytest_asyncio

from infra.demo import scenario4
from infra.demo.caller import Caller
from services.cases import api as cases
from services.protection.api import room_of
from shared.ids import SubjectId
from tests.support.entry import coordinator, investigated

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
REASONS = "Personen har berättat & vi har frågat polisen."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def offices(pair, desks):
    """Both towns' desks, with a coordinator and an officer of the local area."""
    for town, desk, unit in zip(
        (pair.linkoping, pair.goteborg), desks, ("lpo-linkoping", "lpo-goteborg"), strict=True
    ):
        desk.people["siv"] = await coordinator(town.bench)
        desk.people["officer"] = await town.bench.officer(unit)
        desk.people["bo"] = await town.bench.case_worker("Bo")
    return desks


def hidden(text):
    """What the page's form posts unseen, but for its token; a name that stands twice is a list."""
    main = text[text.index("<main") : text.index("</main>")]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', main):
        found.setdefault(name, []).append(html.unescape(value))
    del found["_csrf_token"]
    return {name: value[0] if len(value) == 1 else value for name, value in found.items()}


def said(response):
    """The page's words, as a person reads them."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


async def posted(desk, path, who, **given):
    """Open the form, fill in, post; the answer."""
    shown = await desk.call("GET", path, who)
    assert shown.status_code == 200, path
    return await desk.call("POST", path, who, hidden(shown.text) | given)


async def ready(town, desk):
    """A case whose tracks are answered and whose assessment has begun; the police know no threat."""
    case_id = await investigated(town.bench, threat="NONE_KNOWN")
    path = f"/cases/{case_id}/entry"
    assert "Ingen känd hotbild" in said(await desk.call("GET", path, "asta"))
    begun = await posted(desk, f"{path}/ready", "asta")
    assert (begun.status_code, begun.headers["location"]) == (303, path)
    return case_id, path


def filled(form, **changes):
    """Yes with reasons to whatever the form asks people, unless something else is wanted."""
    given = {"group": "violent_extremism"}
    for code in re.findall(r'name="reasons-([a-z_]+)"', form.text):
        given[f"reasons-{code}"] = REASONS
        if f'id="answer-{code}"' in form.text:
            given[f"answer-{code}"] = changes.get(code, "yes")
    return given


async def answered(desk, path, **changes):
    """Answer the criteria; the address of the assessment."""
    form = await desk.call("GET", f"{path}/answers", "siv")
    made = await desk.call(
        "POST", f"{path}/answers", "siv", hidden(form.text) | filled(form, **changes)
    )
    assert made.status_code == 303, said(made)
    view = (await desk.call("GET", f"/api/v1{path}", "siv")).json()
    return f"{path}/{view['assessment']['entry_id']}", view


async def test_scenario_4_linkoping_refuses_with_the_police_and_says_what_help_there_is(
    pair, offices
):
    desk = offices[0]
    case_id, path = await ready(pair.linkoping, desk)
    entry, view = await answered(desk, path, target_group="no")
    assert view["assessment"]["outcome"]["failed"] == ["target_group", "threat", "protection_need"]
    page = said(await desk.call("GET", path, "siv"))
    assert "Villkoren är inte uppfyllda" in page
    assert "Målgrupp – definition avhoppare, andra kriteriet" in page

    signed = await posted(desk, f"{entry}/signature", "siv")
    assert signed.status_code == 303
    room = room_of(SubjectId(case_id))
    shown = await desk.call("GET", f"/rooms/{room}", "officer")
    assert REASONS in said(shown)
    word = {"term": "1", "word": "AGREED"}
    agreed = await desk.call(
        "POST", f"/rooms/{room}/papers/{view['assessment']['entry_id']}/word", "officer", word
    )
    assert agreed.status_code == 303
    assert "Bekräfta som andra person" in said(await desk.call("GET", path, "gun"))
    assert (await posted(desk, f"{entry}/second-signature", "gun")).status_code == 303
    unsaid = await posted(desk, f"{entry}/refusal", "siv")
    assert (unsaid.status_code, "Välj ett skäl." in unsaid.text) == (422, True)
    refused = await posted(desk, f"{entry}/refusal", "siv", code="NO_PROTECTION_NEED")
    assert refused.status_code == 303

    page = said(await desk.call("GET", path, "siv"))
    for text in ("Inte antagen: inget skyddsbehov", "Ansökan om bistånd är öppen", "Gun"):
        assert text in page
    letter = await desk.call("GET", f"{path}/letter", "siv")
    text = " ".join(
        " ".join(
            p.extract_text() for p in pypdf.PdfReader(io.BytesIO(letter.content)).pages
        ).split()
    )
    for part in (
        "Skyddsbehov",
        "Vi bedömer att du inte behöver det skydd som verksamheten ger.",
        "andra kriteriet",
        "rätt till bistånd",
        "11 kap. SoL (2025:400)",
        "Vi prövar den, och du får ett eget beslut.",
        "Så här överklagar du",
        "förvaltningsrätten",
    ):
        assert part in text, part


async def test_scenario_4_goteborg_admits_by_its_own_rule(pair, offices):
    desk = offices[1]
    _, path = await ready(pair.goteborg, desk)
    entry, view = await answered(desk, path, protection_need="no")
    assert view["assessment"]["outcome"]["verdict"] == "MET"
    page = said(await desk.call("GET", path, "siv"))
    for text in (
        "Vägs in, inget villkor",
        "Göteborgs Stads policy för arbete med avhoppare, Policy, första punkten",
        "Det som är oklart räknas till personens fördel.",
    ):
        assert text in page
    assert (await posted(desk, f"{entry}/signature", "siv")).status_code == 303
    assert (await posted(desk, f"{entry}/admission", "siv")).status_code == 303
    page = said(await desk.call("GET", path, "asta"))
    assert "Antagen" in page
    assert "Väntar på överenskommelse" in page


async def test_what_is_missing_is_said_at_each_field_and_nothing_is_lost(pair, offices):
    desk = offices[0]
    _, path = await ready(pair.linkoping, desk)
    form = await desk.call("GET", f"{path}/answers", "siv")
    given = filled(form) | {"reasons-motivation": "", "reasons-suitability": "Kommer i tid."}
    del given["answer-target_group"]
    wrong = await desk.call("POST", f"{path}/answers", "siv", hidden(form.text) | given)
    assert wrong.status_code == 422
    assert 'id="answer-target_group-error"' in wrong.text
    assert 'id="reasons-motivation-error"' in wrong.text
    assert "Kommer i tid." in wrong.text
    given |= {"answer-target_group": "yes", "reasons-motivation": REASONS}
    wrong = await desk.call("POST", f"{path}/answers", "siv", hidden(form.text) | given)
    assert wrong.status_code == 422
    assert "stämmer inte med det som står i ärendet" in wrong.text
    assert 'id="answer-target_group-error"' in wrong.text


async def test_who_may_not_sign_or_decide_is_refused_in_words_by_page_and_api(pair, offices):
    desk = offices[0]
    _, path = await ready(pair.linkoping, desk)
    entry, view = await answered(desk, path, target_group="no")
    api = f"/api/v1{path}/assessments/{view['assessment']['entry_id']}"
    body = {"term": 1, "party": "municipality"}
    for who in ("asta", "gun"):
        answer = await desk.call("POST", f"{api}/signatures", who, body)
        assert answer.json()["code"] == "decision.not_delegate"
        assert "avhopparsamordnare" in answer.json()["detail"]
        decided = await desk.call("POST", f"{api}/admission", who, {"term": 1})
        assert decided.json()["code"] == "case.role_may_not"
        assert (await desk.call("GET", f"{entry}/signature", who)).status_code == 404
    assert (await desk.call("GET", path, "officer")).status_code == 404
    early = await desk.call("POST", f"{api}/admission", "siv", {"term": 1})
    assert (early.status_code, early.json()["code"]) == (422, "entry.not_met")


NAMES = {
    "handlaggare1": "asta",
    "handlaggare2": "bo",
    "gruppledare": "gun",
    "samordnare": "siv",
}


class AtDesk(Caller):
    """One of the story's people, at a desk of this process instead of a running node's."""

    def __init__(self, desk, who) -> None:
        self.desk, self.who, self.name = desk, who, who

    async def ask(self, method, path, body=None):
        return await self.desk.call(method, f"/api/v1{path}", self.who, body)


class Cast:
    """The story's people by their user names."""

    def __init__(self, offices) -> None:
        self.desks = dict(zip(("0580", "1480"), offices, strict=True))

    def at(self, code, username):
        return AtDesk(self.desks[code], NAMES[username])

    def officer(self, code, unit):
        assert self.desks[code].people["officer"].unit == unit
        return AtDesk(self.desks[code], "officer")


async def test_scenario_4_comes_out_right_by_the_api_alone(offices):
    told = []
    outcome = await scenario4.play(Cast(offices), told.append)
    assert outcome.is_right, (told, outcome.says)
    assert "Skyddsbehov är ett villkor och är inte uppfyllt" in outcome.says[1]
    assert "andra kriteriet" in outcome.says[1]
    assert "Policy, sjunde punkten" in outcome.says[0]


async def test_one_case_of_scenario_4_is_compared_with_the_other_towns_policy(pair, offices):
    for desk, town, other, ours, theirs in (
        (offices[0], pair.linkoping, "1480", "NOT_MET", "MET"),
        (offices[1], pair.goteborg, "0580", "MET", "NOT_MET"),
    ):
        _, path = await ready(town, desk)
        _, view = await answered(desk, path, **({"target_group": "no"} if ours != "MET" else {}))
        assert view["assessment"]["outcome"]["verdict"] == ours
        form = await posted(desk, f"{path}/comparison", "siv", authority=other)
        text = said(form)
        for words in (
            "Olika utfall",
            "Uppfyller inte villkoren",
            "Uppfyller alla villkor",
            "Avgör skillnaden",
            "Målgrupp – definition avhoppare, andra kriteriet",
            "Göteborgs Stads policy för arbete med avhoppare, Policy",
        ):
            assert words in text, words
        api = f"/api/v1{path}/comparisons"
        found = (await desk.call("POST", api, "siv", {"authority": other})).json()["comparison"]
        assert (found["here"], found["there"]) == (ours, theirs)
        causes = {row["code"] for row in found["rows"] if row["is_cause"]}
        assert causes >= {"target_group", "threat", "protection_need"}
        assert (await desk.call("POST", api, "dag", {"authority": other})).status_code == 404


async def test_a_town_that_has_published_nothing_or_that_the_case_is_kept_from_is_not_compared(
    pair, offices
):
    desk = offices[0]
    case_id, path = await ready(pair.linkoping, desk)
    bench = pair.linkoping.bench
    kept = cases.SetExclusion(case_id, 1, "authority", "1480", "Hotet kommer därifrån.")
    await cases.set_exclusion(bench.node, await bench.case_worker(), kept)
    for code in ("0580", "1480", "0114", "9999"):
        api = f"/api/v1{path}/comparisons"
        refused = await desk.call("POST", api, "siv", {"authority": code})
        assert (refused.status_code, refused.json()["code"]) == (422, "entry.nothing_to_compare")
    form = await posted(desk, f"{path}/comparison", "siv", authority="1480")
    assert form.status_code == 422
    assert "Det finns ingen publicerad policy att jämföra med" in said(form)
    assert 'value="1480"' not in form.text
