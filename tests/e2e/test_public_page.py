"""The page for somebody afraid: no sign-in, no cookie, nothing kept, nothing from anybody else."""

import html
import logging
import re
from types import SimpleNamespace as Thing

import pytest
import pytest_asyncio
from sqlalchemy import text

from gateway.pages.public import LEAVE_TO
from gateway.web import HERE
from tests.support.casework import open_bench
from tests.support.leaks import Records, open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
PHONE = "Mozilla/5.0 (Prov; telefon)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_server, tmp_path_factory):
    bench = await open_bench(await postgres_server.fresh_node_databases("0580"))
    harness = open_harness(Thing(node=bench.node, bench=bench), tmp_path_factory.mktemp("public"))
    yield harness
    await harness.client.aclose()
    await bench.node.db.close()
    await bench.worker_node.db.close()


async def kept(desk):
    """What a visit could leave: rows of the log, sessions, cards."""
    async with desk.town.bench.worker_node.db.begin(desk.town.bench.worker) as uow:
        counts = [
            (await uow.execute(text(f"select count(*) from {table}"))).scalar_one()
            for table in ("audit_entry", "card")
        ]
        await uow.commit()
    return counts


async def test_the_page_says_whom_to_call_and_what_happens_in_both_languages(desk):
    swedish = await desk.call("GET", "/stod", None)
    assert swedish.status_code == 200
    for words in (
        "Vill du lämna? Du kan få hjälp.",
        'href="tel:112"',
        "Du behöver inte säga vem du är för att få råd.",
        "Vad har jag rätt till?",
        "Linköpings kommun",
        "Lämna sidan snabbt",
    ):
        assert words in html.unescape(swedish.text), words
    english = await desk.call("GET", "/stod/en", None)
    assert '<html lang="en">' in english.text
    assert "Do you want to leave?" in english.text
    assert (await desk.call("GET", "/stod/xx", None)).status_code == 404
    # The sign-in page, which a search may lead to, leads here.
    assert 'href="/stod"' in (await desk.call("GET", "/sign-in", None)).text


async def test_a_visit_sets_no_cookie_loads_nothing_from_others_and_leaves_nothing(desk):
    records = Records()
    logging.getLogger().addHandler(records)
    try:
        before = await kept(desk)
        answer = await desk.client.get("/stod?from=flygblad", headers={"user-agent": PHONE})
        after = await kept(desk)
    finally:
        logging.getLogger().removeHandler(records)
    assert before == after
    assert not [line for line in records.lines if "stod" in line or "Prov" in line]
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    loaded = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]*)"', answer.text)
    assert loaded
    assert all(each.startswith("/static/public.") for each in loaded)
    assert re.findall(r'href="(https?:[^"]*)"', answer.text) == [LEAVE_TO]
    weight = len(answer.content) + sum(
        (HERE / each.removeprefix("/")).stat().st_size for each in loaded
    )
    assert weight < 16_000, "a bad phone loads 16 kB in a second"
    # What stands in the history says nothing.
    assert "<title>Stöd</title>" in answer.text
