"""Follow-up at home: what was agreed, what was done, and what is told of it.

What it owns. The *joint follow-up* of the cooperation agreement between the municipality and the
police: each obligation met, partly met or not met, with reasons and what is to become better, in
minutes that both parties sign. The *yearly report* to the executive board, from draft over the
parties' review and disclosure control to the published version, which is frozen. The *action plan*
with its areas and activities, the citizen pledge and the situation picture.

The agreement itself is a governing document, so it stands in the tenant's policy
(`[policy.follow_up]`): parties, who signs, obligations with their section. A changed agreement is a
new policy block, and each follow-up says which one it follows.

Invariants.

- **No person is here.** No table has a case in it, and every text is refused that holds a personal
  number or a code name (`text.names_person`), on entry and once more before a report goes on.
- Counts come into a report only as disclosure control has let them through: the worker counts,
  what is too small is never written down here.
- Minutes are signed version by version. A changed text is a new version, which nobody has signed.
  The two signatures are the two parties' and never one person's.
- What is sealed or published is a row that nobody can change, with the SHA-256 of what it says.

What it deliberately does not do: show a figure of a single case, reach into a case, decide what a
policy says, or set pages and letters (the gateway does).
"""
