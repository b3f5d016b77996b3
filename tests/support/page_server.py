"""Serves the rendered samples with our own and the fetched assets, under the real content policy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

import gateway
from gateway.colour import colour_css
from gateway.headers import policy
from gateway.texts.jinja import install
from shared.policy import load_tenants
from tests.support.page_samples import SAMPLES, sample

HERE = Path(gateway.__file__).parent
ASSETS = HERE.parent / ".utvag" / "assets"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".html": "text/html; charset=utf-8",
}


def rendered() -> dict[str, bytes]:
    environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
    install(environment)
    pages = {}
    for name in SAMPLES:
        template, context = sample(name)
        pages[name] = environment.get_template(template).render(**context).encode()
    return pages


@contextmanager
def page_server() -> Iterator[str]:
    """The address of a server on a free loopback port; `ADDRESS/NAME` is a sample."""
    pages = rendered()
    tenants = load_tenants()

    def find(path: str) -> tuple[bytes, str] | None:
        if path.startswith("/static/colour/"):
            return colour_css(tenants[Path(path).stem].authority).encode(), "text/css"
        for prefix, folder in (("/static/vendor/", ASSETS), ("/static/", HERE / "static")):
            if path.startswith(prefix):
                file = folder / path.removeprefix(prefix)
                return (file.read_bytes(), TYPES[file.suffix]) if file.is_file() else None
        page = pages.get(path.strip("/"))
        return (page, TYPES[".html"]) if page else None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = find(self.path.split("?")[0])
            self.send_response(200 if found else 404)
            self.send_header("content-security-policy", policy("http://localhost:1"))
            if found:
                self.send_header("content-type", found[1])
            if self.path.startswith("/static/"):
                self.send_header("cache-control", "max-age=3600")
            self.end_headers()
            self.wfile.write(found[0] if found else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing: the tests do."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
