"""What this API is, and who is calling."""

from typing import Any

import msgspec
from litestar import Request, get

from gateway.auth.access import PUBLIC, SIGNED_IN_API
from shared.actor import Actor


class ApiInfo(msgspec.Struct, frozen=True):
    """What DIGG's REST API profile 1.2 (VER.06) asks every API to tell."""

    api_name: str
    api_version: str
    api_status: str
    api_documentation: str


class Caller(msgspec.Struct, frozen=True):
    """Who the token says is calling, as this node sees them."""

    staff_id: str
    home: str
    roles: list[str]
    unit: str | None


@get("/api/v1/api-info", access=PUBLIC, summary="Om detta API")
async def api_info() -> ApiInfo:
    """Name, version and where the documentation is."""
    return ApiInfo("Utväg", "1.0.0", "active", "/api/v1/openapi/openapi.json")


@get("/api/v1/me", access=SIGNED_IN_API, summary="Vem som anropar")
async def me(request: Request[Actor, Any, Any]) -> Caller:
    """The caller's account in this node."""
    actor = request.user
    return Caller(str(actor.staff_id), actor.home, sorted(actor.roles), actor.unit)
