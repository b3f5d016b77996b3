"""What a paper may say, and when: for every state, as the message that it stands for."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.handover.domain import on_paper
from services.handover.domain.facts import Facts
from services.handover.domain.on_paper import MOVES, PaperReceived, Standing, check, possible
from services.handover.domain.states import SENDER_ENDS, SenderState
from services.handover.domain.table import find
from shared.errors import Conflict, DomainError
from shared.ids import AuthorityCode

TODAY = date(2026, 11, 22)
FACTS = Facts(TODAY, AuthorityCode("0580"), AuthorityCode("0680"))
QUESTION = UUID(int=7)
SENT = TODAY - timedelta(days=9)
STANDING = Standing(
    FACTS,
    SenderState.PROPOSED,
    proposed_sent_on=SENT,
    dossier_sent_on=None,
    has_receipt=False,
    take_over_on=None,
    questions=frozenset({QUESTION}),
)
SENDING = replace(STANDING, state=SenderState.SENDING, dossier_sent_on=SENT, take_over_on=TODAY)


def came(said, on=TODAY) -> PaperReceived:
    return PaperReceived(on, UUID(int=1), said)


@pytest.mark.parametrize("state", list(SenderState))
def test_a_paper_moves_a_state_exactly_where_the_message_would(state) -> None:
    words = set(possible(state, has_receipt=True))
    moves = {str(on) for on in MOVES.values() if find(state, on) is not None}
    is_open = state not in SENDER_ENDS and state is not SenderState.DRAFT
    assert words & {str(on) for on in MOVES.values()} == (moves if is_open else set())
    assert ("question" in words) is is_open


def test_the_receipt_is_noted_once() -> None:
    assert "receipt" in possible(SenderState.PROPOSED, has_receipt=False)
    assert "receipt" not in possible(SenderState.PROPOSED, has_receipt=True)


@pytest.mark.parametrize(
    "paper",
    [
        came(on_paper.ReceiptCame(), SENT),
        came(on_paper.SaidYes(TODAY)),
        came(on_paper.SaidNo("need_is_short", "Kort tid.")),
        came(on_paper.TheyAsked("Har personen barn?")),
        came(on_paper.TheyAnswered(QUESTION, "Ja.")),
    ],
)
def test_a_paper_that_can_have_come_is_read_in(paper) -> None:
    check(paper, STANDING)


def test_a_take_over_on_the_agreed_day_is_read_in() -> None:
    check(came(on_paper.TookOver(TODAY)), SENDING)


REFUSED = [
    (STANDING, came(on_paper.TookOver(TODAY)), "handover.not_in_this_state"),
    (STANDING, came(on_paper.SaidYes(TODAY), TODAY + timedelta(1)), "handover.paper_in_future"),
    (STANDING, came(on_paper.SaidYes(TODAY), SENT - timedelta(1)), "handover.paper_too_early"),
    (
        replace(STANDING, proposed_sent_on=None),
        came(on_paper.ReceiptCame()),
        "handover.letter_not_sent",
    ),
    (
        replace(SENDING, dossier_sent_on=None),
        came(on_paper.TookOver(TODAY)),
        "handover.letter_not_sent",
    ),
    (
        replace(SENDING, dossier_sent_on=None),
        came(on_paper.GaveBack("facts_differ", "Stämmer inte.")),
        "handover.letter_not_sent",
    ),
    (
        SENDING,
        came(on_paper.TookOver(TODAY - timedelta(1))),
        "handover.take_over_day_not_reached",
    ),
    (
        replace(SENDING, take_over_on=None),
        came(on_paper.TookOver(TODAY + timedelta(1))),
        "handover.paper_in_future",
    ),
    (STANDING, came(on_paper.SaidNo("facts_differ", "Nej.")), "handover.reason_code_unknown"),
    (STANDING, came(on_paper.SaidNo("need_is_short", " ")), "handover.reasons_missing"),
    (STANDING, came(on_paper.TheyAsked(" ")), "handover.text_missing"),
    (STANDING, came(on_paper.TheyAnswered(QUESTION, " ")), "handover.text_missing"),
    (STANDING, came(on_paper.TheyAnswered(UUID(int=8), "Ja.")), "handover.question_unknown"),
]


@pytest.mark.parametrize(
    ("standing", "paper", "code"), REFUSED, ids=[f"{c[2]}-{n}" for n, c in enumerate(REFUSED)]
)
def test_a_paper_that_cannot_have_come_is_refused(standing, paper, code) -> None:
    with pytest.raises((Conflict, DomainError)) as refused:
        check(paper, standing)
    assert refused.value.code == code
