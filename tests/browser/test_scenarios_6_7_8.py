"""Scenarios 6, 7 and 8 by the pages alone, and the same by the API alone, in one running system."""

import httpx
import pytest

from infra.demo import api, scenario8, story
from infra.demo.caller import Cast
from infra.demo.outage import exchange_stands_still, tried_twice
from infra.demo.scenario6 import FAMILY_NAME, VAULT, WORDS
from infra.demo.search import places_with
from tests.support.browser import in_thread
from tests.support.browser_story import GOTEBORG, LINKOPING, Story

pytestmark = pytest.mark.browser
PATIENCE_S = 60.0


@pytest.fixture
def _people_wait_longer(monkeypatch):
    """A machine with much else to do takes its time; in the demo it is a second."""
    monkeypatch.setattr(story, "ARRIVES_WITHIN_S", PATIENCE_S)
    monkeypatch.setattr(scenario8, "AGREE_WITHIN_S", 10.0)


@pytest.mark.parametrize("number", [6, 7, 8])
@pytest.mark.usefixtures("_people_wait_longer")
def test_the_scenario_comes_out_right_by_the_api(town, number, capsys):
    right = []

    async def play() -> None:
        right.append(await api.play(town.state, number))

    in_thread(play)
    assert right == [True], capsys.readouterr().out


def test_a_person_with_protected_registration_moves_and_the_address_is_nowhere(town):
    told = Story(
        town,
        contact={
            "given_name": "Siv",
            "family_name": FAMILY_NAME,
            "personal_number": "19880109-9840",
            "note": "Har skyddad folkbokföring. Vill lämna.",
        },
        here=GOTEBORG,
        receiver=LINKOPING,
    )
    worker = told.worker
    worker.go("/cases")
    worker.follow("Registrera kontakt")
    told.write_contact()
    worker.choose("Skydd för personuppgifter", "Skyddad folkbokföring")
    worker.press("Spara och öppna ärendet")
    told.case = worker.path
    told.code_name = worker.page.locator("h1").inner_text()
    told.assign()
    worker.go(f"{told.case}/vault/edit")
    worker.fill(**VAULT)
    worker.press("Spara")
    told.consent(
        "Namn och personnummer", "Tillhörighet och skälen för den", "Behov: boende", parties=()
    )
    told.needs("housing")
    worker.go(f"{told.case}/residence")
    worker.must_see("Folkbokföringen är skyddad och säger inget om var personen bor.")
    told.residence("starkast anknytning")
    told.propose("Adress, telefon och andra kontaktuppgifter")
    told.accept()
    who, _ = told.there
    who.until("Läs underlaget", told.handover)
    who.follow("Läs underlaget")
    who.must_see(FAMILY_NAME, "Skyddad folkbokföring", "Adress, telefon")
    told.take_over_by_two()
    who.follow("Till ärendet")
    who.must_see("Skyddad folkbokföring")

    for node, username in (
        (GOTEBORG, "samordnare"),
        (GOTEBORG, "sakerhetschef"),
        (LINKOPING, "handlaggare2"),
        (LINKOPING, "logggranskare"),
    ):
        other = town.person(node, username)
        for path in ("/", "/cases", "/handovers", "/inbox"):
            other.go(path)
            assert not any(other.sees(word) for word in (*WORDS, told.code_name)), path
        for path in (told.case, f"{told.case}/vault", told.handover):
            assert other.go(path).status in {403, 404}
    for path in ("", "/investigation", "/journal", "/people", "/log", "/handovers"):
        worker.go(told.case + path)
        assert not any(worker.sees(word) for word in VAULT.values()), path
    assert places_with(town.state, WORDS) == set()
    assert town.faults.found == []


def _ready(town, **contact):
    """A case that rests on consent and belongs to Göteborg, proposed by two."""
    told = Story(town, contact={"note": "Vill lämna.", **contact})
    told.register()
    told.assign()
    told.consent(
        "Namn och personnummer", "Tillhörighet och skälen för den", "Behov: boende", parties=()
    )
    told.needs("housing")
    told.residence()
    told.propose("Hela journalen")
    return told


def test_a_consent_taken_back_before_the_dossier_erases_the_proposal(town):
    told = _ready(town, given_name="Milo", family_name="Mård", personal_number="20050605-9872")
    told.accept_first()
    worker, (who, _) = told.worker, told.there
    worker.go(f"{told.case}/investigation")
    worker.follow("Återkalla")
    worker.must_see("En överlämning som vilar på samtycket begärs tillbaka.")
    worker.press("Registrera att samtycket tas tillbaka")
    worker.until("Tillbakadragen\n", told.handover)
    worker.must_see(
        "Linköping ansvarar", "Raderat hos mottagaren, bekräftat och signerat: förslaget."
    )
    assert not worker.sees("Kvittens: underlag")
    who.until("Personuppgifterna raderade", told.handover)
    assert not who.sees("Familjen bor i Göteborg")
    assert not who.page.get_by_role("link", name="Läs och bekräfta").count()
    assert town.faults.found == []


def test_a_withdrawal_and_an_acceptance_at_once_end_the_same_at_both(town):
    told = _ready(town, given_name="Rolf", family_name="Ripa", personal_number="19790930-9903")
    told.accept_first()
    worker, (who, second) = told.worker, told.there
    with exchange_stands_still(town.state):
        worker.go(f"{told.handover}/act/withdraw")
        worker.fill(text="Personen har ändrat sig.")
        worker.press("Be att få tillbaka ärendet")
        told.confirm(second, told.handover)
        who.go(told.handover)
        who.must_see("Linköping ansvarar", "Accepterad")

        async def late_and_twice() -> None:
            async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
                await tried_twice(Cast(town.state, client), LINKOPING, GOTEBORG)

        in_thread(late_and_twice)
    worker.until("Tillbakadragen\n", told.handover)
    worker.must_see("Linköping ansvarar")
    who.until("Personuppgifterna raderade", told.handover)
    assert not who.page.get_by_role("link", name="Ta över").count()
    assert town.faults.found == []
