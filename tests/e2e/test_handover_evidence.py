"""The evidence of a real handover: spoilt in every place, and without the words that were erased."""

import msgspec
import pytest
from click.testing import CliRunner

from infra.cli.proofs import verify as command
from services.handover import api as handover
from shared.ids import SubjectId
from shared.messages import export_evidence, verify_evidence
from shared.messages.evidence import EvidenceLink, EvidenceMessage
from shared.messages.evidence.document import Step
from tests.support.evidence import SPOILINGS, misjudged, spoilt, steps_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
WAYS = list(SPOILINGS)


async def exported(town, handover_id, *, with_bodies=True):
    actor = await town.bench.case_worker()
    return await handover.export_evidence(town.node, actor, handover_id, with_bodies=with_bodies)


def judged(content, town):
    return verify_evidence(content, town.node.directory, handover.follows_protocol)


async def test_each_byte_of_a_real_handovers_evidence_names_the_step_it_stands_in(pair) -> None:
    _, handover_id, _ = await pair.taken_over()
    content = await exported(pair.goteborg, handover_id)
    directory = pair.goteborg.node.directory
    assert misjudged(content, directory, lambda at: WAYS[at % len(WAYS)]) == []


async def test_each_step_that_is_dropped_is_named_at_both_ends(pair) -> None:
    _, handover_id, _ = await pair.taken_over()
    for town in (pair.linkoping, pair.goteborg):
        content = await exported(town, handover_id)
        lines = content.splitlines(keepends=True)
        for at, step in enumerate(steps_of(content, town.node.directory)):
            report = judged(b"".join(lines[:at] + lines[at + 1 :]), town)
            assert report.failures[0].where == step


def written_anew(content, town, steps):
    """As an end that leaves something out would write it, under its own good signature."""
    before = verify_evidence(content, town.node.directory).manifest
    return export_evidence(
        [each for each in steps if isinstance(each, EvidenceMessage)],
        conversation_id=before.conversation_id,
        exported_by=town.node.authority,
        directory_version=before.directory_version,
        signer=town.node.keyring.signing(before.exported_at),
        now=before.exported_at,
        links=[each.signatures for each in steps if isinstance(each, EvidenceLink)],
        grounds=before.grounds,
    )


async def test_an_end_that_leaves_out_a_step_and_signs_the_rest_is_found_out(pair) -> None:
    _, handover_id, _ = await pair.taken_over()
    for town in (pair.linkoping, pair.goteborg):
        content = await exported(town, handover_id)
        steps = [msgspec.json.decode(line, type=Step) for line in content.splitlines()[1:]]
        assert judged(written_anew(content, town, steps), town).holds
        for at in range(len(steps)):
            report = judged(written_anew(content, town, steps[:at] + steps[at + 1 :]), town)
            assert report.failures, steps[at]


@pytest.mark.parametrize("end", ["linkoping", "goteborg"])
async def test_evidence_holds_when_either_end_has_erased_the_person(pair, end) -> None:
    _, handover_id, _ = await pair.taken_over()
    kept = {}
    for town in (pair.linkoping, pair.goteborg):
        kept[town.node.authority] = await exported(town, handover_id)
    await getattr(pair, end).node.case_keys.destroy(SubjectId(handover_id))
    for town in (pair.linkoping, pair.goteborg):
        after = judged(await exported(town, handover_id), town)
        assert after.failures == ()
        is_erased = town is getattr(pair, end)
        assert after.erased == (4 if is_erased else 0)
        before = judged(kept[town.node.authority], town)
        assert before.failures == ()
        assert [header.message_id for header in after.headers] == [
            header.message_id for header in before.headers
        ]
        assert after.links == before.links


async def test_the_command_names_the_step_of_a_changed_byte_and_fails(pair, tmp_path) -> None:
    _, handover_id, _ = await pair.taken_over()
    content = await exported(pair.goteborg, handover_id)
    steps = steps_of(content, pair.goteborg.node.directory)
    words = {"manifest": "förteckningen", "message": "meddelande", "link": "kedjans länk"}
    file, start = tmp_path / "bevis.jsonl", 0
    for step, line in zip(steps, content.splitlines(keepends=True), strict=True):
        file.write_bytes(spoilt(content, start + len(line) // 2, "lowest bit"))
        start += len(line)
        said = CliRunner().invoke(
            command, [str(file), "--state", str(pair.folder)], standalone_mode=False
        )
        word, _, number = step.partition(" ")
        first = next(each for each in said.output.splitlines() if each.startswith("FEL: "))
        assert first.startswith(f"FEL: {words[word]} {number}".rstrip())
        assert said.return_value == 1
    file.write_bytes(content)
    said = CliRunner().invoke(
        command, [str(file), "--state", str(pair.folder)], standalone_mode=False
    )
    assert (said.return_value, said.output.splitlines()[-1]) == (0, "Allt stämmer.")
