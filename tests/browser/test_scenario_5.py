"""Scenario 5: a school's concern about radicalisation; by the pages alone, and by the API alone."""

import pytest

from infra.demo.api import play
from infra.demo.scenario5 import REPORT
from tests.support.browser import in_thread
from tests.support.browser_story import LINKOPING

pytestmark = pytest.mark.browser


def test_scenario_5_comes_out_right_by_the_api_alone(town, capsys):
    right = []

    async def story() -> None:
        right.append(await play(town.state, 5))

    in_thread(story)
    assert right == [True], capsys.readouterr().out


def test_a_concern_goes_step_by_step_to_who_is_competent_and_to_the_decision(town):
    worker = town.person(LINKOPING, "handlaggare1")
    leader = town.person(LINKOPING, "gruppledare")
    concern = reported(worker)
    join(leader, concern.removesuffix("/concern"))
    follow_the_route(worker, concern)

    leader.go(concern)
    leader.must_see("Du kan inte bedöma anmälan")
    leader.go("/competence")
    leader.select(staff_id=worker.account.name)
    leader.choose("Kompetens", "Radikalisering")
    leader.fill(course="Metodkurs", obtained_on="2026-01-10", valid_until="2028-01-10")
    leader.press("Registrera")
    leader.must_see("Metodkurs", "Gäller")

    worker.go(concern)
    worker.follow("Bedöm anmälan")
    worker.choose("Din bedömning", "Inled utredning")
    worker.fill(reasons="Flera tecken, och egen vilja.")
    worker.press("Spara bedömningen")

    leader.go(f"{concern}/decision")
    leader.choose("Beslut", "Inled utredning")
    leader.fill(reasons="Personen vill ha hjälp att lämna.")
    leader.press("Fatta beslutet")
    leader.must_see("Den som är myndig utreds inte mot sin vilja.")
    leader.tick("person_agrees")
    leader.press("Fatta beslutet")
    leader.must_see("Aktualisering")


def reported(worker) -> str:
    """The school's report; a field that is missing keeps what was written."""
    worker.go("/cases")
    worker.follow("Registrera anmälan")
    worker.choose("Vad gäller oron?", "Radikalisering")
    worker.choose("Vem anmäler?", "Skola")
    worker.choose("Hur kom anmälan?", "Meddelande")
    worker.fill(
        given_name="Ludvig",
        family_name="Lund",
        personal_number=REPORT["personal_number"],
        reporter_name=REPORT["reporter_name"],
    )
    worker.press("Spara anmälan")
    worker.must_see("Skriv vad som har setts eller hörts.")
    worker.fill(observed=REPORT["observed"])
    worker.press("Spara anmälan")
    worker.must_see("Personen är myndig sedan 17 nov. 2026", "Vårdnadshavare kontaktas inte")
    return worker.path


def join(leader, case) -> None:
    """The leader takes a part in the case, with a reason."""
    leader.go(f"{case}/members/new")
    leader.select(staff_id=leader.account.name)
    leader.choose("Roll i ärendet", "Gruppledare")
    leader.fill(reason="Beslutar om utredning")
    leader.tick("no_conflict_of_interest")
    leader.press("Ge tillgång")


def follow_the_route(worker, concern) -> None:
    """Three steps in their order: two taken on a ground, one left with a reason."""
    for step, outcome, ground, text in (
        ("safety_check", "Ja", "Inom nämndens egen verksamhet", "Ingen akut fara."),
        ("extremism_coordinator", "Ja", "Inom nämndens egen verksamhet", "Rådgjort i dag."),
        ("police", "Nej, med skäl", None, "Inget brott att förebygga än."),
    ):
        worker.go(concern)
        worker.follow("Ta eller lämna steget")
        assert worker.path == f"{concern}/steps/{step}"
        worker.choose("Tas steget?", outcome)
        if ground:
            worker.choose("På vilken grund?", ground)
        worker.fill(text=text)
        worker.press("Spara steget")
        worker.must_see(text)
