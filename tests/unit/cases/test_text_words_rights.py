from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.rights import CASE_ROLES, KEPT_APART, RIGHTS, may, require
from services.cases.domain.text import MAX_REASON, MAX_TEXT, optional, plain, reason, required
from services.cases.domain.words import FIRST, SECOND, code_name
from shared.actor import Actor
from shared.errors import DomainError
from shared.ids import POLICE, AuthorityCode, StaffId


def actor(*roles, home="0580"):
    return Actor(StaffId(uuid4()), AuthorityCode("0580"), AuthorityCode(home), frozenset(roles))


@given(st.text())
def test_cleaned_text_is_clean_and_stays_so(text):
    cleaned = plain(text)
    assert plain(cleaned) == cleaned
    assert not any(ord(c) < 32 and c not in "\n\t" for c in cleaned)
    cleaned.encode()


def test_arabic_emoji_and_a_hundred_thousand_characters_pass_unchanged():
    text = "مرحبا 👩‍👩‍👧 " * 9000 + "slut"
    assert required(text, "x") == text
    assert len(text) > 100_000


def test_line_ends_are_one_and_control_characters_gone():
    assert plain("a\r\nb\rc\x00\x1b[31m\td") == "a\nb\nc[31m\td"


def test_nothing_left_is_refused_with_the_callers_code():
    with pytest.raises(DomainError) as refusal:
        required(" \x00 ", "note.text_missing")
    assert refusal.value.code == "note.text_missing"


def test_too_much_is_refused():
    with pytest.raises(DomainError) as refusal:
        optional("x" * (MAX_TEXT + 1))
    assert (refusal.value.code, refusal.value.facts) == ("text.too_long", {"longest": MAX_TEXT})


def test_a_reason_is_one_line_and_required():
    assert reason(" ringer\n upp ") == "ringer upp"
    for text, code in (("", "reason.missing"), ("x" * (MAX_REASON + 1), "text.too_long")):
        with pytest.raises(DomainError) as refusal:
            reason(text)
        assert refusal.value.code == code


@given(st.integers(0, 1 << 30), st.integers(0, 1 << 30), st.integers(0, 1 << 30))
def test_a_code_name_is_two_words_and_a_number(first, second, number):
    one, two, digits = code_name(first, second, number).split()
    assert one in FIRST
    assert two in SECOND
    assert 10 <= int(digits) <= 99


def test_there_are_enough_words_and_none_twice():
    assert len(set(FIRST)) == len(FIRST) >= 100
    assert len(set(SECOND)) == len(SECOND) >= 100


@pytest.mark.parametrize("action", RIGHTS)
def test_the_table_of_rights_is_held_for_every_role(action):
    for role in (*CASE_ROLES, *KEPT_APART, "social_director", "security_chief", "police_partner"):
        assert may(actor(role), action) == (role in RIGHTS[action])


@pytest.mark.parametrize("action", RIGHTS)
def test_who_signed_in_elsewhere_may_nothing_whatever_the_role(action):
    assert not may(actor(*RIGHTS[action], home=POLICE), action)


def test_who_may_is_said_in_the_refusal():
    with pytest.raises(DomainError) as refusal:
        require(actor("case_worker"), "assign")
    assert refusal.value.code == "case.role_may_not"
    assert refusal.value.facts == {"action": "assign", "roles": "exit_coordinator,team_leader"}
    require(actor("team_leader"), "assign")


def test_reviewers_and_administrators_have_no_right_to_a_case():
    assert not any(KEPT_APART & roles for roles in RIGHTS.values())
