"""Operations on a case in the programme: agreement, decisions, plan, follow-up, end."""

from collections.abc import Sequence
from uuid import UUID

from gateway.aid_letter import aid_letter
from gateway.api.operation import Operation
from gateway.exclusion_letter import exclusion_pdf
from services.cases import api as cases
from shared.actor import Actor
from shared.ids import CaseId
from shared.node import Node

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
DECIDERS = (*WORKERS, "social_director")


async def read_programme(node: Node, actor: Actor, case_id: UUID) -> cases.Programme:
    """Plan and decisions, read for casework."""
    return await cases.read_programme(node, actor, CaseId(case_id), "casework")


async def read_relapse(node: Node, actor: Actor, case_id: UUID) -> cases.RelapseView:
    """The reviews after a relapse, read for casework."""
    return await cases.read_relapse(node, actor, CaseId(case_id), "casework")


_CASE = "/cases/{case_id:uuid}"
_REVIEW = f"{_CASE}/relapse-reviews/{{review_id:uuid}}"

OPERATIONS: Sequence[Operation] = (
    Operation("GET", f"{_CASE}/programme", "Plan, insatser och beslut", DECIDERS, read_programme),
    Operation(
        "POST",
        f"{_CASE}/agreements",
        "Registrera att personen har undertecknat överenskommelsen",
        WORKERS,
        cases.sign_agreement,
        cases.SignAgreement,
    ),
    Operation(
        "POST",
        f"{_CASE}/agreement-withdrawal",
        "Personen tar tillbaka överenskommelsen",
        WORKERS,
        cases.withdraw_agreement,
        cases.WithdrawAgreement,
    ),
    Operation(
        "POST",
        f"{_CASE}/aid-decisions",
        "Besluta om bistånd: bifall, avslag eller upphörande",
        DECIDERS,
        cases.decide_aid,
        cases.DecideAid,
    ),
    Operation(
        "GET",
        f"{_CASE}/aid-decisions/{{aid_id:uuid}}/letter",
        "Beslutet som brev till personen, med hur man överklagar",
        DECIDERS,
        aid_letter,
        media_type="application/pdf",
        quotes_law=True,
    ),
    Operation(
        "GET",
        "/decisions-to-report",
        "Enhetens delegationsbeslut som nämnden inte har fått veta om",
        ("team_leader",),
        cases.decisions_to_report,
    ),
    Operation(
        "POST",
        "/decisions-to-report",
        "Anmäl beslut till nämnden",
        ("team_leader",),
        cases.report_decisions,
        cases.ReportDecisions,
    ),
    Operation(
        "POST",
        f"{_CASE}/aid-decisions/{{aid_id:uuid}}/told",
        "Personen har fått del av beslutet",
        WORKERS,
        cases.record_told,
        cases.RecordTold,
    ),
    Operation(
        "POST",
        f"{_CASE}/programme-start",
        "Programmet börjar",
        WORKERS,
        cases.start_programme,
        cases.StartProgramme,
    ),
    Operation("POST", f"{_CASE}/goals", "Sätt ett mål", WORKERS, cases.set_goal, cases.SetGoal),
    Operation(
        "POST",
        f"{_CASE}/measures",
        "En insats börjar",
        WORKERS,
        cases.start_measure,
        cases.StartMeasure,
    ),
    Operation(
        "POST",
        f"{_CASE}/measures/{{measure_id:uuid}}/end",
        "En insats slutar",
        WORKERS,
        cases.end_measure,
        cases.EndMeasure,
    ),
    Operation(
        "POST",
        f"{_CASE}/follow-ups",
        "Följ upp planen",
        WORKERS,
        cases.record_follow_up,
        cases.RecordFollowUp,
    ),
    Operation(
        "POST",
        f"{_CASE}/money",
        "Statliga medel är sökta",
        WORKERS,
        cases.apply_for_money,
        cases.ApplyForMoney,
    ),
    Operation(
        "POST",
        f"{_CASE}/money/{{money_id:uuid}}/answer",
        "Ansökan om statliga medel är beviljad eller avslagen",
        WORKERS,
        cases.record_money_answer,
        cases.RecordMoneyAnswer,
    ),
    Operation(
        "POST",
        f"{_CASE}/money/{{money_id:uuid}}/payment",
        "Statliga medel är utbetalda",
        WORKERS,
        cases.record_money_paid,
        cases.RecordMoneyPaid,
    ),
    Operation(
        "POST",
        f"{_CASE}/register-checks",
        "Be polisen om registerslagning",
        WORKERS,
        cases.ask_register_check,
        cases.AskRegisterCheck,
    ),
    Operation(
        "POST",
        f"{_CASE}/pause",
        "Pausa programmet",
        WORKERS,
        cases.pause_programme,
        cases.PauseProgramme,
    ),
    Operation(
        "POST",
        f"{_CASE}/resumption",
        "Återuppta programmet",
        WORKERS,
        cases.resume_programme,
        cases.ResumeProgramme,
    ),
    Operation(
        "POST",
        f"{_CASE}/completion",
        "Avsluta programmet som fullföljt",
        WORKERS,
        cases.complete_programme,
        cases.CompleteProgramme,
    ),
    Operation(
        "GET",
        f"{_CASE}/relapse-reviews",
        "Prövningar efter återfall",
        WORKERS,
        read_relapse,
    ),
    Operation(
        "POST",
        f"{_CASE}/relapse-reviews",
        "Rapportera ett misstänkt återfall",
        WORKERS,
        cases.report_relapse,
        cases.ReportRelapse,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/hearings",
        "Personen är hörd, eller vill inte bli hörd",
        WORKERS,
        cases.hear_person,
        cases.HearPerson,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/aid/{{aid_id:uuid}}",
        "Pröva ett pågående bistånd igen",
        WORKERS,
        cases.retry_aid,
        cases.RetryAid,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/continuation",
        "Fortsätt programmet med ändrad plan",
        WORKERS,
        cases.continue_programme,
        cases.ContinueProgramme,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/proposals",
        "Föreslå uteslutning",
        WORKERS,
        cases.propose_exclusion,
        cases.ProposeExclusion,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/proposals/{{proposal_id:uuid}}/support",
        "Bekräfta förslaget som andra person",
        WORKERS,
        cases.support_exclusion,
        cases.SupportExclusion,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/proposals/{{proposal_id:uuid}}/exclusion",
        "Besluta om uteslutning",
        WORKERS,
        cases.exclude_person,
        cases.ExcludePerson,
    ),
    Operation(
        "GET",
        f"{_REVIEW}/letter",
        "Brevet till personen om uteslutningen",
        WORKERS,
        exclusion_pdf,
        media_type="application/pdf",
        quotes_law=True,
    ),
    Operation(
        "POST",
        f"{_REVIEW}/told",
        "Personen har fått del av beslutet om uteslutning",
        WORKERS,
        cases.record_exclusion_told,
        cases.RecordExclusionTold,
    ),
    Operation(
        "POST",
        f"{_CASE}/protection-handovers/{{protection_id:uuid}}/confirmation",
        "Bekräfta att kommunen tar över det akuta skyddet",
        WORKERS,
        cases.take_protection,
        cases.TakeProtection,
    ),
    Operation(
        "POST",
        f"{_CASE}/wish-to-end",
        "Personen vill inte ha mer hjälp",
        WORKERS,
        cases.end_at_persons_wish,
        cases.EndAtPersonsWish,
    ),
    Operation(
        "POST",
        f"{_CASE}/reopening",
        "Öppna ärendet igen",
        WORKERS,
        cases.reopen_case,
        cases.ReopenCase,
    ),
)
