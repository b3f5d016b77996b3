"""What surrounds every page: whose node, who I am, where I can go; and how a page is answered."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import MediaType, Request, Response
from litestar.response import Redirect, Template

from gateway.auth.sessions import Session
from gateway.texts.words import word
from shared.actor import Actor
from shared.clock import local_date
from shared.node import Node
from shared.policy import Authority

Page = Request[Actor, Session, Any]
Crumbs = Sequence[tuple[str, str | None]]

_MENU = {
    "case_worker": ("/", "/cases", "/handovers", "/inbox", "/help"),
    "exit_coordinator": ("/", "/cases", "/handovers", "/inbox", "/figures", "/help"),
    "team_leader": ("/", "/cases", "/handovers", "/inbox", "/figures", "/help"),
    "social_director": ("/", "/follow-up", "/how-we-work", "/figures", "/statistics"),
    "security_chief": ("/", "/follow-up", "/how-we-work", "/figures"),
    "police_partner": ("/", "/follow-up"),
    "national_coordinator": ("/", "/national/method"),
    "log_reviewer": ("/", "/log-review"),
    "system_admin": ("/", "/administration"),
}
_TEXT = {
    "/": "Min dag",
    "/cases": "Ärenden",
    "/handovers": "Överlämningar",
    "/inbox": "Inkorg",
    "/help": "Hjälp",
    "/how-we-work": "Så arbetar vi",
    "/follow-up": "Uppföljning",
    "/log-review": "Loggkontroll",
    "/national/method": "Så tas talen fram",
    "/figures": "Egna siffror",
    "/statistics": "Nationell statistik",
    "/administration": "Drift",
}
_ORDER = tuple(_MENU)


def node_of(request: Request[Any, Any, Any]) -> Node:
    """The node that this process serves."""
    node: Node = request.app.state.node
    return node


def shell(request: Request[Any, Any, Any], **counts: int) -> dict[str, Any]:
    """The context of `shell.html`.

    Args:
        counts: how many wait behind a menu item, by the item's address without its slash.
    """
    node = node_of(request)
    tenant: Authority = request.app.state.tenant
    actor: Actor | None = request.scope.get("user")
    session: Session | None = request.scope.get("auth")
    now = node.clock.now()
    is_demo = bool(request.app.state.settings.is_demo)
    return {
        "authority": {"code": tenant.code, "name": tenant.name},
        "user": _user(actor),
        "menu": _menu(actor, request.url.path, counts),
        "csrf": session.form_token if session else "",
        "sign_out": "/sign-out",
        "session_ends_in_min": session.minutes_left(node.wall.now()) if session else None,
        "is_demo": is_demo,
        "demo_time": now if is_demo else None,
        "version": _version(),
        "today": local_date(now),
        "notices": [],
    }


def page(
    request: Request[Any, Any, Any],
    name: str,
    title: str,
    *,
    crumbs: Crumbs = (),
    status: int = 200,
    counts: dict[str, int] | None = None,
    **context: Any,
) -> Template:
    """A page of `templates/pages`, in its frame."""
    return Template(
        f"pages/{name}.html",
        context={
            "shell": shell(request, **(counts or {})),
            "title": title,
            "crumbs": list(crumbs),
            "form": None,
            **context,
        },
        status_code=status,
        media_type=MediaType.HTML,
    )


def see(address: str) -> Response[Any]:
    """Lead on after a change: reloading the next page changes nothing again."""
    return Redirect(address, status_code=303)


def _user(actor: Actor | None) -> dict[str, Any] | None:
    if actor is None:
        return None
    return {
        "name": actor.display_name,
        "role": ", ".join(word(role, "role") for role in sorted(actor.roles)),
        "unit": actor.unit,
    }


def _menu(actor: Actor | None, path: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    if actor is None:
        return []
    addresses = next((_MENU[role] for role in _ORDER if role in actor.roles), ("/",))
    return [
        {
            "text": _start_text(actor) if address == "/" else _TEXT[address],
            "href": address,
            "count": counts.get(address.strip("/")) or None,
            "current": path == address or (address != "/" and path.startswith(address + "/")),
        }
        for address in addresses
    ]


def _start_text(actor: Actor) -> str:
    """What the role's own first page is called."""
    if actor.has_any("police_partner"):
        return "Samverkansrum"
    return "Statistik" if actor.has_any("national_coordinator") else _TEXT["/"]


def _version() -> str:
    try:
        return version("utvag")
    except PackageNotFoundError:
        return "0.1.0"
