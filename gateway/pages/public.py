"""Stöd: the page for somebody afraid. No sign-in, no cookie, no log, nothing from third parties."""

from collections.abc import Mapping
from typing import Any

from litestar import MediaType, Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from gateway.auth.access import PUBLIC
from gateway.public_texts import FIRST, PublicText
from shared.errors import AccessDenied

ADDRESS = "/stod"
"""Says nothing to whoever reads the browser's history."""
LEAVE_TO = "https://www.smhi.se/"
"""Where "leave quickly" goes: a page that anybody looks at. Nothing is loaded from it before."""
Anybody = Request[Any, Any, Any]


@get(ADDRESS, access=PUBLIC)
async def support(request: Anybody) -> Template:
    """In Swedish."""
    return _show(request, FIRST)


@get(f"{ADDRESS}/{{language:str}}", access=PUBLIC)
async def support_in(request: Anybody, language: FromPath[str]) -> Template:
    """In another language."""
    return _show(request, language)


def _show(request: Anybody, language: str) -> Template:
    texts: Mapping[str, PublicText] = request.app.state.public_texts
    if language not in texts:
        raise AccessDenied
    return Template(
        "pages/public.html",
        context={
            "authority": request.app.state.tenant,
            "language": language,
            "text": texts[language],
            "languages": [
                (each.language, code, f"{ADDRESS}/{code}" if code != FIRST else ADDRESS)
                for code, each in texts.items()
            ],
            "leave_to": LEAVE_TO,
        },
        media_type=MediaType.HTML,
    )


public_handlers: list[HTTPRouteHandler] = [support, support_in]
