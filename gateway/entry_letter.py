"""What the person is told of the entry: why, what help there is anyway, and how to appeal.

Plain Swedish to somebody under pressure: short sentences, "du", nothing of anybody else. Which
paragraphs of law it names comes from the law book of the decision's day.
"""

from datetime import date

from gateway.letters import Letter, Part, typeset
from gateway.texts.days import day, moment
from gateway.texts.law import cite
from gateway.texts.policy import ROLES
from gateway.texts.words import word
from services.cases import api as cases
from services.directory import api as directory
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.ids import CaseId
from shared.node import Node
from shared.policy import LawBook

_NOT_AID = (
    "Det här är ett svar på om du kan vara med i vår verksamhet för den som vill lämna ett "
    "kriminellt liv. Det är inte ett svar på om du kan få stöd enligt socialtjänstlagen."
)

KEEP_SAFE = "Förvara brevet så att ingen annan läser det, eller läs det hos oss."


def compose(file: cases.CaseFile, view: cases.EntryView, law: LawBook, *, authority: str) -> Letter:
    """The letter for a decision that is made.

    Args:
        view: with its decision and the assessment that it rests on.
        authority: full name of the municipality.
    """
    assert view.decision is not None
    assert view.assessment is not None
    decided_on = local_date(view.decision.decided_at)
    is_admitted = view.decision.outcome == cases.ADMITTED
    person = file.person
    parts = _admitted() if is_admitted else _refused(view, law, decided_on)
    return Letter(
        title="Besked",
        authority=authority,
        to=f"{person.given_name} {person.family_name}",
        notice="\n\n".join(
            ("Du är antagen.", KEEP_SAFE)
            if is_admitted
            else ("Du kan inte vara med nu.", _NOT_AID, KEEP_SAFE)
        ),
        parts=(*parts, _who(view)),
    )


def _admitted() -> tuple[Part, ...]:
    return (
        Part(
            heading="Vad som händer nu",
            items=(
                "Vi träffas och går igenom vad som gäller, och skriver en överenskommelse.",
                "Vi gör en plan tillsammans med dig.",
                "Stöd som kräver beslut enligt socialtjänstlagen får du besked om för sig.",
            ),
        ),
    )


def _refused(view: cases.EntryView, law: LawBook, decided_on: date) -> tuple[Part, ...]:
    assert view.assessment is not None
    failed = [row for row in view.criteria if row.code in view.assessment.outcome.failed]
    return (
        Part(
            heading="Varför",
            text="För att vara med ska alla villkor i kommunens regler vara uppfyllda. "
            "Det här är inte uppfyllt:",
            rows=tuple(
                (
                    word(row.code, "criterion"),
                    "\n".join(
                        filter(
                            None,
                            (
                                word(row.code, "criterion_failed"),
                                row.reasons,
                                f"Regeln står i {row.document}, {row.section}.",
                            ),
                        )
                    ),
                )
                for row in failed
            ),
        ),
        _support(view, law, decided_on),
        *how_to_appeal(law, decided_on),
    )


def _support(view: cases.EntryView, law: LawBook, decided_on: date) -> Part:
    waiting = [
        f"Din ansökan från {day(each)} är inte avgjord. Vi prövar den, och du får ett eget beslut."
        for each in view.open_applications
    ]
    return Part(
        heading="Du har rätt att söka stöd ändå",
        text=f"{law.on('aid.right', decided_on).rule} ({cite(law, 'aid.right', decided_on)})",
        items=(
            *waiting,
            (
                "Du kan söka stöd när som helst, till exempel för boende, ekonomi, missbruk eller "
                "arbete. Det går att göra muntligt."
            ),
            "Du kan be att få prövas igen om något ändras.",
            "Är du hotad: ring polisen på 114 14. Är det akut: ring 112.",
        ),
    )


def how_to_appeal(law: LawBook, decided_on: date) -> tuple[Part, ...]:
    """What the person can do who does not agree that they may not be in the programme."""
    may = law.on("appeal.entry", decided_on).rule
    return (
        Part(
            heading="Om du inte håller med",
            text="Ett beslut om stöd enligt socialtjänstlagen kan du alltid överklaga till "
            "förvaltningsrätten. Det här beskedet är en bedömning av om du uppfyller villkoren. "
            "Vi ser den inte som ett beslut som kan överklagas, men det är domstolen som avgör "
            f"det. Lagen säger: {may} ({cite(law, 'appeal.entry', decided_on)})",
        ),
        Part(
            heading="Så här överklagar du",
            items=(
                "Skriv vad du vill ändra och varför, och skriv ditt namn under.",
                "Lämna brevet till oss. Vi skickar det vidare till förvaltningsrätten.",
                (
                    "Gör det inom tre veckor från den dag då du fick det här beskedet "
                    f"({cite(law, 'appeal.aid', decided_on)})."
                ),
                "Be oss om hjälp om du vill. Att du överklagar påverkar inte det stöd du har.",
            ),
        ),
    )


def _who(view: cases.EntryView) -> Part:
    assert view.decision is not None
    together = " tillsammans med polisen" if "police" in view.wanted else ""
    return Part(
        heading="Vem som har bedömt",
        rows=(
            (
                f"Bedömt av {ROLES['exit_coordinator']}{together}",
                (
                    f"{view.names.get(view.decision.decided_by, '')}, "
                    f"{moment(view.decision.decided_at)}"
                ),
            ),
            (
                "Enligt kommunens regler från",
                f"{day(view.policy_from)}, kontrollvärde {view.policy_sha256}",
            ),
        ),
    )


async def entry_pdf(node: Node, actor: Actor, case_id: CaseId, law: LawBook) -> bytes:
    """The letter as PDF.

    Raises:
        AccessDenied: not a member's to see, or nothing is decided.
    """
    file = await cases.read_case(node, actor, case_id, "letter")
    view = await cases.read_entry(node, actor, case_id)
    if view.decision is None:
        raise AccessDenied
    name = directory.authority(node, node.authority).name
    return await typeset(compose(file, view, law, authority=name), view.decision.decided_at)
