"""The protected contact data in the browser: two persons' will, one look, nothing kept."""

import pytest

from tests.support.browser_story import Story

pytestmark = pytest.mark.browser
ADDRESS = "Testgatan 1, 3 tr"


def test_the_vault_opens_once_for_who_a_colleague_has_approved(town):
    story = Story(town)
    story.register()
    story.assign()
    who, leader = story.worker, story.leader
    who.go(story.case)
    who.follow("Skriv skyddade kontaktuppgifter")
    who.fill(address=ADDRESS)
    who.press("Spara")

    who.follow("Visa skyddade kontaktuppgifter")
    who.must_see("En kollega måste godkänna först")
    leader.go(story.case)
    leader.follow("Låt en kollega se kontaktuppgifterna")
    leader.select(staff_id=who.account.name)
    leader.fill(reason="Hembesök i dag")
    leader.press("Godkänn")

    who.go(f"{story.case}/vault")
    assert who.press("Visa uppgifterna").status == 422
    who.fill(reason="Hembesök i dag")
    response = who.press("Visa uppgifterna")
    who.must_see(ADDRESS)
    assert response.headers["cache-control"] == "no-store"

    who.go(f"{story.case}/vault")
    who.must_see("En kollega måste godkänna först")
    for tab in ("", "/log", "/journal"):
        who.go(story.case + tab)
        assert not who.sees(ADDRESS)
    who.go(f"{story.case}/log")
    who.must_see("Visade skyddade kontaktuppgifter")


def test_the_vault_of_a_case_is_not_there_for_who_is_no_member(town):
    story = Story(town, {"judge": False})
    story.register()
    for path in ("/vault", "/vault/edit", "/vault/approval"):
        assert story.colleague.go(story.case + path).status == 404
