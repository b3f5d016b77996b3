"""Texts of follow-up hold no person."""

import pytest

from services.cases.api import mentions_code_name
from services.follow_up.domain.texts import MAX_TEXT, holds_personal_number, names_person, safe_text
from shared.errors import DomainError


def nobody(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    "text",
    [
        "Se 20010822-9816.",
        "Se 010822-9816 i akten",
        "(200108229816)",
        "20010822–9816 med tankstreck",
        "010882+9816",  # coordination number, a hundred years old
        "2001-08-22-9816",
        "２００１０８２２９８１６",
        "010822-9811",  # the check digit is wrong; whoever it is meant to be is still one person
    ],
)
def test_a_personal_number_in_any_usual_form_is_found(text):
    assert holds_personal_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dnr KS 2017-363 och KS 2015-0417",
        "Avtalet av den 2015-11-24 följs upp 2018.",
        "Organisationsnummer 556677-8899 och 212000-0449",
        "Möten 2017-03-21, 2017-05-16",
        "Antal 1234567890123",
        "Kostnad 12 500 000 kronor",
    ],
)
def test_days_and_register_numbers_are_no_personal_numbers(text):
    assert not holds_personal_number(text)


def test_a_code_name_is_found_whatever_its_case():
    assert names_person("Möte om granit  LÄRKA 41 i dag", mentions_code_name)
    assert not names_person("Granit och lärka, 41 besök", mentions_code_name)


def test_what_may_stay_is_made_plain_and_what_may_not_is_refused():
    assert safe_text(" Två\r\nrader\x07 ", nobody) == "Två\nrader"
    assert refusal("010822-9816") == "text.names_person"
    assert refusal("x" * (MAX_TEXT + 1)) == "text.too_long"


def refusal(text):
    with pytest.raises(DomainError) as refused:
        safe_text(text, nobody)
    return refused.value.code
