"""Two people write in the same draft: nobody's words are lost, and nobody overwrites unseen."""

import html
import re

import pytest
import pytest_asyncio

from tests.support.leaks import open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(pair, tmp_path_factory):
    town = pair.linkoping
    found = open_harness(town, tmp_path_factory.mktemp("desk"))
    found.people = {"asta": await town.bench.case_worker(), "gun": await town.bench.leader()}
    yield found
    await found.client.aclose()


def hidden(text: str) -> dict[str, list[str]]:
    """What the form that stands on the page would post, but for its token."""
    main = text[text.index("<main") : text.index("</main>")]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', main):
        found.setdefault(name, []).append(html.unescape(value))
    return {name: value for name, value in found.items() if name != "_csrf_token"}


def cells(text: str) -> dict[str, list[str]]:
    """The rows of the table of versions: mine, saved; and whether they are marked as different."""
    rows = {}
    for row in re.findall(r"<tr>.*?</tr>", text, re.DOTALL):
        label = re.search(r'<th scope="row">(.*?)</th>', row, re.DOTALL)
        if label:
            said = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
            name = label.group(1).split("<")[0].strip()
            rows[name] = [*map(html.unescape, said), "Skiljer sig" in label.group(1)]
    return rows


async def shown_to_both(pair, desk):
    _, handover_id, _ = await pair.drafted()
    path = f"/handovers/{handover_id}/step/1"
    first = hidden((await desk.call("GET", path, "asta")).text)
    assert first == hidden((await desk.call("GET", path, "gun")).text)
    draft = (await pair.linkoping.view(handover_id)).draft
    given = {
        "revision": first["revision"][0],
        "connection": draft.connection,
        "duration": draft.duration,
        "circumstances": draft.circumstances,
        "wish": draft.wish,
        "wish_is_followed": "yes",
        "need": draft.need,
        "urgency": draft.urgency,
    }
    saved = await desk.call("POST", path, "asta", given | {"need": "Boende & skola."})
    assert saved.status_code == 303
    return handover_id, path, given


async def test_who_comes_second_sees_both_versions_and_saves_neither_unseen(pair, desk) -> None:
    handover_id, path, given = await shown_to_both(pair, desk)
    late = await desk.call("POST", path, "gun", given | {"need": "Bara <b>boende</b>."})
    assert late.status_code == 409
    rows = cells(late.text)
    assert rows["Vad personen behöver"] == ["Bara <b>boende</b>.", "Boende & skola.", True]
    assert rows["Vad personen själv vill"] == [given["wish"], given["wish"], False]
    assert "Det du skrev" in late.text
    assert "Det som nu är sparat" in late.text
    assert (await pair.linkoping.view(handover_id)).draft.need == "Boende & skola."

    again = {name: value[0] for name, value in hidden(late.text).items()}
    assert again["need"] == "Bara <b>boende</b>."
    assert (await desk.call("POST", path, "gun", again)).status_code == 303
    assert (await pair.linkoping.view(handover_id)).draft.need == "Bara <b>boende</b>."
    # The page was of one revision: a third version in between is shown, not overwritten.
    assert (await desk.call("POST", path, "asta", again)).status_code == 409


async def test_who_comes_second_with_what_shall_travel_keeps_each_choice(pair, desk) -> None:
    handover_id, _, given = await shown_to_both(pair, desk)
    path = f"/handovers/{handover_id}/step/2"
    draft = (await pair.linkoping.view(handover_id)).draft
    mine = {
        "revision": given["revision"],
        "ground": "consent",
        "consent_id": str(draft.consent_id),
        "kinds": ["identity", "residence"],
    }
    late = await desk.call("POST", path, "gun", mine)
    assert late.status_code == 409
    assert hidden(late.text)["kinds"] == ["identity", "residence"]
    assert cells(late.text)["Vad som lämnas ut"][0] == (
        "Namn och personnummer, Tillhörighet och skälen för den"
    )
