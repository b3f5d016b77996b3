"""Who signs an entry assessment, and what may be decided once they have."""

from collections.abc import Collection, Mapping, Sequence

from services.cases.domain.entry import (
    Criterion,
    Outcome,
    Party,
    RefusalReason,
    Verdict,
    Word,
    reasons_of,
)
from shared.errors import Conflict, DomainError
from shared.ids import StaffId


def parties(verdict: Verdict, *, is_joint: bool, refusal_takes_two: bool) -> tuple[Party, ...]:
    """Who must sign an assessment with this verdict; none while something is unclear."""
    if verdict == "UNCLEAR":
        return ()
    wanted: list[Party] = ["municipality"]
    if is_joint:
        wanted.append("police")
    if verdict == "NOT_MET" and refusal_takes_two:
        wanted.append("second")
    return tuple(wanted)


def check_signer(
    party: Party, signer: StaffId, wanted: Sequence[Party], signed: Mapping[Party, StaffId]
) -> None:
    """Raise unless this person may sign for this party now; nobody signs twice.

    The second person signs what the first has signed.

    Raises:
        DomainError: `entry.unclear_unsigned`, `entry.party_not_wanted`, `entry.first_signs_first`.
        Conflict: `entry.signed_already`, `entry.same_person`.
    """
    if not wanted:
        raise DomainError("entry.unclear_unsigned")
    if party not in wanted:
        raise DomainError("entry.party_not_wanted")
    if party in signed:
        raise Conflict("entry.signed_already")
    if signer in signed.values():
        raise DomainError("entry.same_person")
    if party == "second" and "municipality" not in signed:
        raise DomainError("entry.first_signs_first")


def check_admit(
    verdict: Verdict, wanted: Sequence[Party], signed: Collection[Party], police: Word | None
) -> None:
    """Raise unless every condition is met and everybody has signed.

    Raises:
        DomainError: `entry.not_met`, `entry.unclear`, `entry.police_disagree`, `entry.unsigned`.
    """
    if verdict == "NOT_MET":
        raise DomainError("entry.not_met")
    _check_signed(verdict, wanted, signed, police)


def check_refuse(
    found: Outcome,
    reason: RefusalReason,
    criteria: Sequence[Criterion],
    wanted: Sequence[Party],
    signed: Collection[Party],
    police: Word | None,
) -> None:
    """Raise unless the reason names a condition that failed, and everybody has signed.

    Raises:
        DomainError: `entry.nothing_failed`, `entry.reason_not_failed`, and as `check_admit`.
    """
    if found.verdict == "MET":
        raise DomainError("entry.nothing_failed")
    if found.verdict == "NOT_MET" and reason not in reasons_of(criteria, found):
        raise DomainError("entry.reason_not_failed")
    _check_signed(found.verdict, wanted, signed, police)


def _check_signed(
    verdict: Verdict, wanted: Sequence[Party], signed: Collection[Party], police: Word | None
) -> None:
    if verdict == "UNCLEAR":
        raise DomainError("entry.unclear")
    if police == "NOT_AGREED":
        raise DomainError("entry.police_disagree")
    missing = [party for party in wanted if party not in signed]
    if missing:
        raise DomainError("entry.unsigned", parties=",".join(missing))
