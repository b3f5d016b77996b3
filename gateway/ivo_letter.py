"""The application to IVO as a letter: what it must contain, and what is enclosed with it.

Source: IVO's own page on what an application must hold (domain 2.1): the reasons for the strongest
connection, the person's wish, the measure and its legal ground, the duration, other circumstances;
the decision with the delegation order, the request, the answer and what the decision rests on.
"""

from datetime import date
from uuid import UUID

from gateway.letters import Letter, Part, Signature, typeset
from gateway.texts.days import day, moment
from gateway.texts.jinja import personal_number
from gateway.texts.law import cite
from gateway.texts.policy import DECISIONS
from gateway.texts.words import word
from services.decisions.api import Decision
from services.directory import api as directory
from services.handover import api as handover
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import ConversationId
from shared.node import Node
from shared.policy import LawBook

_CONFIDENTIAL = (
    "Sekretess. Ansökan gäller en person som lever under hot. Var personen finns står inte här, "
    "och lämnas inte i något av det som bifogas."
)
_RESTS_ON = ("transfer.dispute", "transfer.request")
_DRAFT = "Utkast. Ansökan är inte beslutad: {why}"


def compose(
    application: handover.Application, law: LawBook, today: date, *, own: str, other: str
) -> Letter:
    """The letter, drawn from the request and the answer as they were signed.

    Args:
        own, other: the two authorities' full names.
    """
    said = application.request.belonging
    return Letter(
        title="Ansökan om överflyttning av ärende",
        authority=own,
        to="Inspektionen för vård och omsorg (IVO)",
        register_number=application.register_number or "Diarienummer: ______________",
        notice="\n\n".join(filter(None, (_draft_notice(application), _CONFIDENTIAL))),
        parts=(
            _matter(application, law, today, own=own, other=other),
            Part(
                heading="1. Skälen för starkast anknytning",
                rows=(
                    ("Bedömning", _finding(application)),
                    (f"Anknytningen till {other}", said.connection),
                ),
            ),
            _wish(application),
            Part(heading="3. Hur länge behovet väntas finnas", text=said.duration),
            Part(heading="4. Övriga omständigheter", text=said.circumstances),
            _measures(application, law),
            Part(heading="6. Vår inställning", text=application.statement or "Inte skriven än."),
            _answer(application, other),
            *_questions(application, own, other),
            _decisions(application),
            _course(application, other),
            _enclosures(application, other),
        ),
        signatures=_signatures(application),
    )


def _draft_notice(application: handover.Application) -> str:
    if application.waits_for_second:
        return _DRAFT.format(why="en andra person har inte bekräftat den.")
    if application.dispute.applied_on is None:
        return _DRAFT.format(why="den är inte undertecknad.")
    return ""


def _matter(
    application: handover.Application, law: LawBook, today: date, *, own: str, other: str
) -> Part:
    person = application.file.person
    number = person.personal_number
    rows = [
        ("Personen", f"{person.given_name} {person.family_name}"),
        ("Personnummer", personal_number(number) if number else "Inte uppgivet"),
        ("Skydd", word(person.protected_identity, "protected_identity")),
        ("Sökande kommun", own),
        ("Kommun som ärendet ska flyttas till", other),
        ("Ansvarar tills beslutet har vunnit laga kraft", own),
        (
            "Lagrum",
            "\n".join(dict.fromkeys(cite(law, each, today) for each in _RESTS_ON)),
        ),
        ("Ansökan sänd", day(application.applied_on)),
    ]
    if person.protected_identity == "PROTECTED_REGISTRATION":
        rows.insert(3, ("Folkbokföring", "Skyddad; säger inget om var personen hör hemma."))
    return Part(heading="Vad ansökan gäller", rows=tuple(rows))


def _finding(application: handover.Application) -> str:
    found = application.file.residence
    if found is None:
        return word(application.request.belonging.ground, "ground")
    names = application.file.names
    who = names.get(found.found_by, "handläggare")
    ground = word(application.request.belonging.ground, "ground")
    text = f"{ground[0].upper()}{ground[1:]}. {found.facts}\n"
    text += f"Bedömd av {who} {day(found.found_at)}"
    if found.confirmed_by is not None:
        second = names.get(found.confirmed_by, "en andra person")
        text += f", bekräftad av {second} {day(found.confirmed_at)}"
    return f"{text}."


def _wish(application: handover.Application) -> Part:
    said = application.request.belonging
    if said.wish_is_followed:
        rows = (("Begäran följer önskan", "Ja"),)
    else:
        rows = (("Begäran går emot önskan, därför att", said.wish_overridden_because),)
    return Part(heading="2. Vad personen själv vill", text=said.wish, rows=rows)


def _measures(application: handover.Application, law: LawBook) -> Part:
    # What the request did not cover, IVO is not told either: health care may stand in the file.
    needs = tuple(
        (word(each.area, "need_area"), each.running_measure or "Ingen pågående insats.")
        for each in application.file.needs
        if f"needs.{each.area}" in application.draft.kinds
    )
    ground = application.request.ground
    if isinstance(ground, handover.StatuteGround):
        rests_on = cite(law, ground.law, application.requested_at.date())
    else:
        rests_on = f"Personens samtycke, till och med {day(ground.valid_until)}"
    return Part(
        heading="5. Insatser och rättslig grund",
        text=application.request.need,
        rows=(*needs, ("Uppgifterna lämnas på grund av", rests_on)),
    )


def _answer(application: handover.Application, other: str) -> Part:
    said = application.dispute
    heading = f"7. Svaret från {other}"
    if said.answered_at is None:
        return Part(
            heading=heading,
            text=f"Inget skriftligt svar har kommit. {other} tog emot begäran "
            f"{moment(application.receipt_at)}, enligt undertecknad kvittens; "
            "en månad har gått sedan dess.",
        )
    how = "Lämnade tillbaka ärendet" if said.is_returned else "Nekade"
    group = "return_code" if said.is_returned else "decline_code"
    return Part(
        heading=heading,
        rows=(
            ("Svar", f"{how} {moment(said.answered_at)}"),
            ("Skäl", word(said.answer_code or "other_circumstances", group)),
            ("Med egna ord", said.answer_text),
        ),
    )


def _questions(application: handover.Application, own: str, other: str) -> tuple[Part, ...]:
    asked = application.view.questions
    if not asked:
        return ()
    rows = tuple(
        (
            f"{own if each.is_ours else other} frågar {day(each.asked_at)}",
            f"{each.question}\n\nSvar: {each.answer or 'inget än'}",
        )
        for each in asked
    )
    return (Part(heading="Frågor och svar mellan kommunerna", rows=rows),)


def _decisions(application: handover.Application) -> Part:
    def who(each: Decision) -> str:
        names = application.file.names
        first = names.get(each.decided_by, "en befattningshavare")
        second = names.get(each.second, "en andra person") if each.second else None
        return f"{first} och {second}" if second else first

    rows = tuple(
        (
            f"Beslut att {DECISIONS[each.kind]}, {moment(each.decided_at)}",
            (
                f"Beslutat av {who(each)}, enligt {each.document}, {each.section}. "
                f"Policy från {day(each.policy_from)}, kontrollvärde {each.policy_sha256}."
            ),
        )
        for each in application.decisions
    )
    return Part(heading="8. Beslut och delegation", rows=rows)


def _course(application: handover.Application, other: str) -> Part:
    rows = [
        ("Begäran undertecknad och skickad", moment(application.requested_at)),
        (f"Mottagen hos {other}, enligt undertecknad kvittens", moment(application.receipt_at)),
    ]
    if application.dispute.answered_at is not None:
        rows.append(("Svaret kom", moment(application.dispute.answered_at)))
    return Part(heading="9. Vad som hänt", rows=tuple(rows))


def _enclosures(application: handover.Application, other: str) -> Part:
    number = application.register_number or "samma diarienummer"
    answer = (
        f"Svaret från {other}, ordagrant i avsnitt 7."
        if application.dispute.answered_at
        else f"Kvittens på att {other} tog emot begäran, i bevisfilen."
    )
    orders = sorted({f"{each.document}, {each.section}" for each in application.decisions})
    return Part(
        heading="Bilagor",
        text=f"Diarienummer: {number}",
        items=(
            "Begäran om överflyttning, ordagrant i avsnitt 1 till 5.",
            answer,
            "Beslut att begära och att ansöka, i avsnitt 8.",
            f"Delegationsordning, bifogas: {'; '.join(orders) or 'enligt kommunens beslut'}.",
            "Tillhörighetsutredningen som beslutet bygger på, i avsnitt 1.",
            (
                "Bevisfil med undertecknade meddelanden och kvittenser, bifogas; "
                "den innehåller inga personuppgifter."
            ),
        ),
    )


def _signatures(application: handover.Application) -> tuple[Signature, ...]:
    decided = [each for each in application.decisions if each.kind == "handover.dispute"]
    if not decided:
        return (
            Signature("Namnförtydligande", "beslutande"),
            Signature("Namnförtydligande", "medbeslutande"),
        )
    names = application.file.names
    both = [each for each in (decided[-1].decided_by, decided[-1].second) if each is not None]
    return tuple(Signature(names.get(each, "Namnförtydligande")) for each in both)


async def application_pdf(node: Node, actor: Actor, handover_id: UUID, law: LawBook) -> bytes:
    """The application to IVO as PDF.

    Raises:
        AccessDenied: not the sender's, or not the actor's to see.
        Conflict: `handover.ivo_not_open`.
    """
    content = await handover.ivo_application(node, actor, ConversationId(handover_id))
    now = node.clock.now()
    letter = compose(
        content,
        law,
        local_date(now),
        own=directory.authority(node, node.authority).name,
        other=directory.authority(node, content.view.row.other).name,
    )
    return await typeset(letter, now)
