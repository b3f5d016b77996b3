"""A node's web process: pages, HTTP API and sign-in, on Granian."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Contact, License
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from gateway.api import api_handlers
from gateway.auth.access import PUBLIC
from gateway.auth.issuer import issuer_of
from gateway.auth.person import Person
from gateway.auth.plugin import AuthPlugin
from gateway.headers import security_headers
from gateway.health import health
from gateway.log import start_log
from gateway.node import keep_directory_fresh, open_node, tenant_of
from gateway.pages import page_handlers
from gateway.pages.refusal import page_response
from gateway.policies import load_federation
from gateway.problem import api_response, told
from gateway.public_texts import load_public_texts
from gateway.settings import NodeSettings
from gateway.texts.jinja import install
from services.staff import api as staff
from shared.actor import Actor
from shared.errors import DomainError
from shared.node import Node
from shared.policy import Authority, load_law

HERE = Path(__file__).parent
LARGEST_BODY = 3_000_000
"""Bytes: a form writes each of a note's 200,000 characters in up to twelve (four bytes, %XX each)."""


def make_app(
    node: Node,
    settings: NodeSettings,
    authority: Authority,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Litestar:
    """The application of one node.

    Args:
        authority: this node's own, from its tenant folder.
        transport: towards Keycloak; replaced in tests that must not open a socket.
    """

    async def account(person: Person) -> Actor:
        return await staff.sign_in(
            node,
            issuer=person.issuer,
            subject=person.subject,
            display_name=person.display_name,
            roles=person.roles,
            unit=person.unit,
            home=person.home,
        )

    auth = AuthPlugin(
        issuer_of(settings, authority.kind),
        settings.web.base_url,
        node.db,
        node.wall,
        account,
        transport,
    )
    engine = JinjaTemplateEngine(directory=HERE / "templates")
    install(engine.engine)
    app = Litestar(
        [health, *static_handlers(settings), *api_handlers(authority), *page_handlers(authority)],
        plugins=[auth],
        template_config=TemplateConfig(instance=engine),
        exception_handlers={Exception: respond},
        type_encoders={DomainError: told},
        before_send=[
            security_headers(
                settings.identity.base_url, is_https=settings.web.base_url.startswith("https://")
            )
        ],
        request_max_body_size=LARGEST_BODY,
        openapi_config=OpenAPIConfig(
            title="Utväg",
            version="v1",
            render_plugins=[JsonRenderPlugin()],
            openapi_router=Router("/api/v1/openapi", route_handlers=[], opt={"access": PUBLIC}),
            contact=Contact(name=authority.duty_contact.name),
            license=License(name="EUPL-1.2", identifier="EUPL-1.2"),
        ),
        logging_config=None,
        debug=False,
    )
    app.state.node = node
    app.state.settings = settings
    app.state.tenant = authority
    app.state.public_texts = load_public_texts(settings.tenants_dir, authority.code)
    app.state.law = load_law(settings.tenants_dir / "law.toml")
    return app


def static_handlers(settings: NodeSettings) -> list[Any]:
    """Our own style sheet and script, and what set-up fetched; the same for everybody."""
    return [
        create_static_files_router(
            path="/static/vendor",
            directories=[settings.assets_dir],
            opt={"access": PUBLIC},
            include_in_schema=False,
        ),
        create_static_files_router(
            path="/static",
            directories=[HERE / "static"],
            opt={"access": PUBLIC},
            include_in_schema=False,
        ),
    ]


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A page for people, a problem for programs."""
    if request.url.path.startswith("/api/"):
        return api_response(request, error)
    return page_response(request, error)


@asynccontextmanager
async def directory_kept_fresh(node: Node) -> AsyncIterator[None]:
    """See within seconds what the worker has accepted of the directory."""
    stop = asyncio.Event()
    task = asyncio.create_task(keep_directory_fresh(node, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def run(settings: NodeSettings) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are finished."""
    tenants = load_federation(settings.tenants_dir)
    async with open_node(settings, "web", tenants) as node, directory_kept_fresh(node):
        app = make_app(node, settings, tenant_of(settings, tenants).authority)
        server = Server(
            app,
            address=settings.web.host,
            port=settings.web.port,
            interface=Interfaces.ASGI,
            websockets=False,
            log_access=False,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve()


def serve(code: str, settings: NodeSettings) -> None:
    """Run the web process of one authority in the foreground."""
    start_log(code, "web")
    asyncio.run(run(settings))
