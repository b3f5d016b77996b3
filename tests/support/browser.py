"""A whole system and real browsers: people who sign in through Keycloak and use the pages."""

import asyncio
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response, ViewportSize

from infra.cli.browser import WAY_OUT, find
from infra.demo.caller import Cast
from infra.demo.clock import set_clock
from infra.keycloak.accounts import Account
from infra.supervisor.system import System
from shared.ids import POLICE
from tests.support.wordless import code_in, without

NODES = ("0580", "0581", "1480", "9002")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nobody looks at the picture: let the drawing of it cost little.
    "--disable-software-rasterizer",
    "--disable-checker-imaging",
    "--in-process-gpu",
    "--num-raster-threads=1",
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What it has to say of the rest is half of its work, and nobody reads it.
    "resultTypes": ["violations", "incomplete"],
}
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_JUDGE = """rules => axe.run(rules).then(found => [...found.violations, ...found.incomplete].map(
    each => each.id + " " + each.nodes[0].target))"""
NARROW: ViewportSize = {"width": 320, "height": 800}
WIDE: ViewportSize = {"width": 1280, "height": 900}
PATIENCE_MS = 15_000
LADEN_S = 600.0
"""For a start on a machine with much else to do; without, it is half a minute."""
MOST = 1500
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@contextmanager
def running_state() -> Iterator[Path]:
    """The folder of a running demo system; the one that UTVAG_TEST_STATE names where it is set."""
    named = os.environ.get("UTVAG_TEST_STATE")
    if named:
        in_thread(lambda: _run(System(Path(named), only=NODES)))
        yield Path(named)
        return
    with tempfile.TemporaryDirectory(prefix="utvag-browser-") as folder:
        system = System(Path(folder), only=NODES)
        try:
            in_thread(lambda: _run(system))
            yield Path(folder)
        finally:
            in_thread(system.stop)


async def _run(system: System) -> None:
    await system.start(timeout_s=LADEN_S)
    set_clock(system.state.folder)
    await system.wait_healthy(LADEN_S)


def in_thread(act: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Run it in a thread of its own: Playwright has a loop running in this one."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(act())
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def launch(playwright: Playwright) -> Browser:
    """Chromium with a fresh profile."""
    path = find()
    assert path, WAY_OUT
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def judged(page: Page) -> list[str]:
    """Which rules of accessibility axe sees broken on the page, or cannot judge, and where.

    What it cannot judge is looked at, not passed over: an unreadable link was once such a case.
    """
    page.evaluate(_AXE)
    found: list[str] = page.evaluate(_JUDGE, RULES)
    return found


@dataclass
class Faults:
    """What was wrong with pages on the way; a test ends by asserting that nothing was.

    Args:
        folder: a file here for each address pattern that axe has read, and for each that somebody
            measured.
    """

    folder: Path
    found: list[str] = field(default_factory=list)

    def is_first(self, *what: str) -> bool:
        """Whether nobody has judged it yet; from now on somebody has."""
        name = hashlib.sha256("\n".join(what).encode()).hexdigest()
        try:
            (self.folder / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def add(self, where: str, what: str) -> None:
        """Remember one."""
        self.found.append(f"{where}: {what}")


class Person:
    """Somebody with a browser of their own, signed in at one node.

    Args:
        base: the node's address.
        judge: whether every page that comes up is read by axe and measured at 320 px.
    """

    def __init__(
        self, context: BrowserContext, account: Account, base: str, faults: Faults, *, judge: bool
    ) -> None:
        self.account = account
        self.base = base
        self.faults = faults
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self._judge = judge and not os.environ.get("UTVAG_TEST_QUICK")
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: faults.add(self.where, str(error)))

    def _heard(self, message: Any) -> None:
        # A 404 or a 422 is an answer that the tests ask for; the browser calls it an error.
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.add(self.where, message.text)

    @property
    def where(self) -> str:
        """The page's address without ids, with the title's first word where that is an error."""
        path = _ID.sub("ID", urlsplit(self.page.url).path)
        return path + (" (fel)" if self.page.title().startswith("Fel:") else "")

    def sign_in(self) -> None:
        """Through Keycloak; police by way of their own realm."""
        self.page.goto(self.base + "/")
        is_police = self.account.authority == POLICE
        self.page.get_by_role("link", name="polis" if is_police else "Logga in").first.click()
        self.page.locator("#username").fill(self.account.username)
        self.page.locator("#password").fill(self.account.password)
        self.page.locator("#kc-login").click()
        self.page.wait_for_url(self.base + "/**")
        self.look()

    def go(self, path: str) -> Response:
        """Open a page of the node."""
        response = self.page.goto(self.base + path)
        assert response is not None
        self.look()
        return response

    def follow(self, name: str) -> None:
        """A link, by its words."""
        link = self.page.get_by_role("link", name=name).first
        assert link.count(), f"{self.where} has no link {name!r}:\n{self._said()[:MOST]}"
        link.click()
        self.look()

    def press(self, name: str) -> Response:
        """A button, by its words; waits for the page that it leads to."""
        button = self.page.get_by_role("button", name=name, exact=True).first
        assert button.count(), f"{self.where} has no button {name!r}:\n{self._said()[:MOST]}"
        with self.page.expect_navigation() as came:
            button.click()
        self.look()
        return came.value

    def fill(self, **values: str) -> None:
        """Text fields, by name."""
        for name, value in values.items():
            self.page.locator(f"[name={name}]").fill(value)

    def choose(self, group: str, *choices: str) -> None:
        """Boxes of a field set, by their words."""
        for choice in choices:
            fields = self.page.get_by_role("group", name=group)
            fields.get_by_label(choice).first.check()

    def select(self, **values: str) -> None:
        """Lists, by name and the words of the choice."""
        for name, text in values.items():
            self.page.locator(f"select[name={name}]").select_option(label=text)

    def forge(self, name: str, value: str) -> None:
        """Give every choice of a field a value that the page does not offer."""
        self.page.evaluate(
            """([name, value]) => {
                for (const each of document.querySelectorAll(`[name="${name}"]`)) {
                    if (each.tagName === "SELECT") {
                        each.add(new Option(value, value, true, true));
                    } else {
                        each.value = value;
                    }
                }
            }""",
            [name, value],
        )

    def fits(self) -> None:
        """Demand that the page needs no scrolling sideways at 320 px."""
        self.page.set_viewport_size(NARROW)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        self.page.set_viewport_size(WIDE)

    def tick(self, name: str) -> None:
        """One box."""
        self.page.locator(f"[name={name}]").check()

    def answer(self, choice: str) -> None:
        """Answer the question of the joint room that offers this answer."""
        form = self.page.locator("form").filter(has=self.page.get_by_label(choice)).first
        form.get_by_label(choice).check()
        with self.page.expect_navigation():
            form.get_by_role("button", name="Skicka svaret").click()
        self.look()

    def sees(self, text: str) -> bool:
        """Whether the page says it."""
        return text in self._said()

    def must_see(self, *texts: str) -> None:
        """Demand that the page says it."""
        said = self._said()
        for text in texts:
            assert text in said, f"{self.where} does not say {text!r}:\n{said[:MOST]}"

    def _said(self) -> str:
        """The page's text."""
        return self.page.locator("main").inner_text()

    def until(self, text: str, path: str) -> None:
        """Open the page anew until it says this: a message is on its way."""
        for _ in range(60):
            self.page.goto(self.base + path)
            if self.sees(text):
                break
            self.page.wait_for_timeout(250)
        self.must_see(text)
        self.look()

    @property
    def path(self) -> str:
        """Where the browser is, at this node."""
        return urlsplit(self.page.url).path

    def look(self) -> None:
        """Measure the page at 320 px and let axe read it, the first time that its kind comes."""
        if not self._judge or not self.page.url.startswith(self.base):
            return
        where = self.where
        keys = self.page.locator("main code").all_inner_texts()
        code = code_in(without(self._said(), keys))
        if code:
            self.faults.add(where, f"says a code without words: {code}")
        if self.faults.is_first(self.account.username, where):
            self._measure(where)
        if not self.faults.is_first(where):
            return
        for each in judged(self.page):
            self.faults.add(where, f"axe {each}")

    def _measure(self, where: str) -> None:
        self.page.set_viewport_size(NARROW)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > NARROW["width"]:
            self.faults.add(where, f"scrolls sideways at 320 px: {width}")
        self._shoot(where, "320")
        self.page.set_viewport_size(WIDE)
        self._shoot(where, "1280")

    def _shoot(self, where: str, width: str) -> None:
        folder = os.environ.get("UTVAG_TEST_SHOTS")
        if folder:
            name = where.strip("/").replace("/", "_") or "start"
            path = Path(folder) / f"{self.base[-5:]}-{self.account.username}-{name}-{width}.png"
            self.page.screenshot(path=path, full_page=True)


class Town:
    """Everybody of the running system, each with a browser; signs in on first use."""

    def __init__(self, state: Path, browser: Browser, judged: Path) -> None:
        self.state = state
        self.browser = browser
        self.faults = Faults(judged)
        self._cast = Cast(state, httpx.AsyncClient())
        self._people: dict[tuple[Any, ...], Person] = {}

    def base(self, node: str) -> str:
        """A node's address."""
        return self._cast.settings(node).web.base_url

    def person(
        self,
        node: str,
        username: str,
        authority: str | None = None,
        *,
        has_script: bool = True,
        judge: bool = True,
    ) -> Person:
        """Somebody at a node."""
        key = (node, username, authority, has_script)
        if key not in self._people:
            context = self.browser.new_context(
                viewport=WIDE, locale="sv-SE", java_script_enabled=has_script, bypass_csp=False
            )
            account = self._cast.accounts[authority or node, username]
            found = Person(
                context, account, self.base(node), self.faults, judge=judge and has_script
            )
            found.sign_in()
            self._people[key] = found
        return self._people[key]

    def officer(self, node: str, unit: str, **options: Any) -> Person:
        """A police officer of a unit, in the joint rooms of a municipality."""
        return self.person(node, f"{unit}-1", POLICE, **options)
