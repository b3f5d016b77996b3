"""Codes in words, by group. A code without a word here is shown with its separators as spaces."""

from gateway.texts.policy import ROLES, VALUES
from gateway.texts.words_entry import ENTRY_WORDS
from gateway.texts.words_events import CARDS, EVENTS, FIGURES, GAP_REASONS, GAPS, WIRE
from gateway.texts.words_follow_up import WORDS as FOLLOW_UP_WORDS
from gateway.texts.words_handover import HANDOVER_WORDS
from gateway.texts.words_plan import OCCASION, STATUS

WORDS: dict[str, dict[str, str]] = {
    "role": {
        **ROLES,
        "on_call": "jour",
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
        "follow_concern": "Följ oroskedjan",
        "assign_case_worker": "Utse handläggare",
        "record_residence": "Utred tillhörighet",
        "confirm_residence": "Läs och bekräfta tillhörigheten",
        "give_consent": "Fråga om samtycke",
        "renew_consent": "Fråga om nytt samtycke",
        "request_threat": "Begär hot- och riskbedömning",
        "await_threat": "Polisen bedömer hotet",
        "review_threat": "Begär ny hotbedömning",
        "record_needs": "Utred behov",
        "mark_ready": "Gå till gemensam bedömning",
        "assess_entry": "Gör den gemensamma bedömningen",
        "propose_handover": "Föreslå överlämning",
        "await_handover": "Överlämning pågår",
        "sign_agreement": "Registrera överenskommelsen",
        "decide_aid": "Besluta om bistånd",
        "start_programme": "Börja programmet",
        "set_goals": "Sätt mål i planen",
        "carry_out_decision": "Verkställ beslutet",
        "follow_aid": "Följ stödet som fortsätter",
        "record_follow_up": "Följ upp planen",
        "review_relapse": "Pröva efter återfallet",
        "resume_programme": "Bedöm om programmet ska återupptas",
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
    "concern_kind": {
        "radicalisation": "Radikalisering",
        "criminal_network": "Kriminellt nätverk",
        "threat": "Hot",
        "other": "Annat",
    },
    "reporter": {
        "school": "Skola",
        "police": "Polisen",
        "prison_and_probation": "Kriminalvården",
        "national_care_board": "Statens institutionsstyrelse (SiS)",
        "health_care": "Hälso- och sjukvården",
        "other_municipality": "En annan kommun",
        "private_person": "En privatperson",
    },
    "concern_step": {
        "safety_check": "Omedelbar skyddsbedömning",
        "extremism_coordinator": "Samordnaren mot våldsbejakande extremism",
        "police": "Polisen",
        "guardians": "Vårdnadshavare",
        "reporter": "Återkoppling till den som anmälde",
    },
    "concern_status": {
        "taken": "Klart",
        "left": "Tas inte, med skäl",
        "next": "Nästa steg",
        "later": "Senare",
        "not_for_adults": "Gäller inte den som är myndig",
    },
    "concern_ground": {
        "own_task": "Inom nämndens egen verksamhet, ingen sekretess att bryta",
        "secrecy.consent": "Samtycke",
        "secrecy.necessary": "Nödvändigt för den egna verksamheten",
        "secrecy.statutory_duty": "Skyldighet enligt lag",
        "guardians.insight": "Vårdnadshavares insyn",
        "reporter.feedback": "Återkoppling till den som är skyldig att anmäla om barn",
    },
    "concern_opinion": {
        "open": "Inled utredning",
        "not_open": "Inled inte utredning",
    },
    "competence": {
        "radicalisation": "Radikalisering och våldsbejakande extremism",
        "threat_conversation": "Samtal om hot och risk",
        "exit_work": "Avhopparverksamhet",
        "special_suitability": "Särskild lämplighet för avhopparärenden",
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
    "money_outcome": {"GRANTED": "Beviljat", "REFUSED": "Avslag"},
    "log_review_outcome": {
        "nothing_found": "Inget att fråga om",
        "asked": "Någon tillfrågades, och det var rätt",
        "reported": "Lämnat vidare till socialchefen",
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
    "document_section": {
        "identity": "Namn och personnummer",
        "residence": "Var personen hör hemma",
        "needs.housing": "Behov: boende",
        "needs.economy": "Behov: ekonomi",
        "needs.occupation": "Behov: sysselsättning",
        "needs.health_care": "Behov: hälso- och sjukvård",
        "needs.addiction": "Behov: missbruk och beroende",
        "needs.family": "Behov: familj och nätverk",
        "needs.safety": "Behov: trygghet och säkerhet",
        "journal": "Vårt eget arbete – följer aldrig med av sig själv",
        "police_material": "Polisens underlag – följer aldrig med",
        "third_parties": "Andra personer – följer aldrig med",
    },
    "media_type": {
        "application/pdf": "PDF",
        "image/png": "Bild (PNG)",
        "image/jpeg": "Bild (JPEG)",
        "text/plain": "Ren text",
    },
    "activity_status": STATUS,
    "plan_report_occasion": OCCASION,
    "level": {"LOW": "Låg", "MEDIUM": "Medel", "HIGH": "Hög"},
    "method": {
        "structured": "strukturerad metod",
        "unstructured": "utan strukturerad metod",
    },
    "unit_kind": {
        "local_police_area": "lokalpolisområdet",
        "police_protection_unit": "Bops",
    },
    "immediate": {
        "CONFIRMED": "Omedelbart beslut bekräftat",
        "SET_ASIDE": "Omedelbart beslut satt ur kraft",
    },
    "acute_holder": {
        "police": "Polisen svarar för det akuta skyddet",
        "municipality": "Kommunen svarar för det akuta skyddet",
    },
    "question": {
        "threat": "Hot- och riskbedömning",
        "placement": "Är det säkert för personen att bo i {authority}?",
        "level_passing": "Får hotnivån lämnas vidare till {authority}?",
        "acute_protection": "Är det akuta skyddet bekräftat med er?",
        "register_check": "Visar era register att personen avhåller sig från brott?",
    },
    "answer": {
        "CLEAR": "Inget hinder",
        "NOT_CLEAR": "Avråder",
    },
    "answer_yes": {
        "CLEAR": "Ja",
        "NOT_CLEAR": "Nej",
    },
    "answer_registers": {
        "NOTHING_TO_REPORT": "Inget att rapportera",
        "CONTACT_US": "Kontakta oss",
    },
    "condition": {
        "no_crime": "Inte begå brott",
        "no_drugs": "Inte använda narkotika",
        "keep_contact": "Hålla kontakten och komma på avtalade möten",
        "take_part": "Delta i de insatser som planen tar upp",
        "tell_of_threats": "Berätta om hot och om sådant som ökar risken",
        "register_checks": "Gå med på att polisen slår i sina register på kommunens begäran",
    },
    "aid_outcome": {"GRANTED": "Bifall", "REFUSED": "Avslag", "ENDED": "Upphör"},
    "score": {
        "MET": "Nått",
        "PARTLY": "Delvis nått",
        "NOT_MET": "Inte nått",
        "DROPPED": "Struket: inte längre aktuellt",
    },
    "pause_cause": {
        "CUSTODY": "Häktad eller i fängelse",
        "HOSPITAL": "På sjukhus",
        "LOST_CONTACT": "Kontakten är bruten",
    },
    "suspicion": {
        "CRIME": "Misstanke om brott",
        "DRUGS": "Narkotika",
        "CONDITIONS": "Ett villkor har inte följts",
    },
    "relapse_source": {
        "REGISTER_CHECK": "Polisens svar på registerslagning: kontakta oss",
        "POLICE": "Polisen har berättat",
        "STAFF": "Vi har sett eller hört det själva",
        "PERSON": "Personen har berättat",
        "OTHERS": "Någon annan har berättat",
    },
    "retry": {
        "CONTINUES": "Fortsätter som förut",
        "CHANGED": "Utförs på ett annat sätt",
    },
    "exclusion_reason": {
        "EXCLUDED_RELAPSE": "Återfall i brott eller missbruk",
        "EXCLUDED_CONDITIONS": "Villkoren följdes inte",
    },
    "review_outcome": {
        "CONTINUED": "Programmet fortsatte med ändrad plan",
        "EXCLUDED": "Personen uteslöts ur programmet",
        "ENDED_OTHERWISE": "Prövningen avgjordes inte: ärendet avslutades eller lämnades över",
    },
    "relapse_missing": {
        "hearing": "Personen ska höras, eller ha avstått från det",
        "threat": "Polisen ska bedöma hotet på nytt",
        "aid": "Varje pågående bistånd ska prövas igen",
        "proposal": "Uteslutningen ska föreslås, med skäl och säkerhetsplan",
        "support": "En andra person ska bekräfta förslaget",
        "police": "Polisen ska ta ställning till förslaget",
    },
    "register_outcome": {
        "NOTHING_TO_REPORT": "inget att rapportera",
        "CONTACT_US": "polisen ville ha kontakt",
        "NOT_ASKED": "inte efterfrågat",
    },
    "exclusion": {"authority": "Kommun", "unit": "Enhet", "staff": "Kollega"},
    "reason": {
        "case.registered_by": "Tog emot kontakten",
        "case.not_suitable": "Har inte det som riktlinjen kräver av rollen",
        "case.on_call": "Har jour: hotnivån höjdes till hög",
        "handover.taken_over": "Tog över ärendet",
        "casework": "Arbete i ärendet",
        "form": "Skrev i ärendet",
        "handover": "Arbete med överlämningen",
        "draft": "Arbete med utkastet",
        "confirm": "Läste före bekräftelsen",
        "dossier": "Läste underlaget",
        "evidence": "Läste beviset",
        "immediate": "Läste ett omedelbart beslut",
        "letter": "Hämtade brevet till personen",
        "vault": "Skyddade kontaktuppgifter",
        "answer": "Svar till kommunen",
        "api": "Genom ett anslutet system",
        "papers": "Läste brev och papper",
        "dispute": "Läste om tvisten",
        "ivo_application": "Hämtade ansökan till IVO",
    },
    "card": CARDS,
    "event": EVENTS,
    "figure": FIGURES,
    "gap": GAPS,
    "gap_reason": GAP_REASONS,
    "wire": WIRE,
    **ENTRY_WORDS,
    **FOLLOW_UP_WORDS,
    **HANDOVER_WORDS,
}


def outcome_word(code: str) -> str | None:
    """A decision's outcome in words; None where the kind says it all."""
    for group in ("aid_outcome", "finding", "ended_reason"):
        if code in WORDS[group]:
            return WORDS[group][code]
    return None


def why(reason: str | None) -> str:
    """A reason that the system wrote in words; a person's own stands as it was written."""
    return WORDS["reason"].get(reason, reason) if reason else "–"


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
