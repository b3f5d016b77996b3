"""The way out: nothing that was committed is lost, nothing that was rolled back is sent.

**Enqueue.** A handler that changes something another authority must know calls `enqueue` in the
same transaction. The message gets the next number of its conversation and direction under the lock
of that flow's row, is signed at once, and lies in the table `outbox`: the signed header in the
clear (it names no person), salt and body closed under the subject's key. The commit notifies the
relay.

**Relay.** Workers compete. Each claims what is due in a short transaction that *first* moves
`not_before` forward and only then publishes, outside any transaction: a relay that dies anywhere
leaves a row that becomes due again by itself. A conversation's flow is locked while its rows are
claimed, and no row is claimed while an earlier one of the flow is neither sent nor claimed along
with it; the exchange therefore gets them in order, though it does not keep it.

**Publishing.** The frame is sealed to the receiver at this moment and never kept: a receiver that
lost its key gets the message again under the new one. A message signed under a key that has been
replaced is signed anew, with the same id, number and content. The transport id is message id and
attempt, because the exchange swallows an id that it has seen in its window.

**Done.** The exchange's acknowledgement only marks the row as sent (a spoilt disk has lost a
thousand acknowledged messages without an error). A numbered row is done when the receiver's signed
receipt or refusal is here; until then it is published again, after 5 s first and then at doubling
intervals up to an hour, for ever: there is no dead state. What goes unanswered is in the view
`undelivered`, for people. A reconnect, or any sign of life from that authority, makes its rows due
at once. Receipts, refusals and other unnumbered messages are done at the exchange's
acknowledgement: a lost one comes again because the other end repeats its question.

**Attachments** go in sealed chunks on a stream of their own, outside the numbering, and have one
receipt for the whole.
"""

from shared.outbox.attachments import (
    AttachmentChunk,
    Manifest,
    enqueue_attachment,
    enqueue_pieces,
    stop_attachments,
)
from shared.outbox.conversations import answers_subject, opposite, pair_conversation
from shared.outbox.enqueue import enqueue
from shared.outbox.relay import Relay, undelivered

__all__ = [
    "AttachmentChunk",
    "Manifest",
    "Relay",
    "answers_subject",
    "enqueue",
    "enqueue_attachment",
    "enqueue_pieces",
    "opposite",
    "pair_conversation",
    "stop_attachments",
    "undelivered",
]
