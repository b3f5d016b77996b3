"""What the person is told who has been excluded: why, what goes on all the same, how to appeal.

Plain Swedish to somebody who may be in danger: short sentences, "du", nothing of anybody else and
nothing of where they are safe. The safety plan is talked about, never printed.
"""

from datetime import date
from uuid import UUID

from gateway.entry_letter import KEEP_SAFE, how_to_appeal
from gateway.letters import Letter, Part, typeset
from gateway.texts.days import day
from gateway.texts.law import cite
from gateway.texts.policy import DECISIONS
from gateway.texts.words import word
from services.cases import api as cases
from services.directory import api as directory
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import CaseId
from shared.node import Node
from shared.policy import LawBook

_ENDED = "Du kan inte vara kvar i programmet."
_GOES_ON = "Det stöd du har beviljats fortsätter. Det är beslutat för sig."


def compose(
    person: cases.Person,
    view: cases.RelapseView,
    review: cases.RelapseReview,
    law: LawBook,
    *,
    authority: str,
) -> Letter:
    """The letter for a review that ended in exclusion.

    Args:
        authority: full name of the municipality.
    """
    assert review.ended_at is not None
    assert review.proposal is not None
    decided_on = local_date(review.ended_at)
    return Letter(
        title="Besked",
        authority=authority,
        to=f"{person.given_name} {person.family_name}",
        notice=f"{_ENDED}\n\n{_GOES_ON}\n\n{KEEP_SAFE}",
        parts=(
            Part(
                heading="Varför",
                text=review.proposal.reasons,
                rows=(
                    ("Skäl", word(review.proposal.reason, "exclusion_reason")),
                    (
                        "Villkor som inte har följts",
                        "\n".join(word(each, "condition") for each in review.proposal.broken),
                    ),
                    ("Regeln står i", f"{view.document}, {view.section}"),
                ),
            ),
            _what_goes_on(view, law, decided_on),
            *how_to_appeal(law, decided_on),
            Part(heading="Vem som har beslutat", rows=_who(view, review, decided_on)),
        ),
    )


def _what_goes_on(view: cases.RelapseView, law: LawBook, decided_on: date) -> Part:
    kept = [
        f"{DECISIONS[aid.kind].capitalize()}, beslutat {day(aid.decided_at)}, gäller som förut."
        for aid in view.running
    ]
    return Part(
        heading="Det här fortsätter, och det här kan du göra",
        text=f"{law.on('aid.right', decided_on).rule} ({cite(law, 'aid.right', decided_on)})",
        items=(
            *kept,
            "Du kan ansöka om annat stöd när som helst. Det går att göra muntligt.",
            "Du kan be att få börja om i programmet. Då prövar vi det på nytt.",
            "Prata med oss om hur du är trygg. Det skriver vi inte i brevet.",
            "Är du hotad: ring polisen på 114 14. Är det akut: ring 112.",
        ),
    )


def _who(
    view: cases.RelapseView, review: cases.RelapseReview, decided_on: date
) -> tuple[tuple[str, str], ...]:
    assert review.proposal is not None
    assert review.ended_by is not None
    first = view.names.get(review.ended_by, "En befattningshavare")
    rows = [("Beslutat av", f"{first}, {day(decided_on)}")]
    if review.proposal.supported_by:
        rows.append(("Bekräftat av", view.names.get(review.proposal.supported_by, "En kollega")))
    return tuple(rows)


async def exclusion_pdf(
    node: Node, actor: Actor, case_id: UUID, review_id: UUID, law: LawBook
) -> bytes:
    """The letter as PDF, dated the day of the decision; fetching it is audited.

    Raises:
        AccessDenied: not a member, or that review did not end in exclusion.
    """
    file = await cases.read_case(node, actor, CaseId(case_id), "letter")
    view = await cases.read_relapse(node, actor, CaseId(case_id), "letter")
    review = next((each for each in view.reviews if each.review_id == review_id), None)
    if review is None or review.outcome != "EXCLUDED" or review.ended_at is None:
        raise AccessDenied
    name = directory.authority(node, node.authority).name
    letter = compose(file.person, view, review, law, authority=name)
    return await typeset(letter, review.ended_at)
