from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.domain.commands import (
    AssignMember,
    Counterparty,
    GiveConsent,
    Person,
    RecordResidence,
)
from services.cases.domain.rules import (
    POLICE_FUNCTION,
    check_assignment,
    check_confirmation,
    check_consent,
    check_municipality,
    check_residence,
    covering,
    next_step,
    subject_of,
    vault_of,
)
from services.cases.domain.states import CLOSED_STATES
from services.cases.domain.views import Consent, Residence
from shared.errors import DomainError
from shared.ids import POLICE, AuthorityCode, CaseId, StaffId

HERE, THERE = AuthorityCode("0580"), AuthorityCode("1480")
KNOWN = {HERE, THERE}
CASE = CaseId(uuid4())
TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PERSON = Person("Ture", "Test", None, HERE)


def refusal(check, *args, **kwargs):
    with pytest.raises(DomainError) as error:
        check(*args, **kwargs)
    return error.value.code


def finding(kind, municipality=None, ground=None):
    return RecordResidence(CASE, 1, kind, municipality, ground, "fakta")


def judged(command, person=PERSON):
    check_residence(command, person, HERE, KNOWN)


@pytest.mark.parametrize(
    "command",
    [
        finding("HERE", HERE, "main_rule"),
        finding("HERE", HERE, "strongest_connection"),
        finding("OTHER", THERE, "nights_rest"),
        finding("UNCLEAR"),
    ],
)
def test_a_finding_that_follows_from_its_ground_is_accepted(command):
    judged(command)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (finding("UNCLEAR", HERE), "residence.unclear_names_nothing"),
        (finding("UNCLEAR", None, "main_rule"), "residence.unclear_names_nothing"),
        (finding("HERE", HERE), "residence.ground_missing"),
        (finding("HERE", None, "main_rule"), "residence.municipality_missing"),
        (finding("OTHER", AuthorityCode("9999"), "nights_rest"), "municipality.unknown"),
        (finding("HERE", THERE, "nights_rest"), "residence.not_here"),
        (finding("OTHER", HERE, "nights_rest"), "residence.not_elsewhere"),
        (finding("OTHER", THERE, "main_rule"), "residence.not_registered_there"),
    ],
)
def test_a_finding_that_does_not_follow_is_refused(command, code):
    assert refusal(judged, command) == code


def test_protected_registration_is_no_evidence_of_residence():
    hidden = replace(PERSON, protected_identity="PROTECTED_REGISTRATION")
    assert refusal(judged, finding("HERE", HERE, "main_rule"), hidden) == (
        "residence.protected_registration"
    )
    judged(finding("HERE", HERE, "nights_rest"), hidden)


def test_no_municipality_is_no_unknown_one():
    assert check_municipality(None, KNOWN) is None
    assert check_municipality(HERE, KNOWN) == HERE


FIRST, SECOND = StaffId(uuid4()), StaffId(uuid4())
FOUND = Residence(uuid4(), "HERE", HERE, "main_rule", "f", AT, FIRST, None, None)


@pytest.mark.parametrize(
    ("held", "wanted", "reader", "code"),
    [
        (None, FOUND.finding_id, SECOND, "residence.superseded"),
        (FOUND, uuid4(), SECOND, "residence.superseded"),
        (
            replace(FOUND, confirmed_at=AT, confirmed_by=SECOND),
            FOUND.finding_id,
            SECOND,
            "residence.already_confirmed",
        ),
        (FOUND, FOUND.finding_id, FIRST, "residence.same_reader"),
    ],
)
def test_a_finding_is_confirmed_once_by_another_person(held, wanted, reader, code):
    assert refusal(check_confirmation, held, wanted, reader) == code
    check_confirmation(FOUND, FOUND.finding_id, SECOND)


SOCIAL = Counterparty(THERE, "social_services")
CONSENT = GiveConsent(
    CASE, 1, (POLICE_FUNCTION, SOCIAL), ("handover",), ("identity",), TODAY + timedelta(days=90)
)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"counterparties": ()}, "consent.counterparty_missing"),
        ({"counterparties": (Counterparty(THERE, "police"),)}, "consent.counterparty_unknown"),
        (
            {"counterparties": (Counterparty(POLICE, "social_services"),)},
            "consent.counterparty_unknown",
        ),
        (
            {"counterparties": (Counterparty(AuthorityCode("9999"), "social_services"),)},
            "consent.counterparty_unknown",
        ),
        ({"purposes": ()}, "consent.purpose_missing"),
        ({"kinds": ()}, "consent.kind_missing"),
        ({"kinds": ("needs.everything",)}, "consent.kind_unknown"),
        ({"valid_until": TODAY - timedelta(days=1)}, "consent.ends_in_past"),
        ({"valid_until": TODAY + timedelta(days=366)}, "consent.too_long"),
    ],
)
def test_a_consent_says_to_whom_for_what_about_what_and_until_when(change, code):
    assert refusal(check_consent, replace(CONSENT, **change), TODAY, 365, KNOWN) == code


def test_a_consent_may_end_today_and_last_as_long_as_policy_says():
    for days in (0, 365):
        check_consent(replace(CONSENT, valid_until=TODAY + timedelta(days=days)), TODAY, 365, KNOWN)


def given(until=TODAY, *, withdrawn=None, purposes=("placement",), kinds=("identity",)):
    return Consent(uuid4(), (POLICE_FUNCTION,), purposes, kinds, AT, until, withdrawn)


def test_the_consent_that_lasts_longest_covers():
    longer = given(TODAY + timedelta(days=9))
    consents = [
        given(),
        longer,
        given(TODAY + timedelta(days=99), withdrawn=AT),
        given(TODAY + timedelta(days=99), purposes=("handover",)),
        given(TODAY + timedelta(days=99), kinds=("residence",)),
    ]
    assert covering(consents, POLICE_FUNCTION, "placement", TODAY) is longer
    assert covering(consents, SOCIAL, "placement", TODAY) is None
    late = TODAY + timedelta(days=100)
    assert covering(consents, POLICE_FUNCTION, "placement", late) is None


def test_a_consent_covers_function_purpose_and_day_together():
    consent = given(purposes=("placement",))
    assert consent.covers(POLICE_FUNCTION, "placement", TODAY)
    assert not consent.covers(POLICE_FUNCTION, "handover", TODAY)
    assert not consent.covers(SOCIAL, "placement", TODAY)
    assert not consent.covers(POLICE_FUNCTION, "placement", TODAY + timedelta(days=1))


ASSIGN = AssignMember(CASE, 1, SECOND, "case_worker", "behövs", True)


@pytest.mark.parametrize(
    ("command", "roles", "is_excluded", "is_member", "code"),
    [
        (ASSIGN, {"team_leader"}, False, False, "assignment.role_not_held"),
        (
            replace(ASSIGN, no_conflict_of_interest=False),
            {"case_worker"},
            False,
            False,
            "assignment.conflict_of_interest",
        ),
        (ASSIGN, {"case_worker"}, True, False, "assignment.not_a_choice"),
        (ASSIGN, {"case_worker"}, False, True, "assignment.already_member"),
    ],
)
def test_who_may_not_have_the_case_is_not_given_it(command, roles, is_excluded, is_member, code):
    roles = frozenset(roles)
    held = {"is_excluded": is_excluded, "is_member": is_member}
    assert refusal(check_assignment, command, roles, **held) == code


def test_who_may_have_the_case_is_given_it():
    check_assignment(ASSIGN, frozenset({"case_worker"}), is_excluded=False, is_member=False)


DONE = {
    "state": "INVESTIGATION",
    "has_case_worker": True,
    "has_open_handover": False,
    "finding": "HERE",
    "is_confirmed": True,
    "has_consent": True,
    "has_threat": True,
    "is_threat_asked": False,
    "is_threat_overdue": False,
    "has_needs": True,
    "has_all_needs": True,
    "demands_threat": True,
    "demands_consent": True,
}


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({}, "mark_ready"),
        ({"state": "ENTRY_ASSESSMENT"}, "assess_entry"),
        ({"state": "ACTIVE"}, None),
        ({"has_all_needs": False}, "record_needs"),
        ({"has_all_needs": False, "finding": "OTHER"}, "propose_handover"),
        ({"has_threat": False, "demands_threat": False}, "mark_ready"),
        ({"has_consent": False, "demands_consent": False}, "mark_ready"),
        ({"has_consent": False, "demands_consent": False, "finding": "OTHER"}, "give_consent"),
        ({"has_open_handover": True}, "await_handover"),
        ({"state": "CONTACT"}, "take_application"),
        ({"has_case_worker": False}, "assign_case_worker"),
        ({"finding": None}, "record_residence"),
        ({"is_confirmed": False}, "confirm_residence"),
        ({"has_consent": False}, "give_consent"),
        ({"is_threat_overdue": True}, "review_threat"),
        ({"has_threat": False}, "request_threat"),
        ({"has_threat": False, "is_threat_asked": True}, "await_threat"),
        ({"has_needs": False}, "record_needs"),
        ({"finding": "OTHER"}, "propose_handover"),
    ],
)
def test_the_next_step_is_the_first_that_is_missing(change, step):
    assert next_step(**{**DONE, **change}) == step


@pytest.mark.parametrize("state", sorted(CLOSED_STATES))
def test_a_closed_case_waits_for_nothing(state):
    assert next_step(**{**DONE, "state": state, "finding": None}) is None


def test_file_and_vault_have_different_keys_and_the_same_case_always_the_same():
    assert subject_of(CASE) != vault_of(CASE) == vault_of(CASE)
