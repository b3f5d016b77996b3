"""What the guards judge by: plain facts, gathered by the handlers, never looked up here.

Every default refuses: a fact that a handler forgot to gather closes the way, it never opens it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from shared.ids import AuthorityCode, StaffId


@unique
class GroundKind(StrEnum):
    """On what a handover rests; never consent where statute is meant."""

    CONSENT = "consent"
    STATUTE = "statute"
    RULING = "ruling"
    """IVO's final decision; replaces the first ground from the day it is recorded."""


@unique
class Placement(StrEnum):
    """The police's answer to whether the person can be placed there; reasons are never given."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    CLEAR = "clear"
    NOT_CLEAR = "not_clear"


@dataclass(frozen=True, slots=True)
class Persons:
    """Who decides.

    Args:
        first, second: the two, in the order they signed.
        is_delegated: the delegation order names both for this.
        needs_second: the delegation order demands two where the protocol does not.
    """

    first: StaffId | None = None
    second: StaffId | None = None
    is_delegated: bool = False
    needs_second: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """The legal ground as it stands today.

    Args:
        kind: none was chosen where missing.
        covers_receiver: the consent names the receiver's function; always true for statute.
        valid_until: last day of the consent.
        is_withdrawn: the person has taken the consent back.
        statute: the law's key in the register of law references.
    """

    kind: GroundKind | None = None
    covers_receiver: bool = False
    valid_until: date | None = None
    is_withdrawn: bool = False
    statute: str | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """The four parts that a request must hold (2 a kap. 10 § SoL 2001:453, domain 2.1).

    Args:
        connection: facts that speak for the strongest connection there.
        duration: how long the need is expected to last.
        circumstances: other circumstances.
        wish: what the person wants; for a child the guardian's or the child's own.
        wish_is_followed: the proposal is what the person wants.
        wish_overridden_because: full reasons where it is not.
    """

    connection: str = ""
    duration: str = ""
    circumstances: str = ""
    wish: str = ""
    wish_is_followed: bool = False
    wish_overridden_because: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """IVO's decision, as a person at this end has established it.

    Args:
        document: reference to the decision as a document in the case.
        decided_on: the decision's own date.
        final_on: the day it became final; IVO does not tell (domain 2.1).
        is_appealed: recorded by either end; an appealed ruling is not final.
        appeal_document: reference to what ended the appeal: a judgment, or that it was taken back.
    """

    document: str = ""
    decided_on: date | None = None
    final_on: date | None = None
    is_appealed: bool = False
    appeal_document: str = ""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What must stand before the responsibility moves.

    Args:
        promised_on: the day that an acceptance or agreement names: not before it.
        agreed_on: the day that both ends go by.
    """

    promised_on: date | None = None
    agreed_on: date | None = None
    has_case_worker: bool = False
    has_first_meeting: bool = False
    is_threat_high: bool = True
    is_acute_protection_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Reasons:
    """A coded reason and the words to it; both travel to the other end."""

    code: str = ""
    text: str = ""
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one step may be judged by.

    Args:
        today: local date by the domain clock.
        own: this authority.
        other: the receiving authority, at the sender.
        is_known: the directory knows the receiver and its keys are confirmed; or it is a municipality
            that has no node, and gets it on paper.
        is_excluded: the receiver stands on the case's exclusion list.
        leaves_unregistered: it leaves on paper, and has no number in our own register.
        has_open_handover: another handover of the case is open.
        is_threat_high: the case's threat level is HIGH, or another at which policy wants the police's
            answer about the place.
        is_light: nothing has been investigated: advice or a contact, and the person belongs elsewhere.
        placement: the police's answer for the receiving municipality.
        answer_on: the day an answer is wished for.
        earliest_answer_on: the first day that policy and law let one wish for.
        received_on: local date of the receiver's signed receipt; None until it is in.
        receiver_agrees: the receiver's recorded agreement to a withdrawal.
        is_ruled_for_receiver: a final ruling names the receiver.
        has_dossier: all of the dossier has arrived and matches its manifest.
        is_removed: by the signed directory, the receiver has been removed.
    """

    today: date
    own: AuthorityCode
    other: AuthorityCode
    persons: Persons = Persons()
    ground: Ground = Ground()
    belonging: Belonging = Belonging()
    ruling: Ruling = Ruling()
    take_over: TakeOver = TakeOver()
    reasons: Reasons = Reasons()
    is_known: bool = False
    is_excluded: bool = True
    leaves_unregistered: bool = True
    has_open_handover: bool = True
    is_threat_high: bool = True
    is_light: bool = False
    placement: Placement = Placement.NOT_ASKED
    answer_on: date | None = None
    earliest_answer_on: date | None = None
    received_on: date | None = None
    receiver_agrees: bool = False
    is_ruled_for_receiver: bool = True
    has_dossier: bool = False
    is_removed: bool | None = None
