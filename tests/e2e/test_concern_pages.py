"""The pages of a reported concern: what they say of a person whose age nobody knows."""

import pytest

from services.intake.api import ReportConcern, report_concern

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def test_where_the_age_is_unknown_the_persons_own_will_is_asked_for(pair, desks):
    desk, bench = desks[0], pair.linkoping.bench
    asta, gun = await bench.case_worker(), await bench.leader()
    reported = ReportConcern(
        kind="radicalisation",
        reporter="school",
        reporter_name="Rektor vid Provskolan",
        channel="message",
        personal_number=None,
        given_name="Ludde",
        family_name="Kanariefågel",
        registered_municipality=None,
        protected_identity="EXIT_THREAT",
        observed="Eleven sprider hatbudskap på rasten.",
    )
    case_id = await report_concern(bench.node, asta, reported)
    await bench.assign(case_id, gun, gun, "team_leader")
    path = f"/cases/{case_id}/concern"
    assert "Personens ålder är inte känd" in (await desk.call("GET", path, "asta")).text
    form = (await desk.call("GET", f"{path}/decision", "gun")).text
    assert 'name="person_agrees"' in form
    assert "Åldern är inte känd. Den som kan vara myndig utreds inte mot sin vilja." in form
