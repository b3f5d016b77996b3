"""Codes in words, by group. A code without a word here is shown with its separators as spaces."""

from gateway.texts.policy import ROLES, VALUES
from gateway.texts.words_handover import HANDOVER_WORDS

WORDS: dict[str, dict[str, str]] = {
    "role": {
        **ROLES,
        "police_officer": "polis",
        "api_client": "system",
    },
    "case_state": {
        "CONTACT": "Kontakt",
        "INTAKE": "Aktualisering",
        "PRELIMINARY": "Förhandsbedömning",
        "INVESTIGATION": "Utredning",
        "ENTRY_ASSESSMENT": "Gemensam bedömning",
        "AGREEMENT_PENDING": "Väntar på överenskommelse",
        "ACTIVE": "Pågår",
        "PAUSED": "Pausat",
        "RELAPSE_REVIEW": "Prövning efter återfall",
        "ENDED": "Avslutat",
        "RETENTION": "Avslutat, bevaras",
        "PURGE_DUE": "Ska gallras",
        "PURGED": "Gallrat",
        "ARCHIVED": "Arkiverat",
    },
    "ended_reason": {
        "NOT_OPENED": "utredning inleddes inte",
        "NOT_ADMITTED": "inte antagen",
        "WITHDRAWN": "personen avstod",
        "EXCLUDED_RELAPSE": "uteslutning efter återfall",
        "EXCLUDED_CONDITIONS": "villkoren följdes inte",
        "COMPLETED": "fullföljt",
        "TRANSFERRED": "överlämnat till annan kommun",
        "LOST_CONTACT": "kontakten bröts",
        "DECEASED": "avliden",
    },
    "next": {
        "take_application": "Ta emot ansökan",
        "assign_case_worker": "Utse handläggare",
        "record_residence": "Utred tillhörighet",
        "confirm_residence": "Läs och bekräfta tillhörigheten",
        "give_consent": "Fråga om samtycke",
        "request_threat": "Begär hot- och riskbedömning",
        "await_threat": "Polisen bedömer hotet",
        "review_threat": "Begär ny hotbedömning",
        "record_needs": "Utred behov",
        "propose_handover": "Föreslå överlämning",
        "await_handover": "Överlämning pågår",
    },
    "finding": {
        "HERE": "Hör hit",
        "OTHER": "Hör till en annan kommun",
        "UNCLEAR": "Oklart",
    },
    "ground": {
        "main_rule": "huvudregeln: folkbokförd där",
        "nights_rest": "undantag: huvudsaklig dygnsvila där",
        "strongest_connection": "undantag: starkast anknytning dit",
    },
    "channel": {
        "phone": "Telefon",
        "visit": "Besök",
        "letter": "Brev",
        "referral": "Hänvisad av någon annan",
        "message": "Meddelande",
    },
    "person_kind": {
        "exiter": "Den som vill lämna",
        "relative": "Anhörig",
        "victim": "Brottsutsatt",
    },
    "on_behalf": {
        "self": "För egen del",
        "guardian": "Vårdnadshavare",
        "authority": "En myndighet eller verksamhet",
    },
    "protected_identity": {
        "EXIT_THREAT": "Skyddade uppgifter",
        "MARKED": "Sekretessmarkering",
        "PROTECTED_REGISTRATION": "Skyddad folkbokföring",
    },
    "note_kind": {"fact": "Uppgift", "judgement": "Bedömning"},
    "need_area": {
        area: VALUES[area].capitalize()
        for area in (
            "housing",
            "economy",
            "occupation",
            "health_care",
            "addiction",
            "family",
            "safety",
        )
    },
    "counterparty": {
        "social_services": "socialtjänsten",
        "police": "Polisen",
    },
    "purpose": {
        "handover": "Överlämna ärendet till en annan kommun",
        "threat_assessment": "Hot- och riskbedömning",
        "placement": "Fråga om det är säkert att bo på en viss ort",
        "cooperation": "Samverkan om stöd och skydd",
    },
    "section": {
        "identity": "Namn och personnummer",
        "residence": "Tillhörighet och skälen för den",
        "threat_level": "Hotnivå, enhet och dag",
        "consents": "Samtycken",
        "needs.housing": "Behov: boende",
        "needs.economy": "Behov: ekonomi",
        "needs.occupation": "Behov: sysselsättning",
        "needs.health_care": "Behov: hälso- och sjukvård",
        "needs.addiction": "Behov: missbruk och beroende",
        "needs.family": "Behov: familj och nätverk",
        "needs.safety": "Behov: trygghet och säkerhet",
        "journal": "Hela journalen",
        "contact_data": "Adress, telefon och andra kontaktuppgifter",
        "police_material": "Polisens underlag",
        "third_parties": "Uppgifter om andra personer",
        "proposal": "Förslaget",
        "dossier": "Underlaget",
    },
    "level": {"LOW": "Låg", "MEDIUM": "Medel", "HIGH": "Hög"},
    "method": {
        "structured": "strukturerad metod",
        "unstructured": "utan strukturerad metod",
    },
    "unit_kind": {
        "local_police_area": "lokalpolisområdet",
        "police_protection_unit": "Bops",
    },
    "question": {
        "threat": "Hot- och riskbedömning",
        "placement": "Är det säkert för personen att bo i {authority}?",
        "level_passing": "Får hotnivån lämnas vidare till {authority}?",
        "acute_protection": "Är det akuta skyddet bekräftat med er?",
    },
    "answer": {
        "CLEAR": "Inget hinder",
        "NOT_CLEAR": "Avråder",
    },
    "answer_yes": {
        "CLEAR": "Ja",
        "NOT_CLEAR": "Nej",
    },
    "exclusion": {"authority": "Kommun", "unit": "Enhet", "staff": "Kollega"},
    "card": {
        "exchange.refused": "Ett meddelande avvisades av den andra kommunen",
        "exchange.undelivered": "Ett meddelande har inte kommit fram",
        "exchange.gap": "Ett meddelande saknas",
        "exchange.quarantined": "Ett meddelande kunde inte läsas",
        "exchange.clock": "Klockan går fel hos oss eller hos den andra",
        "case.duplicate": "Kan vara samma person som i ett annat ärende",
        "case.to_assign": "Ärende utan handläggare",
        "threat.changed": "Hotnivån har ändrats",
        "threat.raised": "Hotnivån har höjts",
        "handover.received": "Något har kommit till inkorgen",
        "handover.accepted": "Överlämningen är accepterad",
        "handover.declined": "Överlämningen är nekad",
        "handover.returned": "Ärendet är tillbakalämnat",
        "handover.completed": "Ärendet är övertaget",
        "handover.question": "En fråga har kommit",
        "handover.answer": "Ett svar på en fråga har kommit",
        "handover.answer_due": "Svar på en överlämning ska lämnas",
        "handover.month_passed": "En månad har gått utan svar",
        "handover.not_opened": "Accepterat ärende har inte öppnats",
        "handover.to_approve": "Ett förslag väntar på ditt godkännande",
        "handover.to_confirm": "Ett svar väntar på din bekräftelse",
        "handover.withdrawn": "Överlämningen är tillbakadragen",
        "handover.notice": "Nya uppgifter från den andra kommunen",
        "consent.ending": "Ett samtycke går snart ut",
    },
    "event": {
        "register_contact": "Kontakt registrerad",
        "apply": "Ansökan mottagen",
        "assign": "Handläggare utsedd",
        "taken_over": "Övertaget av annan kommun",
        "take_over": "Övertaget från annan kommun",
        "case.opened": "Ärendet öppnat",
        "case.applied": "Ansökan mottagen",
        "case.taken_over": "Övertaget från annan kommun",
        "case.transferred": "Överlämnat till annan kommun",
        "case.assigned": "Kollega fick tillgång",
        "case.membership_ended": "Kollega förlorade tillgången",
        "case.noted": "Anteckning skriven",
        "case.read": "Läste ärendet",
        "case.log_read": "Läste loggen",
        "case.listed": "Såg ärendet i en lista",
        "residence.recorded": "Tillhörighet bedömd",
        "residence.confirmed": "Tillhörighet bekräftad av en andra person",
        "consent.given": "Samtycke lämnat",
        "consent.withdrawn": "Samtycke återkallat",
        "need.recorded": "Behov beskrivet",
        "exclusion.set": "Undantag tillagt",
        "vault.set": "Skyddade uppgifter ändrade",
        "vault.approved": "Visning av skyddade uppgifter godkänd",
        "vault.revealed": "Visade skyddade uppgifter",
        "threat.requested": "Hotbedömning begärd",
        "threat.given": "Hotbedömning lämnad av polisen",
        "threat.changed": "Hotnivån ändrad",
        "room.read": "Läste samverkansrummet",
        "question.asked": "Fråga ställd till polisen",
        "question.answered": "Polisen svarade",
        **{f"handover.{code}": text for code, text in HANDOVER_WORDS["message"].items()},
    },
    **HANDOVER_WORDS,
}


def word(code: object, group: str, **facts: str) -> str:
    """A code in Swedish.

    Args:
        code: text, or an enum whose `str` is the code; empty or None gives a dash.
        group: key of `WORDS`.
        facts: what the phrase leaves open (`authority`).
    """
    if code is None or code == "":
        return "–"
    text = WORDS[group].get(str(code))
    if text is None:
        return str(code).replace("_", " ").replace(".", " ")
    return text.format(**facts) if facts else text
