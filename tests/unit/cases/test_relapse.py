"""What it takes to go on after a relapse, and what it takes to exclude somebody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.cases.domain.aid import Aid
from services.cases.domain.programme import Agreement
from services.cases.domain.relapse import (
    Hearing,
    Known,
    Proposal,
    RelapseReview,
    Retried,
    check_continue,
    check_exclusion,
    check_hearing,
    check_proposal,
    check_report,
    check_retry,
    check_support,
    is_refused,
    missing,
    untried,
)
from shared.errors import DomainError

OPENED = datetime(2026, 11, 22, 9, tzinfo=UTC)
BEFORE, AFTER = OPENED - timedelta(days=30), OPENED + timedelta(days=1)
ASTA, SIV, GUN = UUID(int=1), UUID(int=2), UUID(int=3)
AID = Aid(
    UUID(int=9),
    "aid.counselling",
    "GRANTED",
    "occupation",
    "x",
    "",
    BEFORE.date(),
    None,
    None,
    BEFORE,
    None,
)
HEARD = Hearing(date(2026, 11, 23), False, "Nej.", AFTER, ASTA)
TRIED = Retried(AID.aid_id, "CONTINUES", "Som förut.", AFTER, ASTA)
PROPOSED = Proposal(
    UUID(int=7), "EXCLUDED_RELAPSE", ("no_crime",), "x", "y", AFTER, SIV, AFTER, GUN
)
REVIEW = RelapseReview(
    UUID(int=8),
    "CRIME",
    "STAFF",
    "x",
    OPENED,
    ASTA,
    (HEARD,),
    (TRIED,),
    PROPOSED,
    None,
    "",
    None,
    None,
)
KNOWN = Known(
    (AID,),
    AFTER,
    is_threat_overdue=False,
    protects=False,
    is_police_wanted=True,
    police="AGREED",
    is_refused_by_police=False,
)
SIGNED = Agreement(
    UUID(int=6), ("no_crime", "keep_contact"), "", date(2026, 10, 1), None, BEFORE, ASTA, None
)


def refusal(attempt, *args, **given):
    with pytest.raises(DomainError) as error:
        attempt(*args, **given)
    return error.value.code


def exclude(review=REVIEW, known=KNOWN, **changes):
    given = {"by": SIV, "takes_two": True, "has_rule": True, **changes}
    return check_exclusion(review, known, PROPOSED.proposal_id, **given)


def propose(review=REVIEW, known=KNOWN, **changes):
    given = {
        "reason": "EXCLUDED_RELAPSE",
        "broken": ("no_crime",),
        "agreement": SIGNED,
        "has_rule": True,
        **changes,
    }
    check_proposal(review, known, **given)


@pytest.mark.parametrize(
    ("step", "review", "known", "code"),
    [
        ("hearing", {"hearings": ()}, {}, "relapse.not_heard"),
        ("threat", {}, {"threat_told_at": BEFORE}, "relapse.threat_first"),
        ("threat", {}, {"threat_told_at": None}, "relapse.threat_first"),
        ("threat", {}, {"threat_told_at": OPENED}, "relapse.threat_first"),
        ("threat", {}, {"is_threat_overdue": True}, "relapse.threat_first"),
        ("aid", {"retried": ()}, {}, "relapse.aid_untried"),
        (
            "support",
            {"proposal": replace(PROPOSED, supported_at=None, supported_by=None)},
            {},
            "relapse.not_supported",
        ),
        ("police", {}, {"police": None}, "relapse.police_wait"),
    ],
)
def test_nobody_is_excluded_before_everything_is_done(step, review, known, code):
    now, told = replace(REVIEW, **review), replace(KNOWN, **known)
    assert missing(now, told, takes_two=True) == (step,)
    assert refusal(exclude, now, told) == code
    if step in {"hearing", "threat", "aid"}:
        assert refusal(propose, now, told) == code


def test_once_everything_is_done_the_proposal_is_what_is_carried_out():
    assert missing(REVIEW, KNOWN, takes_two=True) == ()
    assert exclude() is PROPOSED
    propose()


def test_the_polices_no_stops_it_and_where_they_have_no_word_none_is_waited_for():
    said_no = replace(KNOWN, police="NOT_AGREED", is_refused_by_police=True)
    assert refusal(exclude, known=said_no) == "relapse.police_disagree"
    assert exclude(known=replace(KNOWN, police=None, is_police_wanted=False)) is PROPOSED


def test_the_polices_no_stands_when_they_may_not_be_told_any_more():
    gone = replace(KNOWN, police=None, is_police_wanted=False, is_refused_by_police=True)
    assert refusal(exclude, known=gone) == "relapse.police_disagree"
    assert is_refused([None, "NOT_AGREED", "AGREED"])
    assert not is_refused(["AGREED", "NOT_AGREED"])
    assert not is_refused([None, None])


def test_who_supported_the_proposal_does_not_decide_it_whoever_wrote_it():
    assert exclude(by=ASTA) is PROPOSED
    assert refusal(exclude, by=GUN) == "relapse.supporter_decides"


def test_whom_the_police_protect_is_not_excluded():
    protected = replace(KNOWN, protects=True)
    assert refusal(exclude, known=protected) == "relapse.protected_by_police"
    assert refusal(propose, known=protected) == "relapse.protected_by_police"


def test_where_the_documents_are_silent_nobody_is_excluded():
    assert refusal(propose, has_rule=False) == "relapse.no_rule"
    assert refusal(exclude, has_rule=False) == "relapse.no_rule"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"broken": ()}, "relapse.condition_missing"),
        ({"broken": ("no_drugs",)}, "relapse.condition_not_agreed"),
        ({"agreement": None}, "relapse.condition_not_agreed"),
        ({"agreement": replace(SIGNED, withdrawn_at=AFTER)}, "relapse.condition_not_agreed"),
        ({"broken": ("keep_contact",)}, "relapse.reason_not_broken"),
    ],
)
def test_only_what_somebody_agreed_to_can_have_been_broken(changes, code):
    assert refusal(propose, **changes) == code


def test_another_proposal_than_the_newest_is_not_carried_out():
    newer = replace(REVIEW, proposal=replace(PROPOSED, proposal_id=UUID(int=70)))
    assert refusal(exclude, newer) == "relapse.proposal_replaced"


def test_nobody_supports_their_own_proposal_nor_one_that_is_supported():
    unsigned = replace(REVIEW, proposal=replace(PROPOSED, supported_at=None, supported_by=None))
    check_support(unsigned, PROPOSED.proposal_id, GUN)
    assert refusal(check_support, unsigned, PROPOSED.proposal_id, SIV) == "relapse.same_person"
    assert refusal(check_support, REVIEW, PROPOSED.proposal_id, GUN) == "relapse.supported_already"


def test_what_was_decided_since_the_report_has_been_tried_by_that():
    fresh = replace(AID, aid_id=UUID(int=10), decided_at=AFTER)
    untouched = replace(REVIEW, retried=())
    assert untried(untouched, [AID, fresh]) == (AID,)
    assert refusal(check_retry, untouched, [AID, fresh], fresh.aid_id) == "relapse.aid_unknown"
    assert refusal(check_retry, REVIEW, [AID], AID.aid_id) == "relapse.aid_tried_already"


def test_the_programme_goes_on_when_the_person_has_been_heard_or_would_not_be():
    assert refusal(check_continue, replace(REVIEW, hearings=())) == "relapse.not_heard"
    check_continue(replace(REVIEW, hearings=(replace(HEARD, is_refused=True),)))


def test_a_register_check_is_no_source_unless_it_said_contact_us():
    for answer in (None, "NOTHING_TO_REPORT"):
        assert refusal(check_report, "REGISTER_CHECK", answer) == "relapse.no_such_answer"
    check_report("REGISTER_CHECK", "CONTACT_US")
    check_report("STAFF", None)


def test_the_person_is_heard_of_this_and_not_before_it():
    day, opened = date(2026, 11, 24), date(2026, 11, 22)
    check_hearing(opened, opened, day)
    assert refusal(check_hearing, date(2026, 11, 21), opened, day) == "relapse.heard_before"
    assert refusal(check_hearing, date(2026, 11, 25), opened, day) == "relapse.heard_in_future"
