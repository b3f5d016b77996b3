"""Every refusal of the API as `application/problem+json` (RFC 9457), in plain Swedish.

Not found and not allowed answer alike, to the byte. A bug answers with a number that the log has
too, and with nothing of what went wrong.
"""

import logging
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import (
    HTTP_404_NOT_FOUND,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_500_INTERNAL_SERVER_ERROR,
)

from gateway.texts.errors import field_message, sentence
from shared.db import StorageShortError, StorageUnavailableError
from shared.errors import AccessDenied, DomainError, Fact
from shared.trace import trace_of

log = logging.getLogger("utvag.web")

TITLES = {
    400: "Begäran kunde inte läsas",
    401: "Du behöver logga in",
    403: "Begäran avvisades",
    404: "Finns inte",
    405: "Metoden stöds inte här",
    409: "Någon annan hann före",
    413: "För stort",
    415: "Fel format",
    422: "Regeln säger nej",
    429: "För många försök",
    500: "Något gick fel hos oss",
    503: "Tjänsten är inte redo",
}


class FieldProblem(msgspec.Struct, frozen=True):
    """One field and what is wrong with it."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a refusal; `code` and `facts` are for programs, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str = ""
    facts: dict[str, Fact] = {}
    errors: list[FieldProblem] = []


def respond(
    status: int,
    detail: str,
    *,
    code: str = "",
    facts: dict[str, Fact] | None = None,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """A problem response. `instance` is a fresh number, never the address: it may hold an id."""
    problem = Problem(
        type=f"urn:utvag:problem:{code}" if code else "about:blank",
        title=TITLES.get(status, TITLES[400]),
        status=status,
        detail=detail,
        instance=f"urn:uuid:{uuid4()}",
        code=code,
        facts=facts or {},
        errors=errors or [],
    )
    return Response(
        msgspec.json.encode(problem),
        status_code=status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **(headers or {})},
    )


def domain_problem(error: DomainError) -> Response[Any]:
    """A rule said no."""
    return respond(
        error.status, sentence(error.code, error.facts), code=error.code, facts=error.facts
    )


def told(error: DomainError) -> dict[str, Any]:
    """A refusal that is part of an answer: what stands in the way of a draft, for instance."""
    return {
        "code": error.code,
        "facts": error.facts,
        "text": sentence(error.code, error.facts),
    }


def denied_problem() -> Response[Any]:
    """Not found, or not allowed: nobody can tell which."""
    return respond(HTTP_404_NOT_FOUND, sentence("access.denied", {}))


def validation_problem(error: ValidationException) -> Response[Any]:
    """The body or a parameter does not have the right form."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [
        FieldProblem(str(item.get("key", "")), field_message(str(item.get("message", ""))))
        for item in extra
        if isinstance(item, dict)
    ]
    return respond(400, sentence("request.invalid", {}), code="request.invalid", errors=errors)


def http_problem(error: HTTPException) -> Response[Any]:
    """What the framework refused: no session, wrong method, too large."""
    status = error.status_code
    if status == HTTP_404_NOT_FOUND:
        return denied_problem()
    if status == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
        return respond(status, sentence("request.too_large", {}), code="request.too_large")
    return respond(status, TITLES.get(status, TITLES[400]) + ".", headers=error.headers or None)


def bug_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A bug: logged once, here, without the request's content."""
    number = uuid4()
    log.error("bug %s in %s %s: %s", number, request.method, template_of(request), trace_of(error))
    return respond(HTTP_500_INTERNAL_SERVER_ERROR, sentence("server.bug", {"number": str(number)}))


def away_code(error: StorageUnavailableError) -> str:
    """The database is away or starting, or has no room: no bug, and no fault of what was asked."""
    return "server.full" if isinstance(error, StorageShortError) else "server.not_ready"


def away_problem(error: StorageUnavailableError) -> Response[Any]:
    """Nothing was done; the same may be asked again."""
    code = away_code(error)
    return respond(503, sentence(code, {}), code=code)


def template_of(request: Request[Any, Any, Any]) -> str:
    """The route's template: an address as asked for may carry an id."""
    return str(request.scope.get("path_template", "?"))


def api_response(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The one map from what was raised to what the API answers."""
    match error:
        case DomainError():
            return domain_problem(error)
        case AccessDenied():
            return denied_problem()
        case ValidationException():
            return validation_problem(error)
        case HTTPException():
            return http_problem(error)
        case StorageUnavailableError():
            return away_problem(error)
        case _:
            return bug_problem(request, error)
