"""One handover in words: what stands in the proposal, what happened, what can be done now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gateway.pages.delegated import who_decides
from gateway.pages.frame import Page, node_of
from gateway.texts.days import day
from gateway.texts.errors import authority_name
from gateway.texts.jinja import unit_name
from gateway.texts.words import WORDS, word
from services.directory import api as directory
from services.handover import api as handover
from shared.actor import WORKER_ID
from shared.clock import local_date
from shared.ids import AuthorityCode, ConversationId

ACT_TEXT = {
    "propose": "Läs igenom och lämna till kollega",
    "drop": "Kasta utkastet",
    "withdraw": "Be att få tillbaka ärendet",
    "apply_to_ivo": "Ansök hos IVO",
    "keep": "Behåll ärendet",
    "record_ruling_for_sender": "Registrera IVO:s beslut",
    "record_ruling_for_receiver": "Registrera IVO:s beslut",
    "close_after_removal": "Avsluta: mottagaren har lämnat utbytet",
    "accept": "Acceptera",
    "decline": "Neka med skäl",
    "return_it": "Lämna tillbaka",
    "agree": "Gå med på att ta över",
    "take_over": "Ta över",
    "paper_received": "Läs in ett papper",
}


def decision_text(act: str) -> str:
    """What the second person confirms; the first person's button may say more."""
    return "Föreslå överlämning" if act == "propose" else ACT_TEXT[act]


_ENDED = frozenset({"completed", "taken_over", "withdrawn", "cancelled", "kept", "closed"})
RULINGS = frozenset({"record_ruling_for_sender", "record_ruling_for_receiver"})


async def opened(request: Page, handover_id: UUID, reason: str = "casework") -> handover.View:
    """The handover, its reading audited."""
    return await handover.read(node_of(request), request.user, ConversationId(handover_id), reason)


def is_outgoing(view: handover.View) -> bool:
    """Whether the case is, or was, ours to hand over."""
    return isinstance(view.row, handover.Outgoing)


def is_on_paper(view: handover.View) -> bool:
    """Whether the other end has no node: what is said goes by letter, what is answered on paper."""
    return isinstance(view.row, handover.Outgoing) and view.row.is_on_paper


def name_of(view: handover.View) -> str:
    """How lists and titles call it: never by anything of the person."""
    return view.code_name or f"Förslag från {authority_name(view.row.other)}"


def act_path(act: str) -> str:
    """Where the form of an act is."""
    return "ruling" if act in RULINGS else act.replace("_", "-")


def actions(request: Page, view: handover.View) -> list[dict[str, str]]:
    """What this person can do now; a signature that waits comes before all else."""
    base = f"/handovers/{view.row.handover_id}"
    if view.pending is not None:
        second = {"text": "Läs och bekräfta som andra person", "href": f"{base}/confirm"}
        return [second, *_to_read(view, base, is_waiting=True)]
    found: list[dict[str, str]] = []
    for each in view.possible:
        act = str(each.act)
        if not each.is_mine or (act == "take_over" and view.dossier is None):
            continue
        if act == "close_after_removal" and not _is_removed(request, view.row.other):
            continue
        path = "step/1" if act == "propose" else f"act/{act_path(act)}"
        item = {"text": ACT_TEXT[act], "href": f"{base}/{path}"}
        if item not in found:
            found.append(item)
    return [*found, *_to_read(view, base, is_waiting=False), *_to_tell(view, base)]


def _to_read(view: handover.View, base: str, *, is_waiting: bool) -> list[dict[str, str]]:
    """Pages beside this one."""
    found = []
    if is_on_paper(view) and str(view.row.state) != "draft":
        found.append({"text": "Brev och papper", "href": f"{base}/papers"})
    if view.dossier is not None and not is_waiting:
        found.append({"text": "Läs underlaget", "href": f"{base}/dossier"})
    if view.dispute is not None:
        found.append({"text": "Tvisten", "href": f"{base}/dispute"})
    if view.row.case_id is not None and not is_waiting:
        found.append({"text": "Till ärendet", "href": f"/cases/{view.row.case_id}"})
    return found


def excluded_note(view: handover.View) -> dict[str, str] | None:
    """The case is kept from the receiver by now: what that stops, and the way out."""
    if not view.is_excluded:
        return None
    name, base = authority_name(view.row.other), f"/handovers/{view.row.handover_id}/act"
    mine = {str(each.act) for each in view.possible if each.is_mine}
    act = next((each for each in ("withdraw", "keep", "drop") if each in mine), None)
    text = (
        f"Ärendet är undantaget från {name}. Inget mer om personen skickas dit, men det som redan "
        "har skickats finns kvar där tills ni tar tillbaka överlämningen och de har raderat det."
        if view.row.state is not handover.SenderState.DRAFT
        else f"Ärendet är undantaget från {name}. Förslaget kan inte skickas."
    )
    return {"text": text, "act": ACT_TEXT[act] if act else "", "href": f"{base}/{act}"}


_TELLS_FACTS = frozenset({"proposed", "sending", "escalating", "disputed", "ordering", "completed"})


def _to_tell(view: handover.View, base: str) -> list[dict[str, str]]:
    """What this end may tell the other beside the steps."""
    if unanswered_consent(view) is not None:
        return [{"text": "Svara om samtycket", "href": f"{base}/tell/consent-answer"}]
    state = str(view.row.state)
    if not is_outgoing(view) or state not in _TELLS_FACTS:
        return []
    found = [{"text": "Berätta att något har ändrats", "href": f"{base}/tell/changed-facts"}]
    if state in {"sending", "completed"}:
        found.append({"text": "Rätta något som skickades", "href": f"{base}/tell/rectification"})
    if state == "completed":
        found.append({"text": "Skicka ett tillägg", "href": f"{base}/tell/supplement"})
    return found


def responsible_note(view: handover.View) -> str | None:
    """After a final ruling for the receiver, until it has taken over: since when, in words."""
    said = view.dispute
    if said is None or said.ruled_for != "receiver" or str(view.row.state) in _ENDED:
        return None
    who = (
        f"{authority_name(view.row.other)} är ansvarig" if is_outgoing(view) else "Ni är ansvariga"
    )
    since = f" från {day(said.final_on)}" if said.final_on else ""
    return f"{who} enligt IVO:s beslut{since}; övertagandet väntar."


def other_note(request: Page, view: handover.View) -> str | None:
    """What to know of the other end before anything is sent there: it has paused, or left."""
    if str(view.row.state) in _ENDED:
        return None
    name = authority_name(view.row.other)
    if is_on_paper(view):
        return (
            f"{name} har ingen nod. Det ni vill säga dit går som brev, och det som kommer därifrån "
            "läses in av två personer. Se Brev och papper."
        )
    match directory.authority(node_of(request), view.row.other).status:
        case "paused":
            return (
                f"{name} har gjort uppehåll i utbytet. Det du skickar väntar här och kommer fram när "
                "de är tillbaka. Är det bråttom, ring dem."
            )
        case "removed":
            return f"{name} har lämnat utbytet. Inget kommer fram dit."
        case "active":
            return None


def _is_removed(request: Page, code: AuthorityCode) -> bool:
    """Whether the other end has left the exchange."""
    known = directory.authorities(node_of(request))
    return any(each.code == code and each.status == "removed" for each in known)


def blocked(request: Page, view: handover.View) -> list[dict[str, str]]:
    """What somebody else may do, and who."""
    if not view.is_reader:
        return []
    node = node_of(request)
    found = [
        {
            "text": ACT_TEXT[str(each.act)],
            "reason": who_decides(node, each.delegation.kind),
        }
        for each in view.possible
        if not each.is_mine and each.delegation is not None
    ]
    return list({each["text"]: each for each in found}.values())


def facts(view: handover.View) -> list[tuple[str, str]]:
    """The proposal, line by line."""
    if view.draft is not None:
        return draft_facts(view.draft)
    if view.proposal is None:
        return []
    said = view.proposal
    rows = [
        ("Anknytning", said.belonging.connection),
        ("Behovets varaktighet", said.belonging.duration),
        ("Omständigheter", said.belonging.circumstances),
        ("Personens önskan", said.belonging.wish),
        ("Behov", said.need),
        ("Brådska", word(said.urgency, "urgency")),
        ("Rättslig grund", _ground(said.ground)),
        ("Svar önskas", day(said.answer_on)),
    ]
    if not said.belonging.wish_is_followed:
        rows.insert(4, ("Varför mot önskan", said.belonging.wish_overridden_because))
    if said.threat is not None:
        level = word(said.threat.level, "level")
        rows.append(
            ("Hotnivå", f"{level}, {unit_name(said.threat.unit)}, {day(said.threat.assessed_on)}")
        )
    else:
        rows.append(("Hotnivå", "Lämnas inte: polisen har inte godkänt det."))
    rows.append(("Skyddad folkbokföring", "ja" if said.is_protected else "nej"))
    return rows


def draft_facts(draft: handover.Draft) -> list[tuple[str, str]]:
    """A draft, line by line."""
    return [
        ("Grund", word(draft.residence_ground, "ground")),
        ("Anknytning", draft.connection or "–"),
        ("Behovets varaktighet", draft.duration or "–"),
        ("Omständigheter", draft.circumstances or "–"),
        ("Personens önskan", draft.wish or "–"),
        ("Förslaget följer önskan", "ja" if draft.wish_is_followed else "nej"),
        ("Behov", draft.need or "–"),
        ("Brådska", word(draft.urgency, "urgency")),
        ("Rättslig grund", word(draft.ground, "ground_kind") if draft.ground else "–"),
        ("Svar önskas", day(draft.answer_on)),
    ]


_BY_MACHINE = frozenset({"noted", "dossier", "cancelled", "vault"})
"""Kinds that a node sends by itself, as the answer to what people did: a receipt more than a word."""
_OF_PEOPLE = frozenset({"consent_withdrawn", "facts_changed"})
"""What the node notes of what a person did: no receipt, whoever wrote it down."""


def _is_machines(each: handover.Happened) -> bool:
    return each.actor == WORKER_ID and each.code not in _OF_PEOPLE


def timeline(request: Page, view: handover.View) -> list[dict[str, Any]]:
    """What people said, and smaller what machines did and confirmed, newest first."""
    ours = authority_name(node_of(request).authority)
    other = authority_name(view.row.other)
    told = {word(message.kind, "message").lower() for message in view.messages}
    noticed = [(each, word(each.code, "handover_event")) for each in view.events]
    # A message stands for the step that it tells of: nothing is said twice.
    entries: list[dict[str, Any]] = [
        _entry(each.at, ours, text, detail=_remains(each), is_machine=_is_machines(each))
        for each, text in noticed
        if text.lower().removeprefix("mottaget: ") not in told
    ]
    for message in view.messages:
        who = ours if message.is_ours else other
        text = word(message.kind, "message")
        said = _said(view.bodies.get(message.message_id))
        is_machine = message.kind in _BY_MACHINE
        entries.append(_entry(message.at, who, text, detail=said, is_machine=is_machine))
        receipt = view.receipts.get(message.message_id)
        if receipt is not None:
            answer = "Avvisat" if message.refusal_code else "Kvittens"
            entries.append(_entry(receipt, other, f"{answer}: {text.lower()}", is_machine=True))
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def _remains(each: handover.Happened) -> str | None:
    """After a consent was taken back: what became of the data here, and what remains."""
    match each.facts.get("outcome"):
        case "erased":
            return (
                "Raderat: underlaget, förslaget, frågor och svar, handlingar och kontaktuppgifter "
                "som kom med. Kvar: det ni själva har skrivit och beslutat, och de handlingar som "
                "era beslut vilar på, enligt det lagrum ni angav."
            )
        case "locked":
            return "Spärrat: inget mer vilar på samtycket. Det som kom är kvar."
        case _:
            return None


def receipts(view: handover.View) -> dict[str, Any]:
    """Whether our latest message has arrived, by the other end's signed word; a letter gives none."""
    ours = [] if is_on_paper(view) else [message for message in view.messages if message.is_ours]
    if not ours:
        return {"sent_at": None, "received_at": None, "is_waiting": False}
    last = max(ours, key=lambda message: message.number)
    received = view.receipts.get(last.message_id)
    return {"sent_at": last.at, "received_at": received, "is_waiting": received is None}


def changed(view: handover.View) -> list[dict[str, Any]]:
    """Notices that must be read before any button is pressed, oldest first."""
    found = []
    for message in view.messages:
        content = getattr(view.bodies.get(message.message_id), "content", None)
        if content is None or message.is_ours:
            continue
        if isinstance(content, handover.FactsChanged):
            what = [word(each, "fact_changed") for each in content.what]
            found.append({"what": what, "on": content.changed_on, "text": None})
        elif (tag := str(content.__struct_config__.tag)) in WORDS["notice"]:
            what = [word(tag, "notice")]
            found.append({"what": what, "on": local_date(message.at), "text": _told(content)})
    return found


def _told(content: Any) -> str | None:
    """A notice's own words."""
    if isinstance(content, handover.ConsentHandled):
        outcome = word(content.outcome, "consent_outcome")
        return (
            f"{outcome}. Behålls enligt lag: {content.remainder}" if content.remainder else outcome
        )
    text = getattr(content, "text", None)
    section = getattr(content, "section", None)
    return f"{word(section, 'section')}: {text}" if section else text


def unanswered_consent(view: handover.View) -> UUID | None:
    """A consent that was taken back, where we hold the case and have not said what became of it."""
    if str(view.row.state) != "taken_over":
        return None
    return handover.unanswered_consent(view.messages, view.bodies)


def responsible(request: Page, view: handover.View) -> AuthorityCode:
    """Who answers for the case now, as this end knows."""
    ours = node_of(request).authority
    has_moved = str(view.row.state) in {"completed", "taken_over"}
    if is_outgoing(view):
        return view.row.other if has_moved else ours
    return ours if has_moved else view.row.other


def pending_facts(view: handover.View, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the first person signed, read back word for word."""
    assert view.pending is not None
    payload = msgspec.to_builtins(view.pending.payload, str_keys=True)
    rows = [("Beslut", decision_text(str(view.pending.act)))]
    if isinstance(view.pending.payload, handover.PaperReceived):
        said = payload.pop("said")
        payload.pop("document_id")
        rows = [("Papperet säger", word(said["type"], "paper_said"))]
        payload |= said
    for field, value in payload.items():
        if field == "type" or value in {"", None}:
            continue
        text = str(names.get(str(value), value))
        if field == "responsible":
            text = RESPONSIBLE[text]
        elif field == "question_id":
            text = next(each.question for each in view.questions if str(each.question_id) == text)
        elif field == "code":
            is_no = str(view.pending.act) == "decline" or payload.get("type") == "declined"
            group = "decline_code" if is_no else "return_code"
            text = word(value, group)
        elif field.endswith("_on"):
            text = day(value)
        elif field.endswith("_at"):
            text = value
        rows.append((FIELD_TEXT.get(field, field), text))
    return rows


RESPONSIBLE = {"sender": "Den som lämnar över", "receiver": "Den som skulle ta emot"}
FIELD_TEXT = {
    "received_on": "Kom till er",
    "taken_over_on": "Tog över",
    "question_id": "Svarar på frågan",
    "take_over_on": "Kan tas över från",
    "agreed_on": "Tas över",
    "case_worker": "Handläggare",
    "first_meeting_at": "Första mötet",
    "code": "Skäl",
    "text": "Med egna ord",
    "document": "Beslutets diarienummer",
    "decided_on": "Beslutat",
    "final_on": "Laga kraft",
    "applied_on": "Ansökt",
    "register_number": "Ert diarienummer",
    "appeal_document": "Vad som avslutade överklagandet",
    "responsible": "Ansvarig enligt beslutet",
}


def _entry(
    at: datetime, who: str, text: str, *, detail: str | None = None, is_machine: bool = False
) -> dict[str, Any]:
    return {
        "at": at,
        "who": f"{who}, automatiskt" if is_machine else who,
        "text": text,
        "ground": None,
        "detail": detail,
        "is_machine": is_machine,
    }


def _said(body: msgspec.Struct | None) -> str | None:
    erased = getattr(body, "erased", ())
    if erased:
        parts = " och ".join(word(part, "erased") for part in erased)
        return f"Raderat hos mottagaren, bekräftat och signerat: {parts}."
    text = getattr(body, "text", None)
    code = getattr(body, "code", None)
    if not isinstance(code, str):
        return text if isinstance(text, str) and text else None
    reason = word(code, "decline_code")
    return f"{reason}. {text}" if text else f"{reason}."


def _ground(ground: Any) -> str:
    until = getattr(ground, "valid_until", None)
    return f"Samtycke, till {day(until)}" if until else "Lagrum"
