"""Which handlers say that the conversation's own key is enough."""

from unittest.mock import sentinel

from services.handover import api as handover
from services.handover.domain.states import Message
from shared.inbox.handler import NeedsNoMoreKeys

HANDLERS = {handler.kind: handler for handler in handover.inbox_handlers(sentinel.node)}
NO_MORE = {kind for kind, handler in HANDLERS.items() if isinstance(handler, NeedsNoMoreKeys)}


async def test_who_says_so_wants_none_whatever_came():
    assert NO_MORE
    for kind in NO_MORE:
        # They are given nothing to look at, so that an answer that depended on it would fail.
        assert await HANDLERS[kind].subjects(None, None) == ()


def test_what_concerns_the_case_at_the_sender_asks_for_its_key():
    back = {"accepted", "declined", "completed", "returned", "cancelled", "agreed", "noted"}
    assert not NO_MORE & (back | {"notice"})
    assert back <= {kind.value for kind in Message}
