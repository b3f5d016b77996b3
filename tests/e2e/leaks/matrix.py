"""What each route shows, and by which relation it is reached: one entry a route, none may be missing.

`relation` names what besides the role is needed: `case` (member of the case), `handover` (member at
the sender, the receiving function at the receiver), `room` (the police unit is attached), or None
where the route is about no object. `shows` are the kinds of canaries that a person with role and
relation may see there. `opens_on` are the planted targets on which a member's GET must succeed:
a harness that nobody gets through proves nothing. Bodies carry a term or revision that is stale, so
that no call changes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STALE = 999
DAY = "2026-11-22"
SOMEBODY = "00000000-0000-4000-8000-000000000000"
NAMED = frozenset({"name", "number"})
FILE = NAMED | {"note", "need", "health", "exclusion"}
CONCERN = frozenset({"concern"})
PROPOSAL: frozenset[str] = frozenset()
CASES = ("draft", "proposed", "declined", "accepted", "ended")


@dataclass(frozen=True)
class Entry:
    """One route."""

    relation: str | None = None
    shows: frozenset[str] = frozenset()
    opens_on: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


def case(shows: frozenset[str] = frozenset(), *opens_on: str, **body: Any) -> Entry:
    return Entry("case", shows, opens_on, {"term": STALE, **body} if body else {})


def handover(shows: frozenset[str] = frozenset(), *opens_on: str, **body: Any) -> Entry:
    return Entry("handover", shows, opens_on, {"revision": STALE, **body} if body else {})


_RESIDENCE = {"finding": "OTHER", "municipality": "1480", "ground": "main_rule", "facts": "x"}
_CONSENT = {
    "counterparties": [{"authority": "1480", "function": "social_services"}],
    "purposes": ["handover"],
    "kinds": ["identity"],
    "valid_until": "2027-01-01",
}
_NOTE = {"kind": "fact", "text": "x", "source": "x", "happened_on": DAY}
_MEMBER = {
    "staff_id": SOMEBODY,
    "role": "case_worker",
    "reason": "x",
    "no_conflict_of_interest": True,
}
_THREAT = {"level": "LOW", "method": "structured", "next_review_on": "2026-12-01"}
_AID = {
    "kind": "aid.counselling",
    "outcome": "REFUSED",
    "area": "housing",
    "matter": "x",
    "reasons": "x",
}
_FOLLOW_UP = {"held_on": DAY, "scores": [], "summary": "x", "persons_view": "x", "next_on": DAY}
_SETTLE = {
    "step": "safety_check",
    "outcome": "taken",
    "ground": "own_task",
    "told": "",
    "text": "x",
}
_ACT = {"act": "withdraw"}
_STEP = {"number": 1}
_WHAT = {"what": "changed-facts"}
_PAPER = {"what": "accepted"}
_LETTER = {"message_id": SOMEBODY}
_SENT = {"sent_on": DAY, "means": "courier"}
_AREA = {"area": "housing"}
_MEETING = {"meeting_id": SOMEBODY}
_NO_PLAN = {"plan_id": SOMEBODY, "kind": "activities", "entry_id": SOMEBODY}
"""Plans hold no person; `test_action_plan.py` tries who may read them."""
_REPORT = {"report_id": SOMEBODY}

_ASSESSMENT = "/cases/{case_id:uuid}/entry/assessments/{entry_id:uuid}"
_RELAPSE = "/cases/{case_id:uuid}/relapse-reviews/{review_id:uuid}"
_RELAPSE_PAGE = "/cases/{case_id:uuid}/relapse/{review_id:uuid}"

API: dict[tuple[str, str], Entry] = {
    ("GET", "/cases"): Entry(),
    ("GET", "/unit-cases"): Entry(),
    ("POST", "/cases"): Entry(),
    ("GET", "/cases/{case_id:uuid}"): case(FILE, *CASES),
    ("GET", "/cases/{case_id:uuid}/log"): case(frozenset(), *CASES),
    ("POST", "/concerns"): Entry(),
    ("GET", "/cases/{case_id:uuid}/concern"): case(CONCERN, "reported"),
    ("POST", "/cases/{case_id:uuid}/concern/steps"): case(**_SETTLE),
    ("POST", "/cases/{case_id:uuid}/concern/assessment"): case(opinion="open", reasons="x"),
    ("POST", "/cases/{case_id:uuid}/concern/decision"): case(
        outcome="open", person_agrees=True, reasons="x"
    ),
    ("GET", "/how-we-work"): Entry(),
    ("GET", "/competences"): Entry(),
    ("POST", "/competences"): Entry(),
    ("GET", "/cases/{case_id:uuid}/assignable"): Entry("unit"),
    ("POST", "/cases/{case_id:uuid}/application"): case(term=STALE),
    ("POST", "/cases/{case_id:uuid}/members"): Entry("unit", body={"term": STALE, **_MEMBER}),
    ("POST", "/cases/{case_id:uuid}/members/{staff_id:uuid}/end"): Entry(
        "unit", body={"term": STALE, "reason": "x"}
    ),
    ("POST", "/cases/{case_id:uuid}/residence-findings"): case(**_RESIDENCE),
    (
        "POST",
        "/cases/{case_id:uuid}/residence-findings/{finding_id:uuid}/confirmation",
    ): case(term=STALE),
    ("POST", "/cases/{case_id:uuid}/consents"): case(**_CONSENT),
    ("POST", "/cases/{case_id:uuid}/consents/{consent_id:uuid}/withdrawal"): case(term=STALE),
    ("POST", "/cases/{case_id:uuid}/notes"): case(**_NOTE),
    ("POST", "/cases/{case_id:uuid}/needs"): case(area="housing", text="x"),
    ("GET", "/cases/{case_id:uuid}/documents"): case(frozenset({"title"}), *CASES),
    ("POST", "/cases/{case_id:uuid}/documents"): Entry("case"),
    ("GET", "/cases/{case_id:uuid}/documents/{document_id:uuid}/content"): case(
        frozenset({"paper"}), "draft"
    ),
    ("POST", "/cases/{case_id:uuid}/exclusions"): case(kind="authority", value="0114", reason="x"),
    ("PUT", "/cases/{case_id:uuid}/vault"): case(content={}),
    ("POST", "/cases/{case_id:uuid}/vault/approvals"): case(staff_id=SOMEBODY, reason="x"),
    ("POST", "/cases/{case_id:uuid}/vault/reveals"): Entry(
        "case", body={"reason": "x", "approval_id": SOMEBODY}
    ),
    ("POST", "/cases/{case_id:uuid}/first-meeting"): case(held_on=DAY),
    ("POST", "/cases/{case_id:uuid}/threat-requests"): case(unit="bops-ost"),
    ("POST", "/cases/{case_id:uuid}/placement-questions"): case(municipality="1480"),
    ("POST", "/cases/{case_id:uuid}/level-passing-questions"): case(receiver="1480"),
    ("GET", "/cases/{case_id:uuid}/programme"): case(FILE, *CASES),
    ("POST", "/cases/{case_id:uuid}/agreements"): case(conditions=["no_crime"], signed_on=DAY),
    ("POST", "/cases/{case_id:uuid}/agreement-withdrawal"): case(wish="x", source="x"),
    ("POST", "/cases/{case_id:uuid}/aid-decisions"): case(**_AID),
    ("POST", "/cases/{case_id:uuid}/aid-decisions/{aid_id:uuid}/told"): case(told_on=DAY),
    ("GET", "/cases/{case_id:uuid}/aid-decisions/{aid_id:uuid}/letter"): case(NAMED),
    ("POST", "/cases/{case_id:uuid}/programme-start"): case(first_follow_up_on=DAY),
    ("POST", "/cases/{case_id:uuid}/goals"): case(area="housing", text="x", due_on=DAY),
    ("POST", "/cases/{case_id:uuid}/measures"): case(aid_id=SOMEBODY, what="x", started_on=DAY),
    ("POST", "/cases/{case_id:uuid}/measures/{measure_id:uuid}/end"): case(ended_on=DAY),
    ("POST", "/cases/{case_id:uuid}/follow-ups"): case(**_FOLLOW_UP),
    ("GET", "/decisions-to-report"): Entry(),
    ("POST", "/decisions-to-report"): Entry(body={"meeting_on": DAY, "decisions": []}),
    ("POST", "/cases/{case_id:uuid}/money"): case(applied_on=DAY, kronor=1),
    ("POST", "/cases/{case_id:uuid}/money/{money_id:uuid}/answer"): Entry(
        "case",
        body={"term": STALE, "outcome": "REFUSED", "answered_on": DAY},
        fixed={"money_id": SOMEBODY},
    ),
    ("POST", "/cases/{case_id:uuid}/money/{money_id:uuid}/payment"): Entry(
        "case",
        body={"term": STALE, "paid_on": DAY, "kronor": 1},
        fixed={"money_id": SOMEBODY},
    ),
    ("POST", "/cases/{case_id:uuid}/register-checks"): case(term=STALE),
    ("POST", "/cases/{case_id:uuid}/pause"): case(cause="HOSPITAL", text="x", review_on=DAY),
    ("POST", "/cases/{case_id:uuid}/resumption"): case(next_follow_up_on=DAY),
    ("POST", "/cases/{case_id:uuid}/completion"): case(summary="x", continued_support="x"),
    ("GET", "/cases/{case_id:uuid}/relapse-reviews"): case(frozenset(), *CASES),
    ("POST", "/cases/{case_id:uuid}/relapse-reviews"): case(
        suspicion="CRIME", source="STAFF", text="x"
    ),
    ("POST", f"{_RELAPSE}/hearings"): case(heard_on=DAY, words="x"),
    ("POST", f"{_RELAPSE}/aid/{{aid_id:uuid}}"): case(outcome="CONTINUES", text="x"),
    ("POST", f"{_RELAPSE}/continuation"): case(changed_plan="x", next_follow_up_on=DAY),
    ("POST", f"{_RELAPSE}/proposals"): case(
        reason="EXCLUDED_RELAPSE", broken=["no_crime"], reasons="x", safety_plan="x"
    ),
    ("POST", f"{_RELAPSE}/proposals/{{proposal_id:uuid}}/support"): case(term=STALE),
    ("POST", f"{_RELAPSE}/proposals/{{proposal_id:uuid}}/exclusion"): case(term=STALE),
    ("GET", f"{_RELAPSE}/letter"): case(),
    ("POST", f"{_RELAPSE}/told"): case(told_on=DAY),
    ("POST", "/cases/{case_id:uuid}/protection-handovers/{protection_id:uuid}/confirmation"): case(
        responsible=SOMEBODY
    ),
    ("POST", "/cases/{case_id:uuid}/wish-to-end"): case(wish="x", source="x"),
    ("POST", "/cases/{case_id:uuid}/reopening"): case(reason="x"),
    ("GET", "/cases/{case_id:uuid}/entry"): case(frozenset(), *CASES),
    ("GET", "/cases/{case_id:uuid}/entry/letter"): case(),
    ("POST", "/cases/{case_id:uuid}/entry/comparisons"): Entry("case", body={"authority": "1480"}),
    ("POST", "/cases/{case_id:uuid}/entry/ready"): case(term=STALE),
    ("POST", "/cases/{case_id:uuid}/entry/assessments"): case(group="other", answers=[]),
    ("POST", f"{_ASSESSMENT}/signatures"): case(party="municipality"),
    ("POST", f"{_ASSESSMENT}/admission"): case(term=STALE),
    ("POST", f"{_ASSESSMENT}/refusal"): case(reason="NO_CONSENT"),
    ("GET", "/joint-rooms"): Entry(),
    ("GET", "/joint-rooms/{room_id:uuid}"): Entry("room", NAMED, ("draft", "proposed")),
    ("POST", "/joint-rooms/{room_id:uuid}/threat-assessments"): Entry(
        "room", NAMED, body={"term": STALE, **_THREAT}
    ),
    ("POST", "/joint-rooms/{room_id:uuid}/alarms"): Entry("room", NAMED, body={"term": STALE}),
    ("POST", "/joint-rooms/{room_id:uuid}/answers"): Entry(
        "room", NAMED, body={"term": STALE, "question_id": SOMEBODY, "answer": "CLEAR"}
    ),
    ("POST", "/joint-rooms/{room_id:uuid}/papers/{paper_id:uuid}/word"): Entry(
        "room", NAMED, body={"term": STALE, "word": "AGREED"}
    ),
    ("GET", "/handovers"): Entry(),
    ("POST", "/cases/{case_id:uuid}/handovers"): case(receiver="1480"),
    ("GET", "/handovers/{handover_id:uuid}"): handover(NAMED | {"need"}, *CASES),
    ("GET", "/handovers/{handover_id:uuid}/preview"): handover(FILE, "draft"),
    ("PUT", "/handovers/{handover_id:uuid}/draft"): handover(draft={"receiving_function": "x"}),
    ("POST", "/handovers/{handover_id:uuid}/signatures"): handover(payload={"type": "propose"}),
    ("POST", "/handovers/{handover_id:uuid}/confirmation"): handover(revision=STALE),
    ("POST", "/handovers/{handover_id:uuid}/take-back"): handover(revision=STALE),
    ("POST", "/handovers/{handover_id:uuid}/questions"): Entry("handover", body={"text": ""}),
    ("POST", "/handovers/{handover_id:uuid}/questions/{question_id:uuid}/answer"): Entry(
        "handover", body={"text": ""}
    ),
    ("POST", "/handovers/{handover_id:uuid}/readers"): Entry(
        "handover", body={"staff_id": SOMEBODY, "why": "supervises"}
    ),
    ("POST", "/handovers/{handover_id:uuid}/readers/{staff_id:uuid}/end"): Entry(
        "handover", body={"why": "no_longer_needed"}
    ),
    ("POST", "/handovers/{handover_id:uuid}/send-again"): handover(revision=STALE),
    ("POST", "/handovers/{handover_id:uuid}/withdrawal-agreement"): handover(text="x"),
    ("POST", "/handovers/{handover_id:uuid}/appeal"): Entry(
        "handover", body={"document": "x", "appealed_on": DAY}
    ),
    ("POST", "/handovers/{handover_id:uuid}/changed-facts"): Entry("handover", body={"what": []}),
    ("POST", "/handovers/{handover_id:uuid}/rectification"): Entry(
        "handover", body={"section": "residence", "text": ""}
    ),
    ("POST", "/handovers/{handover_id:uuid}/supplement"): Entry("handover", body={"text": ""}),
    ("POST", "/handovers/{handover_id:uuid}/consent-answer"): Entry(
        "handover", body={"consent_id": SOMEBODY, "outcome": "locked", "remainder": ""}
    ),
    ("POST", "/handovers/{handover_id:uuid}/acute-protection-question"): Entry("handover"),
    ("GET", "/handovers/{handover_id:uuid}/letters/{message_id:uuid}"): Entry(
        "handover", NAMED, fixed=_LETTER
    ),
    ("POST", "/handovers/{handover_id:uuid}/letters/{message_id:uuid}/sent"): Entry(
        "handover", body=_SENT, fixed=_LETTER
    ),
    ("GET", "/handovers/{handover_id:uuid}/evidence"): handover(frozenset(), "proposed"),
    ("GET", "/handovers/{handover_id:uuid}/ivo-application"): handover(NAMED),
    ("GET", "/immediate-decisions"): Entry(),
    ("POST", "/cases/{case_id:uuid}/immediate-decisions"): case(
        kind="aid.emergency_housing", area="housing", matter="x", reasons="x"
    ),
    ("POST", "/cases/{case_id:uuid}/immediate-decisions/{aid_id:uuid}/review"): case(
        outcome="CONFIRMED"
    ),
    ("GET", "/alarms"): Entry(),
    ("POST", "/cases/{case_id:uuid}/alarms/{alarm_id:uuid}/reading"): case(term=STALE),
    ("GET", "/on-call"): Entry(),
    ("POST", "/on-call"): Entry(),
    ("POST", "/on-call/{duty_id:uuid}/end"): Entry(fixed={"duty_id": SOMEBODY}),
    ("GET", "/api-info"): Entry(),
    ("GET", "/undelivered"): Entry(),
    ("GET", "/monitor"): Entry(),
    ("POST", "/undelivered/{authority:str}/resend"): Entry(fixed={"authority": "1480"}),
    ("POST", "/gaps/{gap_id:uuid}/closing"): Entry(
        body={"reason": "disk_fault"}, fixed={"gap_id": SOMEBODY}
    ),
    ("GET", "/me"): Entry(),
    ("GET", "/log-reviews"): Entry(),
    ("POST", "/log-reviews"): Entry(),
    ("GET", "/own-figures"): Entry(),
    ("GET", "/own-figures/units"): Entry(),
    ("GET", "/statistics/sent"): Entry(),
    ("GET", "/follow-up"): Entry(),
    ("POST", "/follow-up/law-changes"): Entry(body={"what": "", "in_force_on": DAY}),
    ("POST", "/follow-up/meetings"): Entry(body={"year": 1999}),
    ("GET", "/follow-up/meetings/{meeting_id:uuid}"): Entry(fixed=_MEETING),
    ("PUT", "/follow-up/meetings/{meeting_id:uuid}/minutes"): Entry(
        fixed=_MEETING, body={"number": STALE}
    ),
    ("POST", "/follow-up/meetings/{meeting_id:uuid}/signatures"): Entry(
        fixed=_MEETING, body={"number": STALE}
    ),
    ("GET", "/national/releases"): Entry(),
    ("GET", "/national/releases/{half_year:str}"): Entry(fixed={"half_year": "2026H2"}),
    **{
        (method, f"/action-plans{path}"): Entry(fixed=_NO_PLAN)
        for method, path in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/{plan_id:uuid}"),
            ("POST", "/{plan_id:uuid}/activities"),
            ("POST", "/{plan_id:uuid}/pledges"),
            ("POST", "/{plan_id:uuid}/meetings"),
            ("POST", "/{plan_id:uuid}/reports"),
            ("GET", "/{plan_id:uuid}/reports/{entry_id:uuid}/pdf"),
            ("GET", "/{plan_id:uuid}/reports/{entry_id:uuid}/docx"),
        )
    },
    ("GET", "/annual-reports"): Entry(),
    ("POST", "/annual-reports"): Entry(body={"year": 1999}),
    ("GET", "/annual-reports/{report_id:uuid}"): Entry(fixed=_REPORT),
    ("PUT", "/annual-reports/{report_id:uuid}/texts"): Entry(
        fixed=_REPORT, body={"revision": STALE, "texts": []}
    ),
    ("POST", "/annual-reports/{report_id:uuid}/acts"): Entry(
        fixed=_REPORT, body={"revision": STALE, "act": "sign"}
    ),
    ("POST", "/annual-reports/{report_id:uuid}/submission"): Entry(
        fixed=_REPORT, body={"revision": STALE}
    ),
    ("POST", "/annual-reports/{report_id:uuid}/sent-back"): Entry(
        fixed=_REPORT, body={"revision": STALE, "reason": "x"}
    ),
    ("POST", "/annual-reports/{report_id:uuid}/publication"): Entry(
        fixed=_REPORT, body={"revision": STALE, "decision": "x"}
    ),
    **{
        ("GET", f"/annual-reports/{{report_id:uuid}}/report.{form}"): Entry(fixed=_REPORT)
        for form in ("pdf", "docx")
    },
    ("GET", "/openapi"): Entry(),
    ("GET", "/openapi/openapi.json"): Entry(),
    ("GET", "/openapi/{path:str}"): Entry(fixed={"path": "openapi.json"}),
}

_TERM = {"term": str(STALE)}
_REVISION = {"revision": str(STALE)}


def form(shows: frozenset[str] = NAMED, **fixed: Any) -> Entry:
    """A form of a case: its page may show who it is about; posting carries a stale term."""
    return Entry("case", shows, ("draft",), _TERM, fixed)


_ASSESSMENT_PAGE = "/cases/{case_id:uuid}/entry/{entry_id:uuid}"

PAGES: dict[str, Entry] = {
    "/": Entry(),
    "/administration": Entry(),
    **{
        f"/administration/authorities/{{code:str}}/{form}": Entry(
            fixed={"code": "1480"}, body={"fingerprint": "x"}
        )
        for form in ("fingerprint", "meeting", "meeting/second")
    },
    "/administration/delivery": Entry(),
    "/administration/delivery/{code:str}/resend": Entry(fixed={"code": "1480"}),
    "/administration/delivery/gaps/{gap_id:uuid}": Entry(fixed={"gap_id": SOMEBODY}),
    "/figures": Entry(),
    "/statistics": Entry(),
    "/follow-up": Entry(),
    "/follow-up/law-changes": Entry(),
    "/follow-up/reports": Entry(),
    **{
        f"/follow-up/reports/{{report_id:uuid}}{rest}": Entry(fixed=_REPORT)
        for rest in (
            "",
            "/act",
            "/publication",
            "/report.docx",
            "/report.pdf",
            "/sent-back",
            "/submission",
        )
    },
    "/follow-up/meetings/{meeting_id:uuid}": Entry(fixed=_MEETING),
    "/follow-up/meetings/{meeting_id:uuid}/signature": Entry(fixed=_MEETING),
    "/log-review": Entry(),
    **{
        f"/action-plans{path}": Entry(fixed=_NO_PLAN)
        for path in (
            "",
            "/new",
            "/{plan_id:uuid}",
            "/{plan_id:uuid}/frame",
            "/{plan_id:uuid}/{kind:str}/new",
            "/{plan_id:uuid}/{kind:str}/{entry_id:uuid}",
            "/{plan_id:uuid}/{kind:str}/{entry_id:uuid}/history",
            "/{plan_id:uuid}/printed/{entry_id:uuid}",
            "/{plan_id:uuid}/printed/{entry_id:uuid}/report.pdf",
            "/{plan_id:uuid}/printed/{entry_id:uuid}/report.docx",
        )
    },
    # Of the national coordination alone; `test_national_pages.py` looks for what must not be there.
    "/national/method": Entry(),
    **{
        f"/national/{{half_year:str}}{rest}": Entry(fixed={"half_year": "2026H2", "name": name})
        for rest, name in (
            ("", ""),
            ("/tables/{name:str}", "totals"),
            ("/charts/{name:str}", "totals.svg"),
            ("/files/{name:str}", "totals.csv"),
            ("/release.xlsx", ""),
            ("/release.jws", ""),
            ("/report.pdf", ""),
        )
    },
    "/health": Entry(),
    "/sign-in": Entry(),
    "/sign-in/start": Entry(),
    "/sign-in/return": Entry(),
    "/sign-out": Entry(),
    "/sign-out/back-channel": Entry(),
    "/signed-out": Entry(),
    "/help": Entry(),
    "/how-we-work": Entry(),
    "/om/personuppgifter": Entry(),
    "/om/tillganglighet": Entry(),
    "/stod": Entry(),
    "/stod/{language:str}": Entry(fixed={"language": "en"}),
    "/static/colour/{name:str}": Entry(fixed={"name": "0580.css"}),
    "/static/{file_path:path}": Entry(fixed={"file_path": "utvag.css"}),
    "/static/vendor/{file_path:path}": Entry(fixed={"file_path": "none.css"}),
    "/cases/{case_id:uuid}/alarms/{alarm_id:uuid}": form(),
    "/cases/{case_id:uuid}/immediate/new": form(),
    "/cases/{case_id:uuid}/immediate/{aid_id:uuid}": case(NAMED),
    "/on-call": Entry(),
    "/on-call/{duty_id:uuid}/end": Entry(fixed={"duty_id": SOMEBODY}),
    "/competence": Entry(),
    "/cases": Entry(),
    "/decisions-to-report": Entry(),
    "/cases/new": Entry(),
    "/cases/report": Entry(),
    "/cases/{case_id:uuid}/concern": case(CONCERN, "reported"),
    "/cases/{case_id:uuid}/concern/steps/{step:str}": Entry(
        "case",
        CONCERN,
        ("reported",),
        {"term": STALE, **_SETTLE},
        {"step": "safety_check"},
    ),
    "/cases/{case_id:uuid}/concern/assessment": case(
        CONCERN, "reported", opinion="open", reasons="x"
    ),
    "/cases/{case_id:uuid}/concern/decision": case(
        CONCERN, "reported", outcome="open", reasons="x"
    ),
    "/cases/{case_id:uuid}": case(NAMED | {"health"}, *CASES),
    "/cases/{case_id:uuid}/investigation": case(FILE, *CASES),
    "/cases/{case_id:uuid}/journal": case(FILE, *CASES),
    "/cases/{case_id:uuid}/people": case(FILE, *CASES),
    "/cases/{case_id:uuid}/log": case(NAMED, *CASES),
    "/cases/{case_id:uuid}/documents": case(NAMED | {"title"}, *CASES),
    "/cases/{case_id:uuid}/documents/new": form(),
    "/cases/{case_id:uuid}/documents/{document_id:uuid}/file": case(frozenset({"paper"}), "draft"),
    "/cases/{case_id:uuid}/handovers": case(NAMED, *CASES),
    "/cases/{case_id:uuid}/application": form(),
    "/cases/{case_id:uuid}/residence": form(),
    "/cases/{case_id:uuid}/residence/{finding_id:uuid}/confirmation": form(),
    "/cases/{case_id:uuid}/consents/new": form(),
    "/cases/{case_id:uuid}/consents/{consent_id:uuid}/withdrawal": form(),
    "/cases/{case_id:uuid}/exclusions/new": form(),
    "/cases/{case_id:uuid}/needs/{area:str}": form(**_AREA),
    "/cases/{case_id:uuid}/notes/new": form(),
    "/cases/{case_id:uuid}/first-meeting": form(),
    "/cases/{case_id:uuid}/threat-request": form(),
    "/cases/{case_id:uuid}/placement-question": form(),
    "/cases/{case_id:uuid}/level-passing-question": form(),
    "/cases/{case_id:uuid}/entry": case(NAMED, *CASES),
    "/cases/{case_id:uuid}/entry/answers": Entry("case", NAMED, body=_TERM),
    "/cases/{case_id:uuid}/entry/comparison": Entry(
        "case", opens_on=CASES, body={"authority": "1480"}
    ),
    "/cases/{case_id:uuid}/entry/letter": case(),
    "/cases/{case_id:uuid}/entry/ready": Entry("case", NAMED, body=_TERM),
    **{
        f"{_ASSESSMENT_PAGE}/{act}": Entry("case", NAMED, body=_TERM)
        for act in ("signature", "second-signature", "admission", "refusal")
    },
    "/cases/{case_id:uuid}/plan": case(FILE, *CASES),
    "/cases/{case_id:uuid}/decisions": case(FILE, *CASES),
    "/cases/{case_id:uuid}/agreement": form(NAMED | {"title"}),
    "/cases/{case_id:uuid}/agreement/withdrawal": form(),
    "/cases/{case_id:uuid}/aid/new": form(),
    "/cases/{case_id:uuid}/aid/{aid_id:uuid}/letter": case(NAMED),
    "/cases/{case_id:uuid}/aid/{aid_id:uuid}/told": form(),
    "/cases/{case_id:uuid}/programme-start": form(),
    "/cases/{case_id:uuid}/goals/new": form(),
    "/cases/{case_id:uuid}/measures/new": form(),
    "/cases/{case_id:uuid}/measures/{measure_id:uuid}/end": form(),
    "/cases/{case_id:uuid}/follow-ups/new": form(),
    "/cases/{case_id:uuid}/money/new": form(),
    "/cases/{case_id:uuid}/money/{money_id:uuid}/answer": form(money_id=SOMEBODY),
    "/cases/{case_id:uuid}/money/{money_id:uuid}/payment": form(money_id=SOMEBODY),
    "/cases/{case_id:uuid}/register-check": form(),
    "/cases/{case_id:uuid}/pause": form(),
    "/cases/{case_id:uuid}/protection/{protection_id:uuid}/confirmation": form(),
    "/cases/{case_id:uuid}/relapse": case(NAMED, *CASES),
    "/cases/{case_id:uuid}/relapse/report": form(),
    f"{_RELAPSE_PAGE}/hearing": form(),
    f"{_RELAPSE_PAGE}/aid/{{aid_id:uuid}}": form(),
    f"{_RELAPSE_PAGE}/continuation": form(),
    f"{_RELAPSE_PAGE}/proposal": form(),
    f"{_RELAPSE_PAGE}/proposals/{{proposal_id:uuid}}/support": form(),
    f"{_RELAPSE_PAGE}/proposals/{{proposal_id:uuid}}/exclusion": form(),
    f"{_RELAPSE_PAGE}/letter": case(),
    f"{_RELAPSE_PAGE}/told": form(),
    "/cases/{case_id:uuid}/resumption": form(),
    "/cases/{case_id:uuid}/completion": Entry("case", body=_TERM),
    "/cases/{case_id:uuid}/wish-to-end": form(),
    "/cases/{case_id:uuid}/reopening": form(),
    "/cases/{case_id:uuid}/members/new": Entry("unit", body=_TERM),
    "/cases/{case_id:uuid}/members/{staff_id:uuid}/end": Entry("unit", body=_TERM),
    "/cases/{case_id:uuid}/handovers/new": form(),
    "/rooms/{room_id:uuid}": Entry("room", NAMED, ("draft", "proposed")),
    "/cases/{case_id:uuid}/vault": form(NAMED | {"address", "contact"}),
    "/cases/{case_id:uuid}/vault/approval": form(),
    "/cases/{case_id:uuid}/vault/edit": form(),
    "/news/{card_id:uuid}/read": Entry(),
    "/rooms/{room_id:uuid}/papers/{paper_id:uuid}/word": Entry("room", NAMED, body=_TERM),
    "/rooms/{room_id:uuid}/alarm": Entry("room", NAMED, body=_TERM),
    "/rooms/{room_id:uuid}/threat": Entry("room", NAMED, body=_TERM),
    "/rooms/{room_id:uuid}/answers/{question_id:uuid}": Entry("room", NAMED, body=_TERM),
    "/handovers": Entry(),
    "/inbox": Entry(),
    "/handovers/{handover_id:uuid}": handover(PROPOSAL, *CASES),
    "/handovers/{handover_id:uuid}/act/{act:str}": Entry(
        "handover", PROPOSAL, ("proposed",), _REVISION, _ACT
    ),
    "/handovers/{handover_id:uuid}/acute-protection": Entry("handover"),
    "/handovers/{handover_id:uuid}/appeal": Entry("handover"),
    "/handovers/{handover_id:uuid}/confirm": Entry("handover", PROPOSAL, (), _REVISION),
    "/handovers/{handover_id:uuid}/dispute": handover(PROPOSAL, *CASES),
    "/handovers/{handover_id:uuid}/dispute/application": Entry("handover", NAMED),
    "/handovers/{handover_id:uuid}/dossier": Entry("handover", NAMED),
    "/handovers/{handover_id:uuid}/evidence": Entry("handover", PROPOSAL, ("proposed",)),
    "/handovers/{handover_id:uuid}/evidence/file": Entry("handover", PROPOSAL, ("proposed",)),
    "/handovers/{handover_id:uuid}/letters/{message_id:uuid}": Entry(
        "handover", NAMED, fixed=_LETTER
    ),
    "/handovers/{handover_id:uuid}/letters/{message_id:uuid}/sent": Entry(
        "handover", body=_SENT, fixed=_LETTER
    ),
    "/handovers/{handover_id:uuid}/papers": Entry("handover"),
    "/handovers/{handover_id:uuid}/papers/{what:str}": Entry(
        "handover", frozenset({"title"}), fixed=_PAPER
    ),
    "/handovers/{handover_id:uuid}/questions": Entry("handover"),
    "/handovers/{handover_id:uuid}/questions/{question_id:uuid}/answer": Entry("handover"),
    "/handovers/{handover_id:uuid}/readers": Entry("handover"),
    "/handovers/{handover_id:uuid}/readers/{staff_id:uuid}/end": Entry("handover"),
    "/handovers/{handover_id:uuid}/step/{number:int}": Entry(
        "handover", NAMED, ("draft",), _REVISION, _STEP
    ),
    "/handovers/{handover_id:uuid}/tell/{what:str}": Entry("handover", fixed=_WHAT),
    "/handovers/{handover_id:uuid}/withdrawal-agreement": Entry("handover", body=_REVISION),
}


def entry_of(method: str, path: str) -> Entry | None:
    """The route's entry; a page has one for both its methods."""
    prefix = "/api/v1"
    if path.startswith(prefix):
        return API.get((method, path.removeprefix(prefix)))
    return PAGES.get(path)
