"""The joint room: where the police meet a case. Only what is shared, the question, a short form."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.form import Form, Given
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from gateway.policies import review_days
from services.follow_up import api as follow_up
from services.protection import api as protection

ACCESS = require("police_partner")


async def room_list(request: Page) -> Any:
    """The officer's start page."""
    node = node_of(request)
    rows = await protection.joint_rooms(node, request.user)
    return page(
        request,
        "room/rooms",
        "Samverkansrum",
        unit_name=_unit_name(request),
        rows=[{"room": row, "href": f"/rooms/{row.room_id}"} for row in rows],
        dues=await follow_up.dues_for(node, request.user, law=request.app.state.law),
    )


@get("/rooms/{room_id:uuid}", access=ACCESS)
async def show(request: Page, room_id: FromPath[UUID]) -> Any:
    """One room."""
    return await _show(request, room_id)


@post("/rooms/{room_id:uuid}/threat", access=ACCESS)
async def give_threat(request: Page, room_id: FromPath[UUID]) -> Any:
    """Give the threat level."""

    async def again(form: Form) -> Any:
        return await _show(request, room_id, threat=form)

    return await submit(
        request,
        protection.GiveThreat,
        protection.give_threat,
        again,
        f"/rooms/{room_id}",
        at={
            "threat.unit_may_not_set": "level",
            "threat.review_in_past": "next_review_on",
            "threat.review_too_late": "next_review_on",
        },
        fixed={"room_id": room_id},
    )


@post("/rooms/{room_id:uuid}/answers/{question_id:uuid}", access=ACCESS)
async def answer(request: Page, room_id: FromPath[UUID], question_id: FromPath[UUID]) -> Any:
    """Answer one question."""
    field = f"answer-{question_id}"

    async def again(form: Form) -> Any:
        if "answer" in form.errors:
            form.errors[field] = form.errors.pop("answer")
        return await _show(request, room_id, answered=(question_id, form))

    def adapt(given: Given) -> dict[str, Any]:
        return {"answer": given.get(field, "")}

    return await submit(
        request,
        protection.AnswerQuestion,
        protection.answer_question,
        again,
        f"/rooms/{room_id}",
        fixed={"room_id": room_id, "question_id": question_id},
        adapt=adapt,
    )


@post("/rooms/{room_id:uuid}/papers/{paper_id:uuid}/word", access=ACCESS)
async def sign(request: Page, room_id: FromPath[UUID], paper_id: FromPath[UUID]) -> Any:
    """Sign for the police, or say that they do not agree."""

    async def again(form: Form) -> Any:
        return await _show(request, room_id, signed=form)

    return await submit(
        request,
        protection.SignPaper,
        protection.sign_paper,
        again,
        f"/rooms/{room_id}",
        fixed={"room_id": room_id, "paper_id": paper_id},
    )


@post("/rooms/{room_id:uuid}/alarm", access=ACCESS)
async def alarm(request: Page, room_id: FromPath[UUID]) -> Any:
    """A local officer asks Bops to assess, at once."""

    async def again(form: Form) -> Any:
        return await _show(request, room_id, wrong=form)

    return await submit(
        request,
        protection.RaiseAlarm,
        protection.raise_alarm,
        again,
        f"/rooms/{room_id}?alarm=raised",
        fixed={"room_id": room_id},
    )


async def _show(
    request: Page,
    room_id: UUID,
    *,
    threat: Form | None = None,
    answered: tuple[UUID, Form] | None = None,
    signed: Form | None = None,
    wrong: Form | None = None,
) -> Any:
    node = node_of(request)
    room = await protection.read_room(node, request.user, room_id, "answer")
    base = f"/rooms/{room_id}"
    forms = []
    for question in room.questions:
        if question.answered_at is not None or question.kind == "threat":
            continue
        form = Form(f"{base}/answers/{question.question_id}")
        if answered is not None and answered[0] == question.question_id:
            form = answered[1]
        form.hidden["term"] = room.term
        forms.append({"question": question, "form": form})
    threat_form = threat or Form(f"{base}/threat")
    threat_form.hidden["term"] = room.term
    wrong = wrong or threat or signed or (answered[1] if answered else None)
    can_alarm = "HIGH" not in room.may_set
    return page(
        request,
        "room/room",
        room.code_name,
        crumbs=[("Samverkansrum", "/"), (room.code_name, None)],
        form=wrong,
        room=room,
        unit_name=_unit_name(request),
        threat_form=threat_form if room.may_set else None,
        question_forms=forms,
        papers=[_paper(base, room, paper, signed) for paper in room.papers],
        no_threat_form=_no_threat_form(base, room),
        review_days=review_days(node),
        blocked=_blocked(room),
        alarm_form=Form(f"{base}/alarm", hidden={"term": room.term}) if can_alarm else None,
        is_alarm_raised=request.query_params.get("alarm") == "raised",
    )


def _paper(
    base: str, room: protection.Room, paper: protection.Paper, signed: Form | None
) -> dict[str, Any]:
    """A paper, with the form to sign it while it waits."""
    if not paper.is_final or paper.word is not None:
        return {"paper": paper, "form": None}
    form = signed or Form(f"{base}/papers/{paper.paper_id}/word")
    form.hidden["term"] = room.term
    return {"paper": paper, "form": form}


def _no_threat_form(base: str, room: protection.Room) -> Form | None:
    """One button: no threat is known; while the question waits and no level has been given."""
    if room.threat is not None:
        return None
    for each in room.questions:
        if each.kind == "threat" and each.answered_at is None:
            hidden = {"term": room.term, f"answer-{each.question_id}": "CLEAR"}
            return Form(f"{base}/answers/{each.question_id}", hidden=hidden)
    return None


def _blocked(room: protection.Room) -> list[dict[str, str]]:
    if "HIGH" in room.may_set:
        return []
    return [
        {
            "text": "Sätta hög hotnivå",
            "reason": "Hög hotnivå sätts, och sänks, bara av Bops. Larma dem om hotet är högt.",
        }
    ]


def _unit_name(request: Page) -> str:
    unit = request.user.unit
    units = protection.police_units(node_of(request))
    return next((each.name for each in units if each.code == unit), "Er enhet")


room_handlers: list[HTTPRouteHandler] = [show, give_threat, answer, sign, alarm]
