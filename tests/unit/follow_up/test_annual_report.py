"""The yearly report's table, and what stops it before the board."""

from itertools import chain, combinations, product
from typing import get_args

import pytest

from services.cases.api import mentions_code_name
from services.follow_up.domain.annual_report import (
    TABLE,
    Event,
    State,
    Who,
    after_signature,
    check_safe,
    events_now,
    step,
)
from shared.errors import DomainError

STATES, EVENTS, WHO = get_args(State), get_args(Event), get_args(Who)


def test_each_state_event_and_role_is_as_the_table_says_and_everything_else_is_refused():
    groups = list(chain.from_iterable(combinations(WHO, n) for n in range(len(WHO) + 1)))
    allowed = 0
    for state, event, who in product(STATES, EVENTS, groups):
        then, whose = TABLE.get((state, event), (None, frozenset()))
        if whose & set(who):
            assert step(state, event, who) == then
            assert event in events_now(state, who)
            allowed += 1
            continue
        with pytest.raises(DomainError) as refused:
            step(state, event, who)
        expected = "report.role_may_not" if then else "report.event_not_allowed"
        assert refused.value.code == expected
        assert event not in events_now(state, who)
    assert allowed == 41


def test_nothing_leads_out_of_published_and_the_police_only_sign_or_send_back():
    assert not any(state == "PUBLISHED" for state, _ in TABLE)
    theirs = {key for key, (_, whose) in TABLE.items() if "police" in whose}
    assert theirs == {("PARTY_REVIEW", "sign"), ("PARTY_REVIEW", "send_back")}


def test_only_both_parties_together_send_it_on():
    both = ("municipality", "police")
    assert after_signature(["police"], both) == "PARTY_REVIEW"
    assert after_signature(["municipality"], both) == "PARTY_REVIEW"
    assert after_signature(["police", "municipality"], both) == "DISCLOSURE_CHECK"
    assert after_signature(["municipality"], ("municipality",)) == "DISCLOSURE_CHECK"


@pytest.mark.parametrize(
    ("texts", "figures", "code"),
    [
        (["Arbetet har utvecklats."], ["contacts"], "report.figures_unsafe"),
        (["Bra.", "Se 20010822-9816."], [], "report.names_person"),
        (["Granit Lärka 41 har flyttat."], [], "report.names_person"),
        (["Under året hade 3 avhoppare insatser."], [], "report.few_persons"),
        (["Tre unga personer lämnade nätverket."], [], "report.few_persons"),
    ],
)
def test_a_report_from_which_somebody_can_be_read_stops(texts, figures, code):
    with pytest.raises(DomainError) as refused:
        check_safe(texts, figures, mentions_code_name)
    assert refused.value.code == code


def test_a_report_of_many_goes_on():
    texts = [
        "Fem utbildningar hölls i 2 omgångar.",
        "En person som väljer att lämna en kriminell gruppering.",
        "27 avhoppare hade kontakt.",
    ]
    check_safe(texts, [], mentions_code_name)
