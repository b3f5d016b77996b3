"""S17: five years of releases against somebody with a solver.

The short form, two years: `tests/integration/statistics/test_publication.py`.
"""

from services.statistics.domain.periods import Year
from services.statistics.domain.release import encode
from tests.integration.statistics.test_publication import released
from tests.support.attacker import Attacker
from tests.support.given_away import closest, protected
from tests.support.simulated_tables import Nation

YEARS = range(2027, 2032)


def test_nobody_bounds_a_protected_cell_of_five_years_closer_than_the_threshold():
    nation = Nation(1, YEARS)
    halves = [half for year in YEARS for half in Year(year).halves]
    secrets = protected([table for half in halves for table in nation.due_with(half)])
    assert len(secrets) > 1000
    assert not closest(Attacker(map(encode, released(nation, YEARS))), secrets)
    bare = released(nation, YEARS, with_complementary=False)
    found = closest(Attacker(map(encode, bare)), secrets)
    assert len(found) > 100
    assert sum(bound.width == 0 for bound in found.values()) > 50
