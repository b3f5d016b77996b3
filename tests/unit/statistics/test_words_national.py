"""Whatever the nation is shown has Swedish words."""

from gateway.texts.words_national import SERIES as WORDS
from gateway.texts.words_national import UNKNOWN, category, period, table_title
from services.statistics.api import DIMENSIONS, KINDS, SERIES
from services.statistics.domain.indicators import UNKNOWN as NOBODY_KNOWS


def test_every_series_and_every_table_has_a_name():
    assert {each.id for each in SERIES} == WORDS.keys()
    assert all(table_title(each.series, each.dimensions) for each in KINDS)


def test_every_category_has_words_and_only_the_unknown_has_those_of_the_unknown():
    for dimension, codes in DIMENSIONS.items():
        for code in codes if dimension != "weeks" else ():
            assert (category(dimension, code) == UNKNOWN) is (code == NOBODY_KNOWS), code


def test_a_half_year_and_a_year_are_said():
    assert period("2026H1") == "första halvåret 2026"
    assert period("2026") == "2026"
