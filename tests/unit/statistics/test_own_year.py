"""A municipality's own year: what is told, what is kept back, and what an audit finds."""

import msgspec

from services.statistics.domain.disclosure import Thresholds
from services.statistics.domain.own_year import faults, own_year
from services.statistics.domain.vector import Happening

LIMITS = Thresholds()


def contacts(**ages):
    return [
        Happening("contacts", {"age": age.replace("_", "-"), "sex": "man"})
        for age, count in ages.items()
        for _ in range(count)
    ]


def ended(**reasons):
    return [
        Happening("ended", {"ended_reason": reason})
        for reason, count in reasons.items()
        for _ in range(count)
    ]


def year(happenings, before=None, of=2026):
    return own_year(happenings, of, before, LIMITS)


def test_few_are_not_told_and_none_of_a_whole_series_is():
    told = year(contacts(**{"18_20": 4}))
    assert "contacts" not in told.shown
    assert told.shown["admitted"] == 0
    assert "contacts" in told.hidden
    assert faults(told, None, LIMITS) == []


def test_a_total_is_told_and_the_small_part_hides_with_another():
    told = year([*contacts(**{"18_20": 12, "21_25": 7, "26_39": 2})])
    assert told.shown["contacts"] == 21
    assert "contacts|age|26-39" not in told.shown
    shown_ages = sum(
        count for name, count in told.shown.items() if name.startswith("contacts|age|")
    )
    assert 21 - shown_ages >= LIMITS.persons + 2  # what is left over is no small number
    assert faults(told, None, LIMITS) == []


def test_a_part_that_is_known_by_another_name_protects_nobody():
    done = [Happening("completed", {}) for _ in range(6)]
    told = year([*done, *ended(COMPLETED=6, WITHDRAWN=3)])
    # Nine ended, six of them completed: who sees both knows of the three.
    assert {"completed", "ended"} - told.shown.keys()
    assert faults(told, None, LIMITS) == []


def test_the_audit_finds_a_small_number_and_one_that_can_be_reckoned():
    told = year(contacts(**{"18_20": 12, "21_25": 7, "26_39": 2}))
    shown = {**told.shown, "contacts|age|26-39": 2}
    assert "contacts|age|26-39" in faults(msgspec.structs.replace(told, shown=shown), None, LIMITS)
    others = {**told.shown, "contacts|age|18-20": 12, "contacts|age|21-25": 7}
    hidden = tuple(each for each in told.hidden if each not in others)
    open_year = msgspec.structs.replace(told, shown=others, hidden=hidden)
    assert "contacts|age|26-39" in faults(open_year, None, LIMITS)


def test_what_flows_through_the_ongoing_gives_away_no_hidden_year():
    stock = [Happening("ongoing", {}) for _ in range(10)]
    before = year([*stock], of=2025)
    assert before.shown["ongoing"] == 10
    told = year([*contacts(**{"18_20": 6}), *ended(WITHDRAWN=3), *stock, *stock[:3]], before)
    # 10 were ongoing, 6 came: who sees 13 ongoing now knows that 3 ended.
    assert "ended" not in told.shown
    assert {"ongoing", "contacts", "received"} - told.shown.keys()


def test_few_waits_have_no_median_and_enough_have():
    few = [Happening("weeks_to_threat", {"weeks": "2"}) for _ in range(9)]
    assert year(few).medians["weeks_to_threat"] is None
    assert year([*few, few[0]]).medians["weeks_to_threat"] == 2
