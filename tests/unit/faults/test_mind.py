"""What people want next, and what counts as nobody being responsible."""

from uuid import UUID

import pytest

from infra.faults.mind import Receiving, Sending, has_ended, has_nobody, wishes
from infra.faults.plan import Branch, Intent
from services.handover.api import ReceiverState, SenderState

ID = UUID(int=1)


def sending(state: str) -> Sending:
    return Sending(ID, "1480", SenderState(state), 3, UUID(int=2), UUID(int=3))


def receiving(state: str, *, has_dossier: bool = False) -> Receiving:
    return Receiving(ID, ReceiverState(state), 4, has_dossier)


def acts(branch: Branch, out: str, came: str | None, *, age_s=0.0, has_dossier=False) -> list[str]:
    intent = Intent(0, "0580", "1480", branch, by_consent=True, waits_s=1.0)
    row = None if came is None else receiving(came, has_dossier=has_dossier)
    return [wish.act for wish in wishes(intent, sending(out), row, age_s)]


@pytest.mark.parametrize(
    ("out", "came", "is_nobody"),
    [
        ("completed", None, True),
        ("completed", "accepted", True),
        ("completed", "taken_over", False),
        ("sending", "taken_over", False),
        ("withdrawn", "cancelled", False),
        ("kept", "closed", False),
    ],
)
def test_nobody_is_responsible_only_when_neither_end_is(out, came, is_nobody) -> None:
    assert has_nobody(sending(out), None if came is None else receiving(came)) is is_nobody


def test_a_handover_has_ended_when_both_ends_have() -> None:
    assert has_ended(sending("kept"), receiving("closed"))
    assert not has_ended(sending("kept"), receiving("declined"))
    assert not has_ended(sending("completed"), None)


def test_each_branch_asks_for_what_leads_to_its_end() -> None:
    assert acts(Branch.TAKE_OVER, "proposed", None) == []
    assert acts(Branch.TAKE_OVER, "proposed", "received") == ["accept"]
    assert acts(Branch.TAKE_OVER, "sending", "accepted") == []
    assert acts(Branch.TAKE_OVER, "sending", "accepted", has_dossier=True) == ["take_over"]
    assert acts(Branch.RETURN, "sending", "accepted", has_dossier=True) == ["return_it"]
    assert acts(Branch.DECLINE, "declined", "declined") == ["keep"]
    assert acts(Branch.RULED_SENDER, "declined", "declined") == ["apply_to_ivo"]
    assert acts(Branch.RULED_SENDER, "disputed", "disputed") == ["rule_sender"]
    assert acts(Branch.RULED_RECEIVER, "ordering", "ordered") == ["agree"]
    assert acts(Branch.SETTLED, "disputed", "disputed") == ["agree"]
    assert acts(Branch.SETTLED, "sending", "agreed", has_dossier=True) == ["take_over"]


def test_who_withdraws_does_so_after_a_while_and_the_receiver_knows_nothing_of_it() -> None:
    assert acts(Branch.WITHDRAW, "proposed", "received") == ["accept"]
    assert acts(Branch.WITHDRAW, "proposed", "received", age_s=2) == ["withdraw", "accept"]
    assert acts(Branch.CONSENT, "sending", "accepted", age_s=2) == ["consent"]
    assert acts(Branch.CONSENT, "withdrawing", "accepted", age_s=2) == []
