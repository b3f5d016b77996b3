"""A refusal as a page: what happened, what is kept, what to do now."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE

from gateway.pages.frame import page
from gateway.problem import away_code, template_of
from gateway.texts.errors import sentence
from gateway.texts.fields import FORM_LABELS
from shared.db import StorageUnavailableError
from shared.errors import AccessDenied, Conflict, DomainError
from shared.trace import trace_of

log = logging.getLogger("utvag.web")

START = [("Till startsidan", "/")]


def page_response(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The one map from what was raised to the page that is shown."""
    match error:
        case AccessDenied():
            return _error(request, 404, "Sidan finns inte", sentence("access.denied", {}))
        case Conflict():
            return page(
                request,
                "conflict",
                "Någon annan hann före",
                status=error.status,
                text=sentence(error.code, error.facts),
                by=None,
                at=None,
                rows=_written(request),
                back=getattr(request.state, "back", None)
                or "/" + "/".join(request.url.path.split("/")[1:3]),
            )
        case DomainError():
            return _error(request, error.status, "Det går inte", sentence(error.code, error.facts))
        case StorageUnavailableError():
            return _error(request, 503, "Vänta en stund", sentence(away_code(error), {}))
        case HTTPException() if error.status_code < 500:
            return _unread(request, error.status_code)
        case _:
            number = str(uuid4())
            log.error(
                "bug %s in %s %s: %s", number, request.method, template_of(request), trace_of(error)
            )
            text = sentence("server.bug", {"number": number})
            return _error(request, 500, "Något gick fel hos oss", text, number)


def _unread(request: Request[Any, Any, Any], status: int) -> Response[Any]:
    """What the framework could not read: too large, or it never was a page of ours."""
    if status == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
        return _error(request, status, "För stort", sentence("request.too_large", {}))
    return _error(request, 404, "Sidan finns inte", sentence("access.denied", {}))


def keep_written(
    request: Request[Any, Any, Any], fields: Iterable[tuple[str, str]], back: str
) -> None:
    """Say how a form's own fields are called, for the page of a conflict that follows.

    Args:
        fields: name and label of each, in the form's order.
        back: where what is saved now can be read.
    """
    request.state.labels = dict(fields)
    request.state.back = back


def _written(request: Request[Any, Any, Any]) -> list[tuple[str, str, None]]:
    """What the person wrote in the form that came too late, in the form's own words."""
    given = getattr(request.state, "given", {})
    return [
        (label, text, None)
        for name, label in getattr(request.state, "labels", FORM_LABELS).items()
        if isinstance(text := given.get(name), str) and text
    ]


def _error(
    request: Request[Any, Any, Any], status: int, title: str, text: str, number: str | None = None
) -> Response[Any]:
    return page(request, "error", title, status=status, text=text, number=number, links=START)
