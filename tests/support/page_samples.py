"""Sample view models for every page template: invented people, both good and troubled states."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Thing
from uuid import UUID

from gateway.texts.errors import sentence
from gateway.texts.help import SENDER
from gateway.texts.words import word
from services.audit.domain import Review
from services.cases.domain.chain import Link
from services.cases.domain.commands import (
    DOCUMENT_SECTIONS,
    Counterparty,
    Person,
    VaultContent,
)
from services.cases.domain.views import (
    CaseHeader,
    CaseRow,
    Consent,
    LogRow,
    Member,
    Need,
    Note,
    Redecision,
    Residence,
)
from services.documents.domain import Document
from services.handover.api import Dispute
from services.handover.domain.this_case import Meaning, OnThisCase
from services.protection.domain.model import (
    AcuteProtection,
    Paper,
    PaperLine,
    ProtectionHandover,
    Question,
    Room,
    RoomRow,
    SharedIdentity,
    Threat,
)
from shared.policy.diff import Side
from tests.support.page_samples_concern import SAMPLES as CONCERN
from tests.support.page_samples_doors import SAMPLES as DOORS
from tests.support.page_samples_entry import entry_samples
from tests.support.page_samples_follow_up import DUES
from tests.support.page_samples_follow_up import SAMPLES as FOLLOW_UP
from tests.support.page_samples_national import SAMPLES as NATIONAL
from tests.support.page_samples_night import NOBODY, ROSTER
from tests.support.page_samples_night import SAMPLES as NIGHT
from tests.support.page_samples_plan import plan_samples
from tests.support.page_samples_programme import programme_samples
from tests.support.page_samples_relapse import relapse_samples

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, 14, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


def uid(number: int) -> UUID:
    return UUID(int=number, version=4)


A, B = uid(1), uid(2)
NAMES = {A: "Handläggare A", B: "Gruppledare B"}
MUNICIPALITIES = [("0580", "Linköping"), ("0581", "Norrköping"), ("1480", "Göteborg")]
LONG = (
    "Personen sover de flesta nätter hos en släkting i Göteborg och har varit där sedan i våras. "
    "Polisen bekräftar uppgiften. Barnomsorgsverksamhetssamordnarfunktionen är kontaktad.\n\n"
    "مرحبا, även text på andra språk ska synas 🙂"
)


def shell(**changes):
    return {
        "authority": {"code": "0580", "name": "Linköpings kommun"},
        "user": {"name": "Handläggare A.", "role": "handläggare", "unit": None},
        "menu": [
            {"text": "Min dag", "href": "/", "count": None, "current": True},
            {"text": "Ärenden", "href": "/arenden", "count": None, "current": False},
            {"text": "Överlämningar", "href": "/overlamningar", "count": None, "current": False},
            {"text": "Inkorg", "href": "/inkorg", "count": 2, "current": False},
            {"text": "Hjälp", "href": "/hjalp", "count": None, "current": False},
        ],
        "csrf": "token",
        "sign_out": "/logga-ut",
        "session_ends_in_min": None,
        "is_demo": True,
        "demo_time": NOW,
        "version": "0.1.0",
        "today": TODAY,
        "notices": [],
    } | changes


def form(values=None, errors=None, **hidden):
    return {
        "action": "/posta",
        "hidden": {"term": 1, **hidden},
        "values": values or {},
        "errors": errors or {},
    }


def person(protected="EXIT_THREAT"):
    return Person("Testa", "Påhittad", "19950314-9800", "1480", protected)


def header(**changes):
    facts = {
        "case_id": uid(10),
        "federation_case_id": uid(11),
        "code_name": "Granit Lärka 41",
        "state": "INVESTIGATION",
        "ended_reason": None,
        "term": 1,
        "revision": 7,
        "unit": "sig",
        "is_responsible": True,
        "open_handover": None,
        "opened_at": YESTERDAY,
    } | changes
    return CaseHeader(**facts)


RESIDENCE = Residence(uid(20), "OTHER", "1480", "nights_rest", LONG, YESTERDAY, A, NOW, B)
THREAT = Threat(uid(21), "HIGH", "bops-ost", "structured", YESTERDAY, date(2026, 12, 4))
CONSENT = Consent(
    uid(22),
    (Counterparty("1480", "social_services"), Counterparty("9001", "police")),
    ("handover", "threat_assessment"),
    ("identity", "residence", "threat_level", "needs.housing"),
    YESTERDAY,
    date(2027, 3, 1),
    None,
)
QUESTIONS = (
    Question(uid(23), "placement", "bops-ost", "1480", YESTERDAY, "CLEAR", NOW),
    Question(uid(24), "level_passing", "bops-ost", "1480", YESTERDAY, None, None),
)
NOTES = (
    Note(uid(25), "judgement", "Motivationen bedöms vara god.", "", TODAY, NOW, A, uid(26)),
    Note(uid(26), "fact", LONG, "Personen själv, i telefon", TODAY, YESTERDAY, A, None),
)
DOCUMENTS = [
    {
        "document": Document(
            uid(27 + number), section, title, kind, "0" * 64, size, TODAY, NOW, A, came_from
        ),
        "href": "#",
    }
    for number, (section, title, kind, size, came_from) in enumerate(
        (
            ("needs.housing", "Hyreskontrakt", "application/pdf", 340_211, None),
            ("third_parties", LONG[:120], "image/jpeg", 26_214_400, "1480"),
        )
    )
]
LINKS = [
    Thing(
        number=1,
        kind="responsible",
        authority="0580",
        counterpart=None,
        at=YESTERDAY,
        term=1,
        is_one_sided=False,
    ),
    Thing(
        number=2,
        kind="proposed",
        authority="0580",
        counterpart="1480",
        at=NOW,
        term=1,
        is_one_sided=False,
    ),
]
assert {"number", "kind", "authority", "counterpart", "at", "term"} <= set(
    getattr(Link, "__struct_fields__", None) or Link.__dataclass_fields__
)


OFFERED = ProtectionHandover(uid(60), uid(61), "bops-ost", NOW, A, None, None, None, True)


def file(**changes):
    facts = {
        "header": header(),
        "person": person(),
        "contact": None,
        "members": (
            Member(A, "Handläggare A", "case_worker", B, "Handlägger ärendet", YESTERDAY, None),
            Member(B, "Gruppledare B", "team_leader", B, "Leder gruppen", YESTERDAY, NOW),
        ),
        "residence": RESIDENCE,
        "consents": (CONSENT,),
        "needs": (Need("housing", LONG, "Tillfälligt boende", YESTERDAY, A),),
        "threat": THREAT,
        "questions": QUESTIONS,
        "notes": NOTES,
        "events": (),
        "redecisions": (Redecision("housing", "Tillfälligt boende", None),),
        "exclusions": (("authority", "0581", "Syskon arbetar där"),),
        "has_vault": True,
        "next": "propose_handover",
        "alarms": (),
        "protection_handovers": (OFFERED,),
        "acute_protection": (
            AcuteProtection("police", "bops-ost", NOW),
            AcuteProtection("municipality", "lpo-linkoping", YESTERDAY),
        ),
    } | changes
    return Thing(**facts)


EMPTY_FILE = {
    "residence": None,
    "consents": (),
    "needs": (),
    "threat": None,
    "questions": (),
    "notes": (),
    "redecisions": (),
    "exclusions": (),
    "acute_protection": (),
    "protection_handovers": (),
    "next": "record_residence",
}
TABS = [
    {"text": text, "href": "#", "current": text == "Översikt", "count": None}
    for text in (
        "Översikt",
        "Utredning",
        "Journal",
        "Handlingar",
        "Överlämning",
        "Personer",
        "Logg",
    )
]
CASE = {
    "title": "Granit Lärka 41",
    "crumbs": [("Ärenden", "/arenden"), ("Granit Lärka 41", None)],
    "file": file(),
    "names": NAMES,
    "responsible": "0580",
    "no_threat_known": False,
    "ruled_away_on": None,
    "due_on": date(2026, 11, 25),
    "tabs": TABS,
    "actions": [
        {"text": "Skriv anteckning", "href": "#"},
        {"text": "Föreslå överlämning", "href": "#"},
    ],
    "blocked": [
        {
            "text": "Avsluta ärendet",
            "reason": "Beslut fattas av avhopparsamordnare enligt delegationsordningen 2.4.",
        }
    ],
}
TIMELINE = [
    {
        "at": NOW,
        "who": "Göteborg, automatiskt",
        "text": "Kvittens: överlämning föreslagen",
        "ground": None,
        "detail": None,
        "is_machine": True,
    },
    {
        "at": NOW,
        "who": "Handläggare A",
        "text": "Överlämning föreslagen till Göteborg",
        "ground": "Samtycke till 1 mars 2027",
        "detail": "Personen vill det själv.",
        "is_machine": False,
    },
]
PREVIEW = {
    "copied": ["Namn och personnummer", "Tillhörighet och skälen för den", "Behov: boende"],
    "mapped": [{"text": "Kodnamnet", "how": "Följer inte med; mottagaren drar ett eget."}],
    "withheld": [
        {"section": "needs.health_care", "reason": "not_in_consent"},
        {"section": "police_material", "reason": "police_material"},
        {"section": "contact_data", "reason": "vault_at_take_over"},
    ],
    "withheld_documents": [{"section": "needs.health_care", "reason": "not_in_consent"}],
    "warnings": ["Hotbedömningen är gammal. Begär en ny."],
}
NO_PREVIEW = {
    "copied": [],
    "mapped": [],
    "withheld": [],
    "withheld_documents": [],
    "warnings": [],
}
PROPOSAL = [
    ("Från", "Linköping, avhopparverksamheten"),
    ("Brådska", "Snart"),
    ("Anknytning", LONG),
    ("Personens önskan", "Vill flytta."),
    ("Hotnivå", None),
]
DIFFERENCES = [
    OnThisCase(
        "cases.entry.threat",
        Side("required", "Samverkansöverenskommelsen 2022", "Målgrupp", True, False, ""),
        Side("not_required", "Göteborgs Stads policy", "Policy, första punkten", True, False, ""),
        Meaning("threat.met", {}),
    ),
    OnThisCase(
        "handover.answer_within",
        Side({"kind": "calendar_days", "days": 14}, "Utväg", "Överlämning", False, False, ""),
        Side({"kind": "working_days", "days": 10}, "Antagande", "", False, True, ""),
        None,
    ),
]
VERSIONS = [
    ("Linköpings kommun", date(2022, 1, 1), "97cc723302e2"),
    ("Göteborgs Stad", date(2019, 12, 1), "f54afac38888"),
]
STEP_NAMES = [
    "Grund",
    "Rättslig grund",
    "Vad som skickas",
    "Skillnader",
    "Läs igenom",
    "Kollegan godkänner",
]


def steps(current):
    states = ["done" if n < current else "current" if n == current else "todo" for n in range(1, 7)]
    return [
        {"text": text, "href": "#" if state == "done" else None, "state": state}
        for text, state in zip(STEP_NAMES, states, strict=True)
    ]


def step(number, **context):
    return {
        "title": STEP_NAMES[number - 1],
        "crumbs": [("Ärenden", "/arenden"), ("Granit Lärka 41", "#"), ("Överlämning", None)],
        "code_name": "Granit Lärka 41",
        "to": "1480",
        "steps": steps(number),
        "form": form(),
        "back": "#",
    } | context


REVIEW = {
    "rows": PROPOSAL,
    "preview": PREVIEW,
    "ground_text": "Beslut fattas av handläggare, tillsammans med en annan: gruppledare, enligt delegationsordningen 4.1.",
}


def case_row(number, **changes):
    facts = {
        "case_id": uid(30 + number),
        "code_name": f"Ek Dimma {number}",
        "state": "INVESTIGATION",
        "ended_reason": None,
        "next": "confirm_residence",
        "due_on": TODAY + timedelta(days=number),
        "threat_level": "MEDIUM",
        "has_open_handover": False,
        "is_member": True,
        "case_worker": "Handläggare A",
        "changed_at": NOW,
        "term": 1,
        "suspected_duplicate": False,
    } | changes
    return CaseRow(**facts)


PAPER = Paper(
    uid(41),
    "entry_assessment",
    "bops-ost",
    True,
    NOW,
    "NOT_MET",
    (
        PaperLine("motivation", "yes", LONG, "Överenskommelsen, första kriteriet"),
        PaperLine("protection_need", "no", "", "Överenskommelsen, andra kriteriet"),
    ),
    None,
    None,
    None,
)


def room(**changes):
    facts = {
        "room_id": uid(40),
        "code_name": "Granit Lärka 41",
        "term": 1,
        "identity": SharedIdentity("Testa", "Påhittad", "19950314-9800"),
        "threat": THREAT,
        "questions": QUESTIONS,
        "papers": (PAPER,),
        "handovers": (OFFERED,),
        "may_set": ("LOW", "MEDIUM", "HIGH"),
    } | changes
    return Room(**facts)


CHANGED = [{"what": ["Hotnivån har ändrats"], "on": TODAY, "text": "Hotnivån är nu hög."}]
DISPUTE = Dispute(
    answer_code="connection_not_here",
    answer_text="",
    answered_at=NOW,
    is_returned=False,
    applied_on=TODAY,
    statement=LONG,
    ivo_due_on=date(2027, 2, 22),
    appealed_on=TODAY,
    appealed_document="IVO 2026-123",
    ruled_for=None,
    ruling_document="",
    decided_on=None,
    final_on=None,
)
LIFE = {
    "title": "Överlämning",
    "crumbs": [("Överlämningar", "#"), ("Granit Lärka 41", None)],
    "heading": "Granit Lärka 41 till Göteborg",
    "side": "sender",
    "state": "proposed",
    "other": "1480",
    "responsible": "0580",
    "responsible_note": None,
    "readers": None,
    "other_note": None,
    "excluded": None,
    "awaited": {"text": "svar på förslaget", "who": "Göteborg", "due_on": date(2026, 12, 7)},
    "changed": [],
    "actions": [{"text": "Ta tillbaka", "href": "#"}],
    "blocked": [{"text": "Ansök hos IVO", "reason": "IVO kan prövas från och med 22 dec. 2026."}],
    "rows": PROPOSAL,
    "withheld": PREVIEW["withheld"],
    "questions": [
        {
            "asked_by": "1480",
            "text": "Finns plats i boendet?",
            "at": YESTERDAY,
            "answer": None,
            "answered_at": None,
            "form": form(),
        },
        {
            "asked_by": "1480",
            "text": "Och när?",
            "at": YESTERDAY,
            "answer": None,
            "answered_at": None,
            "form": form(),
        },
        {
            "asked_by": "0580",
            "text": LONG,
            "at": YESTERDAY,
            "answer": "Ja.",
            "answered_at": NOW,
            "form": None,
        },
        {
            "asked_by": "0580",
            "text": "När?",
            "at": NOW,
            "answer": None,
            "answered_at": None,
            "form": None,
        },
    ],
    "question_form": form(errors={"text": "Skriv frågan."}),
    "receipts": {"sent_at": YESTERDAY, "received_at": NOW, "is_waiting": False},
    "timeline": TIMELINE,
    "chain": LINKS,
    "refresh_href": "#",
    "evidence_href": "#",
    "form": None,
}
CONSENT_VALUES = {"counterparties": ["1480:social_services"], "purposes": ["handover"]}

# name of the sample → (template, context)
SAMPLES = {
    "start": (
        "start.html",
        {
            "title": "Min dag",
            "must": [
                {
                    "code_name": "Granit Lärka 41",
                    "href": "#",
                    "text": "Hotnivån höjdes 02.14",
                    "due_on": None,
                    "is_alarm": True,
                    "act": "Läs och bekräfta",
                },
                {
                    "code_name": "Ek Dimma 7",
                    "href": "#",
                    "text": "Uppföljning",
                    "due_on": date(2026, 11, 20),
                    "is_alarm": False,
                    "act": "",
                },
                {
                    "code_name": "Sten Vipa 19",
                    "href": "#",
                    "text": "Samtycke går ut",
                    "due_on": date(2026, 11, 25),
                    "is_alarm": False,
                    "act": "",
                },
            ],
            "waiting": [
                {
                    "code_name": "Granit Lärka 41",
                    "href": "#",
                    "text": "Bops: hotbedömning",
                    "due_on": None,
                    "since": date(2026, 11, 20),
                },
                {
                    "code_name": "Ek Dimma 7",
                    "href": None,
                    "text": "Göteborg: svar på överlämning",
                    "due_on": date(2026, 12, 1),
                    "since": None,
                },
            ],
            "news": [
                {"text": "Svar från Göteborg på en fråga", "href": "#", "at": NOW, "form": form()}
            ],
            "more_news": 3,
            "on_call": ROSTER,
            "follow_up_href": "/follow-up",
            "register_href": "#",
        },
    ),
    "start-empty": (
        "start.html",
        {
            "title": "Min dag",
            "must": [],
            "waiting": [],
            "news": [],
            "more_news": 0,
            "on_call": NOBODY,
            "follow_up_href": None,
            "register_href": None,
        },
    ),
    "cases": (
        "cases.html",
        {
            "title": "Ärenden",
            "rows": [
                {"case": case_row(3, has_open_handover=True, threat_level="HIGH"), "href": "#"},
                {
                    "case": case_row(
                        -2, state="ENDED", ended_reason="TRANSFERRED", next=None, due_on=None
                    ),
                    "href": "#",
                },
            ],
            "to_assign": [
                {
                    "case": case_row(
                        9,
                        case_worker=None,
                        is_member=False,
                        state="INTAKE",
                        next="assign_case_worker",
                        threat_level=None,
                        suspected_duplicate=True,
                    ),
                    "href": None,
                }
            ],
            "register_href": "#",
            "report_href": "#",
            "board_href": "#",
        },
    ),
    "cases-empty": (
        "cases.html",
        {
            "title": "Ärenden",
            "rows": [],
            "to_assign": [],
            "register_href": None,
            "report_href": None,
            "board_href": None,
        },
    ),
    "contact": (
        "contact.html",
        {
            "title": "Registrera kontakt",
            "crumbs": [("Ärenden", "#"), ("Registrera kontakt", None)],
            "municipalities": MUNICIPALITIES,
            "back": "#",
            "form": form(
                {"channel": "referral", "personal_number": "19950314-9801", "note": LONG},
                {
                    "personal_number": "Personnumret stämmer inte. Kontrollera siffrorna; skriv det som ÅÅÅÅMMDD-NNNN.",
                    "person_kind": "Välj vem det är.",
                    "": "Inget är sparat än.",
                },
            ),
        },
    ),
    "confirm": (
        "confirm.html",
        {
            "title": "Ta tillbaka",
            "heading": "Ta tillbaka överlämningen",
            "form": form(),
            "rows": [("Till", "Göteborg")],
            "consequences": ["Göteborg får en begäran. Deras svar avgör."],
            "ground": "Beslut fattas av handläggare enligt delegationsordningen 4.2.",
            "codes": [("a", "Ett skäl")],
            "code_label": "Varför?",
            "text_label": "Skälen",
            "text_hint": "Läses av Göteborg.",
            "submit": "Ta tillbaka",
            "is_dangerous": True,
            "back": "#",
        },
    ),
    "form": (
        "form.html",
        {
            "title": "Ett formulär",
            "heading": "Ett formulär",
            "intro": "Så här.",
            "form": form({"five": ["a"]}),
            "fields": [
                {
                    "kind": kind,
                    "name": name,
                    "label": f"Fält {name}",
                    "hint": None,
                    "choices": [("a", "A"), ("b", "B")],
                    "optional": False,
                }
                for name, kind in zip(
                    ("one", "two", "three", "four", "four2", "five", "six"),
                    ("text", "textarea", "date", "select", "radios", "checkboxes", "tick"),
                    strict=True,
                )
            ],
            "submit": "Spara",
            "back": "#",
            "is_dangerous": False,
        },
    ),
    "case-overview": (
        "case/overview.html",
        CASE
        | {
            "file": file(header=header(open_handover=uid(50))),
            "ruled_away_on": TODAY,
            "waiting": [{"text": "Svar på frågan", "who": "Bops", "since": YESTERDAY}],
            "timeline": TIMELINE,
            "links": {"vault": "#", "approve_vault": "#", "write_vault": "#"},
        },
    ),
    "case-overview-left": (
        "case/overview.html",
        CASE
        | {
            "file": file(
                header=header(state="ENDED", ended_reason="TRANSFERRED", is_responsible=False),
                person=person("PROTECTED_REGISTRATION"),
                **(EMPTY_FILE | {"next": None}),
            ),
            "responsible": "1480",
            "due_on": None,
            "waiting": [],
            "timeline": [],
            "links": {"vault": None, "approve_vault": None, "write_vault": None},
            "actions": [],
        },
    ),
    "case-investigation": (
        "case/investigation.html",
        CASE
        | {
            "links": {
                "residence": "#",
                "confirm_residence": "#",
                "consent": "#",
                "need": {"housing": "#", "economy": "#"},
                "request_threat": "#",
                "ask_placement": "#",
                "ask_level": "#",
                "withdraw": {CONSENT.consent_id: "#"},
            }
        },
    ),
    "case-investigation-empty": (
        "case/investigation.html",
        CASE
        | {
            "file": file(**EMPTY_FILE),
            "links": {
                "residence": "#",
                "confirm_residence": None,
                "consent": "#",
                "need": {},
                "request_threat": "#",
                "ask_placement": None,
                "ask_level": None,
                "withdraw": {},
            },
        },
    ),
    "case-journal": (
        "case/journal.html",
        CASE | {"links": {"note": "#", "correct": {NOTES[0].note_id: "#"}}},
    ),
    "case-people": (
        "case/people.html",
        CASE | {"links": {"assign": "#", "end": {A: "#"}, "exclusion": "#"}},
    ),
    "case-log": (
        "case/log.html",
        CASE | {"rows": [LogRow(NOW, A, "Handläggare A", "case.read", "Planerat möte")]},
    ),
    "case-handovers": (
        "case/handovers.html",
        CASE
        | {
            "handovers": [{"href": "#", "to": "1480", "state": "proposed", "state_at": NOW}],
            "chain": LINKS,
            "propose_href": "#",
        },
    ),
    "case-documents": (
        "case/documents.html",
        CASE | {"rows": DOCUMENTS, "links": {"add": "#"}},
    ),
    "case-documents-empty": (
        "case/documents.html",
        CASE | {"rows": [], "links": {"add": None}},
    ),
    "case-document": (
        "case/document.html",
        {
            "title": "Lägg till en handling",
            "form": form(
                {"title": LONG[:90], "section": "needs.housing"},
                {"file": sentence("document.executable", {})},
            ),
            "sections": DOCUMENT_SECTIONS,
            "code_name": "Granit Lärka 41",
            "back": "#",
        },
    ),
    "case-residence": (
        "case/residence.html",
        {
            "title": "Bedöm tillhörighet",
            "form": form(
                {"finding": "OTHER"}, {"ground": "Välj på vilken grund personen hör dit."}
            ),
            "code_name": "Granit Lärka 41",
            "registered": "1480",
            "is_registration_protected": True,
            "municipalities": MUNICIPALITIES,
            "here": "0580",
            "ground_text": "Läses av en andra person: gruppledare.",
            "back": "#",
        },
    ),
    "case-consent": (
        "case/consent.html",
        {
            "title": "Registrera samtycke",
            "form": form(
                CONSENT_VALUES | {"kinds": ["identity"], "valid_until": "2027-03-01"},
                {"kinds": "Välj vilka uppgifter samtycket gäller."},
            ),
            "code_name": "Granit Lärka 41",
            "parties": [
                ("1480:social_services", "Socialtjänsten i Göteborg"),
                ("9001:police", "Polisen"),
            ],
            "max_until": date(2027, 11, 22),
            "law": "10 kap. 1 § OSL (2009:400)",
            "back": "#",
        },
    ),
    "case-note": (
        "case/note.html",
        {
            "title": "Rätta anteckning",
            "form": form({"kind": "fact"}),
            "code_name": "Granit Lärka 41",
            "corrects": NOTES[1],
            "back": "#",
        },
    ),
    "case-need": (
        "case/need.html",
        {
            "title": "Behov",
            "form": form(),
            "code_name": "Granit Lärka 41",
            "area": "health_care",
            "back": "#",
        },
    ),
    "case-threat-request": (
        "case/threat_request.html",
        {
            "title": "Begär hotbedömning",
            "form": form(),
            "what": "threat",
            "code_name": "Granit Lärka 41",
            "units": [
                ("lpo-linkoping", "Lokalpolisområde Linköping"),
                ("bops-ost", "Bops, region Öst"),
            ],
            "municipalities": MUNICIPALITIES,
            "consent": None,
            "laws": [("secrecy.necessary", "10 kap. 2 § OSL (2009:400)")],
            "sees": ["Kodnamnet", "Namn och personnummer", "Frågan"],
            "back": "#",
        },
    ),
    "case-ask-placement": (
        "case/threat_request.html",
        {
            "title": "Fråga om placering",
            "form": form(),
            "what": "placement",
            "code_name": "Granit Lärka 41",
            "units": [],
            "municipalities": MUNICIPALITIES,
            "consent": "Till 1 mars 2027.",
            "laws": [],
            "sees": ["Kommunen"],
            "back": "#",
        },
    ),
    "case-assign": (
        "case/assign.html",
        {
            "title": "Ge tillgång",
            "form": form(
                {},
                {"no_conflict_of_interest": "Kollegan måste först intyga att det inte finns jäv."},
            ),
            "code_name": "Granit Lärka 41",
            "colleagues": [(A, "Handläggare A")],
            "back": "#",
        },
    ),
    "case-exclusion": (
        "case/exclusion.html",
        {
            "title": "Undanta",
            "form": form(),
            "code_name": "Granit Lärka 41",
            "choices": [("authority:0581", "Kommun: Norrköping")],
            "back": "#",
        },
    ),
    **{
        f"case-vault-{name}": (
            "case/vault.html",
            {
                "title": "Skyddade kontaktuppgifter",
                "code_name": "Granit Lärka 41",
                "step": name.split("-")[0],
                "form": form(),
                "content": VaultContent("Testgatan 1", "", "", ""),
                "closes_in_min": 15,
                "colleagues": [(A, "Handläggare A")],
                "ground_text": "En gruppledare eller avhopparsamordnare godkänner.",
                "has_approval": name == "ask-approved",
                "has_vault": True,
                "back": "#",
            },
        )
        for name in ("ask", "ask-approved", "show", "approve", "write")
    },
    "rooms": (
        "room/rooms.html",
        {
            "title": "Samverkansrum",
            "unit_name": "Bops, region Öst",
            "dues": DUES,
            "rows": [
                {
                    "room": RoomRow(
                        uid(40),
                        "Granit Lärka 41",
                        "HIGH",
                        date(2026, 12, 4),
                        ("placement",),
                        ("entry_assessment",),
                        NOW,
                    ),
                    "href": "#",
                }
            ],
        },
    ),
    "room": (
        "room/room.html",
        {
            "title": "Granit Lärka 41",
            "room": room(),
            "papers": [{"paper": PAPER, "form": form()}],
            "no_threat_form": None,
            "unit_name": "Bops, region Öst",
            "threat_form": form({}, {"level": "Välj hotnivå."}),
            "form": form({}, {"level": "Välj hotnivå."}),
            "question_forms": [{"question": q, "form": form()} for q in QUESTIONS],
            "review_days": {"HIGH": 14, "MEDIUM": 30, "LOW": 90},
            "blocked": [],
            "alarm_form": None,
            "is_alarm_raised": False,
        },
    ),
    "room-local": (
        "room/room.html",
        {
            "title": "Granit Lärka 41",
            "room": room(identity=None, threat=None, questions=(), may_set=("LOW", "MEDIUM")),
            "papers": [
                {"paper": replace(PAPER, word="NOT_AGREED", given_at=NOW), "form": None},
                {"paper": replace(PAPER, is_final=False, outcome="UNCLEAR"), "form": None},
            ],
            "no_threat_form": form(),
            "unit_name": "Lokalpolisområde Linköping",
            "threat_form": form(),
            "form": None,
            "question_forms": [],
            "review_days": {"HIGH": 14, "MEDIUM": 30, "LOW": 90},
            "blocked": [{"text": "Hög hotnivå", "reason": "Sätts bara av Bops. Ring dem."}],
            "alarm_form": form(),
            "is_alarm_raised": True,
        },
    ),
    "handover-1": (
        "handover/step1.html",
        step(
            1,
            to=None,
            receivers=MUNICIPALITIES[1:],
            residence={"text": "Hör till Göteborg: huvudsaklig dygnsvila.", "facts": LONG},
        ),
    ),
    "handover-2": (
        "handover/step2.html",
        step(
            2,
            consents=[(CONSENT.consent_id, "Till 1 mars 2027", "Namn, tillhörighet, boende")],
            laws=[("secrecy.necessary", "10 kap. 2 § OSL (2009:400)", "Nödvändigt.")],
            consent_href="#",
        ),
    ),
    "handover-2-none": ("handover/step2.html", step(2, consents=[], laws=[], consent_href="#")),
    "handover-3": ("handover/step3.html", step(3, preview=PREVIEW, proposal=PROPOSAL)),
    "handover-3-none": ("handover/step3.html", step(3, preview=NO_PREVIEW, proposal=PROPOSAL)),
    "handover-4": (
        "handover/step4.html",
        step(
            4,
            differences=DIFFERENCES,
            versions=VERSIONS,
            earliest=date(2026, 12, 7),
            is_assumed=True,
            is_on_paper=True,
        ),
    ),
    "handover-5": (
        "handover/step5.html",
        step(5, **REVIEW, colleagues="Gruppledare B", blocked=[]),
    ),
    "handover-5-blocked": (
        "handover/step5.html",
        step(
            5,
            **REVIEW,
            colleagues="Gruppledare B",
            blocked=[{"text": "", "reason": "Polisen måste först svara."}],
        ),
    ),
    "handover-6": (
        "handover/step6.html",
        step(6, **REVIEW, first="Handläggare A", is_same_person=False),
    ),
    "handover-6-same": (
        "handover/step6.html",
        step(6, **REVIEW, first="Handläggare A", is_same_person=True),
    ),
    "handover-papers": (
        "handover/papers.html",
        {
            "title": "Brev och papper",
            "heading": "Granit Lärka 41",
            "other": "0680",
            "form": None,
            "to_send": [
                {
                    "title": "Underlag för övertagande",
                    "number": 2,
                    "decided_at": NOW,
                    "pdf_href": "#",
                    "form": form({}, {"sent_on": "Dagen har inte kommit än."}),
                }
            ],
            "means": [("courier", "Bud"), ("by_hand", "Lämnat för hand")],
            "rows": [
                {
                    "on": TODAY,
                    "is_ours": False,
                    "title": "Ja, de tar över",
                    "means": None,
                    "persons": 2,
                    "sha256": "ab" * 32,
                    "href": "#",
                },
                {
                    "on": TODAY,
                    "is_ours": True,
                    "title": "Begäran om överflyttning av ärende",
                    "means": "registered_letter",
                    "persons": 1,
                    "sha256": "cd" * 32,
                    "href": None,
                },
            ],
            "may_say": [{"text": "De har tagit över", "href": "#"}],
            "is_waiting": False,
            "back": "#",
        },
    ),
    "handover-papers-waiting": (
        "handover/papers.html",
        {
            "title": "Brev och papper",
            "heading": "Granit Lärka 41",
            "other": "0680",
            "form": None,
            "to_send": [],
            "means": [],
            "rows": [],
            "may_say": [],
            "is_waiting": True,
            "back": "#",
        },
    ),
    "handover-paper": (
        "handover/paper.html",
        {
            "title": "Läs in ett papper",
            "heading": "Nej",
            "code_name": "Granit Lärka 41",
            "other": "Jönköping",
            "form": form({"text": LONG}, {"code": "Välj ett skäl."}),
            "fields": ["code", "text", "take_over_on", "taken_over_on", "question_id"],
            "codes": [("need_is_short", "Behovet är kortvarigt")],
            "questions": [(uid(7), LONG)],
            "documents": [(uid(8), "Svarsbrev")],
            "is_text_demanded": True,
            "is_not_possible": True,
            "back": "#",
        },
    ),
    "handover-life": ("handover/life.html", LIFE),
    **{
        f"handover-life-{name}": (
            "handover/life.html",
            LIFE
            | {
                "side": "receiver",
                "state": "accepted",
                "rows": PROPOSAL if is_reader else [],
                "readers": {
                    "people": [("Bo", "#"), ("Gun Handläggare", None)] if is_reader else [],
                    "add_href": "#" if is_reader else None,
                    "is_reader": is_reader,
                },
            },
        )
        for name, is_reader in {"reader": True, "outsider": False}.items()
    },
    "handover-life-receiver": (
        "handover/life.html",
        LIFE
        | {
            "heading": "Förslag från Linköping",
            "side": "receiver",
            "state": "received",
            "other": "0580",
            "responsible_note": "Enligt IVO:s beslut från 1 nov. 2026; övertagande väntar.",
            "excluded": {"text": LONG, "act": "Be att få tillbaka ärendet", "href": "#"},
            "other_note": "Linköping har gjort uppehåll i utbytet. Det du skickar väntar här.",
            "awaited": None,
            "changed": CHANGED,
            "actions": [
                {"text": "Acceptera", "href": "#"},
                {"text": "Neka med skäl", "href": "#"},
            ],
            "rows": [],
            "withheld": [],
            "questions": [],
            "question_form": None,
            "receipts": {"sent_at": NOW, "received_at": None, "is_waiting": True},
            "evidence_href": None,
        },
    ),
    **{
        f"handover-dispute-{name}": (
            "handover/dispute.html",
            {
                "title": "Tvist",
                "heading": "Granit Lärka 41",
                "side": side,
                "state": state,
                "other": "0581",
                "responsible": "0580",
                "responsible_note": note,
                "dispute": said,
                "is_draft": False,
                "statements": [
                    {
                        "who": "0580",
                        "what": "ansökan hos IVO",
                        "reason": None,
                        "text": LONG,
                        "on": TODAY,
                    },
                    {
                        "who": "0581",
                        "what": "nekar",
                        "reason": "Anknytningen är inte starkast hit",
                        "text": "",
                        "on": TODAY,
                    },
                ]
                if said
                else [],
                "appeal_ends_on": date(2026, 12, 13) if said and said.decided_on else None,
                "next": ["IVO beslutar, oftast inom tre månader."],
                "actions": [{"text": "Registrera IVO:s beslut", "href": "#"}] if said else [],
                "blocked": [{"text": "Ansök hos IVO", "reason": "Beslut fattas av gruppledare."}],
                "application_href": "#" if said and side == "sender" else None,
                "back": "#",
            },
        )
        for name, side, state, note, said in (
            ("nothing", "sender", "proposed", None, None),
            ("at-ivo", "sender", "disputed", None, DISPUTE),
            (
                "ruled",
                "receiver",
                "ordered",
                "Ni är ansvariga enligt IVO:s beslut från 22 nov. 2026; övertagandet väntar.",
                replace(
                    DISPUTE,
                    ruled_for="receiver",
                    ruling_document="IVO 2026-123",
                    decided_on=TODAY,
                    final_on=TODAY,
                ),
            ),
        )
    },
    "handover-list": (
        "handover/list.html",
        {
            "title": "Överlämningar",
            "tabs": [
                {"text": "Alla", "href": "#", "current": True, "count": None},
                {"text": "Försenade", "href": "#", "current": False, "count": 1},
                {"text": "Väntar på oss", "href": "#", "current": False, "count": 1},
                {"text": "Väntar på andra", "href": "#", "current": False, "count": 1},
                {"text": "Inkommande", "href": "#", "current": False, "count": 1},
                {"text": "Utgående", "href": "#", "current": False, "count": 2},
                {"text": "Avslutade", "href": "#", "current": False, "count": None},
            ],
            "groups": [
                {
                    "title": "Försenade",
                    "empty": "Inget är försenat.",
                    "rows": [
                        {
                            "name": "Förslag från Norrköping",
                            "href": "#",
                            "other": "0581",
                            "state": "received",
                            "side": "receiver",
                            "step": "Acceptera eller neka",
                            "due_on": date(2026, 11, 20),
                            "awaited": "Oss",
                            "is_alarm": True,
                        }
                    ],
                },
                {"title": "Väntar på oss", "empty": "Inget väntar på oss.", "rows": []},
                {
                    "title": "Väntar på andra",
                    "empty": "Inget väntar på andra.",
                    "rows": [
                        {
                            "name": "Granit Lärka 41",
                            "href": "#",
                            "other": "1480",
                            "state": "proposed",
                            "side": "sender",
                            "step": "Svara på förslaget",
                            "due_on": date(2026, 11, 25),
                            "awaited": "Göteborg",
                            "is_alarm": False,
                        },
                        {
                            "name": "Ek Dimma 7",
                            "href": "#",
                            "other": "0581",
                            "state": "disputed",
                            "side": "sender",
                            "step": "IVO:s beslut, eller att komma överens",
                            "due_on": None,
                            "awaited": "IVO",
                            "is_alarm": False,
                        },
                    ],
                },
            ],
        },
    ),
    "inbox": (
        "handover/inbox.html",
        {
            "title": "Inkorg",
            "function": "Avhopparverksamheten",
            "rows": [
                {
                    "href": "#",
                    "sender": "0580",
                    "urgency": "at_once",
                    "received_at": NOW,
                    "due_on": date(2026, 12, 7),
                    "state": "received",
                    "is_unread": True,
                },
                {
                    "href": "#",
                    "sender": "0581",
                    "urgency": "ordinary",
                    "received_at": YESTERDAY,
                    "due_on": date(2026, 11, 20),
                    "state": "accepted",
                    "is_unread": False,
                },
            ],
        },
    ),
    **{
        f"answer-{kind}": (
            "handover/answer.html",
            {
                "title": "Svara",
                "kind": kind,
                "sender": "0580",
                "rows": PROPOSAL,
                "form": form(),
                "earliest": TODAY,
                "changed": CHANGED,
                "ground_text": "Beslut fattas av handläggare enligt delegationsordningen 4.3.",
                "second": "Gruppledare eller avhopparsamordnare.",
                "back": "#",
            },
        )
        for kind in ("accept", "decline")
    },
    **{
        f"second-{name}": (
            "handover/second.html",
            {
                "title": "Bekräfta",
                "heading": "Bekräfta övertagandet",
                "first": "Handläggare C",
                "is_same_person": name == "same",
                "rows": [("Ni tar över", "1 dec. 2026")],
                "paper_href": "#" if name == "same" else None,
                "consequences": ["Göteborg blir ansvarigt. Det kan inte göras ogjort."],
                "checks": [
                    {"code": "dossier", "is_met": True},
                    {"code": "acute_protection", "is_met": False},
                ],
                "ground_text": "Enligt delegationsordningen 4.5.",
                "form": form(),
                "confirm_text": "Ta över",
                "back": "#",
            },
        )
        for name in ("other", "same")
    },
    "dossier": (
        "handover/dossier.html",
        {
            "title": "Underlag",
            "sender": "0580",
            "sections": [{"name": "identity", "rows": [("Namn", "Testa Påhittad")]}],
            "withheld": PREVIEW["withheld"],
            "documents": [each["document"] for each in DOCUMENTS],
            "withheld_documents": PREVIEW["withheld_documents"],
            "received_at": NOW,
            "chain": LINKS,
            "back": "#",
        },
    ),
    "take-over": (
        "handover/take_over.html",
        {
            "title": "Ta över",
            "sender": "0580",
            "form": form(),
            "colleagues": [(A, "Handläggare A")],
            "agreed_on": TODAY,
            "latest_meeting": date(2026, 11, 29),
            "checks": [
                {"code": "dossier", "is_met": True},
                {"code": "case_worker", "is_met": False},
            ],
            "acute": {
                "is_needed": True,
                "is_confirmed": False,
                "ask_form": form(),
                "asked_at": None,
            },
            "ground_text": "Enligt delegationsordningen 4.5.",
            "second": "En gruppledare bekräftar.",
            "back": "#",
        },
    ),
    "evidence": (
        "handover/evidence.html",
        {
            "title": "Bevis",
            "heading": "Granit Lärka 41",
            "rows": [
                {
                    "number": 1,
                    "kind": "proposed",
                    "sender": "0580",
                    "signed_at": YESTERDAY,
                    "receipt_at": NOW,
                    "content_hash": "ab" * 32,
                    "is_erased": True,
                },
                {
                    "number": 1,
                    "kind": "accepted",
                    "sender": "1480",
                    "signed_at": NOW,
                    "receipt_at": None,
                    "content_hash": "cd" * 32,
                    "is_erased": False,
                },
            ],
            "verdict": "error",
            "checks": [
                {"kind": "ok", "text": "Varje underskrift är gjord av den som …", "faults": []},
                {"kind": "wait", "text": "Varje meddelande är kvitterat.", "faults": [LONG]},
                {"kind": "error", "text": "Innehållet är det som skrevs under.", "faults": [LONG]},
            ],
            "checked_at": NOW,
            "is_one_sided": True,
            "download_href": "#",
            "back": "#",
        },
    ),
    "not-found": (
        "error.html",
        {
            "title": "Sidan finns inte",
            "text": "Sidan finns inte, eller så har du inte tillgång till den.",
            "number": None,
            "links": [("Till Min dag", "/")],
        },
    ),
    "bug": (
        "error.html",
        {
            "title": "Något gick fel hos oss",
            "text": "Inget har sparats.",
            "number": "0198",
            "links": [("Till Min dag", "/")],
        },
    ),
    "help": (
        "help.html",
        {
            "title": "Hjälp",
            "sides": [
                {
                    "title": "När ni vill lämna över ett ärende",
                    "rows": [
                        {
                            "state": word(state, "sender_state"),
                            "responsible": row.responsible,
                            "what": row.what,
                            "by": row.by.format(days="3 dagar"),
                        }
                        for state, row in SENDER.items()
                    ],
                }
            ],
            "decisions": ["Beslut om att föreslå överlämning fattas av gruppledare (4.2)."],
        },
    ),
    "conflict": (
        "conflict.html",
        {
            "title": "Någon annan hann före",
            "text": "Två har ändrat samma sak.",
            "rows": [("Behov", "Boende", "Ekonomi"), ("Pågår", "Inget", "Inget")],
            "by": "Gruppledare B",
            "at": NOW,
            "form": form(),
            "back": "#",
        },
    ),
    "conflict-nothing": (
        "conflict.html",
        {
            "title": "Någon annan hann före",
            "text": "Överlämningen har ändrats.",
            "rows": [],
            "by": None,
            "at": None,
            "form": None,
            "back": "#",
        },
    ),
    "conflict-left": (
        "conflict.html",
        {
            "title": "Någon annan hann före",
            "text": "Ärendet har bytt ansvarig.",
            "rows": [("Text", "Min text", None)],
            "by": None,
            "at": None,
            "form": None,
            "back": "#",
        },
    ),
    "sign-in": (
        "sign_in.html",
        {
            "title": "Logga in",
            "shell": shell(user=None, menu=[]),
            "choices": [
                {"text": "Logga in som anställd", "href": "#", "explanation": "I kommunen."},
                {"text": "Logga in som polis", "href": "#", "explanation": "Hos polisen."},
            ],
            "is_signed_out": True,
        },
    ),
    "signed-out-here-only": (
        "sign_in.html",
        {
            "title": "Logga in",
            "shell": shell(user=None, menu=[]),
            "choices": [
                {"text": "Logga in som anställd", "href": "#", "explanation": "I kommunen."},
            ],
            "is_signed_out": True,
            "is_only_here": True,
        },
    ),
    "log-review": (
        "log_review.html",
        {
            "title": "Granskning",
            "form": form(),
            "reviews": [
                Review(uid(960), TODAY, TODAY, 40, outcome, uid(961), NOW)
                for outcome in ("nothing_found", "asked", "reported")
            ],
            "chain": {"is_whole": True, "sealed_until": NOW, "witnesses": ["1480", "0581"]},
        },
    ),
    "log-review-broken": (
        "log_review.html",
        {
            "title": "Granskning",
            "form": form(),
            "reviews": [],
            "chain": {"is_whole": False, "sealed_until": None, "witnesses": []},
        },
    ),
    "figures": (
        "figures.html",
        {
            "title": "Egna siffror",
            "is_exact": True,
            "half_years": [
                {
                    "title": "Andra halvåret 2026",
                    "note": "Halvåret pågår; siffrorna räknas om varje dag.",
                    "columns": ["Vad", "Antal"],
                    "rows": [("Första kontakter", ["12"]), ("Antagna", ["3"])],
                    "wait_columns": ["Väntetid", "Antal", "I mitten"],
                    "waits": [("Från kontakt till första möte", ["11", "2 veckor"])],
                }
            ],
            "workload": [("Asta Handläggare", 4), ("Ännu ingen handläggare", 1)],
            "competence": [("Avhopparverksamhet", 2)],
            "reviews": [("2026", 4)],
        },
    ),
    "figures-side-by-side": (
        "figures.html",
        {
            "title": "Egna siffror",
            "is_exact": False,
            "half_years": [
                {
                    "title": "Första halvåret 2026",
                    "note": "Tal under fem visas inte.",
                    "columns": ["Vad", "centrum", "nordost", "Hela kommunen"],
                    "rows": [("Första kontakter", ["visas inte", "visas inte", "39"])],
                    "wait_columns": ["Väntetid i mitten", "centrum", "nordost", "Hela kommunen"],
                    "waits": [
                        ("Från kontakt till första möte", ["2 veckor", "för få", "3 veckor"])
                    ],
                }
            ],
            "workload": [],
            "competence": [],
            "reviews": None,
        },
    ),
    "figures-none": (
        "figures.html",
        {
            "title": "Egna siffror",
            "is_exact": True,
            "half_years": [],
            "workload": [],
            "competence": [],
            "reviews": [],
        },
    ),
    "sent": (
        "sent.html",
        {
            "title": "Nationell statistik",
            "half_years": [
                {
                    "title": "Januari–juni 2026",
                    "state": "Inte skickat: en siffra kan inte stämma",
                    "is_alarm": True,
                    "counted_on": YESTERDAY.date(),
                    "sent_at": None,
                    "settled_at": None,
                    "to": [],
                    "faults": ["Första kontakter"],
                },
                {
                    "title": "Juli–december 2025",
                    "state": "Räknat i den nationella statistiken",
                    "is_alarm": False,
                    "counted_on": YESTERDAY.date(),
                    "sent_at": YESTERDAY,
                    "settled_at": YESTERDAY,
                    "to": ["insamlare ett", "insamlare två"],
                    "faults": [],
                },
                {
                    "title": "Januari–juni 2025",
                    "state": "Skickat; inte avgjort än om det är räknat",
                    "is_alarm": False,
                    "counted_on": YESTERDAY.date(),
                    "sent_at": YESTERDAY,
                    "settled_at": None,
                    "to": ["insamlare ett", "insamlare två"],
                    "faults": [],
                },
            ],
        },
    ),
    "sent-none": ("sent.html", {"title": "Nationell statistik", "half_years": []}),
    "delivery": (
        "delivery.html",
        {
            "title": "Leveranser",
            "authorities": [
                {
                    "other": "1480",
                    "count": 2,
                    "oldest_at": YESTERDAY,
                    "attempts": 14,
                    "came_on": YESTERDAY.date(),
                    "sent_on": YESTERDAY.date(),
                    "flows": 4,
                    "differing": 1,
                    "form": form(),
                },
                {
                    "other": "0581",
                    "count": 0,
                    "oldest_at": None,
                    "attempts": 0,
                    "came_on": None,
                    "sent_on": None,
                    "flows": 0,
                    "differing": 0,
                    "form": None,
                },
            ],
            "gaps": [
                {
                    "other": "1480",
                    "text": "Samma nummer har olika innehåll hos oss och dem",
                    "numbers": "nummer 1 till 3",
                    "conversation": "e02fd0e4-00fd-490a-8c30-0d00ba0017ee",
                    "named_at": YESTERDAY,
                    "href": "#",
                },
                {
                    "other": "1480",
                    "text": "Har inte kvitterats i tid",
                    "numbers": "nummer 4",
                    "conversation": "7b0d0b3e-58a1-4f6c-8a55-0d9c6e3f2a11",
                    "named_at": YESTERDAY,
                    "href": None,
                },
            ],
            "figures": [("Luckor", 2)],
            "counted_at": YESTERDAY,
        },
    ),
    "admin": (
        "admin.html",
        {
            "title": "Drift",
            "health": [
                {"text": "Databasen", "is_ok": True, "detail": "18.1"},
                {"text": "Utbytet", "is_ok": False, "detail": ""},
            ],
            "authorities": [
                {
                    "code": "1480",
                    "name": "Göteborgs Stad",
                    "kind": "municipality",
                    "state": "Aktiv",
                    "fingerprint": "AB12 CD34 EF56",
                    "is_confirmed": False,
                    "is_tested": False,
                    "links": [{"text": "Jämför per telefon", "href": "#"}],
                },
                {
                    "code": "9001",
                    "name": "Polismyndigheten",
                    "kind": "police",
                    "state": "Utan nod",
                    "fingerprint": None,
                    "is_confirmed": False,
                    "is_tested": False,
                    "links": [],
                },
            ],
            "keys": [("Undertecknar till", "1 mars 2027")],
            "undelivered": [{"other": "1480", "count": 2, "oldest_at": YESTERDAY}],
            "delivery_href": "#",
        },
    ),
    "text": (
        "text.html",
        {"title": "Tillgänglighet", "parts": [{"heading": "Vad", "paragraphs": ["Text."]}]},
    ),
}
SAMPLES |= NIGHT | CONCERN | DOORS | FOLLOW_UP
_NATION = {
    "authority": {"code": "9002", "name": "Nationell samordning"},
    "is_demo": False,
    "demo_time": None,
    "notices": [
        {"kind": "ok", "title": "Sparat", "text": "Allt är klart.", "href": "#", "link": "Visa"},
        {"kind": "info", "title": "Bra", "text": None, "href": None, "link": None},
    ],
}
SAMPLES |= {
    name: (
        template,
        {"shell": shell(**_NATION, session_ends_in_min=1 if "empty" in name else 3)} | context,
    )
    for name, (template, context) in NATIONAL.items()
}


def sample(name):
    """Template and whole context of one sample."""
    template, context = SAMPLES[name]
    return f"pages/{template}", {"shell": shell(), "crumbs": [], "form": None} | context


SAMPLES |= programme_samples(CASE, form)
SAMPLES |= relapse_samples(CASE)
SAMPLES |= entry_samples(CASE, form)
SAMPLES |= plan_samples(form)
