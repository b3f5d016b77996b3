"""The police at the joint rooms: what their unit is asked about, and nothing else of the node."""

from uuid import uuid4

import pytest

from tests.support.browser_story import LINKOPING, SOON, Story

# All its tests share one case, so one process takes them.
pytestmark = pytest.mark.browser
NOT_THERE = "Sidan finns inte"


@pytest.fixture(scope="module")
def asked(town):
    """A case that the local police area is asked about."""
    story = Story(town, {"judge": False})
    story.register()
    story.consent()
    story.ask_police("Lokalpolisområde Linköping")
    return story


@pytest.fixture(scope="module")
def officer(town):
    return town.officer(LINKOPING, "lpo-linkoping")


def test_an_officer_reaches_only_rooms_that_their_unit_is_attached_to(town, asked, officer):
    other = Story(town, {"judge": False})
    other.register()
    other.consent()
    other.ask_police("Brottsoffer- och personsäkerhet, region Öst")
    bops = town.officer(LINKOPING, "bops-ost")
    bops.go("/")
    bops.follow(other.code_name)

    officer.go("/")
    officer.must_see(asked.code_name)
    assert not officer.sees(other.code_name)
    answers = []
    for path in (bops.path, f"/rooms/{uuid4()}"):
        response = officer.go(path)
        answers.append((response.status, officer.page.locator("main").inner_text()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert NOT_THERE in answers[0][1]


@pytest.mark.parametrize(
    "path", ["/cases", "/cases/new", "/handovers", "/inbox", "/administration", "/log-review"]
)
def test_an_officer_finds_no_page_of_the_municipality(asked, officer, path):
    assert officer.go(path).status == 404


def test_an_officer_finds_no_file_of_the_case_that_they_are_asked_about(asked, officer):
    assert officer.go(asked.case).status == 404
    assert not officer.sees("Ekberg")


def test_a_local_officer_can_not_set_high_but_can_call_bops(town, asked, officer):
    officer.go("/")
    officer.follow(asked.code_name)
    levels = officer.page.get_by_role("group", name="Hotnivå")
    assert [each.get_attribute("value") for each in levels.get_by_role("radio").all()] == [
        "LOW",
        "MEDIUM",
    ]
    officer.must_see("Hög hotnivå sätts, och sänks, bara av Bops.")

    officer.choose("Hotnivå", "Låg")
    officer.forge("level", "HIGH")
    officer.choose("Metod", "Strukturerad metod")
    officer.fill(next_review_on=SOON)
    assert officer.press("Lämna bedömningen").status == 422
    officer.must_see("Din enhet får inte sätta den här hotnivån.")
    assert officer.page.title().startswith("Fel:")
    assert officer.page.locator("[name=next_review_on]").input_value() == SOON

    officer.choose("Hotnivå", "Medel")
    officer.press("Lämna bedömningen")
    officer.must_see("Hotnivå medel")
    officer.press("Larma Bops")
    officer.must_see("Larmet är taget emot")
    bops = town.officer(LINKOPING, "bops-ost")
    bops.go("/")
    bops.must_see(asked.code_name)
    bops.follow(asked.code_name)
    assert bops.page.get_by_role("group", name="Hotnivå").get_by_role("radio").count() == 3
    asked.worker.go(asked.case)
    asked.worker.must_see("Hotnivå medel")
    assert town.faults.found == []
