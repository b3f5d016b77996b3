"""The log of who did and read what: linked, sealed, verified, witnessed, reviewed.

**Owns** the tables `audit_seal`, `audit_sealer`, `audit_checkpoint` and `audit_witnessed`. The
entries themselves (`audit_entry`) are written by the kernel, in the transaction of what they tell
of: `uow.audit(…)`. This service never writes one but for what it does itself.

**An entry's life.** Written unchained, by whatever transaction it belongs to. Within seconds the
*sealer* links every committed entry into one chain: a number without holes, a number within the
case's own log, and a hash over the link before and all that the entry says. Every quarter of an
hour in which something happened, a *checkpoint* is signed with the authority's key and sent to
other authorities as *witnesses*; each of them keeps it and looks whether it continues from the one
before.

**Invariants.**

- Nothing is updated or deleted: no grant allows it, a trigger refuses it to the owner too.
- Each committed entry is sealed exactly once, in the order of transaction ids, however many sealers
  run and wherever they die. A transaction that is still open holds back those that began after it,
  and nothing is skipped: the sealer takes what lies below the snapshot's xmin, and never resumes
  by "the last id".
- `verify` names the row: changed, missing, out of place, cut off at the end, or another than a
  checkpoint says. Who holds the node's key can rewrite the whole chain; then only a witness
  notices, and that is what witnesses are for.
- The log outlives erasure: it holds ids and codes, never a person's data.

**Sealed afterwards, on purpose.** A chain head locked inside each transaction capped a node at a
quarter of its rate and became slower with more clients (ADR 0011).

**Deliberately not here:** who may read a case's own log (cases), how a month's sample is drawn and
noted (comes with log review), and any judgement of what was read.
"""
