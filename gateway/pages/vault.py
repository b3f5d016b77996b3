"""Protected contact data: written, seen once by two persons' will, and never kept by the browser."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES, form_page, opened
from gateway.pages.delegated import who_decides
from gateway.pages.form import Form, Given, to_command
from gateway.pages.frame import Page, node_of
from gateway.pages.submit import submit
from services.cases import api as cases
from shared.ids import CaseId

ACCESS = require(*CASE_ROLES)
TITLE = "Skyddade kontaktuppgifter"
CLOSES_IN_MIN = 2  # how long the page stays; read and remember, do not leave it open
FIELDS = ("address", "phone", "workplace", "other_places")


@get("/cases/{case_id:uuid}/vault", access=ACCESS)
async def ask(request: Page, case_id: FromPath[UUID]) -> Any:
    """Why are they needed? Only with a colleague's approval in hand."""
    return await _ask(request, case_id, Form(request.url.path))


@post("/cases/{case_id:uuid}/vault", access=ACCESS)
async def reveal(request: Page, case_id: FromPath[UUID]) -> Any:
    """Show them: the answer to this form is the only page that ever has them."""

    async def again(form: Form) -> Any:
        return await _ask(request, case_id, form)

    async def shown(content: cases.VaultContent) -> Any:
        return await _page(
            request,
            case_id,
            "show",
            Form(request.url.path),
            content=content,
            closes_in_min=CLOSES_IN_MIN,
            back=f"/cases/{case_id}",
        )

    return await submit(
        request,
        cases.RevealVault,
        cases.reveal_vault,
        again,
        shown,
        at={"text.missing": "reason", "reason.missing": "reason"},
        fixed={"case_id": CaseId(case_id)},
    )


@get("/cases/{case_id:uuid}/vault/edit", access=ACCESS)
async def edit(request: Page, case_id: FromPath[UUID]) -> Any:
    """Empty fields: what stands there is not shown to be changed."""
    return await _page(request, case_id, "write", Form(request.url.path))


@post("/cases/{case_id:uuid}/vault/edit", access=ACCESS)
async def write(request: Page, case_id: FromPath[UUID]) -> Any:
    """Write them anew."""

    async def again(form: Form) -> Any:
        return await _page(request, case_id, "write", form)

    def adapt(given: Given) -> dict[str, Any]:
        content = {name: given.get(name) or "" for name in FIELDS}
        return {"content": to_command(cases.VaultContent, content)}

    return await submit(
        request,
        cases.SetVault,
        cases.set_vault,
        again,
        f"/cases/{case_id}",
        fixed={"case_id": CaseId(case_id)},
        adapt=adapt,
    )


@get("/cases/{case_id:uuid}/vault/approval", access=ACCESS)
async def choose(request: Page, case_id: FromPath[UUID]) -> Any:
    """Whom to let look."""
    return await _page(request, case_id, "approve", Form(request.url.path))


@post("/cases/{case_id:uuid}/vault/approval", access=ACCESS)
async def approve(request: Page, case_id: FromPath[UUID]) -> Any:
    """Let a colleague look once."""

    async def again(form: Form) -> Any:
        return await _page(request, case_id, "approve", form)

    return await submit(
        request,
        cases.ApproveReveal,
        cases.approve_reveal,
        again,
        f"/cases/{case_id}/people",
        at={"decision.same_person": "staff_id", "text.missing": "reason"},
        fixed={"case_id": CaseId(case_id)},
    )


async def _ask(request: Page, case_id: UUID, form: Form) -> Any:
    approval = await cases.approval_in_hand(node_of(request), request.user, CaseId(case_id))
    form.hidden["approval_id"] = approval or ""
    return await _page(request, case_id, "ask", form, has_approval=approval is not None)


async def _page(
    request: Page, case_id: UUID, step: str, form: Form, *, back: str = "", **context: Any
) -> Any:
    file = await opened(request, case_id, "vault")
    members = [
        (str(member.staff_id), member.display_name)
        for member in file.members
        if member.ended_at is None and member.staff_id != request.user.staff_id
    ]
    base = f"/cases/{case_id}"
    context = {
        "content": None,
        "closes_in_min": None,
        "has_approval": False,
        "colleagues": members,
        "ground_text": who_decides(node_of(request), "vault.reveal"),
        "has_vault": file.has_vault,
        **context,
    }
    return form_page(
        request, "case/vault", TITLE, file, form, step=step, back=back or base, **context
    )


vault_handlers: list[HTTPRouteHandler] = [ask, reveal, edit, write, choose, approve]
