"""Each guard lets through what it should, and refuses by its own code; a missing fact refuses."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.handover.domain.facts import (
    Belonging,
    Facts,
    Ground,
    GroundKind,
    Persons,
    Placement,
    Reasons,
    Ruling,
    TakeOver,
)
from services.handover.domain.guards import GUARDS
from shared.errors import DomainError
from shared.ids import AuthorityCode, StaffId

TODAY = date(2026, 11, 22)
FIRST, SECOND = StaffId(UUID(int=1)), StaffId(UUID(int=2))
CONSENT = Ground(GroundKind.CONSENT, covers_receiver=True, valid_until=TODAY)
BELONGING = Belonging("Sover där.", "Tills vidare.", "Familj.", "Vill dit.", wish_is_followed=True)
RULING = Ruling("IVO 1", date(2026, 10, 1), date(2026, 11, 1))
READY = TakeOver(TODAY, TODAY, has_case_worker=True, has_first_meeting=True, is_threat_high=False)
GOOD = Facts(
    today=TODAY,
    own=AuthorityCode("0580"),
    other=AuthorityCode("1480"),
    persons=Persons(FIRST, SECOND, is_delegated=True),
    ground=CONSENT,
    belonging=BELONGING,
    ruling=RULING,
    take_over=READY,
    reasons=Reasons("facts_differ", "Stämmer inte.", frozenset({"facts_differ"})),
    is_known=True,
    is_excluded=False,
    leaves_unregistered=False,
    has_open_handover=False,
    is_threat_high=True,
    placement=Placement.CLEAR,
    answer_on=TODAY,
    earliest_answer_on=TODAY,
    received_on=date(2026, 10, 22),
    receiver_agrees=True,
    is_ruled_for_receiver=True,
    has_dossier=True,
    is_removed=False,
)


def changed(**facts) -> Facts:
    return replace(GOOD, **facts)


BAD = [
    ("delegate", changed(persons=Persons(FIRST, SECOND)), "handover.not_delegate"),
    ("second_person", changed(persons=Persons(FIRST)), "handover.second_person_missing"),
    ("second_person", changed(persons=Persons(None, SECOND)), "handover.second_person_missing"),
    ("second_person", changed(persons=Persons(FIRST, FIRST)), "handover.same_person"),
    ("second_if_demanded", changed(persons=Persons(FIRST)), "handover.second_person_missing"),
    ("known_authority", changed(is_known=False), "handover.unknown_authority"),
    ("registered", changed(leaves_unregistered=True), "handover.register_number_missing"),
    ("not_to_oneself", changed(other=AuthorityCode("0580")), "handover.to_oneself"),
    ("not_excluded", changed(is_excluded=True), "handover.excluded"),
    ("no_other_open", changed(has_open_handover=True), "handover.already_open"),
    *(
        (
            "grounds_recorded",
            changed(belonging=replace(BELONGING, **{part: " "})),
            "handover.ground_part_missing",
        )
        for part in ("connection", "duration", "circumstances")
    ),
    ("wish_recorded", changed(belonging=replace(BELONGING, wish="")), "handover.wish_missing"),
    (
        "wish_recorded",
        changed(belonging=replace(BELONGING, wish_is_followed=False)),
        "handover.wish_overridden_without_reasons",
    ),
    ("legal_ground", changed(ground=Ground()), "handover.no_legal_ground"),
    ("legal_ground", changed(ground=Ground(GroundKind.STATUTE)), "handover.no_legal_ground"),
    (
        "legal_ground",
        changed(ground=replace(CONSENT, is_withdrawn=True)),
        "handover.consent_withdrawn",
    ),
    (
        "legal_ground",
        changed(ground=replace(CONSENT, valid_until=date(2026, 11, 21))),
        "handover.consent_expired",
    ),
    (
        "legal_ground",
        changed(ground=replace(CONSENT, valid_until=None)),
        "handover.consent_expired",
    ),
    (
        "legal_ground",
        changed(ground=replace(CONSENT, covers_receiver=False)),
        "handover.consent_does_not_cover",
    ),
    ("police_answer", changed(placement=Placement.NOT_ASKED), "handover.police_answer_missing"),
    ("police_answer", changed(placement=Placement.WAITING), "handover.police_answer_missing"),
    ("police_answer", changed(placement=Placement.NOT_CLEAR), "handover.placement_not_clear"),
    ("answer_day", changed(answer_on=None), "handover.answer_day_missing"),
    ("answer_day", changed(answer_on=date(2026, 11, 21)), "handover.answer_day_too_early"),
    ("month_passed", changed(received_on=None), "handover.no_receipt_yet"),
    ("month_passed", changed(received_on=date(2026, 10, 23)), "handover.month_not_passed"),
    (
        "consent_is_ground",
        changed(ground=Ground(GroundKind.STATUTE, is_withdrawn=True)),
        "handover.ground_is_not_consent",
    ),
    ("receiver_agrees_if_ruled", changed(receiver_agrees=False), "handover.withdrawal_not_agreed"),
    (
        "ruling_final",
        changed(ruling=replace(RULING, document="")),
        "handover.ruling_document_missing",
    ),
    (
        "ruling_final",
        changed(ruling=replace(RULING, decided_on=None)),
        "handover.ruling_date_invalid",
    ),
    (
        "ruling_final",
        changed(ruling=replace(RULING, decided_on=date(2026, 11, 23))),
        "handover.ruling_date_invalid",
    ),
    ("ruling_final", changed(ruling=replace(RULING, is_appealed=True)), "handover.ruling_appealed"),
    ("ruling_final", changed(ruling=replace(RULING, final_on=None)), "handover.ruling_not_final"),
    (
        "ruling_final",
        changed(ruling=replace(RULING, final_on=date(2026, 9, 30))),
        "handover.ruling_not_final",
    ),
    (
        "ruling_final",
        changed(ruling=replace(RULING, final_on=date(2026, 11, 23))),
        "handover.ruling_not_final",
    ),
    ("reasons_given", changed(reasons=Reasons("x", "Nej.")), "handover.reason_code_unknown"),
    ("reasons_given", changed(reasons=replace(GOOD.reasons, text="")), "handover.reasons_missing"),
    ("dossier_in_hand", changed(has_dossier=False), "handover.dossier_missing"),
    ("not_removed", changed(is_removed=True), "handover.removed"),
    ("not_removed", changed(is_removed=None), "handover.removed"),
    ("receiver_removed", GOOD, "handover.receiver_not_removed"),
    ("receiver_removed", changed(is_removed=None), "handover.receiver_not_removed"),
    ("day_ahead", changed(take_over=TakeOver()), "handover.take_over_in_past"),
    (
        "day_ahead",
        changed(take_over=replace(READY, promised_on=date(2026, 11, 21))),
        "handover.take_over_in_past",
    ),
    ("agreed_day_reached", changed(take_over=TakeOver()), "handover.take_over_day_missing"),
    (
        "agreed_day_reached",
        changed(take_over=replace(READY, agreed_on=date(2026, 11, 23))),
        "handover.take_over_day_not_reached",
    ),
    (
        "case_worker_named",
        changed(take_over=replace(READY, has_case_worker=False)),
        "handover.case_worker_missing",
    ),
    (
        "first_meeting_booked",
        changed(take_over=replace(READY, has_first_meeting=False)),
        "handover.first_meeting_missing",
    ),
    (
        "acute_protection_confirmed",
        changed(take_over=replace(READY, is_threat_high=True)),
        "handover.acute_protection_unconfirmed",
    ),
]


@pytest.mark.parametrize(("guard", "facts", "code"), BAD)
def test_a_guard_refuses_by_its_own_code(guard, facts, code) -> None:
    with pytest.raises(DomainError) as refusal:
        GUARDS[guard](facts)
    assert refusal.value.code == code


@pytest.mark.parametrize("guard", sorted(set(GUARDS) - {"receiver_removed"}))
def test_a_guard_lets_through_what_is_in_order(guard) -> None:
    GUARDS[guard](GOOD)


def test_every_guard_is_refused_by_some_facts() -> None:
    assert {guard for guard, _, _ in BAD} == set(GUARDS)


@pytest.mark.parametrize(
    ("guard", "facts"),
    [
        ("second_if_demanded", changed(persons=Persons(FIRST, needs_second=False))),
        ("legal_ground", changed(ground=Ground(GroundKind.STATUTE, statute="transfer.request"))),
        ("legal_ground", changed(ground=Ground(GroundKind.RULING))),
        ("police_answer", changed(is_threat_high=False, placement=Placement.NOT_ASKED)),
        ("consent_is_ground", changed(ground=replace(CONSENT, is_withdrawn=True))),
        (
            "receiver_agrees_if_ruled",
            changed(receiver_agrees=False, is_ruled_for_receiver=False),
        ),
        (
            "ruling_final",
            changed(ruling=replace(RULING, is_appealed=True, appeal_document="FR 411-27")),
        ),
        ("receiver_removed", changed(is_removed=True)),
        (
            "acute_protection_confirmed",
            changed(
                take_over=replace(READY, is_threat_high=True, is_acute_protection_confirmed=True)
            ),
        ),
        (
            "wish_recorded",
            changed(
                belonging=replace(
                    BELONGING, wish_is_followed=False, wish_overridden_because="Fara där."
                )
            ),
        ),
    ],
)
def test_a_guard_knows_its_exceptions(guard, facts) -> None:
    GUARDS[guard](facts)


def test_facts_that_nobody_gathered_close_every_way() -> None:
    nothing = Facts(TODAY, AuthorityCode("0580"), AuthorityCode("1480"))
    passes = set()
    for name, guard in GUARDS.items():
        try:
            guard(nothing)
        except DomainError:
            continue
        passes.add(name)
    assert passes == {"not_to_oneself", "consent_is_ground"}
