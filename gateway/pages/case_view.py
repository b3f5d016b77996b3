"""What every page of a case has in common: the header, the tabs, what can be done now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.texts.words import word
from services.cases import api as cases
from services.decisions import api as decisions
from services.handover import api as handover
from services.protection import api as protection
from shared.clock import local_date
from shared.ids import CaseId, StaffId

CASE_ROLES = ("case_worker", "exit_coordinator", "team_leader")
TABS = (
    ("overview", "", "Översikt"),
    ("investigation", "/investigation", "Utredning"),
    ("entry", "/entry", "Inträde"),
    ("plan", "/plan", "Plan och insatser"),
    ("decisions", "/decisions", "Beslut"),
    ("journal", "/journal", "Journal"),
    ("documents", "/documents", "Handlingar"),
    ("handovers", "/handovers", "Överlämning"),
    ("people", "/people", "Personer"),
    ("log", "/log", "Logg"),
)


async def opened(request: Page, case_id: UUID, reason: str = "casework") -> cases.CaseFile:
    """The file, its reading audited; with it, whether IVO has ruled that another is to have it."""
    file = await cases.read_case(node_of(request), request.user, CaseId(case_id), reason)
    if file.header.open_handover is not None:
        node, actor = node_of(request), request.user
        request.state.ruled_away_on = await handover.ruled_away_on(node, actor, CaseId(case_id))
    return file


def show_tab(request: Page, file: cases.CaseFile, tab: str, **context: Any) -> Any:
    """One tab of the case."""
    base = f"/cases/{file.header.case_id}"
    if tab == "overview":
        context["timeline"] = _timeline(file)
    context.setdefault("blocked", [])
    return page(
        request,
        f"case/{tab}",
        file.header.code_name,
        crumbs=[("Ärenden", "/cases"), (file.header.code_name, None)],
        file=file,
        names=file.names,
        responsible=responsible(request, file),
        due_on=file.next_due_on,
        no_threat_known=protection.no_threat_known(file.questions, file.threat),
        ruled_away_on=request.state.get("ruled_away_on"),
        tabs=[
            {"text": text, "href": base + path, "current": name == tab, "count": None}
            for name, path, text in TABS
        ],
        # A link to the page that one is on leads nowhere.
        actions=[each for each in _actions(request, file) if each["href"] != request.url.path],
        **context,
    )


def responsible(request: Page, file: cases.CaseFile) -> str:
    """Code of the authority that answers for the case now."""
    if file.header.is_responsible:
        return node_of(request).authority
    return cases.responsible(file.chain) or node_of(request).authority


def form_page(
    request: Page, name: str, title: str, file: cases.CaseFile, form: Form, **context: Any
) -> Any:
    """A form of the case; it carries the term that the person saw."""
    form.hidden.setdefault("term", file.header.term)
    base = f"/cases/{file.header.case_id}"
    crumbs = [("Ärenden", "/cases"), (file.header.code_name, base), (title, None)]
    context.setdefault("back", base)
    return page(
        request,
        name,
        f"{title} – {file.header.code_name}",
        crumbs=crumbs,
        form=form,
        code_name=file.header.code_name,
        **context,
    )


def _actions(request: Page, file: cases.CaseFile) -> list[dict[str, str]]:
    """What this person can do now; the first is what the case waits for."""
    base = f"/cases/{file.header.case_id}"
    actor = request.user
    at_night = [
        {"text": "Läs omedelbart beslut", "href": f"{base}/immediate/{each.aid_id}"}
        for each in file.immediate
        if each.outcome is None and _reviews(request, each)
    ]
    if not file.header.is_responsible:
        return at_night
    alarms = [
        {"text": "Läs om höjd hotnivå", "href": f"{base}/alarms/{alarm.alarm_id}"}
        for alarm in file.alarms
        if alarm.waits_for(actor.staff_id, _own_role(file, actor.staff_id))
    ]
    alarms += at_night
    alarms += [
        {
            "text": "Ta över det akuta skyddet",
            "href": f"{base}/protection/{each.protection_id}/confirmation",
        }
        for each in file.protection_handovers
        if each.waits and not file.header.is_on_call and cases.may(actor, "take_protection")
    ]
    note = {"text": "Skriv anteckning", "href": f"{base}/notes/new"}
    if file.header.is_on_call:
        at_once = {"text": "Fatta omedelbart beslut", "href": f"{base}/immediate/new"}
        return [*alarms, at_once, note]
    found = file.residence
    confirm = f"residence/{found.finding_id}/confirmation" if found else "investigation"
    is_own = found is not None and found.found_by == actor.staff_id
    offered: list[tuple[str, str, cases.Action]] = [
        ("take_application", "application", "apply"),
        ("follow_concern", "concern", "follow_concern"),
        ("assign_case_worker", "members/new", "assign"),
        ("record_residence", "residence", "find_residence"),
        ("confirm_residence", confirm, "confirm_residence"),
        ("give_consent", "consents/new", "record_consent"),
        ("request_threat", "threat-request", "ask_police"),
        ("review_threat", "threat-request", "ask_police"),
        ("record_needs", "investigation", "record_needs"),
        ("mark_ready", "entry", "ready"),
        ("assess_entry", "entry", "assess_entry"),
        ("propose_handover", "handovers/new", "write_journal"),
        ("sign_agreement", "agreement", "sign_agreement"),
        ("decide_aid", "aid/new", "decide_aid"),
        ("start_programme", "programme-start", "start_programme"),
        ("set_goals", "goals/new", "plan"),
        ("carry_out_decision", "measures/new", "plan"),
        ("record_follow_up", "follow-ups/new", "follow_up"),
        ("resume_programme", "resumption", "resume"),
        ("review_relapse", "relapse", "review_relapse"),
        ("follow_aid", "plan", "plan"),
    ]
    actions = alarms + [
        {"text": word(code, "next"), "href": f"{base}/{path}"}
        for code, path, action in offered
        if code == file.next
        and cases.may(actor, action)
        # Whoever wrote the finding is not offered to be its second reader.
        and not (code == "confirm_residence" and is_own)
    ]
    if cases.may(actor, "write_journal"):
        actions.append(note)
        if _waits_for_meeting(file):
            actions.append({"text": "Registrera första mötet", "href": f"{base}/first-meeting"})
    return actions


def _waits_for_meeting(file: cases.CaseFile) -> bool:
    """Whether a case that began here is open and nobody has said when the first meeting was."""
    codes = {event.code for event in file.events}
    return "case.contact_registered" in codes and "case.first_meeting" not in codes


def _reviews(request: Page, made: cases.Immediate) -> bool:
    """Whether this person is the ordinary delegate for what was decided at once by another."""
    node, actor = node_of(request), request.user
    policy = node.policies.on(local_date(node.clock.now()))
    return made.decided_by != actor.staff_id and decisions.may_decide(policy, made.kind, actor)


def _own_role(file: cases.CaseFile, staff_id: StaffId) -> cases.HeldRole:
    """As what this person is in the case now."""
    own = (each for each in file.members if each.staff_id == staff_id and each.ended_at is None)
    return next((each.role for each in own), "social_director")


def _timeline(file: cases.CaseFile) -> list[dict[str, Any]]:
    entries = [
        {
            "at": event.at,
            "who": file.names.get(event.actor, "Utväg"),
            "text": word(event.code, "event"),
            "ground": None,
            "detail": None,
            "is_machine": event.actor not in file.names,
        }
        for event in file.events
    ]
    entries += [
        _said(
            each.reviewed_at,
            file.names.get(each.reviewed_by, "Kollega") if each.reviewed_by else "Kollega",
            word(each.outcome, "immediate"),
        )
        for each in file.immediate
        if each.reviewed_at and each.outcome
    ]
    entries += [_said(alarm.raised_at, "Polisen", "Hotnivån höjdes") for alarm in file.alarms]
    entries += [
        _said(each.since, "Polisen", word(each.holder, "acute_holder"))
        for each in file.acute_protection
    ]
    entries += [
        _said(
            each.read_at, file.names.get(each.staff_id, "Kollega"), word("case.alarm_read", "event")
        )
        for alarm in file.alarms
        for each in alarm.readings
    ]
    return sorted(entries, key=lambda each: each["at"], reverse=True)


def _said(at: datetime, who: str, text: str) -> dict[str, Any]:
    return {
        "at": at,
        "who": who,
        "text": text,
        "ground": None,
        "detail": None,
        "is_machine": False,
    }
