from datetime import date

import pytest

from services.cases.domain.person import age_on, born_on, personal_number
from shared.errors import DomainError

TODAY = date(2026, 11, 22)
SCENARIOS = [
    "20010822-9816",
    "19950314-9800",
    "19990505-9896",
    "20030701-9836",
    "20081117-9936",
    "19880109-9840",
    "20050605-9872",
    "19790930-9903",
    "19960473-9814",
]


@pytest.mark.parametrize("typed", SCENARIOS)
def test_the_usual_forms_give_the_same_twelve_digits(typed):
    digits = typed.replace("-", "")
    for form in (typed, digits, typed[2:], digits[2:], f" {typed} ", f"{digits[:8]} {digits[8:]}"):
        assert personal_number(form, TODAY) == digits


@pytest.mark.parametrize(
    "typed",
    [
        "19950314-9801",  # check digit
        "19951314-9800",
        "19950231-9800",
        "950314",
        "abc",
        "",
        "19950314-98000",
        "1995-03-14-9800",
        "١٩٩٥٠٣١٤٩٨٠٠",
        "19950314-0000",
        "19950314+-9800",
        "0'; drop table",
    ],
)
def test_what_is_no_personal_number_is_refused(typed):
    with pytest.raises(DomainError) as refusal:
        personal_number(typed, TODAY)
    assert refusal.value.code == "person.number_invalid"
    assert refusal.value.facts == {}


def test_a_coordination_number_is_born_sixty_days_earlier_in_the_month():
    assert born_on("199604739814") == date(1996, 4, 13)
    assert born_on("199503149800") == date(1995, 3, 14)


def test_nobody_is_born_tomorrow():
    with pytest.raises(DomainError) as refusal:
        personal_number("20081117-9936", date(2008, 11, 16))
    assert refusal.value.code == "person.born_in_future"
    assert personal_number("20081117-9936", date(2008, 11, 17)) == "200811179936"


def test_nobody_is_older_than_a_typing_error():
    with pytest.raises(DomainError) as refusal:
        personal_number("19950314-9800", date(2116, 1, 1))
    assert refusal.value.code == "person.number_too_old"


def test_a_plus_sign_means_over_a_hundred():
    assert personal_number("950314+9800", date(2096, 1, 1)) == "199503149800"


def test_ten_digits_are_read_by_the_day_given_and_not_by_the_machine():
    assert personal_number("081117-9936", TODAY) == "200811179936"
    with pytest.raises(DomainError) as refusal:
        personal_number("081117+9936", date(1950, 1, 1))
    assert refusal.value.code == "person.number_too_old"


def test_age_is_counted_in_whole_years():
    assert age_on("200811179936", date(2026, 11, 16)) == 17
    assert age_on("200811179936", date(2026, 11, 17)) == 18
