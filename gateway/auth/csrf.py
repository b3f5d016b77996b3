"""What a request must prove before it changes anything in a session's name.

Two proofs, both needed. The browser's word (`Sec-Fetch-Site`, `Origin`) that the request comes from
a page of this node and no other, on this port; and the form's token, which only a page of this
session could carry. Cookies alone prove neither: on one machine every node is the same site.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from gateway.auth import secret
from gateway.auth.refusal import ForgedRequestError
from gateway.auth.sessions import Session
from gateway.upload import OPTION, Upload

FIELD = "_csrf_token"
HEADER = "x-csrf-token"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def demand_own_page(request: Request[Any, Any, Any], session: Session, base_url: str) -> None:
    """Refuse a change that did not come from a page of ours in this session.

    Args:
        base_url: the node's public address; its origin is the only one accepted.

    Raises:
        ForgedRequestError: another origin, no origin at all, another kind of body, or no token.
    """
    headers = request.headers
    fetch_site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if fetch_site is None and origin is None:
        raise ForgedRequestError
    if fetch_site not in {None, "same-origin"}:
        raise ForgedRequestError
    # A page that tells no referrer sends `Origin: null` also to itself (Fetch, "append a request
    # Origin header"); the browser's own word on the site then stands alone.
    if origin not in ({None, base_url, "null"} if fetch_site else {None, base_url}):
        raise ForgedRequestError
    given = headers.get(HEADER)
    kind = headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if kind and kind not in _FORMS:
        raise ForgedRequestError
    if given is None and kind:
        given = (await _fields(request)).get(FIELD)
    if not isinstance(given, str) or not secret.is_form_token(session.cookie, given):
        raise ForgedRequestError


async def _fields(request: Request[Any, Any, Any]) -> Mapping[str, Any]:
    """The form's fields; of a form with a file, those that come before it."""
    if request.route_handler.opt.get(OPTION):
        return (await Upload.of(request)).fields
    return await request.form()
