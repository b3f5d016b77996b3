"""Så arbetar vi: how this municipality works, made from its policy."""

from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.how_we_work import READERS, how_we_work
from gateway.pages.frame import Page, node_of, page

ADDRESS = "/how-we-work"


@get(ADDRESS, access=require(*READERS))
async def show_how_we_work(request: Page) -> Any:
    """Step by step, who decides, by when, and which document says so."""
    return page(
        request,
        "how_we_work",
        "Så arbetar vi",
        crumbs=[("Min dag", "/"), ("Så arbetar vi", None)],
        work=await how_we_work(node_of(request), request.user),
    )


how_we_work_handlers: list[HTTPRouteHandler] = [show_how_we_work]
