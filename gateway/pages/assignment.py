"""Giving a colleague access: done by somebody who may not be in the case, so without the file."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from services.cases import api as cases
from shared.errors import AccessDenied
from shared.ids import CaseId

ACCESS = require("exit_coordinator", "team_leader")


@get("/cases/{case_id:uuid}/members/new", access=ACCESS)
async def choose(request: Page, case_id: FromPath[UUID]) -> Any:
    """Whom to give access."""
    return await _show(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/members/new", access=ACCESS)
async def give(request: Page, case_id: FromPath[UUID]) -> Any:
    """Give it."""

    async def again(form: Form) -> Any:
        return await _show(request, case_id, form)

    return await submit(
        request,
        cases.AssignMember,
        cases.assign_member,
        again,
        "/cases",
        at={
            "assignment.conflict_of_interest": "no_conflict_of_interest",
            "assignment.not_a_choice": "staff_id",
            "assignment.competence_missing": "staff_id",
            "assignment.already_member": "staff_id",
            "assignment.role_not_held": "role",
            "reason.missing": "reason",
        },
        fixed={"case_id": CaseId(case_id)},
    )


async def _show(request: Page, case_id: UUID, form: Form) -> Any:
    node = node_of(request)
    rows = [
        *await cases.worklist(node, request.user),
        *await cases.unit_cases(node, request.user),
    ]
    row = next((each for each in rows if each.case_id == case_id), None)
    if row is None:
        raise AccessDenied
    form.hidden.setdefault("term", row.term)
    colleagues = await cases.assignable(node, request.user, CaseId(case_id))
    return page(
        request,
        "case/assign",
        f"Ge tillgång – {row.code_name}",
        crumbs=[("Ärenden", "/cases"), (row.code_name, None)],
        form=form,
        code_name=row.code_name,
        colleagues=[(str(each.staff_id), each.display_name) for each in colleagues],
        back="/cases",
    )


assignment_handlers: list[HTTPRouteHandler] = [choose, give]
