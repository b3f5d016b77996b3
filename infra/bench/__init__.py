"""`utvag bench handover`: what the hardware allows, what the product takes, and the ratio.

Two programs share one PostgreSQL and one NATS, both set as in production (`fsync`, `sync_interval:
always`), and are run in turn, A B A B …, because a machine's speed drifts more in a minute than the
difference one looks for.

**The floor** (`floor`): two processes that do one command with its receipt and nothing else. Three
commits (case, outbox and audit at the sender; inbox, case, audit and receipt at the receiver; the
receipt at the sender), two publishes, 20 kB signed, sealed and kept encrypted. asyncpg, nats and
cryptography, no product code.

**The product** (`product`, `worker`): two municipalities' real worker processes, and a process that
stands for the sender's web process and calls the same use cases as a page does. Not measured: HTTP
and sign-in. The command is a question of 20 kB over an open handover, which has the floor's shape;
one flight of it ends when the signed receipt is committed at the sender. A whole handover (proposed,
accepted, dossier, taken over, closed at the sender) is timed beside it, and so is its proposal.

Both are measured one in flight (latency) and 64 in flight (rate), and their processor time is read
from the kernel, the servers' included. Where the product's time goes is sampled in its own processes
(`sampling`).
"""
