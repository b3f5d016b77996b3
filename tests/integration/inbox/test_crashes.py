"""R3: a crash at each step ends as if there had been none, byte for byte but for times and ids."""

from datetime import timedelta

import pytest

from shared.db import failpoints
from shared.ids import AuthorityCode, SubjectId, random_id
from shared.outbox import enqueue_attachment
from tests.support.federation import new_conversation
from tests.support.notes import Note

pytestmark = [pytest.mark.servers, pytest.mark.faults]

STATE = {
    "outbox": "select direction, number, kind, outcome, refusal_code from outbox"
    " where conversation_id = :conversation and kind not in ('missing')",
    "inbox": "select direction, number, kind, outcome, refusal_code, answer_id is not null"
    " from inbox where conversation_id = :conversation",
    "applied": "select facts->>'text', facts->>'number' from audit_entry"
    " where case_id = :conversation order by xid, id",
    "flows": "select direction, sent, applied, gap_since is null from conversation_flow"
    " where conversation_id = :conversation",
    "sent files": "select outcome, sha256 from attachment_out where conversation_id = :conversation",
    "files": "select completed_at is not null, sha256 from attachment_in"
    " where conversation_id = :conversation",
    "chunks": "select number from attachment_in_chunk join attachment_in using (attachment_id)"
    " where conversation_id = :conversation",
}


async def begin(pair):
    """Every kind of thing: applied, refused, both ways, a file, numbers in a row."""
    conversation = new_conversation()
    for words in ("ett", "nej", "tre"):
        await pair.a.send("1480", conversation, "note", Note(words))
    await pair.b.send("0580", conversation, "note", Note("svar"), direction="back")
    key = await pair.a.case_keys.ensure(SubjectId(conversation))
    async with pair.a.db.begin(pair.a.worker) as uow:
        await enqueue_attachment(
            uow,
            to=AuthorityCode("1480"),
            conversation=conversation,
            attachment_id=random_id(),
            content=b"fil",
            key=key,
        )
        await uow.commit()
    return conversation


async def finish(pair):
    for _ in range(4):
        await pair.settle()
        pair.exchange.redeliver()
        pair.pass_time(timedelta(seconds=15))
    await pair.settle()


async def dies(pair):
    """Whether the armed place was reached on the way to the end."""
    try:
        await finish(pair)
    except failpoints.Reached:
        return True
    except BaseExceptionGroup as errors:  # several messages were in work
        if errors.subgroup(failpoints.Reached) is None:
            raise
        return True
    return False


async def state_of(pair, conversation):
    found = {}
    for node in (pair.a, pair.b):
        for name, query in STATE.items():
            rows = [tuple(row) for row in await node.rows(query, conversation=conversation)]
            found[node.authority, name] = rows if "order by" in query else sorted(rows, key=repr)
    return found


@pytest.fixture
async def expected(pair):
    pair.a.handler.refuse.add("nej")
    pair.b.handler.refuse.add("nej")
    conversation = await begin(pair)
    await finish(pair)
    found = await state_of(pair, conversation)
    assert found["1480", "applied"] == [("ett", "1"), ("tre", "3")]
    assert found["0580", "applied"] == [("svar", "1")]
    assert found["0580", "sent files"][0][0] == "received"
    return found


COUNTS = {"db.before_commit": (2, 4, 7, 10, 13), "db.after_commit": (1, 3, 6, 9, 12)}


@pytest.mark.parametrize(
    "place", sorted(name for name in failpoints.POINTS if not name.startswith("audit."))
)
async def test_a_crash_at_any_step_changes_nothing_in_the_end(pair, expected, place):
    crashes = 0
    for count in COUNTS.get(place, (1, 2, 3)):
        conversation = await begin(pair)
        with failpoints.armed(place, count):
            crashes += await dies(pair)
        pair.a.rebuild()
        pair.b.rebuild()
        pair.exchange.redeliver()
        pair.pass_time(timedelta(seconds=15))
        await finish(pair)
        assert await state_of(pair, conversation) == expected
    assert crashes >= 2
    for node in (pair.a, pair.b):
        assert node.db._engine.pool.checkedout() == 0


@pytest.mark.parametrize("place", ["inbox.after_apply", "inbox.after_receipt", "db.before_commit"])
async def test_no_receipt_leaves_before_what_it_says_is_committed(pair, place):
    """The worker dies in the transaction that counts; all that was committed is then sent."""
    conversation = new_conversation()
    await pair.a.send("1480", conversation, "note", Note("ett"))
    await pair.a.relay.run_once()
    await pair.b.inbox.receive_once()
    # The claim commits first, then the transaction that counts.
    count = 2 if place == "db.before_commit" else 1
    with failpoints.armed(place, count), pytest.raises(failpoints.Reached):
        await pair.b.inbox.dispatch_once()
    pair.b.rebuild()
    await pair.b.relay.run_once()
    await pair.a.inbox.receive_once()
    found = await state_of(pair, conversation)
    assert found["1480", "applied"] == []
    assert [row[3] for row in found["0580", "outbox"]] == [None]
