"""The joint room: where police units meet a case without entering its file.

What it owns. One room for each case that the police have been asked about, and one for each
incoming handover whose acute protection is to be confirmed. A room shows a code name, the identity
as shared (sealed under the room's own key), the threat level, and questions to a unit with their
answers. Its id is derived one way from the case's: who knows the room cannot find the case.

Who sees it. Officers whose unit, by the police realm's claim, is attached to it, and the case's
members. Row security says so (migration 0005), not a handler.

Invariants.

- The police own the assessment; the municipality keeps level, unit, method, date and next review,
  and no free text: there is no column for intelligence.
- HIGH, and ending HIGH, is given by a police protection unit (Bops) alone: refused in the domain, and
  by the database's own policy (`app_may_set_level`). A local officer may raise an alarm, which asks
  Bops.
- The unit that answers for the level is attached when the level is given, and who answers for the
  acute protection from then on is kept in the same transaction: the police while the threat is
  HIGH, the municipality at lower levels. The history of it only grows.
- A placement is answered CLEAR or NOT_CLEAR, without reasons or names. An approval to pass the level
  on holds for the level it was given for, not for a newer one.
- A threat question may be answered that no threat is known, while no level has been given.
- A paper (the entry assessment) is put before one unit, which gives its word once: yes or no. The
  newest of a kind counts; what is signed is never changed.
- A room rests on consent, with its last day, or on a named statute. When the consent is taken back
  or runs out, or the case leaves, the room is empty and nobody is attached.
- Writes are fenced on the case's term as everywhere below a case.

What it deliberately does not do: know the file, decide on measures, tell other municipalities. A
changed level is told upward through `ThreatEvents`, in the same transaction.
"""
