"""Pages: server-rendered, whole without script; one module for each part of the menu."""

from litestar.handlers import HTTPRouteHandler

from gateway.pages.about import about_handlers
from gateway.pages.action_plan import action_plan_handlers
from gateway.pages.annual_report import annual_report_handlers
from gateway.pages.cases import case_handlers
from gateway.pages.competence import competence_handlers
from gateway.pages.concern import concern_handlers
from gateway.pages.delivery import delivery_handlers
from gateway.pages.figures import figure_handlers
from gateway.pages.follow_up import follow_up_handlers
from gateway.pages.handovers import handover_handlers
from gateway.pages.help import help_handlers
from gateway.pages.how_we_work import how_we_work_handlers
from gateway.pages.national import national_handlers
from gateway.pages.on_call import on_call_handlers
from gateway.pages.oversight import oversight_handlers
from gateway.pages.public import public_handlers
from gateway.pages.rooms import room_handlers
from gateway.pages.sent import sent_handlers
from gateway.pages.start import start_handlers
from gateway.pages.vouching import vouching_handlers
from shared.policy import Authority


def page_handlers(authority: Authority) -> list[HTTPRouteHandler]:
    """Every page that this kind of authority has."""
    found: list[HTTPRouteHandler] = [
        *about_handlers,
        *start_handlers,
        *oversight_handlers,
        *vouching_handlers,
        *delivery_handlers,
    ]
    if authority.kind == "national_coordination":
        found += national_handlers
    if authority.kind == "municipality":
        found += [*case_handlers, *handover_handlers, *help_handlers, *room_handlers]
        found += [*sent_handlers, *figure_handlers, *follow_up_handlers, *how_we_work_handlers]
        found += action_plan_handlers
        found += annual_report_handlers
        found += [*on_call_handlers, *concern_handlers, *competence_handlers]
        found += public_handlers
    return found
