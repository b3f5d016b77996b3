"""Where each role begins."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import SIGNED_IN, require
from gateway.auth.roles import NATIONAL_COORDINATOR
from gateway.pages.case_view import CASE_ROLES
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page, see
from gateway.pages.national import national_start
from gateway.pages.rooms import room_list
from gateway.texts.days import moment
from gateway.texts.errors import authority_name
from gateway.texts.words import word
from services.cases import api as cases
from services.follow_up import api as follow_up
from services.handover import api as handover
from services.staff import api as staff
from shared.clock import local_date
from shared.db.cards import finish_card, open_cards

NEWS_SHOWN = 8
_ELSEWHERE = {"log_reviewer": "/log-review", "system_admin": "/administration"}
"""Who begins on a page that has an address of its own; nobody holds two of these."""
WAITS_FOR_OTHERS = {
    "await_threat": "Polisen bedömer hotet",
    "await_handover": "Svar om överlämning",
}


@get("/", access=SIGNED_IN)
async def start(request: Page) -> Any:
    """What is this, what must I do, by when; or the role's own first page."""
    actor = request.user
    if actor.has_any("police_partner"):
        return await room_list(request)
    if actor.has_any(NATIONAL_COORDINATOR):
        return await national_start(request)
    if actor.has_any(*_ELSEWHERE):
        return see(next(_ELSEWHERE[role] for role in _ELSEWHERE if role in actor.roles))
    if actor.has_any(*CASE_ROLES):
        return await _my_day(request)
    if actor.has_any(*follow_up.READERS):
        return await _without_cases(request)
    return page(
        request,
        "text",
        "Välkommen",
        parts=[
            {
                "heading": None,
                "paragraphs": [
                    (
                        "Din roll ser inga ärenden. Du blir medlem i ett ärende när ett beslut kräver "
                        "det."
                    )
                ],
            }
        ],
    )


async def _my_day(request: Page) -> Any:
    node = node_of(request)
    today = local_date(node.clock.now())
    mine = await cases.worklist(node, request.user)
    rows = [row for row in mine if row.next is not None]
    board = await handover.board(node, request.user)
    must = [_alarm(row) for row in await cases.open_alarms(node, request.user)]
    must += [_immediate(row) for row in await cases.immediate_waiting(node, request.user)]
    must += [_must(row, today) for row in rows if row.next not in WAITS_FOR_OTHERS]
    must += [_handover(row) for row in board if row.needs_second or _is_for_us(row)]
    must += await _follow_ups(request)
    waiting = [
        {
            "code_name": row.code_name,
            "href": f"/cases/{row.case_id}",
            "text": WAITS_FOR_OTHERS[row.next or ""],
            "due_on": row.due_on,
            "since": row.changed_at,
        }
        for row in rows
        if row.next in WAITS_FOR_OTHERS
    ]
    news = await _news(request, {row.case_id: row.code_name for row in mine})
    return page(
        request,
        "start",
        "Min dag",
        counts={"inbox": sum(1 for row in board if not row.is_outgoing and row.waits_for == "us")},
        must=sorted(must, key=lambda each: (not each["is_alarm"], each["due_on"] or date.max)),
        waiting=waiting,
        news=news[:NEWS_SHOWN],
        more_news=max(0, len(news) - NEWS_SHOWN),
        register_href="/cases/new",
        on_call=await staff.roster(node, request.user),
        follow_up_href="/follow-up" if request.user.has_any(*follow_up.READERS) else None,
    )


async def _without_cases(request: Page) -> Any:
    """The day of who answers for the work as a whole, and sees no case."""
    news = await _news(request, {})
    return page(
        request,
        "start",
        "Min dag",
        must=await _follow_ups(request),
        waiting=[],
        news=news[:NEWS_SHOWN],
        more_news=max(0, len(news) - NEWS_SHOWN),
        register_href=None,
        on_call=None,
        follow_up_href="/follow-up",
    )


async def _follow_ups(request: Page) -> list[dict[str, Any]]:
    """What of the agreement and the action plans is to be followed up; of no case."""
    node, actor = node_of(request), request.user
    dues = await follow_up.dues_for(node, actor, law=request.app.state.law)
    late = [
        {
            "code_name": each.title,
            "href": f"/action-plans/{each.plan_id}",
            "text": "En aktivitet är försenad"
            if each.activities == 1
            else f"{each.activities} aktiviteter är försenade",
            "due_on": each.since,
            "is_alarm": True,
            "act": "Skriv hur det har gått",
        }
        for each in await follow_up.overdue_for(node, actor)
    ]
    return late + [
        {
            "code_name": "Överenskommelsen med polisen",
            "href": "/follow-up",
            "text": f"{word(each.occasion, 'follow_up_occasion')}: {each.about}",
            "due_on": each.due_on,
            "is_alarm": each.stage == "overdue",
            "act": "Följ upp tillsammans med polisen",
        }
        for each in dues
    ]


def _alarm(row: cases.AlarmRow) -> dict[str, Any]:
    """That the threat was raised, and when; to what is told inside the case."""
    return {
        "code_name": row.code_name,
        "href": f"/cases/{row.case_id}/alarms/{row.alarm_id}",
        "text": f"Hotnivån höjdes {moment(row.raised_at)}",
        "due_on": row.confirm_by,
        "is_alarm": True,
        "act": "Du har jour: läs nu" if row.is_on_call else "Läs och bekräfta",
    }


def _immediate(row: cases.ImmediateRow) -> dict[str, Any]:
    base = f"/cases/{row.case_id}"
    return {
        "code_name": row.code_name,
        "href": f"{base}/immediate/{row.aid_id}" if row.is_member else f"{base}/members/new",
        "text": "Omedelbart beslut i jour",
        "due_on": row.review_by,
        "is_alarm": True,
        "act": "Läs och bekräfta" if row.is_member else "Ge dig tillgång, läs och bekräfta",
    }


def _must(row: cases.CaseRow, today: date) -> dict[str, Any]:
    return {
        "code_name": row.code_name,
        "href": f"/cases/{row.case_id}",
        "text": word(row.state, "case_state"),
        "due_on": row.due_on,
        "is_alarm": bool(row.due_on and row.due_on < today) or row.suspected_duplicate,
        "act": word(row.next, "next"),
    }


def _is_for_us(row: handover.BoardRow) -> bool:
    """An incoming one that waits for our answer; a draft of our own is told by its case."""
    return not row.is_outgoing and row.waits_for == "us"


def _handover(row: handover.BoardRow) -> dict[str, Any]:
    side = "sender_state" if row.is_outgoing else "receiver_state"
    return {
        "code_name": row.code_name or f"Förslag från {authority_name(row.other)}",
        "href": f"/handovers/{row.handover_id}",
        "text": word(row.state, side),
        "due_on": row.due_on,
        "is_alarm": row.is_overdue,
        "act": "En andra person läser och bekräftar" if row.needs_second else "Läs och svara",
    }


async def _news(request: Page, names: dict[Any, str]) -> list[dict[str, Any]]:
    """What wants attention, newest first; gone when somebody has said that it is read."""
    async with node_of(request).db.begin(request.user) as uow:
        cards = await open_cards(uow)
        uow.audit("cards.listed", rows=len(cards))
        await uow.commit()
    return [
        {
            "text": ": ".join(
                filter(
                    None,
                    (names.get(card["case_id"]), word(card["kind"], "card"), _reason(card)),
                )
            ),
            "href": _about(card),
            "at": card["created_at"],
            "form": Form(f"/news/{card['id']}/read"),
        }
        for card in reversed(cards)
    ]


_NO = {"handover.declined": "decline_code", "handover.returned": "return_code"}


def _reason(card: Any) -> str | None:
    """The coded reason of a no, in words."""
    group, code = _NO.get(card["kind"]), card["facts"].get("reason")
    return word(code, group).lower() if group and code else None


def _about(card: Any) -> str | None:
    if card["kind"].startswith("handover.") and card["subject_id"]:
        return f"/handovers/{card['subject_id']}"
    if card["kind"].startswith("statistics."):
        return "/statistics"
    if card["kind"].startswith("follow_up."):
        return "/follow-up"
    return f"/cases/{card['case_id']}" if card["case_id"] else None


@post(
    "/news/{card_id:uuid}/read",
    access=require(*CASE_ROLES, *follow_up.READERS, NATIONAL_COORDINATOR),
)
async def read_news(request: Page, card_id: FromPath[UUID]) -> Any:
    """Somebody has seen to it."""
    async with node_of(request).db.begin(request.user) as uow:
        await finish_card(uow, card_id)
        uow.audit("card.read", card=str(card_id))
        await uow.commit()
    return see("/")


start_handlers: list[HTTPRouteHandler] = [start, read_news]
