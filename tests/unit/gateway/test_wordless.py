"""The browser's judge of words: a code is found, a fingerprint that only looks like one is not."""

import pytest

from tests.support.wordless import code_in


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


@pytest.mark.parametrize(
    "said",
    [
        "Nyckel q-e_s-4WmX, giltig till 3 mars",  # seen: a fingerprint drawn at random
        "8f2c-ab_cd",
        "Ärendet avslutades i går",
    ],
)
def test_a_fingerprint_and_plain_words_are_not(said):
    assert code_in(said) is None
