"""Those who see no case: the nation, the reviewer of the log, the one who runs the node."""

from uuid import uuid4

import pytest

from tests.support.browser_story import LINKOPING

pytestmark = pytest.mark.browser


def test_a_national_coordinator_sees_sums_and_no_case(town):
    who = town.person("9002", "samordnare")
    who.go("/")
    who.must_see("Nationell statistik")
    for path in ("/cases", "/cases/new", f"/cases/{uuid4()}", "/handovers", "/inbox"):
        assert who.go(path).status == 404, path
    assert town.faults.found == []


@pytest.mark.parametrize(
    ("username", "says"),
    [
        ("logggranskare", "Granskning av loggen"),
        ("administrator", "Drift"),
        ("socialchef", "Min dag"),
        ("sakerhetschef", "Min dag"),
    ],
)
def test_who_runs_or_reviews_the_node_opens_no_case(town, username, says):
    who = town.person(LINKOPING, username)
    who.go("/")
    who.must_see(says)
    for path in ("/cases", "/cases/new", f"/cases/{uuid4()}"):
        assert who.go(path).status == 404, path
    assert town.faults.found == []


def test_the_ways_in_and_the_texts_need_nobody_signed_in(town):
    page = town.browser.new_page()
    for path, says in (
        ("/sign-in", "Logga in som polis"),
        ("/om/tillganglighet", "Tillgänglighet"),
        ("/om/personuppgifter", "personuppgifter"),
    ):
        page.goto(town.base(LINKOPING) + path)
        assert says in page.locator("main").inner_text()
    page.goto(town.base(LINKOPING) + "/cases")
    assert "/sign-in" in page.url
    page.close()
