"""The evidence page: each message by its hash, and what checking says, in words."""

import pytest

from gateway.texts.evidence import checks, verdict
from services.handover import api as handover
from shared.ids import SubjectId
from shared.messages import verify_evidence

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def exported(town, handover_id, *, with_bodies=False):
    actor = await town.bench.case_worker()
    return await handover.export_evidence(town.node, actor, handover_id, with_bodies=with_bodies)


def judged(content, town):
    return verify_evidence(content, town.node.directory, handover.follows_protocol)


async def test_both_ends_show_the_same_hash_of_each_message_whole_and_that_all_holds(
    pair, desks
) -> None:
    _, handover_id, _ = await pair.taken_over()
    headers = judged(await exported(pair.linkoping, handover_id), pair.linkoping).headers
    numbered = [header for header in headers if header.number]
    assert {header.direction for header in numbered} == {"forward", "back"}
    for desk in desks:
        shown = (await desk.call("GET", f"/handovers/{handover_id}/evidence", "gun")).text
        for header in numbered:
            assert f'<code class="u-hash">{header.content_hash}</code>' in shown, header.kind
        assert "Allt stämmer" in shown
        assert "Stämmer inte" not in shown
        assert "Inte än" not in shown
        assert "Ansvarskedjan hänger ihop" in shown


async def test_a_message_that_is_still_on_its_way_waits_and_is_not_a_fault(pair, desks) -> None:
    _, handover_id, _ = await pair.drafted()
    await pair.linkoping.decide(handover_id, handover.Propose())
    shown = (await desks[0].call("GET", f"/handovers/{handover_id}/evidence", "gun")).text
    assert "Allt som har kommit fram stämmer" in shown
    assert "Meddelande 1 (överlämning föreslagen, framåt nr 1) är inte kvitterat." in shown
    await pair.settle()
    shown = (await desks[0].call("GET", f"/handovers/{handover_id}/evidence", "gun")).text
    assert "Allt stämmer" in shown


async def test_the_proof_stands_on_the_page_when_the_contents_are_erased(pair, desks) -> None:
    _, handover_id, _ = await pair.taken_over()
    await pair.goteborg.node.case_keys.destroy(SubjectId(handover_id))
    found = checks(judged(await exported(pair.goteborg, handover_id), pair.goteborg))
    assert verdict(found) == "ok"
    assert any("är raderade; deras underskrifter håller." in each.text for each in found)


async def test_each_kind_of_spoiling_stands_under_its_own_check_and_names_the_step(pair) -> None:
    _, handover_id, _ = await pair.taken_over()
    content = await exported(pair.goteborg, handover_id, with_bodies=True)
    lines = content.splitlines(keepends=True)

    def told(spoilt):
        found = checks(judged(spoilt, pair.goteborg))
        assert verdict(found) == "error"
        return {each.text: each.faults for each in found if each.kind == "error"}

    other_words = content.replace(b'\\"wish\\":\\"', b'\\"wish\\":\\"X')
    assert other_words != content
    found = told(other_words)
    assert [fault for text in found for fault in found[text] if "är ändrat: innehållet" in fault]
    assert any(text.startswith("Innehållet som finns kvar") for text in found)

    missing = "finns i förteckningen men saknas i filen."
    for at in range(1, len(lines)):
        faults = [
            fault
            for each in told(b"".join(lines[:at] + lines[at + 1 :])).values()
            for fault in each
        ]
        assert [fault for fault in faults if fault.endswith(missing)], at


async def test_who_may_not_see_the_handover_gets_no_evidence_and_no_check(pair, desks) -> None:
    _, handover_id, _ = await pair.taken_over()
    stranger = await pair.linkoping.bench.person("Siv", "case_worker")
    desks[0].people["siv"] = stranger
    answer = await desks[0].call("GET", f"/handovers/{handover_id}/evidence", "siv")
    assert answer.status_code == 404
