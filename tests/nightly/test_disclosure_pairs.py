"""S17 in full: a thousand pairs of tables."""

import pytest

from tests.support.given_away import given_away_by_a_pair


@pytest.mark.parametrize("seed", range(1000))
def test_no_random_pair_of_tables_gives_a_protected_cell_away(seed):
    assert not given_away_by_a_pair(seed)
