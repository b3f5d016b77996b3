"""A letter to a municipality that has no node: what the message would have said, in words, as PDF.

The same letter is set to the same bytes each time: it bears the day it was decided, and is kept when
it is noted as sent. No letter but the dossier says whom it is about: the register number does.
"""

import dataclasses
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from gateway.letters import Letter, Part, Signature, typeset
from gateway.pages.handover_proof import section_rows
from gateway.texts.days import day
from gateway.texts.errors import authority_name
from gateway.texts.words import word
from services.cases import api as cases
from services.directory import api as directory
from services.handover import api as handover
from shared.actor import Actor
from shared.clock import local_date
from shared.ids import ConversationId
from shared.node import Node
from shared.policy import LawBook

TITLES = {
    "proposed": "Begäran om överflyttning av ärende",
    "dossier": "Underlag för övertagande",
    "disputed": "Ansökan till IVO är inlämnad",
    "kept": "Ärendet behålls",
    "ruled_sender": "IVO:s beslut har vunnit laga kraft",
    "ruled_receiver": "IVO:s beslut har vunnit laga kraft",
    "withdrawn": "Begäran tas tillbaka",
    "question": "En fråga i ärendet",
    "answer": "Svar på er fråga",
    "notice": "Ändrade uppgifter i ärendet",
}
_NAMELESS = (
    "Sekretess. Ärendet gäller en person som lever under hot. Brevet säger inte vem: det får ni veta "
    "av underlaget, när ni har svarat ja. Uppge alltid vårt diarienummer, och skriv aldrig personens "
    "namn eller nummer i öppen e-post."
)
_NAMED = (
    "Sekretess. Personen lever under hot. Bara den som ska ta över ärendet får läsa underlaget. Var "
    "personen finns står inte här; det lämnas när ni träffas."
)


@dataclasses.dataclass(frozen=True)
class _Sheet:
    """What every letter is written from."""

    letter: handover.Letter
    law: LawBook
    own: directory.ListedAuthority
    other: directory.ListedAuthority

    @property
    def decided_on(self) -> date:
        return local_date(self.letter.decided_at)


async def letter_pdf(
    node: Node, actor: Actor, handover_id: UUID, message_id: UUID, law: LawBook
) -> bytes:
    """One letter as PDF.

    Raises:
        AccessDenied: none, or not the actor's to see.
    """
    letter = await handover.read_letter(node, actor, ConversationId(handover_id), message_id)
    sheet = _Sheet(
        letter,
        law,
        directory.authority(node, node.authority),
        directory.authority(node, letter.row.receiver),
    )
    return await typeset(compose(sheet), letter.decided_at)


async def record_sent(
    node: Node, actor: Actor, command: handover.RecordSent, law: LawBook
) -> UUID | None:
    """Note that a letter has left, and keep it as it was; the document in the case."""
    content = await letter_pdf(node, actor, command.handover_id, command.message_id, law)
    return await handover.record_sent(node, actor, command, content)


def compose(sheet: _Sheet) -> Letter:
    """The letter in words."""
    letter = sheet.letter
    parts: tuple[Part, ...]
    match letter.kind:
        case "proposed":
            parts = (_matter(sheet), *_four_parts(letter.body), _how_to_answer(sheet))
        case "dossier":
            parts = (_matter(sheet), *_dossier(letter), _how_to_take_over(sheet))
        case _:
            parts = (_matter(sheet), Part(heading="Vad vi vill säga", text=_said(letter.body)))
    return Letter(
        title=TITLES[letter.kind],
        authority=sheet.own.name,
        to=f"Socialnämnden eller motsvarande, {sheet.other.name}",
        register_number=letter.register_number,
        notice=_NAMED if letter.kind == "dossier" else _NAMELESS,
        parts=parts,
        signatures=(
            Signature("Namnförtydligande", "beslutande"),
            Signature("Namnförtydligande", "medbeslutande"),
        )
        if letter.kind == "proposed"
        else (Signature("Namnförtydligande", "handläggare"),),
    )


def _matter(sheet: _Sheet) -> Part:
    duty = sheet.own.duty_contact
    found = sheet.law.on("transfer.request", sheet.decided_on)
    citation = found.citation if found.verified else f"{found.citation} (kontrollera lagtexten)"
    rows = [
        ("Vårt diarienummer", sheet.letter.register_number),
        ("Brev i ärendet", f"Nummer {sheet.letter.number}"),
        ("Från", sheet.own.name),
        ("Till", sheet.other.name),
        ("Ansvarar för ärendet", f"{sheet.own.name}, tills ni skriftligt har tagit över"),
        ("Lagrum", citation),
    ]
    if duty.telephone:
        rows.append(("Ring oss", f"{duty.name}, {duty.telephone}, {duty.hours}"))
    return Part(heading="Vad brevet gäller", rows=tuple(rows))


def _four_parts(body: msgspec.Struct) -> tuple[Part, ...]:
    assert isinstance(body, handover.Proposed)
    said = body.belonging
    follows = ("Begäran följer önskan", "Ja")
    if not said.wish_is_followed:
        follows = ("Begäran går emot önskan, därför att", said.wish_overridden_because)
    threat = "Lämnas inte: polisen har inte godkänt det."
    if body.threat is not None:
        threat = f"{word(body.threat.level, 'level')}, bedömd {day(body.threat.assessed_on)}"
    return (
        Part(
            heading="1. Skälen för starkast anknytning",
            text=said.connection,
            rows=(("Bedömning", word(said.ground, "ground")),),
        ),
        Part(heading="2. Vad personen själv vill", text=said.wish, rows=(follows,)),
        Part(heading="3. Hur länge behovet väntas finnas", text=said.duration),
        Part(heading="4. Övriga omständigheter", text=said.circumstances),
        Part(
            heading="5. Behov och rättslig grund",
            text=body.need,
            rows=(
                ("Brådska", word(body.urgency, "urgency")),
                ("Hotnivå", threat),
                ("Skyddad folkbokföring", "Ja" if body.is_protected else "Nej"),
                ("Uppgifterna lämnas på grund av", _ground(body.ground)),
                (
                    "Policy som begäran bygger på",
                    f"Från {day(body.policy_from)}, kontrollvärde {body.policy_sha256}",
                ),
            ),
        ),
    )


def _ground(ground: Any) -> str:
    until = getattr(ground, "valid_until", None)
    return f"Personens samtycke, till och med {day(until)}" if until else "Lag"


def _how_to_answer(sheet: _Sheet) -> Part:
    assert isinstance(sheet.letter.body, handover.Proposed)
    return Part(
        heading="Så svarar ni",
        text="Skriv vårt diarienummer och ert eget. Svaret ska vara undertecknat. Skicka det "
        "rekommenderat, med bud eller i säker digital post.",
        items=(
            "Bekräfta med mottagningsbeviset att brevet har kommit fram, och vilken dag.",
            f"Svara ja eller nej senast {day(sheet.letter.body.answer_on)}. Ett nej ska ha skäl.",
            "Säger ni ja: skriv från vilken dag ni kan ta över. Då skickar vi underlaget.",
            "Undrar ni något: fråga skriftligt, eller ring.",
            (
                f"Svarar ni inte inom en månad kan {sheet.own.name} ansöka hos Inspektionen för "
                "vård och omsorg (IVO)."
            ),
        ),
    )


def _dossier(letter: handover.Letter) -> tuple[Part, ...]:
    assert letter.enclosed is not None
    dossier = letter.enclosed
    sections = tuple(
        Part(
            heading=word(section.__struct_config__.tag, "section"),
            rows=tuple(section_rows(section)),
        )
        for section in dossier.sections
    )
    withheld = tuple(
        (word(each.section, "section"), word(each.reason, "withheld_reason"))
        for each in dossier.withheld
    )
    chain = tuple((day(link.at), _link(link)) for link in dossier.chain)
    enclosed = tuple(
        f"{each.document.title}, kom in {day(each.document.received_on)}, "
        f"kontrollvärde {each.document.sha256[:16]}"
        for each in dossier.documents
    )
    found = [
        *sections,
        Part(heading="Lämnas inte, och varför", rows=withheld),
        Part(heading="Vem som har ansvarat", rows=chain),
    ]
    if enclosed:
        found.append(Part(heading="Bilagor", items=enclosed))
    return tuple(found)


def _link(link: cases.Link) -> str:
    who = authority_name(link.authority)
    if link.kind == "responsible":
        return f"{who} ansvarar"
    other = f", {authority_name(link.counterpart)}" if link.counterpart else ""
    return f"{_LINKS[link.kind]}{other}"


def _how_to_take_over(sheet: _Sheet) -> Part:
    return Part(
        heading="Så tar ni över",
        items=(
            "Utse den som ska arbeta med personen, och boka ett första möte.",
            "Är hotet högt: försäkra er hos polisen om vem som svarar för skyddet.",
            (
                "Skriv till oss, undertecknat av den som får besluta: att ni har tagit över, och "
                "från vilken dag."
            ),
            f"{sheet.own.name} ansvarar tills det brevet har kommit hit.",
            "Är något fel, eller kan ni inte ta över: lämna tillbaka underlaget, med skälen.",
        ),
    )


def _said(body: msgspec.Struct) -> str:
    """What another message says: its words, its days, its coded reason."""
    content = getattr(body, "content", body)
    lines = []
    applied_on = getattr(content, "applied_on", None)
    if applied_on:
        lines.append(f"Vi har ansökt hos IVO {day(applied_on)}.")
    if decided_on := getattr(content, "decided_on", None):
        final_on = getattr(content, "final_on", None)
        lines.append(
            f"IVO:s beslut {getattr(content, 'document', '')} från {day(decided_on)} vann laga "
            f"kraft {day(final_on)}. {_RULED.get(type(body).__name__, '')}".strip()
        )
    because = getattr(content, "because", None)
    if because is not None:
        lines.append(_BECAUSE[(type(body).__name__, because)])
    tag = str(content.__struct_config__.tag or "")
    lines += [_NOTICES[tag]] if tag in _NOTICES else []
    lines += [word(each, "fact_changed") for each in getattr(content, "what", ())]
    if text := getattr(content, "text", ""):
        lines.append(text)
    return "\n\n".join(lines)


_LINKS = {
    "proposed": "Överlämning föreslagen",
    "accepted": "Svar: ja",
    "declined": "Svar: nej",
    "returned": "Tillbakalämnat",
    "disputed": "Ansökan till IVO",
    "ruled": "IVO:s beslut",
    "agreed": "Tar över trots allt",
    "kept": "Behållet",
    "withdrawn": "Tillbakataget",
}
_RULED = {
    "RuledSender": "Vi är ansvariga. Förstör det ni har fått av personens uppgifter.",
    "RuledReceiver": "Ni är ansvariga. Skriv från vilken dag ni tar över; vi ansvarar till dess.",
}
_BECAUSE = {
    (
        "Withdrawn",
        "decided",
    ): "Vi vill ta tillbaka begäran. Bekräfta skriftligt att ni har avslutat, "
    "och att ni har förstört det ni har fått av personens uppgifter.",
    (
        "Withdrawn",
        "consent_withdrawn",
    ): "Personen har tagit tillbaka sitt samtycke, och begäran tas "
    "tillbaka. Bekräfta skriftligt att ni har avslutat, och att ni har förstört det ni har fått.",
    ("Kept", "decided"): "Vi behåller ärendet. Förstör det ni har fått av personens uppgifter.",
    ("Kept", "consent_withdrawn"): "Personen har tagit tillbaka sitt samtycke, och vi behåller "
    "ärendet. Förstör det ni har fått av personens uppgifter.",
}
_NOTICES = {
    "facts_changed": "Något har ändrats sedan vi skrev till er. Ring oss innan ni gör något mer.",
    "consent_withdrawn": "Personen har tagit tillbaka sitt samtycke. Spärra det ni har fått med stöd "
    "av det, och skriv till oss vad som blev av uppgifterna.",
    "rectified": "En uppgift som vi lämnade var fel.",
    "supplement": "Ett tillägg till det vi lämnade.",
    "ruling_appealed": "IVO:s beslut är överklagat, och gäller inte än.",
    "chain_links": "Ärendet har gått vidare till en annan kommun.",
}
