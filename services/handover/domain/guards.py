"""The guards that the tables name: each passes in silence or raises one stable code."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.handover.domain.facts import Facts, GroundKind, Placement
from services.handover.domain.timers import month_after
from shared.errors import Conflict, DomainError

Guard = Callable[[Facts], None]


def delegate(facts: Facts) -> None:
    """The delegation order names the one who decides."""
    if not facts.persons.is_delegated:
        raise DomainError("handover.not_delegate")


def second_person(facts: Facts) -> None:
    """Two different persons, always; policy may demand more, never fewer."""
    first, second = facts.persons.first, facts.persons.second
    if first is None or second is None:
        raise DomainError("handover.second_person_missing")
    if first == second:
        raise DomainError("handover.same_person")


def second_if_demanded(facts: Facts) -> None:
    """Two different persons where the delegation order demands them."""
    if facts.persons.needs_second:
        second_person(facts)


def known_authority(facts: Facts) -> None:
    """The receiver is active and its keys are confirmed, or it has no node and gets it on paper."""
    if not facts.is_known:
        raise DomainError("handover.unknown_authority", authority=facts.other)


def registered(facts: Facts) -> None:
    """What leaves on paper has a number in our own register."""
    if facts.leaves_unregistered:
        raise DomainError("handover.register_number_missing")


def not_to_oneself(facts: Facts) -> None:
    """A case is not handed over to the authority that has it."""
    if facts.own == facts.other:
        raise DomainError("handover.to_oneself")


def not_excluded(facts: Facts) -> None:
    """The case's exclusion list does not name the receiver."""
    if facts.is_excluded:
        raise DomainError("handover.excluded", authority=facts.other)


def no_other_open(facts: Facts) -> None:
    """At most one open handover for a case; the database holds the same."""
    if facts.has_open_handover:
        raise Conflict("handover.already_open")


def grounds_recorded(facts: Facts) -> None:
    """Connection, duration and other circumstances are written; the wish has its own guard.

    Source: 2 a kap. 10 § SoL 2001:453, all four parts; strongest connection alone is not enough. The
    provision is about cases on care or other measures: before any investigation there is no measure
    whose duration could be told, and a light handover says where the person belongs and wants to be.
    """
    parts = ("connection",) if facts.is_light else ("connection", "duration", "circumstances")
    for part in parts:
        if not getattr(facts.belonging, part).strip():
            raise DomainError("handover.ground_part_missing", part=part)


def wish_recorded(facts: Facts) -> None:
    """The person's wish is written, and the full reasons where it is overridden."""
    if not facts.belonging.wish.strip():
        raise DomainError("handover.wish_missing")
    if not facts.belonging.wish_is_followed and not facts.belonging.wish_overridden_because.strip():
        raise DomainError("handover.wish_overridden_without_reasons")


def legal_ground(facts: Facts) -> None:
    """A consent that covers the receiver today, a statute, or a final ruling."""
    ground = facts.ground
    if ground.kind is None:
        raise DomainError("handover.no_legal_ground")
    if ground.kind is GroundKind.STATUTE and not ground.statute:
        raise DomainError("handover.no_legal_ground")
    if ground.kind is not GroundKind.CONSENT:
        return
    if ground.is_withdrawn:
        raise DomainError("handover.consent_withdrawn")
    if ground.valid_until is None or ground.valid_until < facts.today:
        raise DomainError("handover.consent_expired")
    if not ground.covers_receiver:
        raise DomainError("handover.consent_does_not_cover", authority=facts.other)


def police_answer(facts: Facts) -> None:
    """Where the threat is high the police have answered that the place is clear; a no always stops."""
    if facts.placement is Placement.NOT_CLEAR:
        raise DomainError("handover.placement_not_clear", authority=facts.other)
    if facts.is_threat_high and facts.placement is not Placement.CLEAR:
        raise DomainError("handover.police_answer_missing")


def answer_day(facts: Facts) -> None:
    """The day an answer is wished for leaves the receiver the time that policy and law give."""
    if facts.answer_on is None or facts.earliest_answer_on is None:
        raise DomainError("handover.answer_day_missing")
    if facts.answer_on < facts.earliest_answer_on:
        raise DomainError(
            "handover.answer_day_too_early", earliest=facts.earliest_answer_on.isoformat()
        )


def month_passed(facts: Facts) -> None:
    """A month has passed since the signed receipt without a written answer.

    Source: 2 a kap. 11 § SoL 2001:453 (domain 2.1): a "not before", no deadline.
    """
    if facts.received_on is None:
        raise DomainError("handover.no_receipt_yet")
    opens_on = month_after(facts.received_on)
    if facts.today < opens_on:
        raise DomainError("handover.month_not_passed", opens_on=opens_on.isoformat())


def consent_is_ground(facts: Facts) -> None:
    """A withdrawn consent moves the state only where consent is the ground; a person always may."""
    if facts.ground.is_withdrawn and facts.ground.kind is not GroundKind.CONSENT:
        raise DomainError("handover.ground_is_not_consent")


def receiver_agrees_if_ruled(facts: Facts) -> None:
    """After a ruling for the receiver, only its recorded agreement lets the sender withdraw."""
    if facts.is_ruled_for_receiver and not facts.receiver_agrees:
        raise DomainError("handover.withdrawal_not_agreed")


def ruling_final(facts: Facts) -> None:
    """The ruling has its document, its date and the day it became final; no appeal is open.

    An appeal that either end has recorded is open until the document that ended it is named.
    """
    ruling = facts.ruling
    if not ruling.document.strip():
        raise DomainError("handover.ruling_document_missing")
    if ruling.decided_on is None or ruling.decided_on > facts.today:
        raise DomainError("handover.ruling_date_invalid")
    if ruling.is_appealed and not ruling.appeal_document.strip():
        raise DomainError("handover.ruling_appealed")
    if ruling.final_on is None or not ruling.decided_on <= ruling.final_on <= facts.today:
        raise DomainError("handover.ruling_not_final")


def reasons_given(facts: Facts) -> None:
    """A code of the closed list, and words."""
    if facts.reasons.code not in facts.reasons.allowed:
        raise DomainError("handover.reason_code_unknown")
    if not facts.reasons.text.strip():
        raise DomainError("handover.reasons_missing")


def dossier_in_hand(facts: Facts) -> None:
    """All parts of the dossier have arrived and match the manifest."""
    if not facts.has_dossier:
        raise DomainError("handover.dossier_missing")


def not_removed(facts: Facts) -> None:
    """A node that the signed directory has removed refuses to take over."""
    if facts.is_removed is not False:
        raise DomainError("handover.removed")


def receiver_removed(facts: Facts) -> None:
    """Only a forced removal, signed by operator and nation, closes without the receiver's word."""
    if facts.is_removed is not True:
        raise DomainError("handover.receiver_not_removed", authority=facts.other)


def day_ahead(facts: Facts) -> None:
    """The acceptance names a day for the take-over, today at the earliest."""
    promised_on = facts.take_over.promised_on
    if promised_on is None or promised_on < facts.today:
        raise DomainError("handover.take_over_in_past")


def agreed_day_reached(facts: Facts) -> None:
    """The day both ends agreed on has come."""
    agreed_on = facts.take_over.agreed_on
    if agreed_on is None:
        raise DomainError("handover.take_over_day_missing")
    if facts.today < agreed_on:
        raise DomainError("handover.take_over_day_not_reached", agreed_on=agreed_on.isoformat())


def case_worker_named(facts: Facts) -> None:
    """Somebody here will work with the person from the first minute."""
    if not facts.take_over.has_case_worker:
        raise DomainError("handover.case_worker_missing")


def first_meeting_booked(facts: Facts) -> None:
    """The person knows when and where the new municipality meets them."""
    if not facts.take_over.has_first_meeting:
        raise DomainError("handover.first_meeting_missing")


def acute_protection_confirmed(facts: Facts) -> None:
    """Where the threat is high, who protects the person has been confirmed with the police."""
    if facts.take_over.is_threat_high and not facts.take_over.is_acute_protection_confirmed:
        raise DomainError("handover.acute_protection_unconfirmed")


GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        guard.__name__: guard
        for guard in (
            delegate,
            second_person,
            second_if_demanded,
            known_authority,
            registered,
            not_to_oneself,
            not_excluded,
            no_other_open,
            grounds_recorded,
            wish_recorded,
            legal_ground,
            police_answer,
            answer_day,
            month_passed,
            consent_is_ground,
            receiver_agrees_if_ruled,
            ruling_final,
            reasons_given,
            dossier_in_hand,
            not_removed,
            receiver_removed,
            day_ahead,
            agreed_day_reached,
            case_worker_named,
            first_meeting_booked,
            acute_protection_confirmed,
        )
    }
)
