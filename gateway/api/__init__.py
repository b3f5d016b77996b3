"""The HTTP API: one row for each operation, problem+json for every refusal."""

from litestar.handlers import HTTPRouteHandler

from gateway.api.about import api_info, me
from gateway.api.action_plan import OPERATIONS as ACTION_PLAN
from gateway.api.audit import OPERATIONS as AUDIT
from gateway.api.casework import OPERATIONS as CASEWORK
from gateway.api.documents import OPERATIONS as DOCUMENTS
from gateway.api.documents import document_operations
from gateway.api.follow_up import OPERATIONS as FOLLOW_UP
from gateway.api.handovers import OPERATIONS as HANDOVERS
from gateway.api.on_call import OPERATIONS as ON_CALL
from gateway.api.operation import Operation, handler
from gateway.api.programme import OPERATIONS as PROGRAMME
from gateway.api.statistics import NATIONAL
from gateway.api.statistics import OPERATIONS as STATISTICS
from gateway.monitor import CloseGap, Resend, close, monitor, resend, waiting
from shared.policy import Authority

PREFIX = "/api/v1"
UNDELIVERED = Operation(
    "GET",
    "/undelivered",
    "Vad som väntar på att komma fram, per myndighet",
    ("api_monitor", "system_admin"),
    waiting,
)
"""For a monitor in its own name: counts and times, never what or about whom."""
WATCHED = (
    UNDELIVERED,
    Operation(
        "GET",
        "/monitor",
        "Leveranser, luckor och räknade tal",
        ("api_monitor", "system_admin"),
        monitor,
    ),
    Operation(
        "POST",
        "/undelivered/{authority:str}/resend",
        "Skicka genast igen det som väntar på en myndighet",
        ("system_admin",),
        resend,
        Resend,
    ),
    Operation(
        "POST",
        "/gaps/{gap_id:uuid}/closing",
        "Stäng en utredd lucka",
        ("system_admin",),
        close,
        CloseGap,
    ),
)


def api_handlers(authority: Authority) -> list[HTTPRouteHandler]:
    """Every operation that this kind of authority has."""
    found: list[HTTPRouteHandler] = [api_info, me, *(handler(each, PREFIX) for each in WATCHED)]
    if authority.kind == "national_coordination":
        found += [handler(operation, PREFIX) for operation in NATIONAL]
    if authority.kind == "municipality":
        rows = (
            *(*CASEWORK, *PROGRAMME, *DOCUMENTS, *HANDOVERS),
            *(*ON_CALL, *STATISTICS, *FOLLOW_UP, *ACTION_PLAN, *AUDIT),
        )
        found += [handler(operation, PREFIX) for operation in rows]
        found += document_operations
    return found
