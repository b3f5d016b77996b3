"""Operations on action plans: read, keep, and fetch a report in its forms."""

from collections.abc import Sequence
from uuid import UUID

from gateway.api.operation import Operation
from gateway.plan_report import compose
from gateway.rendering import report_docx, report_pdf
from services.directory import api as directory
from services.follow_up import api as follow_up
from shared.actor import Actor
from shared.docx import MEDIA_TYPE
from shared.node import Node
from shared.report import Report

READERS = follow_up.PLAN_READERS


async def _report(node: Node, actor: Actor, plan_id: UUID, entry_id: UUID) -> Report:
    view, found = await follow_up.read_plan_report(node, actor, plan_id, entry_id)
    return compose(view, found, authority=directory.authority(node, node.authority).name)


async def as_pdf(node: Node, actor: Actor, plan_id: UUID, entry_id: UUID) -> bytes:
    """The report for reading and for the archive."""
    return await report_pdf(await _report(node, actor, plan_id, entry_id))


async def as_docx(node: Node, actor: Actor, plan_id: UUID, entry_id: UUID) -> bytes:
    """The report to go on editing."""
    return await report_docx(await _report(node, actor, plan_id, entry_id))


_PLAN = "/action-plans/{plan_id:uuid}"
_REPORT = f"{_PLAN}/reports/{{entry_id:uuid}}"

OPERATIONS: Sequence[Operation] = (
    Operation("GET", "/action-plans", "Handlingsplaner", READERS, follow_up.plans),
    Operation(
        "POST",
        "/action-plans",
        "Skriv ramen för en handlingsplan",
        READERS,
        follow_up.save_plan,
        follow_up.SavePlan,
    ),
    Operation("GET", _PLAN, "En handlingsplan", READERS, follow_up.read_plan),
    *(
        Operation("POST", f"{_PLAN}/{path}", summary, READERS, use_case, command)
        for path, summary, use_case, command in (
            (
                "activities",
                "Skriv en aktivitet",
                follow_up.save_activity,
                follow_up.SaveActivity,
            ),
            ("pledges", "Skriv ett medborgarlöfte", follow_up.save_pledge, follow_up.SavePledge),
            ("meetings", "Skriv från ett samordningsmöte", follow_up.save_line, follow_up.SaveLine),
            (
                "reports",
                "Skriv texten i en rapport",
                follow_up.save_plan_report,
                follow_up.SavePlanReport,
            ),
        )
    ),
    Operation(
        "GET",
        f"{_REPORT}/pdf",
        "Rapporten som PDF",
        READERS,
        as_pdf,
        media_type="application/pdf",
    ),
    Operation(
        "GET", f"{_REPORT}/docx", "Rapporten som DOCX", READERS, as_docx, media_type=MEDIA_TYPE
    ),
)
