"""Sign in as a person would, without a browser: for the scenario runner and the tests.

Keycloak marks its cookies Secure also on http://localhost, and two realms use the same cookie names
with different paths; an ordinary HTTP client drops or mixes them. `Visitor` keeps cookies as
browsers do on loopback: by host and path, whatever the port, Secure or not.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

MAX_HOPS = 20
API_RETURN = "http://127.0.0.1/return"
_HTTP_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class SignInFailedError(Exception):
    """The sign-in stopped at a page that the script does not know; says which, never who."""


@dataclass(slots=True)
class Form:
    """A form of a page, ready to be sent.

    Args:
        action: absolute address.
        fields: names and values of what is already filled in.
    """

    action: str
    id: str
    fields: dict[str, str] = field(default_factory=dict)


class Visitor:
    """One person's browser, as far as signing in needs one.

    Args:
        timeout_s: for each request; a first sign-in after a cold start takes seconds.
    """

    def __init__(self, timeout_s: float = 30.0) -> None:
        self._client = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False)
        self.cookies: dict[tuple[str, str, str], str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; cookies stay readable."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request with the cookies that belong to it; follows nothing."""
        sent = dict(headers or {})
        cookies = self._cookies_for(url)
        if cookies:
            sent["cookie"] = cookies
        response = await self._client.request(method, url, data=data, headers=sent)
        # The client's own jar would send cookies a second time, and to the wrong realm.
        self._client.cookies.clear()
        self._remember(url, response)
        return response

    async def open(self, url: str, *, stop_before: str | None = None) -> httpx.Response:
        """Open an address and follow where it leads.

        Args:
            stop_before: an address that is not opened; the redirect to it is what is returned.
        """
        return await self._follow(url, await self.send("GET", url), stop_before)

    async def submit(
        self, form: Form, fields: dict[str, str], *, stop_before: str | None = None
    ) -> httpx.Response:
        """Send a form from its own page, as a browser does, and follow."""
        parts = urlsplit(form.action)
        headers = {
            "origin": f"{parts.scheme}://{parts.netloc}",
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "navigate",
        }
        response = await self.send("POST", form.action, data=form.fields | fields, headers=headers)
        return await self._follow(form.action, response, stop_before)

    def cookie(self, host: str, name: str) -> str | None:
        """A cookie's value, whatever its path."""
        return next(
            (v for (h, _, n), v in self.cookies.items() if h == host and n == name and v), None
        )

    async def _follow(
        self, url: str, response: httpx.Response, stop_before: str | None
    ) -> httpx.Response:
        for _ in range(MAX_HOPS):
            if response.status_code not in _HTTP_REDIRECTS:
                return response
            url = urljoin(url, response.headers["location"])
            if stop_before is not None and url.startswith(stop_before):
                return response
            response = await self.send("GET", url)
        raise SignInFailedError("more redirects than a sign-in has")

    def _cookies_for(self, url: str) -> str:
        parts = urlsplit(url)
        path = parts.path or "/"
        matching = [
            (len(prefix), name, value)
            for (host, prefix, name), value in self.cookies.items()
            if host == parts.hostname and _covers(prefix, path)
        ]
        matching.sort(key=lambda found: -found[0])  # RFC 6265, 5.4: longer paths first
        return "; ".join(f"{name}={value}" for _, name, value in matching)

    def _remember(self, url: str, response: httpx.Response) -> None:
        host = urlsplit(url).hostname or ""
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                key = (host, morsel["path"] or "/", name)
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = morsel.coded_value


def _covers(prefix: str, path: str) -> bool:
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")


def forms(response: httpx.Response) -> list[Form]:
    """The forms of a page, with what is filled in."""
    parser = _Forms(str(response.request.url))
    parser.feed(response.text)
    return parser.found


class _Forms(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._base = base
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self._base, given.get("action", ""))
            self.found.append(Form(action, given.get("id", "")))
            self._open = True
        elif tag == "input" and self._open and given.get("name"):
            self.found[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


async def _fill_in(
    visitor: Visitor, page: httpx.Response, username: str, password: str, stop_before: str | None
) -> httpx.Response:
    """Keycloak's page for user name and password; returns at once where a session is open."""
    login = next((form for form in forms(page) if form.id == "kc-form-login"), None)
    if login is None:
        return page
    return await visitor.submit(
        login, {"username": username, "password": password}, stop_before=stop_before
    )


async def sign_in(
    visitor: Visitor, node: str, username: str, password: str, *, via: str | None = None
) -> httpx.Response:
    """Sign in at a node's pages; the visitor then holds the session cookie.

    Args:
        node: the node's public address.
        via: alias of the identity provider, `polisen` for an officer.

    Returns:
        The first page after sign-in.

    Raises:
        SignInFailedError: wrong password, or the node said no.
    """
    address = f"{node}/sign-in/start" + (f"?{urlencode({'via': via})}" if via else "")
    page = await _fill_in(visitor, await visitor.open(address), username, password, None)
    if page.status_code >= 400 or not str(page.request.url).startswith(node + "/"):
        raise SignInFailedError(f"stopped at {page.request.url.path} with {page.status_code}")
    return page


async def api_token(
    visitor: Visitor, issuer: str, username: str, password: str, *, via: str | None = None
) -> str:
    """An access token for a node's API through the public client `utvag-api`.

    Args:
        issuer: the realm's address (`http://localhost:8080/realms/0580`).
        via: as in `sign_in`.

    Raises:
        SignInFailedError: the realm gave no code or no token.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": "utvag-api",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": API_RETURN,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    } | ({"kc_idp_hint": via, "max_age": "3600"} if via else {})
    endpoint = f"{issuer}/protocol/openid-connect"
    page = await visitor.open(f"{endpoint}/auth?{urlencode(asked)}", stop_before=API_RETURN)
    page = await _fill_in(visitor, page, username, password, API_RETURN)
    answer = parse_qs(urlsplit(page.headers.get("location", "")).query)
    if answer.get("state") != [state] or "code" not in answer:
        raise SignInFailedError(f"no code, but {page.status_code} at {page.request.url.path}")
    response = await visitor.send(
        "POST",
        f"{endpoint}/token",
        data={
            "grant_type": "authorization_code",
            "client_id": "utvag-api",
            "code": answer["code"][0],
            "redirect_uri": API_RETURN,
            "code_verifier": verifier,
        },
    )
    if response.status_code != 200:
        raise SignInFailedError(f"no token: {response.status_code}")
    return str(response.json()["access_token"])


async def client_token(issuer: str, client_id: str, client_secret: str) -> str:
    """An access token that an API client gets in its own name."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        response = await client.post(
            f"{issuer}/protocol/openid-connect/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": client_secret,
            },
        )
    if response.status_code != 200:
        raise SignInFailedError(f"no token: {response.status_code}")
    return str(response.json()["access_token"])
