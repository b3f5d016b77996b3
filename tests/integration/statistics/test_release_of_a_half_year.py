"""From shares to totals, over real databases: the way of a half-year, and all that goes wrong on it."""

from base64 import b64encode
from datetime import timedelta

import msgspec
import pytest

from services.statistics import wire
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.sets import Sets, sets_of
from services.statistics.domain.vector import (
    LAYOUT_ID,
    PLACE,
    Happening,
    Slot,
    pack,
    tally,
    unpack,
)
from services.statistics.handlers.bodies import groups
from services.statistics.handlers.releasing import Coordinator
from services.statistics.store import releasing
from shared.crypto import KeyRing
from shared.ids import AuthorityCode, random_id
from shared.inbox.staging import context_of
from shared.outbox.enqueue import unpack as unpack_body
from tests.support.nation import DUE, FEW, FIRST, NOW, SECOND, clear, vectors_of

pytestmark = pytest.mark.servers

WHO = {"age": "21-25", "sex": "man", "group_type": "other", "channel": "phone", "threat": "LOW"}
SEVERAL = tally([Happening("contacts", WHO)] * 3)
SUMMED = PLACE[Slot("contacts", (), (), "persons")]


async def everybody_but(nation, *missing):
    vectors = {code: v for code, v in vectors_of(FEW).items() if code not in missing}
    await nation.hand_in(vectors)
    return vectors


def settled(nation):
    """What each municipality was told."""
    return {
        code: [body.is_counted for body in nation.heard(code) if isinstance(body, wire.Settled)]
        for code in FEW
    }


async def test_who_has_only_one_share_in_is_told_to_count_it_next_time(nation):
    vectors = await everybody_but(nation, FEW[0], FEW[1])
    await nation.contribute(FEW[0], SEVERAL, only=FIRST)
    await nation.close()
    row = await nation.release()
    assert unpack(row.nation) == clear(vectors.values())
    assert settled(nation)[FEW[0]] == settled(nation)[FEW[1]] == [False]
    assert settled(nation)[FEW[2]] == [True]


async def test_shares_of_two_splits_are_never_added(nation):
    """A node that was restored from a backup has split anew, and one collector has the old share."""
    vectors = await everybody_but(nation, FEW[0])
    await nation.contribute(FEW[0], SEVERAL, only=FIRST)
    await nation.contribute(FEW[0], SEVERAL, only=SECOND)
    await nation.close()
    assert unpack((await nation.release()).nation) == clear(vectors.values())


async def test_the_same_share_twice_counts_once_and_another_in_its_place_is_refused(nation):
    vectors = await everybody_but(nation, FEW[0])
    split_id, shares = await nation.contribute(FEW[0], SEVERAL)
    await nation.say(FEW[0], FIRST, wire.SHARE, wire.ShareSent(DUE, LAYOUT_ID, split_id, shares[0]))
    await nation.settle()
    assert await nation.refusals(FIRST) == []
    await nation.contribute(FEW[0], tally([]))
    await nation.close()
    assert await nation.refusals(FIRST) == [(FEW[0], "statistics.share_differs")]
    assert await nation.refusals(SECOND) == [(FEW[0], "statistics.share_differs")]
    assert unpack((await nation.release()).nation) == clear([*vectors.values(), SEVERAL])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"half_year": "2026H2"}, "statistics.wrong_period"),
        ({"half_year": "2025H1"}, "statistics.wrong_period"),
        ({"share": b"\0" * 16}, "statistics.malformed"),
        ({"layout": "ab" * 32}, "statistics.malformed"),
    ],
)
async def test_what_is_no_share_of_this_half_year_is_refused_by_name(nation, changed, code):
    await nation.contribute(FEW[0], SEVERAL, **changed)
    await nation.settle()
    assert await nation.refusals(FIRST) == [(FEW[0], code)]
    assert await nation[FIRST].rows("select 1 from statistics_share") == []


async def test_only_municipalities_contribute_and_only_to_collectors(nation):
    body = wire.ShareSent(DUE, LAYOUT_ID, random_id(), pack(SEVERAL))
    await nation.say(SECOND, FIRST, wire.SHARE, body)
    await nation.say(FEW[0], "9002", wire.SHARE, body)
    await nation.settle()
    assert await nation.refusals(FIRST) == [(SECOND, "statistics.not_a_contributor")]
    assert await nation.refusals("9002") == [(FEW[0], "statistics.not_a_collector")]


async def test_a_share_that_somebody_else_signed_changes_nothing(nation):
    stranger = KeyRing.in_memory(AuthorityCode(FEW[0]), NOW - timedelta(days=1))
    body = wire.ShareSent(DUE, LAYOUT_ID, random_id(), pack(SEVERAL))
    await nation.say(FEW[0], FIRST, wire.SHARE, body, key=stranger.signing(NOW))
    await nation.settle()
    assert await nation[FIRST].rows("select sender, code from quarantine") == [
        (FEW[0], "wire.unknown_key")
    ]
    assert await nation[FIRST].rows("select 1 from statistics_share") == []


async def test_what_comes_after_the_closing_is_refused_and_the_table_is_right(nation):
    vectors = await everybody_but(nation, FEW[0])
    await nation.close()
    await nation.contribute(FEW[0], SEVERAL)
    await nation.settle()
    assert await nation.refusals(FIRST) == [(FEW[0], "statistics.too_late")]
    assert unpack((await nation.release()).nation) == clear(vectors.values())


async def test_a_collector_that_was_away_for_the_closing_loses_nobody(nation):
    """What came while it was away is staged before the coordinator's word, and applied in the hour."""
    vectors = vectors_of(FEW)
    steps, nation[SECOND].step = nation[SECOND].step, _nothing
    for code, vector in vectors.items():
        await nation.contribute(code, vector)
    await nation.close()
    nation.federation.pass_time(timedelta(days=20))
    await nation.settle()
    assert (await nation.release()).state == "called"
    nation[SECOND].step = steps
    await nation.settle()
    nation.federation.pass_time(timedelta(hours=1))
    await nation.settle()
    row = await nation.release()
    assert row.state == "added"
    assert unpack(row.nation) == clear(vectors.values())


async def test_fewer_than_five_make_no_sum_and_are_told(nation):
    for code in FEW[:4]:
        await nation.contribute(code, SEVERAL)
    await nation.close()
    row = await nation.release()
    assert (row.state, row.order_jws, row.nation) == ("too_few", None, None)
    assert settled(nation)[FEW[0]] == [False]
    assert await kinds_of_cards(nation, "9002") == ["statistics.too_few"]


async def test_totals_that_cannot_be_true_stop_the_release_and_everybody_counts_again(nation):
    await everybody_but(nation, FEW[0])
    lie = list(SEVERAL)
    lie[SUMMED] = 2**64 - 5
    await nation.contribute(FEW[0], lie)
    await nation.close()
    row = await nation.release()
    assert (row.state, row.nation, row.groups) == ("stopped", None, None)
    assert "contacts:margin" in row.faults
    assert all(told == [False] for told in settled(nation).values())
    assert await kinds_of_cards(nation, "9002") == ["statistics.stopped"]


async def test_who_is_in_a_half_year_that_was_withheld_before_it_was_told_does_not_count_again(
    nation, monkeypatch
):
    """Another worker publishes between this one's adding and its telling."""
    await everybody_but(nation)
    with monkeypatch.context() as patched:
        patched.setattr(Coordinator, "_settle", lambda *_: _nothing())
        await nation.close()
    assert (await nation.release()).state == "added"
    node = nation["9002"]
    async with node.db.begin(node.worker) as uow:
        await releasing.change(uow, DUE, state="withheld")
        await uow.commit()
    await nation.settle()
    assert all(told == [True] for told in settled(nation).values())


# -- what is left at a collector -------------------------------------------------------------------
async def left_at(nation, code):
    """All that a thief of a collector's database and of its subjects' keys can open, and its shares."""
    node, found = nation[code], []
    for table, place in (
        ("inbox", context_of),
        ("inbox_equivocation", context_of),
        ("outbox", lambda table, origin, message_id: f"{table}.sealed:{message_id}"),
    ):
        origin = "receiver as origin" if table == "outbox" else "origin"
        for row in await node.rows(
            f"select {origin}, message_id, subject_id, sealed from {table} where sealed is not null"
        ):
            key = await node.case_keys.get(row.subject_id)
            place_of_it = place(table, row.origin, row.message_id)
            found.append(unpack_body(key.open(row.sealed, place_of_it))[1])
    kept = await node.rows("select share from statistics_share where share is not null")
    return found, [row.share for row in kept]


def is_in(share, bodies):
    return any(share in body or b64encode(share) in body for body in bodies)


async def test_after_the_sum_nothing_that_a_collector_has_opens_to_a_share(nation):
    """Applied, sent twice, of another period, another under a used number, too late: none stays."""
    sent = {FIRST: [], SECOND: []}

    async def give(code, **other):
        split_id, shares = await nation.contribute(code, SEVERAL, **other)
        for collector, words in zip((FIRST, SECOND), shares, strict=True):
            sent[collector].append(words)
        return split_id, shares

    await give(FEW[0], half_year="2025H1")
    for code in FEW:
        split_id, shares = await give(code)
    body = wire.ShareSent(DUE, LAYOUT_ID, split_id, shares[0])
    await nation.say(FEW[-1], FIRST, wire.SHARE, body)
    other = pack(SEVERAL)
    sent[FIRST].append(other)
    body = wire.ShareSent(DUE, LAYOUT_ID, random_id(), other)
    await nation.say(FEW[-1], FIRST, wire.SHARE, body, number=1)
    await nation.settle()
    assert len(await nation[FIRST].rows("select 1 from inbox_equivocation")) == 1
    await nation.close()
    assert (await nation.release()).state == "added"
    await give(FEW[1])
    await nation.settle()
    for collector, shares in sent.items():
        bodies, kept = await left_at(nation, collector)
        assert kept == []
        assert any(b"contributors" in body for body in bodies)  # the rest does open
        assert not any(is_in(share, bodies) for share in shares)
    hashes = await nation[FIRST].rows(
        "select 1 from inbox where kind = 'statistics_share' and content_hash > '' and jws > ''"
    )
    assert len(hashes) == len(FEW) + 3


async def test_too_few_leave_no_share_at_either_collector(nation):
    for code in FEW[:4]:
        await nation.contribute(code, SEVERAL)
    await nation.close()
    assert (await nation.release()).state == "too_few"
    for collector in (FIRST, SECOND):
        assert (await left_at(nation, collector))[1] == []
        (row,) = await nation[collector].rows("select ended_at from statistics_collection")
        assert row.ended_at is not None


@pytest.mark.parametrize("is_asked", [True, False])
async def test_a_collector_that_gets_no_order_gives_the_shares_up_and_takes_no_late_one(
    nation, is_asked
):
    if is_asked:
        await closed(nation)
    else:
        await everybody_but(nation)
        nation["9002"].steps = []
    await nation.settle()
    last = HalfYear(2026, 1).erased_on - nation.federation.clock.now().date()
    nation.federation.pass_time(last - timedelta(days=1))
    await nation.settle()
    assert len((await left_at(nation, FIRST))[1]) == len(FEW)
    nation.federation.pass_time(timedelta(days=1))
    await nation.settle()
    for collector in (FIRST, SECOND):
        assert (await left_at(nation, collector))[1] == []
        assert await kinds_of_cards(nation, collector) == ["statistics.given_up"]
    if not is_asked:  # the coordinator is back: the lists are told, and nothing can be added
        await nation.say("9002", FIRST, wire.CLOSING, wire.Closing(DUE))
        await nation.settle()
        nation.federation.pass_time(timedelta(hours=1))
        await nation.settle()
    await nation.say("9002", FIRST, wire.ORDER, order(nation, sets_of(FEW, groups())))
    await nation.settle()
    assert await nation.refusals(FIRST) == [("9002", "statistics.given_up")]


async def test_an_order_that_a_collector_does_not_take_stops_the_half_year_and_all_are_told(
    nation, monkeypatch
):
    """The coordinator was away until the collectors had given up."""
    await everybody_but(nation)
    with monkeypatch.context() as patched:
        patched.setattr(Coordinator, "_order", lambda *_: _nothing())
        await nation.close()
        last = HalfYear(2026, 1).erased_on - nation.federation.clock.now().date()
        nation.federation.pass_time(last)
        await nation.settle()
    assert (await nation.release()).state == "called"
    await nation.settle()
    assert await nation.refusals(FIRST) == [("9002", "statistics.given_up")]
    row = await nation.release()
    assert (row.state, row.nation) == ("stopped", None)
    assert all(told == [False] for told in settled(nation).values())
    assert await kinds_of_cards(nation, "9002") == ["statistics.not_taken"]


# -- the order -------------------------------------------------------------------------------------
async def closed(nation):
    """Both collectors have closed; the coordinator's own order has not been given."""
    await everybody_but(nation)
    nation["9002"].steps = []
    for code in (FIRST, SECOND):
        await nation.say("9002", code, wire.CLOSING, wire.Closing(DUE))
    await nation.settle()
    nation.federation.pass_time(timedelta(hours=1))
    await nation.settle()


def order(nation, sets: Sets, *, signer="9002", due=DUE) -> wire.OrderGiven:
    key = nation.federation.directory.keyrings[AuthorityCode(signer)].signing(NOW)
    groups_of = {group: tuple(members) for group, members in sets.groups.items()}
    body = wire.ReleaseOrder(due, LAYOUT_ID, sets.nation, groups_of)
    return wire.OrderGiven(key.sign(msgspec.json.encode(body, order="deterministic")))


async def test_two_county_sums_that_would_differ_by_one_municipality_are_refused(nation):
    await closed(nation)
    right = sets_of(FEW, groups())
    less = {"13": right.groups["13"], "10": right.groups["10"][1:]}
    await nation.say("9002", FIRST, wire.ORDER, order(nation, Sets(right.nation, less)))
    one_less = sets_of(FEW[1:], groups())
    await nation.say("9002", FIRST, wire.ORDER, order(nation, one_less))
    await nation.settle()
    assert [code for _, code in await nation.refusals(FIRST)] == [
        "statistics.sets_differ_by_few",  # the five of Blekinge less one
        "statistics.set_not_fixed",  # the eleven less one
    ]
    await nation.say("9002", FIRST, wire.ORDER, order(nation, right))
    await nation.settle()
    await nation.say("9002", FIRST, wire.ORDER, order(nation, one_less))
    await nation.settle()
    assert [code for _, code in await nation.refusals(FIRST)][2:] == ["statistics.ordered_already"]
    summed = await nation[FIRST].rows("select summed_at from statistics_collection")
    assert summed[0].summed_at is not None


async def test_an_order_before_the_closing_or_in_anothers_name_is_refused(nation):
    await everybody_but(nation)
    nation["9002"].steps = []
    right = sets_of(FEW, groups())
    await nation.say("9002", FIRST, wire.ORDER, order(nation, right))
    await nation.say(SECOND, FIRST, wire.ORDER, order(nation, right))
    await nation.say("9002", SECOND, wire.ORDER, order(nation, right, signer=FIRST))
    await nation.settle()
    assert sorted(await nation.refusals(FIRST)) == [
        ("9002", "statistics.not_closed"),
        (SECOND, "statistics.not_the_coordinator"),
    ]
    assert [code for _, code in await nation.refusals(SECOND)] == ["wire.unknown_key"]


async def test_an_order_that_came_before_the_others_list_is_judged_when_the_list_is_here(nation):
    await everybody_but(nation)
    nation["9002"].steps = []
    second, nation[SECOND].step = nation[SECOND].step, _nothing
    await nation.say("9002", FIRST, wire.CLOSING, wire.Closing(DUE))
    await nation.say("9002", SECOND, wire.CLOSING, wire.Closing(DUE))
    await nation.settle()
    nation.federation.pass_time(timedelta(hours=1))
    await nation.settle()
    wrong = Sets(tuple(FEW[1:]), sets_of(FEW[1:], groups()).groups)
    await nation.say("9002", FIRST, wire.ORDER, order(nation, wrong))
    await nation.settle()
    assert await nation.refusals(FIRST) == []
    nation[SECOND].step = second
    await nation.settle()
    nation.federation.pass_time(timedelta(hours=1))
    await nation.settle()
    (row,) = await nation[FIRST].rows("select * from statistics_collection")
    assert (row.is_refused, row.summed_at) == (True, None)
    assert await kinds_of_cards(nation, FIRST) == ["statistics.order_refused"]


async def kinds_of_cards(nation, code):
    rows = await nation[code].rows("select kind from card order by kind")
    return [row.kind for row in rows]


async def _nothing():
    return 0
