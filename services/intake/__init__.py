"""The first contact: what somebody said, checked and turned into a case.

Takes a contact as a form gives it: personal number in any usual form (coordination numbers too),
municipality code, channel, who it concerns. What is wrong is refused with a code of its own before
anything is written. A contact with an application is an intake at once; without one it stays a
contact until the person applies.

Invariants.

- A search before creating reveals nothing: whether the person is known is found by the database and
  told to the team leader (`services.cases`).
- Who registers becomes the case's first member.

A report by others begins a case in preliminary assessment, with a route that the tenant's policy
lays down: who is told, on which ground, in which order. What does not apply is shown with its
reason. An assessment needs every step settled and a competence in force; a decision needs the
assessment, whom the delegation order names, and an adult's own wish.

What it deliberately does not do yet: anonymous advice, the public page, and other routes than that
of a concern.
"""
