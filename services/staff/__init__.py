"""Accounts of those who sign in, and the colleagues one may choose among.

An account is made at the first sign-in from the token's issuer and subject; equal names or e-mail
addresses never join two. The right to act is the token's, every time: the stored roles and unit
only serve the list of colleagues, and who loses a role loses access at the next request.

Invariants.

- Who reviews the log or administers the system holds no role that touches cases.
- A person of another authority is a police partner and nothing else; nobody of this municipality is.
- Police are never among the colleagues.

What it deliberately does not do yet: competence, suitability and conflicts of interest beyond the
declaration at assignment.
"""
