"""Operations on cases and, for the police, on joint rooms."""

from collections.abc import Sequence
from uuid import UUID

from gateway.api.operation import Operation
from gateway.entry_letter import entry_pdf
from gateway.how_we_work import READERS, how_we_work
from services.cases import api as cases
from services.intake import api as intake
from services.protection import api as protection
from services.staff import api as staff
from shared.actor import Actor
from shared.ids import CaseId
from shared.node import Node
from shared.policy import LawBook

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
POLICE = ("police_partner",)


async def read_case(node: Node, actor: Actor, case_id: UUID) -> cases.CaseFile:
    """The file, read for casework; other reasons have operations of their own."""
    return await cases.read_case(node, actor, CaseId(case_id), "casework")


async def read_entry(node: Node, actor: Actor, case_id: UUID) -> cases.EntryView:
    """The entry assessment as it stands."""
    return await cases.read_entry(node, actor, CaseId(case_id))


async def entry_letter(node: Node, actor: Actor, case_id: UUID, law: LawBook) -> bytes:
    """The letter on the entry, once it is decided."""
    return await entry_pdf(node, actor, CaseId(case_id), law)


async def read_room(node: Node, actor: Actor, room_id: UUID) -> protection.Room:
    """The joint room, read to answer what is asked there."""
    return await protection.read_room(node, actor, room_id, "answer")


async def read_concern(node: Node, actor: Actor, case_id: UUID) -> intake.Concern:
    """What was reported, and where its route stands."""
    return await intake.read_concern(node, actor, CaseId(case_id))


CONCERN = "/cases/{case_id:uuid}/concern"
CONCERNS: Sequence[Operation] = (
    Operation(
        "POST",
        "/concerns",
        "Registrera vad någon annan anmäler",
        WORKERS,
        intake.report_concern,
        intake.ReportConcern,
    ),
    Operation("GET", CONCERN, "Läs anmälan och oroskedjan", WORKERS, read_concern),
    Operation(
        "POST",
        f"{CONCERN}/steps",
        "Ta eller lämna ett steg i oroskedjan",
        WORKERS,
        intake.settle_step,
        intake.SettleStep,
    ),
    Operation(
        "POST",
        f"{CONCERN}/assessment",
        "Bedöm anmälan",
        WORKERS,
        intake.assess_concern,
        intake.AssessConcern,
    ),
    Operation(
        "POST",
        f"{CONCERN}/decision",
        "Besluta om utredning ska inledas",
        ("team_leader",),
        intake.decide_concern,
        intake.DecideConcern,
    ),
)
COMPETENCES: Sequence[Operation] = (
    Operation("GET", "/competences", "Registrerad kompetens", WORKERS, staff.competences),
    Operation(
        "POST",
        "/competences",
        "Registrera en kollegas kompetens",
        ("team_leader",),
        staff.record_competence,
        staff.RecordCompetence,
    ),
)
HOW_WE_WORK = Operation(
    "GET", "/how-we-work", "Kommunens policy i ord, steg för steg, med källor", READERS, how_we_work
)
OPERATIONS: Sequence[Operation] = (
    HOW_WE_WORK,
    *CONCERNS,
    *COMPETENCES,
    Operation("GET", "/cases", "Mina ärenden", WORKERS, cases.worklist),
    Operation(
        "GET",
        "/unit-cases",
        "Enhetens ärenden att fördela, utan identitet",
        ("exit_coordinator", "team_leader"),
        cases.unit_cases,
    ),
    Operation(
        "POST",
        "/cases",
        "Registrera en kontakt och öppna ett ärende",
        WORKERS,
        intake.register_contact,
        intake.RegisterContact,
    ),
    Operation("GET", "/cases/{case_id:uuid}", "Läs ett ärende", WORKERS, read_case),
    Operation(
        "GET", "/cases/{case_id:uuid}/log", "Vem som har läst och skrivit", WORKERS, cases.case_log
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/application",
        "Personen ansöker",
        WORKERS,
        cases.apply,
        cases.Apply,
    ),
    Operation(
        "GET",
        "/cases/{case_id:uuid}/assignable",
        "Kollegor som kan få ärendet",
        WORKERS,
        cases.assignable,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/members",
        "Ge en kollega tillgång",
        ("exit_coordinator", "team_leader"),
        cases.assign_member,
        cases.AssignMember,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/members/{staff_id:uuid}/end",
        "Avsluta en kollegas tillgång",
        ("exit_coordinator", "team_leader"),
        cases.end_membership,
        cases.EndMembership,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/residence-findings",
        "Fastställ tillhörighet",
        WORKERS,
        cases.record_residence,
        cases.RecordResidence,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/residence-findings/{finding_id:uuid}/confirmation",
        "Bekräfta tillhörighet som andra läsare",
        WORKERS,
        cases.confirm_residence,
        cases.ConfirmResidence,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/consents",
        "Registrera samtycke",
        WORKERS,
        cases.give_consent,
        cases.GiveConsent,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/consents/{consent_id:uuid}/withdrawal",
        "Samtycket återkallas",
        WORKERS,
        cases.withdraw_consent,
        cases.WithdrawConsent,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/notes",
        "Skriv en journalanteckning",
        WORKERS,
        cases.write_note,
        cases.WriteNote,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/first-meeting",
        "Det första mötet är hållet",
        WORKERS,
        cases.record_first_meeting,
        cases.RecordFirstMeeting,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/needs",
        "Skriv ett behov",
        WORKERS,
        cases.record_need,
        cases.RecordNeed,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/exclusions",
        "Håll ärendet borta från en kommun, enhet eller kollega",
        WORKERS,
        cases.set_exclusion,
        cases.SetExclusion,
    ),
    Operation(
        "PUT",
        "/cases/{case_id:uuid}/vault",
        "Skriv skyddade kontaktuppgifter",
        WORKERS,
        cases.set_vault,
        cases.SetVault,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/vault/approvals",
        "Godkänn att en kollega ser kontaktuppgifterna",
        WORKERS,
        cases.approve_reveal,
        cases.ApproveReveal,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/vault/reveals",
        "Visa skyddade kontaktuppgifter",
        WORKERS,
        cases.reveal_vault,
        cases.RevealVault,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/threat-requests",
        "Begär hotbedömning av polisen",
        WORKERS,
        cases.request_threat,
        cases.RequestThreat,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/placement-questions",
        "Fråga polisen om placering i en kommun",
        WORKERS,
        cases.ask_placement,
        cases.AskPlacement,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/level-passing-questions",
        "Fråga polisen om hotnivån får lämnas vidare",
        WORKERS,
        cases.ask_level_passing,
        cases.AskLevelPassing,
    ),
    Operation(
        "GET",
        "/cases/{case_id:uuid}/entry",
        "Läs den gemensamma bedömningen",
        WORKERS,
        read_entry,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/entry/comparisons",
        "Samma uppgifter, två kommuner: utfallet här och enligt en annan kommuns publicerade policy",
        WORKERS,
        cases.compare_entry,
        cases.CompareEntry,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/entry/ready",
        "Alla spår är utredda: börja den gemensamma bedömningen",
        WORKERS,
        cases.mark_ready,
        cases.MarkReady,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/entry/assessments",
        "Svara på varje kriterium",
        WORKERS,
        cases.assess_entry,
        cases.AssessEntry,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/entry/assessments/{entry_id:uuid}/signatures",
        "Underteckna för kommunen, eller som andra person",
        WORKERS,
        cases.sign_entry,
        cases.SignEntry,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/entry/assessments/{entry_id:uuid}/admission",
        "Anta personen",
        WORKERS,
        cases.admit,
        cases.Admit,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/entry/assessments/{entry_id:uuid}/refusal",
        "Neka inträde; en ansökan om bistånd prövas för sig",
        WORKERS,
        cases.refuse_entry,
        cases.RefuseEntry,
    ),
    Operation(
        "GET",
        "/cases/{case_id:uuid}/entry/letter",
        "Brevet till personen om inträde: varför, vilket stöd som finns, hur man överklagar",
        WORKERS,
        entry_letter,
        media_type="application/pdf",
        quotes_law=True,
    ),
    Operation("GET", "/joint-rooms", "Enhetens samverkansrum", POLICE, protection.joint_rooms),
    Operation(
        "GET",
        "/joint-rooms/{room_id:uuid}",
        "Läs ett samverkansrum",
        POLICE,
        read_room,
    ),
    Operation(
        "POST",
        "/joint-rooms/{room_id:uuid}/threat-assessments",
        "Lämna hotnivå",
        POLICE,
        protection.give_threat,
        protection.GiveThreat,
    ),
    Operation(
        "POST",
        "/joint-rooms/{room_id:uuid}/alarms",
        "Larma Bops",
        POLICE,
        protection.raise_alarm,
        protection.RaiseAlarm,
    ),
    Operation(
        "POST",
        "/joint-rooms/{room_id:uuid}/answers",
        "Svara på en fråga",
        POLICE,
        protection.answer_question,
        protection.AnswerQuestion,
    ),
    Operation(
        "POST",
        "/joint-rooms/{room_id:uuid}/papers/{paper_id:uuid}/word",
        "Underteckna för polisen, eller säg att polisen inte instämmer",
        POLICE,
        protection.sign_paper,
        protection.SignPaper,
    ),
)
