"""Pages that need no sign-in: the way in, the way out, and what we owe every visitor to tell."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import PUBLIC
from gateway.auth.routes import local_path
from gateway.colour import colour_css
from gateway.pages.frame import page
from shared.policy import Authority

Anybody = Request[Any, Any, Any]


@get("/sign-in", access=PUBLIC)
async def sign_in(request: Anybody) -> Any:
    """Which agency are you from?"""
    return _choices(request, is_signed_out=False)


@get("/signed-out", access=PUBLIC)
async def signed_out(request: Anybody) -> Any:
    """You are signed out here, and at the identity service if it answered."""
    return _choices(request, is_signed_out=True)


def _choices(request: Anybody, *, is_signed_out: bool) -> Any:
    tenant: Authority = request.app.state.tenant
    back = local_path(request.query_params.get("next"))
    start = f"/sign-in/start?next={quote(back, safe='/')}"
    choices = [
        {
            "text": f"Logga in som anställd i {tenant.short_name}",
            "href": start,
            "explanation": "Med ditt tjänstekonto.",
        }
    ]
    if tenant.kind == "municipality":
        choices.append(
            {
                "text": "Logga in som polis",
                "href": f"{start}&via=polisen",
                "explanation": "Du loggar in hos polisen och kommer till samverkansrummen här.",
            }
        )
    return page(
        request,
        "sign_in",
        "Logga in",
        choices=choices,
        is_signed_out=is_signed_out,
        is_only_here=request.query_params.get("only") == "here",
        support_href="/stod" if request.app.state.public_texts else None,
    )


@get("/om/tillganglighet", access=PUBLIC)
async def accessibility(request: Anybody) -> Any:
    """The accessibility statement (Act 2018:1937)."""
    return page(
        request,
        "text",
        "Tillgänglighet",
        parts=[
            {
                "heading": None,
                "paragraphs": [
                    (
                        "Utväg ska kunna användas av alla. Målet är WCAG 2.2, nivå AA. Allt fungerar "
                        "med tangentbord, utan skript och på en skärm som är 320 bildpunkter bred."
                    ),
                    (
                        "Sidorna är prövade med automatiska kontroller. De är ännu inte prövade med "
                        "skärmläsare av någon som använder en till vardags; det är en känd brist."
                    ),
                ],
            },
            {
                "heading": "Hittar du ett hinder?",
                "paragraphs": [
                    (
                        "Berätta för din kommuns systemförvaltare. Är du inte nöjd med svaret kan du "
                        "anmäla det till Myndigheten för digital förvaltning."
                    )
                ],
            },
        ],
    )


@get("/om/personuppgifter", access=PUBLIC)
async def personal_data(request: Anybody) -> Any:
    """How personal data are handled."""
    tenant: Authority = request.app.state.tenant
    return page(
        request,
        "text",
        "Så hanterar vi personuppgifter",
        parts=[
            {
                "heading": None,
                "paragraphs": [
                    (
                        f"{tenant.name} ansvarar för uppgifterna i sin egen nod. Ingen annan kommun "
                        "kan läsa dem."
                    ),
                    (
                        "Ett ärende känns igen på ett kodnamn. Namn och nummer finns bara inne i "
                        "ärendet. Adress och telefon ligger för sig och visas bara med två personers "
                        "godkännande."
                    ),
                    "Varje läsning och ändring sparas i en logg som inte kan ändras i efterhand.",
                    (
                        "Utväg använder en kaka, för att veta att du är inloggad. Inget hämtas från "
                        "andra webbplatser."
                    ),
                ],
            },
        ],
    )


@get("/static/colour/{name:str}", access=PUBLIC, media_type="text/css", include_in_schema=False)
async def colour(request: Anybody, name: FromPath[str]) -> Response[str]:
    """The authority's own colour as a style sheet: the policy allows no style in the page."""
    tenant: Authority = request.app.state.tenant
    text = colour_css(tenant) if name == f"{tenant.code}.css" else ""
    return Response(text, media_type="text/css", headers={"cache-control": "max-age=3600"})


about_handlers: list[HTTPRouteHandler] = [
    sign_in,
    signed_out,
    accessibility,
    personal_data,
    colour,
]
