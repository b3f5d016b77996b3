"""Who may decide what, and what was decided.

The delegation order is policy: one row for each kind of decision, with the roles that decide and
the roles that may be the second person. This service answers for a row (`require_delegate`,
`require_second`), with the document and section that say so, and keeps the register of decisions.

Invariants.

- A kind without a row is decided by nobody here.
- The two persons of a decision are never the same, whatever policy says; the database checks too.
- A decision keeps the day and the SHA-256 of the policy block it was made under, its delegation row
  and its law reference. It is never changed: the register only grows.
- A committee is no account: what it decided is recorded from its minutes by a member of the case,
  and stands as the committee's (`COMMITTEE_ID`); who recorded it is in the log, and the board is
  shown it with what it is told of.
- Aid is refused or ended by no lower level than would have granted it, and granted no longer than
  the delegate's row lets.
- Reasons are sealed under the key of the case, or of the handover where no case is here yet.

What it deliberately does not do: hold accounts or roles (the token says those), interpret law, or
write letters.
"""
