"""Least and most under equations; the solver is real."""

import pytest

from shared.linear import Program, UnsolvedError


def test_the_least_and_the_most_are_found():
    program = Program()
    one, two = program.add(0, 10), program.add(2, 10)
    program.bind({one: 1, two: 1}, 7, 7)
    assert program.least({one: 1}).objective == 0
    assert program.most({one: 1}).objective == 5
    assert program.most({two: 1}).values == (0, 7)


def test_whole_numbers_are_whole():
    """Without halves the three sums of pairs leave one answer less."""
    program = Program()
    parts = [program.add(0, 10) for _ in range(3)]
    for one, two in ((0, 1), (1, 2), (0, 2)):
        program.bind({parts[one]: 1, parts[two]: 1}, high=1)
    assert program.most(dict.fromkeys(parts, 1)).objective == 1


def test_bounds_that_nothing_fits_have_no_answer():
    program = Program()
    one = program.add(0, 3)
    program.bind({one: 1}, low=4)
    assert program.least({one: 1}) is None


def test_a_sum_without_a_largest_value_is_no_answer():
    program = Program()
    one = program.add()
    with pytest.raises(UnsolvedError):
        program.most({one: 1})
