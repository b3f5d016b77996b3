"""A decision about aid as a letter to the person: what, why, by whom, and how to appeal."""

from uuid import UUID

from gateway.letters import Letter, Part, Signature, typeset
from gateway.texts.days import day
from gateway.texts.jinja import personal_number
from gateway.texts.law import cite
from gateway.texts.policy import DECISIONS
from services.cases import api as cases
from services.decisions import api as decisions
from services.directory import api as directory
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import CaseId
from shared.node import Node
from shared.policy import LawBook

COMMITTEE = "Nämndens utskott"
_TITLES = {
    "GRANTED": "Beslut om bistånd: bifall",
    "REFUSED": "Beslut om bistånd: avslag",
    "ENDED": "Beslut om bistånd: upphör",
}
_SAID = {
    "GRANTED": "Du får det som du har ansökt om, så som det står här.",
    "REFUSED": "Du får inte det som du har ansökt om.",
    "ENDED": "Det som du har fått upphör.",
}
_KEEP_SAFE = (
    "Förvara brevet så att ingen annan läser det. Säg till din handläggare om du hellre vill läsa "
    "det hos oss."
)


def compose(content: cases.AidDecision, law: LawBook, *, own: str) -> Letter:
    """The letter. It holds no address and no place: where the person is, nobody reads here.

    Args:
        own: the authority's full name.
    """
    person, aid, decision = content.person, content.aid, content.decision
    decided_on = local_date(decision.decided_at)
    number = person.personal_number
    who = _who(content)
    return Letter(
        title=_TITLES[aid.outcome],
        authority=own,
        to=f"{person.given_name} {person.family_name}",
        notice=_KEEP_SAFE,
        parts=(
            Part(
                heading="Beslutet",
                text=f"{_SAID[aid.outcome]}\n\n{aid.matter}",
                rows=(
                    ("Beslutet gäller", DECISIONS[aid.kind].capitalize()),
                    *_time(aid),
                    ("Personnummer", personal_number(number) if number else "Inte uppgivet"),
                ),
            ),
            Part(heading="Varför vi har beslutat så", text=decision.reasons),
            Part(
                heading="Vem som har beslutat, och med stöd av vad",
                rows=(
                    ("Beslutat av", f"{who}, {day(decided_on)}"),
                    ("Rätt att besluta", f"{decision.document}, {decision.section}"),
                    ("Lag", cite(law, decision.law_ref, decided_on)),
                    *((("Protokoll", aid.minutes),) if aid.minutes else ()),
                ),
            ),
            _appeal(content, law, own),
        ),
        signatures=(Signature(who),),
    )


def _who(content: cases.AidDecision) -> str:
    if content.decision.decided_by == decisions.COMMITTEE_ID:
        return COMMITTEE
    return content.names.get(content.decision.decided_by, "En befattningshavare")


def _time(aid: cases.Aid) -> tuple[tuple[str, str], ...]:
    if aid.granted_from is None:
        return ()
    until = day(aid.granted_until) if aid.granted_until else "tills vidare"
    return (("Från och med", day(aid.granted_from)), ("Till och med", until))


def _appeal(content: cases.AidDecision, law: LawBook, own: str) -> Part:
    decided_on = local_date(content.decision.decided_at)
    told_on = content.aid.told_on
    by_when = "inom tre veckor från den dag du fick del av beslutet"
    if told_on is not None:
        by_when += (
            f", alltså senast {day(content.aid.appeal_until)} (du fick del av det {day(told_on)})"
        )
    return Part(
        heading="Så överklagar du",
        text="Du får överklaga om du inte är nöjd. Det kostar inget. Din handläggare kan hjälpa dig.",
        items=(
            "Skriv vilket beslut du överklagar, vad du vill ska ändras och varför.",
            (
                "Skriv ditt namn och hur domstolen kan nå dig. Är det farligt att din adress skrivs ned: "
                "fråga din handläggare först."
            ),
            (
                f"Lämna eller skicka det till {own}. Vi sänder det vidare till förvaltningsrätten, "
                "om vi inte själva ändrar beslutet så som du vill."
            ),
            f"Det ska ha kommit till oss {by_when}.",
            f"Lag: {cite(law, 'appeal.where', decided_on)} och {cite(law, 'appeal.aid', decided_on)}.",
        ),
    )


async def aid_letter(node: Node, actor: Actor, case_id: UUID, aid_id: UUID, law: LawBook) -> bytes:
    """The decision as PDF, dated the day it was made.

    Raises:
        AccessDenied: not a member, or no such decision in the case.
    """
    content = await cases.read_aid_decision(node, actor, CaseId(case_id), aid_id)
    letter = compose(content, law, own=directory.authority(node, node.authority).name)
    return await typeset(letter, content.decision.decided_at)
