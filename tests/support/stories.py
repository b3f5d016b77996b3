"""Handovers as stories: between two acts of people everything that is under way arrives.

A story is a list of acts; together the stories send every kind of message both ways. `play` calls
`between` after each act, which is where a test lets a worker die.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from services.cases import api as cases
from services.handover import api as handover
from shared.db import failpoints

Act = Callable[[Any, "Story"], Awaitable[None]]


class Story:
    """One handover under way: its ids."""

    def __init__(self, case_id, handover_id, consent_id) -> None:
        self.case_id = case_id
        self.handover_id = handover_id
        self.consent_id = consent_id


async def propose(pair, story) -> None:
    await pair.linkoping.decide(story.handover_id, handover.Propose())


async def accept(pair, story) -> None:
    today = pair.goteborg.bench.today
    await pair.goteborg.decide(story.handover_id, handover.Accept(today))


async def decline(pair, story) -> None:
    payload = handover.Decline("connection_not_here", "Bor inte här.")
    await pair.goteborg.decide(story.handover_id, payload)


async def take_over(pair, story) -> None:
    await pair.goteborg.decide(story.handover_id, await pair.take_over_facts())


async def return_it(pair, story) -> None:
    await pair.goteborg.decide(story.handover_id, handover.ReturnIt("facts_differ", "Nej."))


async def keep(pair, story) -> None:
    gun = await pair.linkoping.bench.leader()
    await pair.linkoping.decide(story.handover_id, handover.Keep("Vi behåller."), gun)


async def withdraw(pair, story) -> None:
    await pair.linkoping.decide(story.handover_id, handover.Withdraw("Flyttar inte."))


async def consent_back(pair, story) -> None:
    asta = await pair.linkoping.bench.case_worker()
    command = cases.WithdrawConsent(story.case_id, 1, story.consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, command)


async def dispute(pair, story) -> None:
    await pair.dispute(story.case_id, story.handover_id)


def rule(responsible) -> Act:
    async def ruled(pair, story) -> None:
        today = pair.linkoping.bench.today
        payload = handover.RecordRuling(responsible, "IVO 2026-123", today, today)
        gun = await pair.linkoping.bench.leader()
        await pair.linkoping.decide(story.handover_id, payload, gun)

    ruled.__name__ = f"rule_{responsible}"
    return ruled


async def agree(pair, story) -> None:
    leader = await pair.goteborg.bench.leader()
    karin = await pair.goteborg.bench.person("Karin", "exit_coordinator")
    payload = handover.Agree(pair.goteborg.bench.today)
    await pair.goteborg.decide(story.handover_id, payload, leader, karin)
    await pair.name_reader(story.handover_id)


async def ask(pair, story) -> None:
    leader = await pair.goteborg.bench.leader()
    command = handover.Ask(story.handover_id, "Var bor familjen?")
    await handover.ask(pair.goteborg.node, leader, command)


async def answer(pair, story) -> None:
    asta = await pair.linkoping.bench.case_worker()
    view = await pair.linkoping.view(story.handover_id, asta)
    question = view.questions[0].question_id
    command = handover.AnswerQuestion(story.handover_id, question, "I Björkdalen.")
    await handover.answer(pair.linkoping.node, asta, command)


async def tell(pair, story) -> None:
    asta = await pair.linkoping.bench.case_worker()
    command = handover.TellFacts(story.handover_id, ("protected_identity",))
    await handover.tell_facts(pair.linkoping.node, asta, command)


STORIES: dict[str, tuple[Act, ...]] = {
    "taken_over": (propose, ask, answer, accept, tell, take_over),
    "kept": (propose, decline, keep),
    "returned": (propose, accept, return_it, keep),
    "withdrawn": (propose, accept, withdraw),
    "ruled_for_sender": (propose, decline, dispute, rule("sender")),
    "ruled_for_receiver": (propose, decline, dispute, rule("receiver"), agree, take_over),
}
KINDS = frozenset(
    [
        "proposed",
        "accepted",
        "declined",
        "dossier",
        "completed",
        "returned",
        "withdrawn",
        "cancelled",
        "disputed",
        "noted",
        "agreed",
        "kept",
        "ruled_sender",
        "ruled_receiver",
        "question",
        "answer",
        "notice",
    ]
)
"""Every kind of a handover's messages; a test sees that the stories send them all."""

RESEND = timedelta(seconds=21)
"""Longer than a claim is held, here and in the inbox."""


async def play(pair, name: str, between: Callable[[], Awaitable[None]]) -> Story:
    """Tell one story to its end."""
    story = Story(*await pair.drafted())
    for act in STORIES[name]:
        await act(pair, story)
        await between()
    return story


async def settle_with_a_death(pair, place: str, end: str) -> bool:
    """Settle; the worker of this end dies the first time it reaches the place. Whether it did."""
    dying = pair.linkoping if end == "sender" else pair.goteborg
    died = False
    for _ in range(100):
        done = 0
        for town in (pair.linkoping, pair.goteborg):
            if town is not dying or died:
                done += await town.step()
                continue
            try:
                with failpoints.armed(place):
                    done += await town.step()
            except (failpoints.Reached, BaseExceptionGroup) as error:
                if isinstance(error, BaseExceptionGroup) and not error.subgroup(failpoints.Reached):
                    raise
                died, done = True, 1
                town.restart()
                pair.exchange.redeliver()
                pair.clock.move(RESEND)
        if not done:
            break
    pair.exchange.redeliver()
    pair.clock.move(RESEND)
    await pair.settle()
    return died


_STATE = {
    "ends": "select state, revision from handover where handover_id = :id union all"
    " select state, revision from incoming_handover where handover_id = :id",
    "told": "select kind, is_ours, number, refusal_code from handover_message"
    " where handover_id = :id order by place",
    "events": "select code, state, facts from handover_event where handover_id = :id"
    " and code not in ('receipt_came', 'key_destroyed') order by place",
    "sent": "select direction, number, kind, outcome, refusal_code from outbox"
    " where conversation_id = :id and kind not in ('missing')",
    "came": "select direction, number, kind, outcome, refusal_code from inbox"
    " where conversation_id = :id",
    "flows": "select direction, sent, applied, gap_since is null from conversation_flow"
    " where conversation_id = :id",
    "files": "select outcome, size_bytes > 0 from attachment_out where conversation_id = :id"
    " union all select 'in', completed_at is not null from attachment_in"
    " where conversation_id = :id",
    "questions": "select is_ours, answered_at is not null from handover_question"
    " where handover_id = :id",
}


async def state_of(pair, story) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """Both databases' rows of one handover, without times and ids."""
    found = {}
    for town in (pair.linkoping, pair.goteborg):
        for name, query in _STATE.items():
            rows = [tuple(row) for row in await town.rows(query, id=story.handover_id)]
            found[town.node.authority, name] = (
                rows if "order by" in query else sorted(rows, key=repr)
            )
    return found


async def chains_of(pair, story) -> tuple[Any, Any]:
    """The chain as each end keeps it; None at a receiver without a file."""
    rows = await pair.goteborg.rows(
        "select case_id from incoming_handover where handover_id = :id", id=story.handover_id
    )
    async with pair.linkoping.worker_node.db.begin(pair.linkoping.bench.worker) as uow:
        ours = await cases.chain(uow, story.case_id)
    if rows[0].case_id is None:
        return ours, None
    async with pair.goteborg.worker_node.db.begin(pair.goteborg.bench.worker) as uow:
        return ours, await cases.chain(uow, rows[0].case_id)
