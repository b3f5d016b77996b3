"""Scenario 1 by the pages: agreement, decision, plan, register check, follow-up, completion."""

import io
from datetime import timedelta

import httpx
import pypdf
import pytest

from infra.demo import scenario1
from infra.demo.caller import Cast
from infra.demo.clock import TODAY
from infra.demo.story import LINKOPING, File, Office
from tests.support.browser import in_thread

pytestmark = pytest.mark.browser
LATER = TODAY + timedelta(days=80)


def admitted(town) -> tuple[str, str]:
    """The case's address and code name; how one is admitted has pages and a test of its own."""
    found: list[File] = []

    async def until_admitted():
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            office = Office(Cast(town.state, client), LINKOPING)
            file = await scenario1.investigated(office, lambda _: None)
            await scenario1.admitted(file, lambda _: None)
            found.append(file)

    in_thread(until_admitted)
    return found[0].path, found[0].code_name


def day(at) -> str:
    return at.date().isoformat()


def sign(worker, case):
    worker.go(f"{case}/plan")
    worker.must_see("Ingen överenskommelse är undertecknad.")
    worker.follow("Registrera överenskommelsen")
    worker.choose("Villkor", "Inte begå brott", "Gå med på att polisen slår")
    worker.press("Spara överenskommelsen")


def decide(worker, case):
    worker.go(f"{case}/decisions")
    worker.must_see("Plats i programmet är en sak", "Akut boende")
    worker.follow("Besluta om bistånd")
    worker.choose("Utfall", "Bifall")
    worker.choose("Vad gäller beslutet?", "Akut boende")
    worker.select(area="Sysselsättning")
    worker.fill(matter="Kontaktperson två gånger i veckan.", reasons="Behovet finns.")
    worker.press("Läs igenom")
    worker.must_see("fattas av gruppledare")
    worker.choose("Vad gäller beslutet?", "Råd, stöd och kontaktperson")
    worker.press("Läs igenom")
    worker.must_see("Inget är sparat än", "Kontaktperson två gånger i veckan.", "Behovet finns.")
    worker.press("Fatta beslutet")
    worker.must_see("Bifall", "Inte verkställt")
    worker.follow("Personen har fått del av det")
    worker.press("Spara")
    worker.must_see("Kan överklagas till och med", "13 dec. 2026")
    with worker.page.expect_download() as download:
        worker.page.get_by_role("link", name="Hämta beslutet som brev").click()
    letter = pypdf.PdfReader(io.BytesIO(download.value.path().read_bytes()))
    said = " ".join(" ".join(page.extract_text() for page in letter.pages).split())
    assert "Så överklagar du" in said
    assert "Behovet finns." in said


def plan(worker, case):
    worker.go(case)
    worker.follow("Börja programmet")
    worker.fill(first_follow_up_on=day(LATER))
    worker.press("Börja programmet")
    worker.follow("Nytt mål")
    worker.select(area="Sysselsättning")
    worker.fill(text="Ett arbete.", due_on=day(LATER))
    worker.press("Spara målet")
    worker.must_see("Ett beslut är inte verkställt")
    worker.follow("Påbörja en insats")
    worker.page.locator("select[name=aid_id]").select_option(index=1)
    worker.fill(what="Kontaktperson")
    worker.press("Spara insatsen")
    assert not worker.sees("Ett beslut är inte verkställt")
    worker.follow("Be om registerslagning")
    worker.press("Ställ frågan")
    worker.must_see("Väntar på polisen")


def check_and_follow_up(town, worker, case, code_name):
    officer = town.officer(LINKOPING, scenario1.UNIT)
    officer.go("/")
    officer.follow(code_name)
    officer.must_see("Visar era register att personen avhåller sig från brott?")
    officer.answer("Inget att rapportera")

    worker.go(f"{case}/plan")
    worker.must_see("Inget att rapportera")
    worker.follow("Följ upp planen")
    worker.choose("Sysselsättning: Ett arbete.", "Nått")
    worker.fill(summary="Har fått arbete.", persons_view="Är nöjd.", next_on=day(LATER))
    worker.press("Spara uppföljningen")
    worker.must_see("Har fått arbete.", "Är nöjd.")


def complete(town, case):
    coordinator = town.person(LINKOPING, "samordnare")
    coordinator.go(f"{case}/plan")
    coordinator.follow("Avsluta som fullföljt")
    coordinator.fill(summary="Arbete, inga brott.", continued_support="Öppenvård vid behov.")
    coordinator.press("Avsluta ärendet")
    coordinator.must_see("Avslut", "Öppenvård vid behov.", "Inget att rapportera", "Medel")


def test_an_admitted_person_goes_from_agreement_to_completion(town):
    case, code_name = admitted(town)
    worker = town.person(LINKOPING, "handlaggare1")
    sign(worker, case)
    decide(worker, case)
    plan(worker, case)
    check_and_follow_up(town, worker, case, code_name)
    complete(town, case)
    assert town.faults.found == []
