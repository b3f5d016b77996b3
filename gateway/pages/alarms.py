"""The threat was raised: read back, and confirmed by who has the case."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.case_view import CASE_ROLES, form_page, opened
from gateway.pages.form import Form
from gateway.pages.frame import Page
from gateway.pages.submit import submit
from gateway.texts.days import day, moment
from gateway.texts.jinja import unit_name
from gateway.texts.words import word
from services.cases import api as cases
from shared.errors import AccessDenied
from shared.ids import CaseId

ACCESS = require(*CASE_ROLES)
PATH = "/cases/{case_id:uuid}/alarms/{alarm_id:uuid}"


@get(PATH, access=ACCESS)
async def show(request: Page, case_id: FromPath[UUID], alarm_id: FromPath[UUID]) -> Any:
    """What happened, who protects now, who has read it."""
    return await _show(request, case_id, alarm_id, Form(request.url.path))


@post(PATH, access=ACCESS)
async def read(request: Page, case_id: FromPath[UUID], alarm_id: FromPath[UUID]) -> Any:
    """I have read it."""

    async def again(form: Form) -> Any:
        return await _show(request, case_id, alarm_id, form)

    return await submit(
        request,
        cases.ReadAlarm,
        cases.read_alarm,
        again,
        f"/cases/{case_id}",
        fixed={"case_id": CaseId(case_id), "alarm_id": alarm_id},
    )


async def _show(request: Page, case_id: UUID, alarm_id: UUID, form: Form) -> Any:
    file = await opened(request, case_id)
    alarm = next((each for each in file.alarms if each.alarm_id == alarm_id), None)
    if alarm is None:
        raise AccessDenied
    return form_page(
        request,
        "confirm",
        "Hotnivån har höjts",
        file,
        form,
        heading=f"Hotnivån höjdes {moment(alarm.raised_at)}",
        rows=_rows(file, alarm),
        consequences=[
            "Det syns att du har läst, och när.",
            "När en handläggare har läst slutar larmet.",
            "Rör det akuta skyddet ringer du polisen, vid fara för liv 112.",
        ],
        ground=None,
        codes=[],
        code_label="",
        text_label=None,
        text_hint=None,
        submit="Jag har läst",
        is_dangerous=False,
    )


def _rows(file: cases.CaseFile, alarm: cases.Alarm) -> list[tuple[str, str | None]]:
    before = word(alarm.level_before, "level").lower() if alarm.level_before else "inte bedömd"
    protects = file.acute_protection[0] if file.acute_protection else None
    names = ", ".join(
        f"{file.names.get(each.staff_id, 'kollega')} ({word(each.role, 'role')}), {moment(each.read_at)}"
        for each in alarm.readings
    )
    by_police = protects is not None and protects.holder == "police"
    return [
        ("Ärende", file.header.code_name),
        ("Hotnivå", f"{word(alarm.level, 'level').lower()}, tidigare {before}"),
        ("Akut skydd", word(protects.holder, "acute_holder") if protects else None),
        ("Enhet", unit_name(protects.unit) if protects and by_police else None),
        ("Har läst", names or "Ingen än"),
        ("Handläggaren läser senast", day(alarm.confirm_by)),
    ]


alarm_handlers: list[HTTPRouteHandler] = [show, read]
