"""Nothing lost: two nodes compare what is between them every day, and each watches its own end.

Numbers show a hole only when something later comes. A lost *last* message shows nowhere: one end
believes it delivered, the other never had it. That happens when a database was restored from a
backup, or a disk spoilt what was committed; the exchange alone cannot do it, since the outbox
repeats what has no receipt.

**Digest.** Once a day, and at once after having been away, each node tells each authority that it
has something open with: for every flow (a direction of a conversation) how far it has sent, how far
that was answered, how far it has applied the other's, and the SHA-256 over the content hashes so
far. It is a numbered, receipted conversation of its own for each pair and way; ids and numbers only,
no kinds, no persons. It is a sign of life too: what waited for this authority becomes due at once.
So it is also the question "what did I miss?" of a node that was away for weeks.

**Comparing** is exact, in spite of messages on their way: a receipt is given after the commit, so
nobody can have answered what it does not have; and nobody can have applied what was never sent.
Where that does not hold something was lost, and the difference says at which end:

- `lost_here`: answered from here, and not here any more. Asked for again (`missing`).
- `lost_there`: the other end answered it and does not have it any more. Sent again.
- `numbers_lost`: the other end has applied numbers that this end does not know to have given. They
  are never given again; a person is told.
- `not_arrived`: not answered for longer than any resend waits, and not here. Asked for again.
- `content`: the same numbers, other content. Nothing heals it; a person is told.

**Watch.** Every minute, of this end alone, whatever the other does: `unanswered` (ours, older than
the longest resend), `held_back` (came, and could not be applied for as long), `hole` (a number was
given and the message is not there), `silent` (no digest from an authority that owes one).

A difference is a *gap*: a row that names the conversation and its numbers, never a person, with the
time it was named and the time it had healed. It makes a card, stands on the board of deliveries, and
is counted in `utvag status`. A healed gap is kept.

**Deliberately not here:** what a conversation is about, and what people have not answered; that is
the service's own clock (`services/handover/domain/timers.py`).
"""

from shared.digest.board import Delivery, Gap, deliveries, open_gaps
from shared.digest.gaps import close_gap
from shared.digest.handler import DigestHandler
from shared.digest.sending import Digester
from shared.digest.watch import LATE, Watch
from shared.digest.wire import register

__all__ = [
    "LATE",
    "Delivery",
    "DigestHandler",
    "Digester",
    "Gap",
    "Watch",
    "close_gap",
    "deliveries",
    "open_gaps",
    "register",
]
