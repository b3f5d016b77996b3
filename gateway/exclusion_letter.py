"""What the person is told who has been excluded: why, what goes on all the same, how to appeal.

Plain Swedish to somebody who may be in danger: short sentences, "du", nothing of anybody else and
nothing of where they are safe. The safety plan is talked about, never printed. It says what was
decided: the rules and the aid of that day, whenever it is fetched.
"""

from uuid import UUID

from gateway.entry_letter import KEEP_SAFE
from gateway.letters import Letter, Part, typeset
from gateway.texts.days import day
from gateway.texts.law import cite
from gateway.texts.policy import DECISIONS
from gateway.texts.words import word
from services.cases import api as cases
from services.directory import api as directory
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import CaseId
from shared.node import Node
from shared.policy import LawBook

_ENDED = "Du kan inte vara kvar i programmet."
_GOES_ON = "Det stöd du har beviljats fortsätter. Det är beslutat för sig."


def compose(made: cases.Exclusion, law: LawBook, *, authority: str) -> Letter:
    """The letter of one decision to exclude.

    Args:
        authority: full name of the municipality.
    """
    assert made.review.proposal is not None
    proposal = made.review.proposal
    notice = (_ENDED, _GOES_ON, KEEP_SAFE) if made.running else (_ENDED, KEEP_SAFE)
    return Letter(
        title="Besked",
        authority=authority,
        to=f"{made.person.given_name} {made.person.family_name}",
        notice="\n\n".join(notice),
        parts=(
            Part(
                heading="Varför",
                text=proposal.reasons,
                rows=(
                    ("Skäl", word(proposal.reason, "exclusion_reason")),
                    (
                        "Villkor som inte har följts",
                        "\n".join(word(each, "condition") for each in proposal.broken),
                    ),
                    ("Regeln står i", f"{made.document}, {made.section}"),
                ),
            ),
            _what_goes_on(made, law),
            *_how_to_appeal(made, law),
            Part(heading="Vem som har beslutat", rows=_who(made)),
        ),
    )


def _what_goes_on(made: cases.Exclusion, law: LawBook) -> Part:
    decided_on = local_date(made.decision.decided_at)
    kept = [
        f"{DECISIONS[aid.kind].capitalize()}, beslutat {day(aid.decided_at)}, gäller som förut."
        for aid in made.running
    ]
    return Part(
        heading="Det här fortsätter, och det här kan du göra" if kept else "Det här kan du göra",
        text=f"{law.on('aid.right', decided_on).rule} ({cite(law, 'aid.right', decided_on)})",
        items=(
            *kept,
            f"Du kan ansöka om {'annat stöd' if kept else 'stöd'} när som helst, också muntligt.",
            "Du kan be att få börja om i programmet. Då prövar vi det på nytt.",
            "Prata med oss om hur du är trygg. Det skriver vi inte i brevet.",
            "Är du hotad: ring polisen på 114 14. Är det akut: ring 112.",
        ),
    )


def _how_to_appeal(made: cases.Exclusion, law: LawBook) -> tuple[Part, ...]:
    """What the person can do who wants to stay; whether a court tries it is the court's to say."""
    decided_on = local_date(made.decision.decided_at)
    may = law.on("appeal.entry", decided_on).rule
    until = (
        f"Du fick beskedet {day(made.told_on)}. Överklagandet ska ha kommit in till oss senast "
        f"{day(made.appeal_until)}"
        if made.told_on
        else "Gör det inom tre veckor från den dag då du fick det här beskedet"
    )
    return (
        Part(
            heading="Om du inte håller med",
            text="Vi har beslutat att du inte får vara kvar i programmet. Du kan överklaga till "
            "förvaltningsrätten. Om det här beslutet är ett sådant som domstolen prövar avgör "
            f"domstolen, inte vi. Lagen säger: {may} ({cite(law, 'appeal.entry', decided_on)})",
        ),
        Part(
            heading="Så här överklagar du",
            items=(
                "Skriv att du vill vara kvar i programmet och varför, och skriv ditt namn under.",
                "Lämna brevet till oss. Vi skickar det vidare till förvaltningsrätten.",
                f"{until} ({cite(law, 'appeal.aid', decided_on)}).",
                "Be oss om hjälp om du vill. Att du överklagar påverkar inte det stöd du har.",
            ),
        ),
    )


def _who(made: cases.Exclusion) -> tuple[tuple[str, str], ...]:
    decision = made.decision
    first = made.names.get(decision.decided_by, "En befattningshavare")
    rows = [("Beslutat av", f"{first}, {day(decision.decided_at)}")]
    if decision.second:
        rows.append(("Bekräftat av", made.names.get(decision.second, "En kollega")))
    return tuple(rows)


async def exclusion_pdf(
    node: Node, actor: Actor, case_id: UUID, review_id: UUID, law: LawBook
) -> bytes:
    """The letter as PDF, dated the day of the decision; fetching it is audited.

    Raises:
        AccessDenied: not a member, or that review did not end in exclusion.
    """
    made = await cases.read_exclusion(node, actor, CaseId(case_id), review_id)
    name = directory.authority(node, node.authority).name
    return await typeset(compose(made, law, authority=name), made.decision.decided_at)
