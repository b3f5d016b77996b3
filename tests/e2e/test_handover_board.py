"""The board at both ends: what came and what went, whose turn it is, by when, what is late."""

import html
import re
from datetime import timedelta

import pytest
import pytest_asyncio

from gateway.pages.delegated import who_decides
from gateway.policies import open_within_days
from gateway.texts.days import due
from services.handover import api as handover
from tests.support.exchange import open_pair

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server, tmp_path_factory):
    """One of its own: its clock is moved, and its boards are read whole."""
    async with open_pair(postgres_server, tmp_path_factory.mktemp("pair")) as pair:
        yield pair


async def shown(desk, which=""):
    """The rows of the board, by handover: (group, the row's words)."""
    text = (await desk.call("GET", f"/handovers{which}", "asta")).text
    found = {}
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        caption = re.search(r"<caption[^>]*>(.*?)</caption>", table).group(1)
        for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL):
            link = re.search(r'href="/handovers/([^"]+)"', row)
            if link:
                words = " ".join(re.sub(r"<[^>]+>", " ", row).split())
                found[link.group(1)] = (caption, words)
    return found


async def test_each_handover_stands_where_it_waits_with_its_next_day(pair, desks) -> None:
    here, there = desks
    _, handover_id, _ = await pair.proposed()
    today = pair.linkoping.bench.today
    answer_on = (await pair.linkoping.view(handover_id)).row.answer_on
    key = str(handover_id)

    assert (await shown(here))[key][0] == "Väntar på andra"
    assert (await shown(there))[key][0] == "Väntar på oss"
    for desk in desks:
        assert due(answer_on, today) in (await shown(desk))[key][1]
    assert "Acceptera eller neka" in (await shown(there))[key][1]

    places = {
        "vantar-pa-andra": here,
        "utgaende": here,
        "vantar-pa-oss": there,
        "inkommande": there,
    }
    for which, desk in places.items():
        other = there if desk is here else here
        assert key in await shown(desk, f"?visa={which}"), which
        assert key not in await shown(other, f"?visa={which}"), which
        assert key not in await shown(desk, "?visa=forsenade")
        assert key not in await shown(desk, "?visa=avslutade")
    assert key in await shown(here, "?visa=nagot-annat")

    late = answer_on - today + timedelta(days=2)
    pair.clock.move(late)
    for desk in desks:
        for which in ("", "?visa=forsenade"):
            group, words = (await shown(desk, which))[key]
            assert group == "Försenade"
            assert "2 dagar försenat" in words
        life = (await desk.call("GET", f"/handovers/{handover_id}", "asta")).text
        assert "2 dagar försenat" in life

    await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
    await pair.settle()
    for desk, group in ((here, "Väntar på andra"), (there, "Väntar på oss")):
        found, words = (await shown(desk))[key]
        assert found == group
        assert "Läs underlaget och ta över" in words
        assert "(om 3 dagar)" in words
    pair.clock.move(timedelta(days=4))
    for desk in desks:
        group, words = (await shown(desk))[key]
        assert group == "Försenade"
        assert "1 dag försenat" in words


async def test_a_dispute_waits_for_ivo_and_no_day_is_invented(pair, desks) -> None:
    case_id, handover_id, _ = await pair.declined()
    found, words = (await shown(desks[0]))[str(handover_id)]
    assert found == "Väntar på oss"
    assert "Behåll ärendet eller ansök hos IVO" in words
    assert "(om 7 dagar)" in words
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    for desk in desks:
        found, words = (await shown(desk))[str(handover_id)]
        assert found == "Väntar på andra"
        assert "IVO" in words
        assert "Ingen dag satt" in words


def entries(page):
    """The timeline: what it says, and whether it is drawn as a machine's."""
    found = re.findall(r'<li class="u-timeline__entry([^"]*)">(.*?)</li>', page, re.DOTALL)
    return {
        " ".join(
            re.sub(r"<[^>]+>", "", re.search(r"<strong>.*?</strong>", text).group()).split()
        ): (
            "u-timeline__entry--machine" in kind,
            "automatiskt" in text,
        )
        for kind, text in found
    }


async def test_the_timeline_tells_what_people_answered_from_what_machines_confirmed(
    pair, desks
) -> None:
    _, handover_id, _ = await pair.accepted()
    life = [
        entries((await desk.call("GET", f"/handovers/{handover_id}", "asta")).text)
        for desk in desks
    ]
    for seen in life:
        assert seen["Överlämning föreslagen"] == (False, False)
        assert seen["Accepterad"] == (False, False)
    here, there = life
    assert here["Kvittens: överlämning föreslagen"] == (True, True)
    assert there["Kvittens: accepterad"] == (True, True)
    assert not [text for text, how in here.items() if text.startswith("Kvittens") and not all(how)]


async def test_help_stands_in_the_menu_and_says_what_our_policy_says(desks) -> None:
    answer = await desks[0].call("GET", "/help", "asta")
    assert answer.status_code == 200
    assert '<a href="/help" aria-current="page">Hjälp</a>' in answer.text
    days = open_within_days(desks[0].town.node)
    assert f"Inom {days} dagar från acceptansen" in answer.text
    assert "ring 112" in answer.text
    assert who_decides(desks[0].town.node, "handover.propose") in html.unescape(answer.text)


async def test_help_with_handovers_is_for_those_who_sign_them(desks) -> None:
    desks[0].people["rut"] = await desks[0].town.bench.person("Rut", "log_reviewer")
    assert (await desks[0].call("GET", "/help", "rut")).status_code == 404


async def test_how_we_work_is_made_from_each_towns_own_policy(desks) -> None:
    here = (await desks[0].call("GET", "/how-we-work", "asta")).text
    there = (await desks[1].call("GET", "/how-we-work", "dag")).text
    assert "Tillhörighetsutredning" in here
    assert "Göteborgs Stads policy för arbete med avhoppare" in there
    assert "Göteborgs Stads policy för arbete med avhoppare" not in here
    for text in ("Inte kontrollerad", "Läst i dokumentet", "fastställa tillhörighet"):
        assert text in here
    answer = await desks[0].call("GET", "/api/v1/how-we-work", "asta")
    assert answer.json()["sha256"] in here


async def test_how_we_work_is_for_the_municipalitys_own_people(pair, desks) -> None:
    bench = pair.linkoping.bench
    desks[0].people |= {
        "officer": await bench.officer("lpo-linkoping"),
        "log": await bench.person("Logga", "log_reviewer"),
        "chief": await bench.person("Sixten", "security_chief"),
    }
    for who in ("officer", "log"):
        for path in ("/how-we-work", "/api/v1/how-we-work"):
            assert (await desks[0].call("GET", path, who)).status_code == 404
    assert (await desks[0].call("GET", "/how-we-work", "chief")).status_code == 200
