"""Signing in and out: the pages that stand between the node and Keycloak."""

from typing import Any
from urllib.parse import parse_qsl, quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from gateway.auth import secret
from gateway.auth.access import PUBLIC, SIGNED_IN
from gateway.auth.gate import Gate
from gateway.auth.issuer import POLICE_ALIAS
from gateway.auth.provider import ProviderUnavailableError
from gateway.auth.refusal import UnconfirmedError
from gateway.auth.sessions import Answer, refused
from gateway.auth.tokens import TokenRefusedError

SIGN_IN = "/sign-in"
SIGNED_OUT = "/signed-out"
RETURN = "/sign-in/return"
_MAX_PATH = 1000
_NO_TRACE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
# Keycloak keeps connections and posts once: one kept over our restart would lose a sign-out.
_ONCE = _NO_TRACE | {"connection": "close"}


def local_path(wanted: str | None) -> str:
    """A path of this node, or `/`: nothing that a browser could read as another host."""
    if (
        not wanted
        or len(wanted) > _MAX_PATH
        or not wanted.isascii()
        or not wanted.isprintable()
        or "\\" in wanted
    ):
        return "/"
    is_elsewhere = not wanted.startswith("/") or wanted.startswith("//")
    is_way_in_or_out = wanted.startswith((SIGN_IN, SIGNED_OUT, "/sign-out"))
    return "/" if is_elsewhere or is_way_in_or_out else wanted


def sign_in_address(request: Request[Any, Any, Any]) -> str:
    """Where somebody who is not signed in goes; a GET comes back to where it wanted."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = local_path(wanted) if request.method == "GET" else "/"
    return SIGN_IN if back == "/" else f"{SIGN_IN}?next={quote(back, safe='/')}"


@get("/sign-in/start", access=PUBLIC, include_in_schema=False)
async def start(request: Request[Any, Any, Any], gate: NamedDependency[Gate]) -> Response[Any]:
    """To Keycloak: `via=polisen` goes on to the police realm, `next` is where to go afterwards."""
    browser = request.cookies.get(gate.cookies.sign_in, "")
    if not secret.is_drawn(browser):
        browser = secret.draw()
    query = request.query_params
    address = await gate.sessions.leave(
        browser,
        local_path(query.get("next")),
        via_police=query.get("via") == POLICE_ALIAS,
    )
    return Redirect(
        address,
        status_code=303,
        headers=_NO_TRACE,
        cookies=[gate.cookies.keep_sign_in(browser)],
    )


@get(RETURN, access=PUBLIC, include_in_schema=False)
async def arrive(request: Request[Any, Any, Any], gate: NamedDependency[Gate]) -> Response[Any]:
    """From Keycloak, with a code or an error."""
    browser = request.cookies.get(gate.cookies.sign_in, "")
    answer = _answer(request.url.query)
    if not secret.is_drawn(browser):
        raise refused("browser")
    try:
        cookie, return_to = await gate.sessions.arrive(
            browser, answer, request.cookies.get(gate.cookies.session)
        )
    except ProviderUnavailableError:
        raise UnconfirmedError from None
    # The sign-in cookie stays its ten minutes: another tab may be at Keycloak still.
    return Redirect(
        return_to,
        status_code=303,
        headers=_NO_TRACE,
        cookies=[gate.cookies.keep_session(cookie)],
    )


@post("/sign-out", access=SIGNED_IN, include_in_schema=False)
async def leave(request: Request[Any, Any, Any], gate: NamedDependency[Gate]) -> Response[Any]:
    """End the session here and at Keycloak."""
    is_ended = await gate.sessions.end(request.auth.cookie)
    # Where Keycloak did not answer the person must know: the next sign-in asks for no password.
    address = SIGNED_OUT if is_ended else f"{SIGNED_OUT}?only=here"
    headers = _NO_TRACE | {"clear-site-data": '"cache"'}
    return Redirect(
        address, status_code=303, headers=headers, cookies=[gate.cookies.drop(gate.cookies.session)]
    )


@post("/sign-out/back-channel", access=PUBLIC, include_in_schema=False, status_code=200)
async def back_channel(
    request: Request[Any, Any, Any], gate: NamedDependency[Gate]
) -> Response[Any]:
    """Keycloak tells that a session is over (OpenID Connect Back-Channel Logout 1.0, 2.5)."""
    form = await request.form()
    token = form.get("logout_token")
    try:
        token = token if isinstance(token, str) else ""
        await gate.sessions.end_from_realm(token)
    except TokenRefusedError as error:
        refused(error.reason)
        return Response({"error": "invalid_request"}, status_code=400, headers=_ONCE)
    except ProviderUnavailableError:
        raise UnconfirmedError from None
    return Response(None, status_code=200, headers=_ONCE)


def _answer(query: str) -> Answer:
    """What came back, each parameter once; an error or anything missing is a refusal."""
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs) or "error" in given or not {"code", "state", "iss"} <= set(given):
        raise refused("answer")
    return Answer(given["code"], given["state"], given["iss"])


auth_routes = (start, arrive, leave, back_channel)
