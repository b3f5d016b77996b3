"""The way in: what verified is kept, done once, in order, and answered; the same answer for ever.

**Receive.** Frames come from the exchange at least once and in any order. A batch is opened and
verified, then *staged* in one transaction (unique by sender and message id), and only after the
commit acknowledged: the exchange may forget what this node cannot. A frame that cannot be opened or
believed goes to `quarantine`; it has no number, changes nothing, and whoever the exchange names as
sender is told to sign and seal it anew. A double gets the original answer, whenever it comes. A
second content under a used number or id is an *equivocation*: both are kept, and a person is told.

**Dispatch.** Each direction of a conversation is applied in the order of its numbers, exactly once.
The handler's effect, the receipt (in the outbox) and the flow's new number are one commit. What
comes early waits; a gap that lasts is asked for (`missing`), and then a person is told.

**Refusals are answers.** A message that verifies but breaks a rule here, or is of an unknown version,
uses up its number: what its handler wrote is undone, the refusal is recorded and sent. A message
that only fails is tried three times, then parked the same way, with a card. Nothing stops other
conversations.

**Keys first.** The conversation id is also the subject whose key closes the message: made before
the staging transaction, loaded before the applying one. A conversation that was erased stays so: a
late message is refused, and its body is never kept.
"""

from shared.inbox.answers import Answers
from shared.inbox.attachments import (
    ask_for_whole,
    attachment_pieces,
    attachments_in_hand,
    read_attachment,
)
from shared.inbox.handler import Handler, KeepsNoBody, RefusalHandler
from shared.inbox.inbox import Inbox

__all__ = [
    "Answers",
    "Handler",
    "Inbox",
    "KeepsNoBody",
    "RefusalHandler",
    "ask_for_whole",
    "attachment_pieces",
    "attachments_in_hand",
    "read_attachment",
]
