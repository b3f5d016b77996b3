"""The first contact: what somebody said, checked and turned into a case.

Takes a contact as a form gives it: personal number in any usual form (coordination numbers too),
municipality code, channel, who it concerns. What is wrong is refused with a code of its own before
anything is written. A contact with an application is an intake at once; without one it stays a
contact until the person applies.

Invariants.

- A search before creating reveals nothing: whether the person is known is found by the database and
  told to the team leader (`services.cases`).
- Who registers becomes the case's first member.

What it deliberately does not do yet: anonymous advice, reports by others with their assessment, the
public page.
"""
