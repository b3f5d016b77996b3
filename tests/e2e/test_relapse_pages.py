"""A relapse by the pages: reported, heard, decided by two; what was wrong is said, nothing is lost."""

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Thing
from uuid import uuid4

import pypdf
import pytest

from gateway.pages.relapse import steps_of
from services.cases.domain.relapse import Proposal, RelapseReview
from services.protection.api import room_of
from shared.ids import SubjectId
from tests.e2e.test_entry_pages import offices, posted, said
from tests.support.casework import nobody, started
from tests.support.entry import admitted

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
__all__ = ["offices"]
REASONS = "Du har brutit villkoret om brott, i maj & i går."


async def test_somebody_is_excluded_by_the_pages_and_told_what_goes_on(pair, offices):
    desk, bench = offices[0], pair.linkoping.bench
    case_id = await admitted(bench)
    aid_id = await started(bench, case_id)
    path = f"/cases/{case_id}"
    wrong = await posted(
        desk, f"{path}/relapse/report", "asta", suspicion="CRIME", source="REGISTER_CHECK", text="X"
    )
    assert wrong.status_code == 422
    assert "Polisen har inte svarat ”kontakta oss”" in said(wrong)
    known = {"suspicion": "CRIME", "source": "POLICE", "text": "Gripen i går."}
    assert (await posted(desk, f"{path}/relapse/report", "asta", **known)).status_code == 303
    page = said(await desk.call("GET", f"{path}/relapse", "asta"))
    for words in ("Gripen i går.", "Personen är inte hörd än.", "fattas av avhopparsamordnare"):
        assert words in page
    seen = (await desk.call("GET", f"/api/v1{path}/relapse-reviews", "siv")).json()
    review = f"{path}/relapse/{seen['reviews'][0]['review_id']}"
    given = {
        "reason": "EXCLUDED_RELAPSE",
        "broken": "no_crime",
        "reasons": REASONS,
        "safety_plan": "Socialjouren vet.",
    }
    early = await posted(desk, f"{review}/proposal", "siv", **given)
    assert early.status_code == 422
    assert "Personen ska höras först" in said(early)
    assert REASONS in said(early)
    heard = {"heard_on": "2026-11-22", "words": "Det stämmer inte."}
    assert (await posted(desk, f"{review}/hearing", "asta", **heard)).status_code == 303
    tried = {"outcome": "CONTINUES", "text": "Behovet finns kvar."}
    assert (await posted(desk, f"{review}/aid/{aid_id}", "asta", **tried)).status_code == 303
    pair.clock.move(timedelta(minutes=1))
    await bench.assessed(case_id, "LOW", "lpo-linkoping", days=5)
    assert (await posted(desk, f"{review}/proposal", "siv", **given)).status_code == 303
    seen = (await desk.call("GET", f"/api/v1{path}/relapse-reviews", "siv")).json()
    proposal = seen["reviews"][0]["proposal"]["proposal_id"]
    assert seen["missing"] == ["support", "police"]
    room = room_of(SubjectId(case_id))
    shown = said(await desk.call("GET", f"/rooms/{room}", "officer"))
    for words in ("Förslag om uteslutning", "Inte begå brott", REASONS, "Socialjouren vet."):
        assert words in shown
    word = {"term": "1", "word": "AGREED"}
    agreed = await desk.call("POST", f"/rooms/{room}/papers/{proposal}/word", "officer", word)
    assert agreed.status_code == 303
    assert "Läs och bekräfta" in said(await desk.call("GET", f"{path}/relapse", "gun"))
    assert (await posted(desk, f"{review}/proposals/{proposal}/support", "gun")).status_code == 303
    done = await posted(desk, f"{review}/proposals/{proposal}/exclusion", "siv")
    assert done.status_code == 303
    page = said(await desk.call("GET", f"{path}/relapse", "siv"))
    assert "Personen uteslöts ur programmet" in page
    fetched = await desk.call("GET", f"{review}/letter", "asta")
    pages = pypdf.PdfReader(io.BytesIO(fetched.content)).pages
    letter = " ".join(" ".join(each.extract_text() for each in pages).split())
    for words in (REASONS, "fortsätter", "gäller som förut", "Så här överklagar du", "114 14"):
        assert words in letter
    assert "Socialjouren" not in letter  # the safety plan is never printed


async def test_whom_the_delegation_order_names_is_asked_to_confirm_and_nobody_else():
    at, somebody = datetime(2026, 11, 22, tzinfo=UTC), uuid4()
    made = Proposal(uuid4(), "EXCLUDED_RELAPSE", ("no_crime",), "x", "y", at, somebody, None, None)
    review = RelapseReview(
        uuid4(), "CRIME", "POLICE", "x", at, somebody, (), (), made, None, "", None, None
    )

    def offered(role, **changes):
        given = {"missing": ("support",), "second_roles": ("case_worker",), "has_rule": True}
        given |= {"is_refused_by_police": False, "open": review, "header": Thing(case_id=uuid4())}
        return [each["text"] for each in steps_of(nobody(role), Thing(**given | changes), review)]

    assert "Läs och bekräfta förslaget" in offered("case_worker")
    assert "Läs och bekräfta förslaget" not in offered("team_leader")
    # What the police have refused is not offered for decision.
    assert "Besluta om uteslutning" in offered("exit_coordinator", missing=())
    refused = {"missing": (), "is_refused_by_police": True}
    assert "Besluta om uteslutning" not in offered("exit_coordinator", **refused)
