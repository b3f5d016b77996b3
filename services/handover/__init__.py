"""Handover: a case moves from one authority to another, and is never without one.

**Owns** the two ends of a handover: `handover` rows at the authority that hands over (the
*sender*), `incoming_handover` rows at the one asked to take over (the *receiver*), their
timelines, questions, dossiers and evidence. A handover is a fact beside the case, not a state of
it: while one is open the sender works on as before, and only closing, deleting and merging are
refused (the row that says so belongs to `cases`).

**States** are two literal tables in `domain/table.py`, printed in `PROTOCOL.md` and walked through
every reachable combination of both ends with messages in flight by `tests/unit/handover`. Three
kinds of trigger move them: an act of a person, a message from the other end, an event in the node.

**Invariants**

1. Never nobody responsible: the sender is, in every state but `completed`; the receiver is, in
   `taken_over` alone.
2. Exactly one is responsible when nothing is in flight. The term, on which the database fences
   every write to a case, rises in the receiver's take-over and nowhere else.
3. Two different persons propose and two answer. The second confirms exactly what the first wrote:
   a change in between asks for the first one's signature again.
4. A withdrawal asks; the receiver's committed answer decides, and both ends keep that outcome.
5. What a message may hold is a schema of its own. A section that the ground does not cover is never
   built, and is named with the reason instead. Documents go by the same rule, each an attachment.
   Contact data go from vault to vault, after the take-over, past every person.
6. At most one open handover for a case, held by the database.
7. From acceptance to take-over a dossier is read by named people only (`domain/readers.py`).

**Where things are**: `domain` judges, `wire` names what travels, `store` holds the SQL, `handlers`
are the use cases (one file for each end, one for what arrives), `api` is all that others may call.

**Keys.** A handover's id is the conversation's id and the id of the key that its content is sealed
under. What the receiver erases it erases by destroying that key, once the signed confirmation has
reached the sender.

**Deliberately not here**: whether the person belongs elsewhere (`cases` records the finding), how
high the threat is (`protection`), who may decide (`decisions`), numbering, receipts, resends and
refusals (the kernel's outbox and inbox), the pages.
"""
