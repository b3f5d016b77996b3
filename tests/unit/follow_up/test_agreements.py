"""When the agreement is to be followed up, and what may be signed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.follow_up.domain.agreements import Agreement, Held, LawChange, Obligation, due
from services.follow_up.domain.minutes import (
    Answer,
    Minutes,
    Signature,
    check_may_sign,
    decode,
    encode,
    sign,
)
from shared.errors import Conflict, DomainError
from shared.ids import StaffId

TODAY = date(2026, 11, 22)
OURS = Obligation("municipality", "support", "Tillgodose stödbehov.", "Stödet")
THEIRS = Obligation("police", "register_checks", "Bistå med slagningar.", "Registerslagningar")
AGREEMENT = Agreement(
    police_unit="lpo-linkoping",
    obligations=(OURS, THEIRS),
    signed_by=("social_director",),
    title="Överenskommelse",
    section="Giltighet",
    in_force_from=date(2022, 1, 1),
    last_day=None,
    yearly_from=2026,
    yearly_by=(12, 31),
    law_days=180,
    remind_days=45,
)
WHOLE = Minutes(
    held_on=date(2026, 11, 20),
    present="Socialchefen och chefen för lokalpolisområdet",
    answers={"support": Answer("met"), "register_checks": Answer("partly", "Svaren dröjde.")},
    law="Hänvisningarna till lagen ska bytas.",
    development="Svarstider följs varje kvartal.",
)
SEALED = datetime(2026, 7, 2, 9, tzinfo=UTC)
SC, OFFICER = StaffId(UUID(int=1)), StaffId(UUID(int=2))


def stages(held=(), changes=(), today=TODAY, agreement=AGREEMENT):
    return [(each.key, each.stage) for each in due(agreement, held, changes, today)]


def test_the_year_is_reminded_of_in_time_and_overdue_from_new_years_day():
    assert stages(today=date(2026, 11, 15)) == [("yearly:2026", "later")]
    assert stages(today=date(2026, 11, 16)) == [("yearly:2026", "soon")]
    assert stages(today=date(2026, 12, 31)) == [("yearly:2026", "soon")]
    assert stages(today=date(2027, 1, 1)) == [("yearly:2026", "overdue"), ("yearly:2027", "later")]


def test_a_year_that_is_signed_is_not_due_and_says_nothing_of_the_next():
    held = [Held(2026, date(2027, 1, 15), SEALED)]
    assert stages(held, today=date(2027, 2, 1)) == [("yearly:2027", "later")]


def test_a_changed_law_is_due_until_the_first_meeting_after_it():
    change = LawChange("11 kap. SoL (2025:400)", date(2026, 7, 1))
    key = "law:2026-07-01:11 kap. SoL (2025:400)"
    before, after = Held(2026, date(2026, 6, 30), SEALED), Held(2026, date(2026, 7, 1), SEALED)
    assert stages([before], [change]) == [(key, "soon")]
    assert stages([before], [change], today=date(2026, 12, 29)) == [(key, "overdue")]
    assert stages([after], [change]) == []
    assert stages([before], [change], today=date(2026, 6, 30)) == []


def test_a_change_that_nobody_had_entered_at_the_meeting_is_still_due():
    held = Held(2026, date(2026, 7, 2), SEALED)
    known, late = (
        LawChange("x", date(2026, 7, 1), SEALED),
        LawChange("y", date(2026, 7, 1), datetime(2026, 10, 1, 9, tzinfo=UTC)),
    )
    assert stages([held], [known, late]) == [("law:2026-07-01:y", "soon")]


def test_a_law_older_than_the_agreement_was_known_when_it_was_signed():
    assert stages([Held(2026, TODAY, SEALED)], [LawChange("x", date(2021, 12, 31))]) == []


def test_an_agreement_that_has_ended_is_not_followed_up_for_years_after():
    ended = replace(AGREEMENT, last_day=date(2026, 6, 30))
    assert stages(agreement=ended) == []


def test_whole_minutes_may_be_signed():
    check_may_sign(WHOLE, AGREEMENT.obligations, TODAY, is_law_due=True)
    assert decode(encode(WHOLE)) == WHOLE


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"held_on": None}, "minutes.not_held"),
        ({"held_on": date(2026, 11, 23)}, "minutes.held_in_future"),
        ({"answers": {"support": Answer("met")}}, "minutes.incomplete"),
        ({"answers": {**WHOLE.answers, "support": Answer("not_met")}}, "minutes.reasons_missing"),
        ({"law": ""}, "minutes.law_missing"),
        ({"development": ""}, "minutes.development_missing"),
    ],
)
def test_minutes_that_lack_something_are_not_signed(changed, code):
    with pytest.raises(DomainError) as refused:
        check_may_sign(replace(WHOLE, **changed), AGREEMENT.obligations, TODAY, is_law_due=True)
    assert refused.value.code == code


def test_both_parties_make_it_whole_and_neither_alone():
    assert not sign([], "municipality", SC, number=2, newest=2)
    assert sign([Signature("municipality", SC)], "police", OFFICER, number=2, newest=2)


def test_one_person_never_signs_for_both_nor_one_party_twice():
    signed = [Signature("municipality", SC)]
    with pytest.raises(DomainError, match="same_person"):
        sign(signed, "police", SC, number=1, newest=1)
    with pytest.raises(DomainError, match="party_has_signed"):
        sign(signed, "municipality", OFFICER, number=1, newest=1)


def test_a_version_that_has_been_changed_since_is_not_signed():
    with pytest.raises(Conflict):
        sign([], "police", OFFICER, number=1, newest=2)
