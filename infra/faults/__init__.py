"""`utvag faults`: many handovers among many nodes while everything dies, and not one may be lost.

What is real: each node's database (PostgreSQL as in production, durable), its key store, keys,
signed directory and policy; each node's worker, `gateway.worker.run` in a process of its own; the
exchange, one NATS server with the accounts, streams and `sync_interval: always` of production; row
security, fence, numbering, receipts, dossiers as sealed attachments.

What is left out: HTTP, pages and sign-in. People are in a second process of each node, its *desk*,
which opens the node as the web process does (the web's database role, its pools, the key store) and
gives people's commands to the same services' functions; `tests/faults/demo` kills the web process
itself. Two PostgreSQL servers share the nodes, so that one may die alone. Time limits are
production's own. Processes are forked from one that has imported everything, because two cores
cannot import Python's libraries every second; what a process has in memory is lost all the same.

What dies, by `kill -9`, on a schedule that the seed gives: workers, desks, PostgreSQL, NATS. Each
node's way to the exchange leads through a proxy that cuts, delays, goes silent, and repeats frames
under new transport ids, at once or seconds later.

What is watched, by the servers' superuser and not by the product: while it runs, that for each
handover somebody is responsible; at the end, that exactly one is, that what was sent was applied
once and in order at the other end, that both chains are equal, and that the evidence of a sample
verifies.
"""
