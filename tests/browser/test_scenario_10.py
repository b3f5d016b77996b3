"""Scenario 10 by the pages alone, and by the API alone: the year is followed up and reported."""

import pytest

from infra.demo import api, story
from tests.support.browser import in_thread
from tests.support.browser_story import LINKOPING

pytestmark = pytest.mark.browser
YEAR = "2025"
"""Another one than the API's story has: there is one report a year."""


def test_the_scenario_comes_out_right_by_the_api(town, capsys, monkeypatch):
    monkeypatch.setattr(story, "ARRIVES_WITHIN_S", 60.0)
    right = []

    async def play() -> None:
        right.append(await api.play(town.state, 10))

    in_thread(play)
    assert right == [True], capsys.readouterr().out


def test_both_parties_sign_the_minutes_and_the_report_is_published(town):
    coordinator = town.person(LINKOPING, "samordnare")
    director = town.person(LINKOPING, "socialchef")
    officer = town.officer(LINKOPING, "lpo-linkoping")
    _minutes(coordinator, director, officer)
    _report(coordinator, director, officer)
    assert town.faults.found == []


def _minutes(coordinator, director, officer):
    coordinator.go("/follow-up")
    coordinator.must_see("Bistå med information så att kommunen kan utreda")
    coordinator.fill(year=YEAR)
    coordinator.press("Börja gemensam uppföljning")
    path = coordinator.path
    for choice in coordinator.page.locator("input[type=radio][value=met]").all():
        choice.check()
    coordinator.fill(
        held_on="2026-11-20",
        law="Hänvisningarna till socialtjänstlagen byts ut.",
        development="Svarstiden följs varje kvartal.",
    )
    coordinator.press("Spara")
    director.go(path)
    director.press("Underteckna version 2")
    officer.go("/")
    officer.follow("Uppföljning")
    officer.go(path)
    officer.must_see("Svarstiden" if not officer.page.locator("textarea").count() else "Kommunen")
    officer.press("Underteckna version 2")
    officer.must_see("Undertecknat av båda parter")


def _report(coordinator, director, officer):
    coordinator.go("/follow-up/reports")
    coordinator.fill(year=YEAR)
    coordinator.press("Börja en årsrapport")
    path = coordinator.path
    coordinator.fill(summary="Ett bra år.", proposal="Rapporten godkänns.")
    coordinator.press("Spara")
    coordinator.until("Talen räknades", path)
    assert officer.go(path).status == 404  # a draft
    coordinator.press("Skicka till parterna")
    for party in (officer, director):
        party.go(path)
        party.press("Underteckna för din part")
    director.press("Godkänn röjandekontrollen")
    director.fill(decision="2026-02-10 § 12")
    director.press("Publicera för alltid")
    director.must_see("Publicerad efter kommunstyrelsens beslut 2026-02-10 § 12.")
    for ending, kind in (("pdf", "application/pdf"), ("docx", "application/vnd.openxml")):
        file = officer.page.request.get(f"{officer.base}{path}/report.{ending}")
        assert file.headers["content-type"].startswith(kind)
