"""One Chromium for a process, and one whole system for all browser tests.

To start a system takes a minute of the processor. So one process of two takes every test that needs
it, and the other one the pages that need none.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browser import Town, launch, running_state


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        if "town" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("town"))
    yield  # the others shuffle
    # The longer share begins first.
    items.sort(key=lambda item: "town" not in getattr(item, "fixturenames", ()))


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
