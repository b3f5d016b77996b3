"""Which cells must stay unknown, by the rules in words, and which of them an attacker has come near.

Written from the rules, not from the code that follows them.
"""

import random

from services.statistics.domain.disclosure import Thresholds
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.publication import name_of, publish
from services.statistics.domain.release import encode
from services.statistics.domain.table import ALL, KINDS
from tests.support.attacker import Attacker
from tests.support.simulated_tables import Nation

LIMITS = Thresholds()
APART = 5
"""How far apart the least and the most must lie, whatever the product believes."""


def protected(tables):
    """The cells that nobody may know closer than the threshold, as the rules say it in words."""
    found = {}
    for table in tables:
        if table.kind.shows != "counts" or not table.total.persons:
            continue
        for key, cell in table.cells.items():
            is_total = set(key) <= {ALL}
            if (
                cell.persons < 5
                or cell.contributors < 3
                or (not is_total and (table.total.persons - cell.persons < 5 or cell.others < 3))
            ):
                series, period, what = name_of(table.kind, table.period, key)
                found[series, period, frozenset(what)] = cell.persons
    return found


def closest(attacker, cells):
    """Each protected cell that the attacker knows closer than it may, and what it knows."""
    known = {each: attacker.what_is_known_of(each) for each in cells}
    assert all(bound.low <= cells[each] <= bound.high for each, bound in known.items())
    return {each: bound for each, bound in known.items() if bound.width < APART}


def given_away_by_a_pair(seed):
    """What two tables that share a margin tell of a nation of any size."""
    chance = random.Random(seed)
    pairs = chance.choice(
        [
            ("age.sex", "age.group_type"),
            ("age.group_type", "group_type.threat"),
            ("sex", "county_group"),
        ]
    )
    series = chance.choice(["admitted", "ongoing"])
    nation = Nation(seed, range(2027, 2028), 10 ** chance.uniform(-1, 1.5), of={series})
    half = HalfYear(2027, 2)
    kinds = [each for each in KINDS if each.id in {f"{series}.{pair}" for pair in pairs}]
    tables = nation.due_with(half, kinds)
    release = publish(tables, [], half_year=half, contributors=288, limits=LIMITS)
    return closest(Attacker([encode(release)]), protected(tables))
