"""Scenario 9 by the pages alone, and by the API alone: the threat rises at 02.14."""

import pytest

from infra.demo import api, scenario9, story
from infra.demo.clock import set_clock
from tests.support.browser import in_thread
from tests.support.browser_story import GOTEBORG, SOON, Story

pytestmark = pytest.mark.browser
LOCAL, BOPS = "Lokalpolisområde Göteborg city", "bops-vast"


@pytest.fixture
def _morning_again(town, monkeypatch):
    """The clock goes back to the day that every other story plays on."""
    monkeypatch.setattr(story, "ARRIVES_WITHIN_S", 60.0)
    yield
    set_clock(town.state)


@pytest.mark.usefixtures("_morning_again")
def test_the_scenario_comes_out_right_by_the_api(town, capsys):
    right = []

    async def play() -> None:
        right.append(await api.play(town.state, 9))

    in_thread(play)
    assert right == [True], capsys.readouterr().out


@pytest.mark.usefixtures("_morning_again")
def test_who_is_on_call_sees_the_raised_threat_and_decides_at_once(town):
    told = Story(
        town,
        contact={
            "given_name": "Noor",
            "family_name": "Nattskärra",
            "personal_number": "19960473-9814",
            "note": "Har samordningsnummer. Vill lämna.",
        },
        here=GOTEBORG,
        receiver="0580",
    )
    _watched(told, town)
    _on_call(told)
    set_clock(town.state, scenario9.NIGHT)
    _night(told, town)
    set_clock(town.state, scenario9.MORNING)
    _next_working_day(told)
    assert town.faults.found == []


def _watched(told, town):
    """A case whose threat the local area holds for low, and has called Bops about."""
    leader = told.leader
    told.register()
    leader.go(f"{told.case}/members/new")
    leader.select(staff_id=leader.account.name)
    leader.choose("Roll i ärendet", "Gruppledare")
    leader.fill(reason="Leder arbetet")
    leader.tick("no_conflict_of_interest")
    leader.press("Ge tillgång")
    told.consent("Namn och personnummer", "Hotnivå, enhet och dag")
    told.ask_police(LOCAL)
    local = town.officer(GOTEBORG, "lpo-goteborg")
    local.go("/")
    local.follow(told.code_name)
    local.choose("Hotnivå", "Låg")
    local.choose("Metod", "Strukturerad metod")
    local.fill(next_review_on=SOON)
    local.press("Lämna bedömningen")
    local.press("Larma Bops")


def _on_call(told):
    """The leader lets the colleague, who is in no such case, be on call."""
    leader, jour = told.leader, told.colleague
    leader.go("/on-call")
    while leader.page.get_by_role("button", name="Ta tillbaka").count():
        leader.page.get_by_role("button", name="Ta tillbaka").first.click()
    leader.must_see("Ingen har jour just nu", "Lucka")
    leader.select(staff_id=jour.account.name)
    leader.fill(from_on="2026-11-22", from_time="16.30", until_on="2026-11-22", until_time="08.00")
    assert leader.press("Lägg in jouren").status == 422
    leader.must_see("Jouren slutar innan den börjar.")
    leader.fill(until_on="2026-11-23")
    leader.press("Lägg in jouren")
    leader.must_see(jour.account.name)
    assert jour.go(told.case).status == 404


def _night(told, town):
    """Bops raises it; who is on call reads, decides what cannot wait, and can do no more."""
    worker, jour = told.worker, told.colleague
    bops = town.officer(GOTEBORG, BOPS)
    bops.go("/")
    bops.follow(told.code_name)
    bops.choose("Hotnivå", "Hög")
    bops.choose("Metod", "Utan strukturerad metod")
    bops.fill(next_review_on="2026-12-06")
    bops.press("Lämna bedömningen")

    jour.go("/")
    jour.must_see("Hotnivån höjdes 23 nov. 2026 kl. 02.1", "Du har jour: läs nu")
    jour.follow(told.code_name)
    jour.must_see("Polisen svarar för det akuta skyddet", "låg")
    jour.press("Jag har läst")
    jour.must_see("Du har ärendet som jour", "Polisen svarar för det akuta skyddet")
    jour.follow("Fatta omedelbart beslut")
    jour.must_see("nämndens ordförande")
    jour.choose("Vad gäller beslutet?", "Akut boende")
    jour.choose("Område", "Boende")
    jour.fill(matter="Boende i tre nätter.", granted_until="2026-12-24")
    assert jour.press("Fatta beslutet").status == 422
    jour.fill(reasons="Kan inte vara kvar hemma i natt.", granted_until="2026-11-25")
    jour.press("Fatta beslutet")
    jour.go(f"{told.case}/needs/housing")
    jour.fill(text="Behöver boende.")
    jour.press("Spara")
    jour.must_see("Du har ärendet som jour. Då kan du läsa")

    worker.go("/")
    worker.must_see("Läs och bekräfta")
    worker.go(told.case)
    worker.follow("Läs om höjd hotnivå")
    worker.must_see(jour.account.name)
    worker.press("Jag har läst")


def _next_working_day(told):
    """Access for the night is over; the ordinary delegate confirms."""
    leader = told.leader
    assert told.colleague.go(told.case).status == 404
    leader.go("/")
    leader.must_see("Omedelbart beslut i jour")
    leader.go(told.case)
    leader.follow("Läs omedelbart beslut")
    leader.must_see("Kan inte vara kvar hemma i natt.", "Boende i tre nätter.")
    leader.choose("Ditt beslut", "Jag bekräftar beslutet")
    leader.press("Besluta")
    leader.must_see("Omedelbart beslut bekräftat")
