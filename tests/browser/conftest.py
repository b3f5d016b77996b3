"""One Chromium and one whole system for the browser tests of a process.

Two processes share the tests, each with a system of its own. Two systems that start at once stand in
each other's way, so the second process begins with pages that need none; the rest of those come last,
so that neither waits for the other at the end.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browser import Town, launch, running_state


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    yield  # the others shuffle
    whole = [item for item in items if "town" in getattr(item, "fixturenames", ())]
    drawn = [item for item in items if item not in whole]
    half = len(drawn) // 2
    items[:] = [*whole[:1], *drawn[:half], *whole[1:], *drawn[half:]]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def judged(tmp_path_factory, worker_id):
    """The kinds of page that axe has read, known to all processes of a run."""
    folder = tmp_path_factory.getbasetemp()
    shared = (folder if worker_id == "master" else folder.parent) / "judged"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session")
def town(browser, judged):
    with running_state() as state:
        yield Town(state, browser, judged)
