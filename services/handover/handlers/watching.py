"""How many proposals stand where, by both clocks; counted by the worker, for the node's monitor."""

from collections import Counter

from services.cases import api as cases
from services.handover.domain.states import ReceiverState
from services.handover.domain.timers import Account, account_of
from services.handover.store import ends
from shared.clock import local_date
from shared.db import UnitOfWork


async def figures(uow: UnitOfWork) -> dict[str, int]:
    """Counts by name, zeros included; under the worker's role.

    Every proposal that was sent and is not over is in exactly one of `handover.sent_*`.
    """
    today = local_date(uow.now)
    sent = Counter(
        account
        for row in await ends.board_outgoing(uow)
        if (account := account_of(row.state, row.receipt_at, row.answer_on, today)) is not None
    )
    came = Counter(row.state for row in await ends.board_incoming(uow))
    lost = await ends.unaccounted(uow, await cases.open_handovers(uow))
    waiting = {ReceiverState.RECEIVED: "unanswered", ReceiverState.ACCEPTED: "accepted"}
    return {
        **{f"handover.sent_{account.value}": sent[account] for account in Account},
        **{f"handover.came_{name}": came[state] for state, name in waiting.items()},
        "handover.unaccounted": len(lost),
    }
