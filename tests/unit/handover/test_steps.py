"""A step says where it leads and what follows; what no row allows is a conflict."""

from datetime import date

import pytest

from services.handover.domain.commands import (
    DELEGATED,
    Accept,
    Decline,
    Drop,
    Keep,
    Propose,
    RecordRuling,
    act_of,
)
from services.handover.domain.facts import Facts, Persons
from services.handover.domain.states import (
    Act,
    Event,
    Message,
    ReceiverState,
    SenderState,
    receiver_is_responsible,
    sender_is_responsible,
)
from services.handover.domain.steps import (
    Effect,
    acts,
    effects_of,
    is_open,
    receiver_step,
    refusals,
    sender_step,
    unknown_guards,
    worth_sending_again,
)
from services.handover.domain.table import BESIDE, RECEIVER, SENDER, Row, find
from shared.errors import Conflict, DomainError
from shared.ids import AuthorityCode

FACTS = Facts(date(2026, 11, 22), AuthorityCode("0580"), AuthorityCode("1480"))


def test_an_accepted_proposal_sends_the_dossier_and_adds_a_link() -> None:
    decision = sender_step(SenderState.PROPOSED, Message.ACCEPTED)
    assert decision.new_state is SenderState.SENDING
    assert decision.sends is Message.DOSSIER
    assert (decision.effects, decision.link) == ((Effect.APPEND_LINK,), "accepted")


def test_a_completed_handover_ends_the_case() -> None:
    decision = sender_step(SenderState.SENDING, Message.COMPLETED)
    assert decision.effects == (Effect.CLEAR_OPEN, Effect.END_CASE)


def test_a_message_that_changes_nothing_has_no_effects() -> None:
    decision = receiver_step(ReceiverState.ACCEPTED, Message.DISPUTED)
    assert (decision.sends, decision.effects, decision.link) == (None, (), None)


def test_what_no_row_waits_for_is_a_conflict() -> None:
    with pytest.raises(Conflict) as refusal:
        sender_step(SenderState.COMPLETED, Message.ACCEPTED)
    assert refusal.value.code == "handover.not_in_this_state"
    assert refusal.value.facts == {"state": "completed", "on": "accepted"}
    assert refusals(SenderState.COMPLETED, Act.KEEP, FACTS)[0].code == refusal.value.code


def test_all_that_stands_in_the_way_is_named_at_once() -> None:
    codes = [each.code for each in refusals(SenderState.DRAFT, Act.PROPOSE, FACTS)]
    assert codes == [
        "handover.not_delegate",
        "handover.second_person_missing",
        "handover.unknown_authority",
        "handover.register_number_missing",
        "handover.excluded",
        "handover.already_open",
        "handover.ground_part_missing",
        "handover.wish_missing",
        "handover.no_legal_ground",
        "handover.police_answer_missing",
        "handover.answer_day_missing",
    ]


def test_the_first_guard_that_refuses_speaks() -> None:
    with pytest.raises(DomainError, match=r"handover\.not_delegate"):
        receiver_step(ReceiverState.RECEIVED, Act.ACCEPT, FACTS)


def test_states_of_the_two_ends_are_never_taken_for_each_other() -> None:
    assert SenderState.DECLINED != ReceiverState.DECLINED
    assert find(SenderState.DECLINED, Message.DISPUTED) is None
    assert str(SenderState.DECLINED) == "declined"


@pytest.mark.parametrize("state", list(SenderState))
def test_the_sender_is_responsible_until_it_is_completed(state) -> None:
    assert sender_is_responsible(state) is (state is not SenderState.COMPLETED)


@pytest.mark.parametrize("state", list(ReceiverState))
def test_the_receiver_is_responsible_by_take_over_alone(state) -> None:
    assert receiver_is_responsible(state) is (state is ReceiverState.TAKEN_OVER)


def test_a_draft_blocks_nothing_and_what_is_sent_does() -> None:
    assert not is_open(SenderState.DRAFT)
    assert is_open(SenderState.PROPOSED)
    assert not is_open(SenderState.KEPT)


def test_between_the_dossier_and_its_answer_the_sender_adds_no_link() -> None:
    requests = [row for row in SENDER if row.to is SenderState.WITHDRAWING]
    assert requests
    assert all(Effect.APPEND_LINK not in effects_of(row) for row in requests)


def test_everything_that_ends_a_sent_handover_frees_the_case() -> None:
    ends = [row for row in (*SENDER, *BESIDE) if not is_open(row.to) and is_open(row.state)]
    assert ends
    assert all(Effect.CLEAR_OPEN in effects_of(row) for row in ends if row.state != row.to)


def test_what_the_receiver_closes_without_the_case_it_erases() -> None:
    closing = {ReceiverState.CLOSED, ReceiverState.CANCELLED}
    rows = [row for row in RECEIVER if row.to in closing]
    assert all(effects_of(row) == (Effect.ERASE_ALL,) for row in rows)


@pytest.mark.parametrize(
    ("refused", "state", "again"),
    [
        ((Message.DOSSIER,), SenderState.SENDING, (Message.DOSSIER,)),
        ((Message.DOSSIER,), SenderState.WITHDRAWING, ()),
        (
            (Message.DISPUTED, Message.RULED_SENDER),
            SenderState.KEPT,
            (Message.DISPUTED, Message.RULED_SENDER),
        ),
        ((Message.DISPUTED, Message.KEPT), SenderState.KEPT, (Message.KEPT,)),
        (
            (Message.NOTED, Message.AGREED),
            ReceiverState.AGREED,
            (Message.NOTED, Message.AGREED),
        ),
        ((), SenderState.SENDING, ()),
    ],
)
def test_a_refused_message_is_sent_again_while_it_is_due(refused, state, again) -> None:
    assert worth_sending_again(refused, state) == again


@pytest.mark.parametrize(
    ("payload", "act"),
    [
        (Propose(), Act.PROPOSE),
        (Drop(), Act.DROP),
        (Keep(), Act.KEEP),
        (Accept(date(2026, 11, 22)), Act.ACCEPT),
        (Decline("facts_missing", "Mer behövs."), Act.DECLINE),
        (
            RecordRuling("sender", "IVO 1", date(2026, 11, 1), date(2026, 11, 22)),
            Act.RULE_SENDER,
        ),
        (
            RecordRuling("receiver", "IVO 1", date(2026, 11, 1), date(2026, 11, 22)),
            Act.RULE_RECEIVER,
        ),
    ],
)
def test_what_a_person_decides_is_an_act_of_the_table(payload, act) -> None:
    assert act_of(payload) is act


def test_every_act_but_dropping_a_draft_stands_in_the_delegation_order() -> None:
    assert set(DELEGATED) == set(Act) - {Act.DROP, Act.NOTE_PAPER}


def test_a_state_offers_the_acts_of_its_rows() -> None:
    assert acts(ReceiverState.RECEIVED) == (Act.ACCEPT, Act.DECLINE)
    assert acts(SenderState.COMPLETED) == ()


def test_the_law_itself_needs_no_second_person() -> None:
    facts = Facts(
        FACTS.today,
        FACTS.own,
        FACTS.other,
        persons=Persons(is_delegated=True, needs_second=False),
    )
    decision = sender_step(SenderState.PROPOSED, Event.CONSENT_WITHDRAWN, facts)
    assert decision.sends is Message.WITHDRAWN


def test_a_row_that_names_a_guard_nobody_wrote_is_noticed() -> None:
    row = Row(SenderState.DRAFT, (Act.DROP,), SenderState.DROPPED, None, ("delegate", "luck"))
    assert unknown_guards([row]) == {"luck"}
