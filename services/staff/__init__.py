"""Accounts of those who sign in, colleagues to choose among, competence, and who is on call.

An account is made at the first sign-in from the token's issuer and subject; equal names or e-mail
addresses never join two. The right to act is the token's, every time: the stored roles and unit
only serve the list of colleagues, and who loses a role loses access at the next request.

Invariants.

- Who reviews the log or administers the system holds no role that touches cases.
- A person of another authority is a police partner and nothing else; nobody of this municipality is.
- Police are never among the colleagues.
- A unit has at most one person on call at a time; when nobody is, the roster says so. The roster is
  kept by the unit's team leader, where policy says that the municipality has anybody on call, and is
  never rewritten: a duty that was taken back stays as such.

- Competence is recorded by a team leader of somebody else, with a last day, and never changed; of
  each kind the newest record counts alone, so that a judgement can be taken back.
- Special suitability is such a record. What policy demands of a role is held on the day that
  somebody is given a case in it, or the case is not given. Anybody may take a contact in; who
  registered it and does not hold what is demanded loses the case when the investigation starts.

What it deliberately does not do yet: end what somebody has when a competence expires, and conflicts
of interest beyond the declaration at assignment.
"""
