"""The browser's judge of words: a code is found, a fingerprint that only looks like one is not."""

import pytest

from tests.support.wordless import code_in, without


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Läget: awaiting_answer, sedan i går", "awaiting_answer"),
        ("(medium_threat)", "medium_threat"),
        ("Beslut: {'kind': 1}", "{'"),
        ("Avslutades None", "None"),
    ],
)
def test_a_code_or_a_structure_is_found(said, code):
    assert code_in(said) == code


def test_plain_words_are_no_code():
    assert code_in("Ärendet avslutades i går") is None


def test_the_fingerprint_of_a_key_is_not_judged_and_the_words_around_it_are():
    key = "q e_s 4WmX k_dg"  # seen: fingerprints drawn at random
    assert code_in(without(f"Nyckel {key}, provad", [key])) is None
    assert code_in(without(f"Nyckel {key}, not_tested", [key])) == "not_tested"
