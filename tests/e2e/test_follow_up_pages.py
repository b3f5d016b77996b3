"""The agreement's joint follow-up through the pages and the API: both parties, and nobody else."""

import pytest

from tests.support.exchange import open_pair
from tests.support.leaks import open_harness

pytestmark = pytest.mark.servers
API = "/api/v1/follow-up"


async def everybody(bench):
    return {
        "coordinator": await bench.person("Sam", "exit_coordinator"),
        "director": await bench.person("Sonja", "social_director"),
        "watcher": await bench.person("Sixten", "security_chief"),
        "officer": await bench.officer(),
        "bops": await bench.officer("bops-ost"),
        "case_worker": await bench.case_worker(),
    }


async def what_comes_too_late_is_shown_again(desk, address, text):
    text = text | {"number": "3", "reasons-support": "Någon fick vänta.", "law": "Sent skrivet."}
    late = await desk.call("POST", address, "coordinator", text)
    assert late.status_code == 409
    assert "undertecknat av båda parter och kan inte ändras" in late.text
    for kept in ("Sent skrivet.", "Någon fick vänta.", "Skäl: Utreda individens stödbehov"):
        assert kept in late.text
    assert f'href="{address}"' in late.text


async def test_minutes_are_written_refused_kept_and_signed_by_both_through_the_pages(
    postgres_server, tmp_path
):
    async with open_pair(postgres_server, tmp_path) as pair:
        desk = open_harness(pair.linkoping, tmp_path)
        desk.people = await everybody(pair.linkoping.bench)
        for who in ("coordinator", "director", "officer"):
            start = await desk.call("GET", "/", who)
            assert "/follow-up" in start.text, who
        for who, is_told in (("director", True), ("officer", True), ("bops", False)):
            start = await desk.call("GET", "/", who)
            assert ("Årlig uppföljning: 2026" in start.text) is is_told, who

        asked = await desk.call("POST", "/follow-up", "coordinator", {"year": "2099"})
        assert asked.status_code == 422
        assert "Året 2099 går inte att följa upp" in asked.text
        opened = await desk.call("POST", "/follow-up", "coordinator", {"year": "2026"})
        assert opened.status_code == 303
        address = opened.headers["location"]

        page = await desk.call("GET", address, "officer")
        assert "Bistå med information så att kommunen kan utreda" in page.text
        for who, status in (("case_worker", 404), ("bops", 404), (None, 303)):
            for path in (address, "/follow-up"):
                assert (await desk.call("GET", path, who)).status_code == status, (who, path)
        watched = await desk.call("GET", address, "watcher")
        assert "<textarea" not in watched.text
        assert "För kommunen undertecknar socialchef" in watched.text

        codes = [
            each["code"]
            for each in (await desk.call("GET", API, "officer")).json()["agreement"]["obligations"]
        ]
        text = {
            "number": "1",
            "held_on": "2026-11-20",
            "law": "Hänvisningarna byts.",
            "development": "Se 20010822-9816.",
            **{f"outcome-{code}": "met" for code in codes},
        }
        named = await desk.call("POST", address, "coordinator", text)
        assert named.status_code == 422
        assert "Texten pekar ut någon" in named.text
        assert "Hänvisningarna byts." in named.text  # nothing that was written is lost
        text |= {"development": "Svarstiden följs.", "outcome-register_checks": "partly"}
        assert (await desk.call("POST", address, "coordinator", text)).status_code == 303
        stale = await desk.call("POST", address, "officer", text)
        assert stale.status_code == 409

        signing = f"{address}/signature"
        halted = await desk.call("POST", signing, "director", {"number": "2"})
        assert halted.status_code == 422
        assert "Skriv varför åtagandet inte är helt uppfyllt." in halted.text
        assert 'href="#reasons-register_checks"' in halted.text
        text |= {"number": "2", "reasons-register_checks": "Svaren dröjde ibland."}
        assert (await desk.call("POST", address, "officer", text)).status_code == 303
        for who, status in (("coordinator", 422), ("watcher", 422), ("director", 303)):
            signed = await desk.call("POST", signing, who, {"number": "3"})
            assert signed.status_code == status, who
        by_api = f"/api/v1{address}/signatures"
        assert (await desk.call("POST", by_api, "bops", {"number": 3})).status_code == 404
        assert (await desk.call("POST", by_api, "officer", {"number": 2})).status_code == 409
        assert (await desk.call("POST", by_api, "officer", {"number": 3})).status_code == 204
        sealed = await desk.call("GET", address, "watcher")
        assert "Undertecknat av båda parter" in sealed.text
        late = await desk.call(
            "PUT", f"/api/v1{address}/minutes", "coordinator", {"number": 3, "law": "x"}
        )
        assert (late.status_code, late.json()["code"]) == (409, "minutes.sealed")
        await what_comes_too_late_is_shown_again(desk, address, text)
        assert (
            "Inget är att följa upp nu." in (await desk.call("GET", "/follow-up", "officer")).text
        )
        await desk.client.aclose()
