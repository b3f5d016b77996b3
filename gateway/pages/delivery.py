"""What waits for other authorities and what differs: for who runs the node; never about whom."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.monitor import ADMINS, CloseGap, NamedGap, Resend, close, monitor, resend
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page, see
from gateway.pages.submit import submit
from gateway.texts.words import WORDS, word
from shared.digest.gaps import LASTING
from shared.errors import AccessDenied
from shared.ids import authority_code

PAGE = "/administration/delivery"
CRUMBS = [("Drift", "/administration")]


@get(PAGE, access=require(*ADMINS))
async def delivery(request: Page) -> Any:
    """Gaps first, then each authority, then the counts."""
    found = await monitor(node_of(request), request.user)
    return page(
        request,
        "delivery",
        "Leveranser",
        crumbs=[*CRUMBS, ("Leveranser", None)],
        authorities=[
            {
                "other": each.authority,
                "count": each.messages,
                "oldest_at": each.oldest_at,
                "attempts": each.most_attempts,
                "came_on": each.came_on,
                "sent_on": each.sent_on,
                "flows": each.flows,
                "differing": each.differing,
                "form": Form(f"{PAGE}/{each.authority}/resend") if each.messages else None,
            }
            for each in found.authorities
        ],
        gaps=[_gap(each) for each in found.gaps],
        figures=[(word(name, "figure"), value) for name, value in found.figures.items()],
        counted_at=found.counted_at,
    )


@post(PAGE + "/{code:str}/resend", access=require(*ADMINS))
async def send_again(request: Page, code: FromPath[str]) -> Any:
    """Send at once what waits for this authority."""
    try:
        authority = authority_code(code)
    except ValueError:
        raise AccessDenied from None
    await resend(node_of(request), request.user, Resend(authority))
    return see(PAGE)


@get(PAGE + "/gaps/{gap_id:uuid}", access=require(*ADMINS))
async def gap_form(request: Page, gap_id: FromPath[UUID]) -> Any:
    """What was found out about a gap that no machine heals."""
    return await _form(request, gap_id, Form(request.url.path))


@post(PAGE + "/gaps/{gap_id:uuid}", access=require(*ADMINS))
async def close_gap(request: Page, gap_id: FromPath[UUID]) -> Any:
    """Close it; the reason is kept in the log."""

    async def again(form: Form) -> Any:
        return await _form(request, gap_id, form)

    at = {"exchange.reason_missing": "reason"}
    return await submit(request, CloseGap, close, again, PAGE, at=at, fixed={"gap_id": gap_id})


async def _form(request: Page, gap_id: UUID, form: Form) -> Any:
    found = await monitor(node_of(request), request.user)
    gap = next((each for each in found.gaps if each.gap_id == gap_id), None)
    if gap is None or gap.code not in LASTING:
        raise AccessDenied
    return page(
        request,
        "form",
        "Utredd lucka",
        crumbs=[*CRUMBS, ("Leveranser", PAGE), ("Utredd lucka", None)],
        heading="Utredd lucka",
        intro=f"{word(gap.code, 'gap')} {_numbers(gap)}.",
        form=form,
        fields=[
            {
                "kind": "radios",
                "name": "reason",
                "label": "Vad har ni kommit fram till?",
                "hint": "Sparas i loggen. Det som rör personen hör hemma i ärendet.",
                "choices": list(WORDS["gap_reason"].items()),
                "optional": False,
            }
        ],
        submit="Stäng luckan",
        back=PAGE,
        is_dangerous=False,
    )


def _gap(each: NamedGap) -> dict[str, Any]:
    return {
        "other": each.authority,
        "text": word(each.code, "gap"),
        "numbers": _numbers(each),
        "conversation": str(each.conversation_id),
        "named_at": each.named_at,
        "href": f"{PAGE}/gaps/{each.gap_id}" if each.code in LASTING else None,
    }


def _numbers(each: NamedGap) -> str:
    if not each.last_number:
        return "–"
    if each.first_number == each.last_number:
        return f"nummer {each.first_number}"
    return f"nummer {each.first_number} till {each.last_number}"


delivery_handlers: list[HTTPRouteHandler] = [delivery, send_again, gap_form, close_gap]
