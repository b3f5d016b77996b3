"""Scenario 4: the same facts under two policies; by the pages alone, and by the API alone."""

import io

import pypdf
import pytest

from infra.demo.api import play
from infra.demo.clock import set_clock
from services.cases.api import NEED_AREAS
from tests.support.browser import in_thread
from tests.support.browser_story import GOTEBORG, LATER, LINKOPING, PLACES, Story

pytestmark = pytest.mark.browser
CONTACT = {
    "given_name": "Sam",
    "family_name": "Sandell",
    "personal_number": "20030701-9836",
    "note": "Kommer själv. Vill lämna en våldsbejakande grupp.",
}
UNITS = {
    LINKOPING: ("lpo-linkoping", "Lokalpolisområde Linköping"),
    GOTEBORG: ("lpo-goteborg", "Lokalpolisområde Göteborg city"),
}
REASONS = "Personen har berättat själv, och polisen är tillfrågad."


class EntryStory(Story):
    """One case from the contact to the decision on the entry."""

    @property
    def coordinator(self):
        return self.at(self.here, "samordnare")

    @property
    def officer(self):
        return self.town.officer(self.here, UNITS[self.here][0], **self.options)

    def investigate(self):
        """Four tracks, all answered here; the police know of no threat."""
        self.register()
        self.assign()
        name = self.coordinator.account.name  # signs in: only who has done that can be chosen
        self.leader.go(f"{self.case}/members/new")
        self.leader.select(staff_id=name)
        self.leader.choose("Roll i ärendet", "Avhopparsamordnare")
        self.leader.fill(reason="Samordnar")
        self.leader.tick("no_conflict_of_interest")
        self.leader.press("Ge tillgång")
        who = self.worker
        who.go(f"{self.case}/consents/new")
        who.choose("Vem får uppgifterna lämnas till?", "Polisen")
        who.choose("Vad får de användas till?", "Hot- och risk", "Samverkan")
        who.choose("Vilka uppgifter gäller det?", "Namn och personnummer")
        who.fill(valid_until=LATER)
        who.press("Spara samtycket")
        self.needs(*NEED_AREAS)
        who.go(f"{self.case}/residence")
        who.choose("Var hör personen hemma?", "Hör hit")
        who.select(municipality=PLACES[self.here])
        who.choose("På vilken grund?", "huvudsaklig dygnsvila")
        who.fill(facts="Bor och sover här.")
        who.press("Spara bedömningen")
        self.leader.go(f"{self.case}/investigation")
        self.leader.follow("Läs och bekräfta")
        self.leader.press("Jag har läst och bekräftar")
        self.ask_police(UNITS[self.here][1])
        officer = self.officer
        officer.go("/")
        officer.follow(self.code_name)
        officer.press("Svara att ingen hotbild är känd")
        officer.must_see("Ingen känd hotbild")
        who.go(f"{self.case}/entry")
        who.look()
        who.follow("Börja bedömningen")
        who.press("Börja bedömningen")

    def answer(self, **changes):
        """Yes with reasons to what the form asks, unless something else is wanted."""
        who = self.coordinator
        who.go(f"{self.case}/entry/answers")
        who.look()
        who.choose("Vad lämnar personen?", "Våldsbejakande")
        for code in ("target_group", "motivation", "suitability", "protection_need", "conditions"):
            field = who.page.locator(f"#answer-{code}")
            if field.count():
                wanted = changes.get(code, "yes")
                who.page.locator(f'[name="answer-{code}"][value="{wanted}"]').check()
                who.fill(**{f"reasons-{code}": REASONS})
        who.press("Spara svaren")

    def read_back_and(self, who, follow, press):
        who.go(f"{self.case}/entry")
        who.follow(follow)
        who.must_see(REASONS)
        who.press(press)


def test_the_same_facts_are_refused_in_linkoping_and_admitted_in_goteborg(town):
    here = EntryStory(town, contact=CONTACT)
    here.investigate()
    here.answer(target_group="no")
    siv = here.coordinator
    siv.must_see("Villkoren är inte uppfyllda", "andra kriteriet")
    here.read_back_and(siv, "Läs och skriv under", "Skriv under")
    officer = here.officer
    officer.go("/")
    officer.must_see("Gemensam bedömning att underteckna")
    officer.follow(here.code_name)
    officer.look()
    officer.choose("Polisens ställningstagande", "Polisen skriver under")
    officer.press("Skicka")
    here.read_back_and(here.leader, "Bekräfta som andra person", "Skriv under")
    siv.go(f"{here.case}/entry")
    siv.follow("Neka inträde")
    siv.choose("Vilket skäl ska stå i beslutet?", "Inget skyddsbehov")
    siv.press("Neka inträde")
    siv.must_see("Inte antagen: inget skyddsbehov", "Ansökan om bistånd är öppen")
    siv.look()
    with siv.page.expect_download() as download:
        siv.page.get_by_role("link", name="Hämta brevet").click()
    pages = pypdf.PdfReader(io.BytesIO(download.value.path().read_bytes())).pages
    said = " ".join(" ".join(page.extract_text() for page in pages).split())
    for part in ("Skyddsbehov", "rätt till bistånd", "Så här överklagar du"):
        assert part in said

    there = EntryStory(town, contact=CONTACT, here=GOTEBORG, receiver=LINKOPING)
    there.investigate()
    there.answer(protection_need="no")
    siv = there.coordinator
    siv.must_see("Alla villkor är uppfyllda", "Policy, första punkten", "Vägs in, inget villkor")
    there.read_back_and(siv, "Läs och skriv under", "Skriv under")
    there.read_back_and(siv, "Anta personen", "Anta")
    siv.must_see("Antagen", "Väntar på överenskommelse")
    assert town.faults.found == []


def test_scenario_4_comes_out_right_by_the_api_alone(town, capsys):
    outcomes = []

    async def story():
        outcomes.append(await play(town.state, 4))

    try:
        in_thread(story)
    finally:
        set_clock(town.state)
    assert outcomes == [True], capsys.readouterr().out
