"""The case: its file, its members, its tracks and the chain of who is responsible.

What it owns. A case is opened by a contact (intake) or by take-over from another municipality
(handover). Its *header* shows no identity: a code name drawn at random, state, term, unit. Its
*file* (person, contact, residence, consents, needs, journal, members, exclusions, history) is
sealed under the case's own key; contact data lie in a *vault* under another. The *chain* is the
numbered, signed list of who was responsible when; both ends of a handover hold the same links.

States. CONTACT, INTAKE, PRELIMINARY, INVESTIGATION, ENTRY_ASSESSMENT, AGREEMENT_PENDING, ACTIVE,
PAUSED, RELAPSE_REVIEW, ENDED(reason), RETENTION, PURGE_DUE, PURGED or ARCHIVED: one literal table in
`domain/states.py`, printed in `STATES.md`. A handover is no state but a fact beside the case: while
one is open the case is worked on as before, and only what would end it is refused.

Invariants.

- Role gives capability (`domain/rights.py`), membership gives access (row security, migration
  0004). A team leader sees the unit's headers to assign from, never a file without being a member.
- Every write carries the term that its form was drawn under. The database compares it with the
  case's own (`app_fence`): a stale tab, an old job or a forgotten check gets
  `case.responsibility_moved`, never a write. A transferred case is read-only for ever; only members,
  consent taken back, history and the chain may still grow.
- Where we ended the programme (not admitted, excluded) aid is still decided on, and while any runs
  or is carried out, journal, measures and vault are open and the lists say what waits.
- At most one open handover for a case, by a primary key.
- The term rises exactly where a `responsible` link is added: `chain` is its only source.
- The journal, needs, history and chain only grow, by trigger; a correction points at what it
  corrects.
- Two persons confirm a residence finding, two let the vault be seen; never the same one twice.
- The entry is assessed by the criteria that the municipality's policy makes (`domain/entry.py`).
  Facts of the file limit the answers; each party signs one assessment, nobody twice, and a changed
  answer is another assessment. A refusal names a condition that failed and ends no application for
  assistance.
- Consent says to whom, for what, about what and until when; taken back, the joint room closes and
  the service above is told in the same transaction.
- What travels is made by one function (`project_dossier`), section by section; what does not is
  named with its reason.
- Whether a person is known in another case is found by a trigger and told to the team leader; the
  asker learns nothing. Not found and not allowed answer alike, whatever the key store says.
- Programme entry and aid are two questions: a decision on aid waits for an application only, and
  outlives the agreement. A programme begins with a decision, and with a signed agreement where
  policy demands one; it is completed with goals met, no acute protection and a threat level that
  still holds. The police answer a register check by a code.
- Nobody is excluded past the police's last no, whatever becomes of the consent that let them read;
  who decides is another than who supported it.
- Every read of a file writes to the log in its own transaction.

What it deliberately does not do: assess threats (protection), decide who may decide (decisions),
send anything (handover), know accounts (staff). It never stores a link to an identity before
fictitious personal data.
"""
