"""Operations on handovers, the same at both ends: read, sign, confirm, ask, prove."""

from collections.abc import Sequence
from uuid import UUID

from gateway.api.operation import Operation
from gateway.ivo_letter import application_pdf
from gateway.paper_letter import letter_pdf, record_sent
from gateway.policies import SECTIONS
from services.cases import api as cases
from services.handover import api as handover
from shared.actor import Actor
from shared.ids import ConversationId
from shared.node import Node

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
SIGNERS = (*WORKERS, "social_director")
READER_NAMERS = tuple(sorted(handover.NAME_READERS))


async def read(node: Node, actor: Actor, handover_id: UUID) -> handover.View:
    """One handover, read for casework."""
    return await handover.read(node, actor, ConversationId(handover_id), "casework")


async def preview(node: Node, actor: Actor, handover_id: UUID) -> handover.Preview:
    """What would travel, what would not and why, and how the receiver's policy differs."""
    return await handover.preview(node, actor, ConversationId(handover_id), SECTIONS)


async def evidence(node: Node, actor: Actor, handover_id: UUID) -> bytes:
    """The evidence without personal data; signatures and hashes hold all the same."""
    return await handover.export_evidence(node, actor, ConversationId(handover_id))


async def ask_acute_protection(node: Node, actor: Actor, handover_id: UUID) -> None:
    """Ask the police unit for a high threat whether it has the acute protection here."""
    await handover.ask_acute_protection(
        node, actor, ConversationId(handover_id), cases.draw_code_name()
    )


OPERATIONS: Sequence[Operation] = (
    Operation("GET", "/handovers", "Överlämningar ut och in", SIGNERS, handover.board),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/handovers",
        "Börja på ett förslag",
        WORKERS,
        handover.start_draft,
        handover.StartDraft,
    ),
    Operation("GET", "/handovers/{handover_id:uuid}", "Läs en överlämning", SIGNERS, read),
    Operation(
        "GET",
        "/handovers/{handover_id:uuid}/preview",
        "Vad som skulle skickas",
        WORKERS,
        preview,
    ),
    Operation(
        "PUT",
        "/handovers/{handover_id:uuid}/draft",
        "Spara förslaget",
        WORKERS,
        handover.update_draft,
        handover.UpdateDraft,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/signatures",
        "Besluta, eller vara den första av två",
        SIGNERS,
        handover.sign,
        handover.Sign,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/confirmation",
        "Bekräfta som andra person",
        SIGNERS,
        handover.confirm,
        handover.Confirm,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/take-back",
        "Ta tillbaka en underskrift som väntar",
        SIGNERS,
        handover.take_back,
        handover.TakeBack,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/questions",
        "Fråga den andra kommunen",
        WORKERS,
        handover.ask,
        handover.Ask,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/questions/{question_id:uuid}/answer",
        "Svara den andra kommunen",
        WORKERS,
        handover.answer,
        handover.AnswerQuestion,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/readers",
        "Låt en kollega till läsa underlaget",
        READER_NAMERS,
        handover.add_reader,
        handover.AddReader,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/readers/{staff_id:uuid}/end",
        "Ta bort en kollega som läser underlaget",
        READER_NAMERS,
        handover.remove_reader,
        handover.RemoveReader,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/send-again",
        "Skicka det nekade meddelandet på nytt",
        WORKERS,
        handover.send_again,
        handover.SendAgain,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/withdrawal-agreement",
        "Gå med på att avsändaren tar tillbaka ärendet efter ett avgörande",
        WORKERS,
        handover.agree_to_withdrawal,
        handover.AgreeToWithdrawal,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/appeal",
        "IVO:s beslut är överklagat",
        SIGNERS,
        handover.record_appeal,
        handover.RecordAppeal,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/changed-facts",
        "Berätta att något har ändrats sedan förslaget",
        WORKERS,
        handover.tell_facts,
        handover.TellFacts,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/rectification",
        "Berätta att en uppgift som skickades var fel",
        WORKERS,
        handover.tell_rectified,
        handover.TellRectified,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/supplement",
        "Skicka ett tillägg till det som skickades",
        WORKERS,
        handover.tell_supplement,
        handover.TellSupplement,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/consent-answer",
        "Svara vad som blev av uppgifterna när samtycket togs tillbaka",
        WORKERS,
        handover.tell_consent_handled,
        handover.TellConsentHandled,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/acute-protection-question",
        "Fråga Bops om det akuta skyddet",
        WORKERS,
        ask_acute_protection,
    ),
    Operation(
        "GET",
        "/handovers/{handover_id:uuid}/ivo-application",
        "Ansökan till IVO som PDF",
        SIGNERS,
        application_pdf,
        media_type="application/pdf",
        quotes_law=True,
    ),
    Operation(
        "GET",
        "/handovers/{handover_id:uuid}/letters/{message_id:uuid}",
        "Ett brev till en kommun utan nod, som PDF",
        SIGNERS,
        letter_pdf,
        media_type="application/pdf",
        quotes_law=True,
    ),
    Operation(
        "POST",
        "/handovers/{handover_id:uuid}/letters/{message_id:uuid}/sent",
        "Anteckna att brevet har skickats",
        WORKERS,
        record_sent,
        handover.RecordSent,
        quotes_law=True,
    ),
    Operation(
        "GET",
        "/handovers/{handover_id:uuid}/evidence",
        "Beviset som fil",
        SIGNERS,
        evidence,
    ),
)
