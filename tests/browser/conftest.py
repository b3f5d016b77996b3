"""One Chromium for a process, and one whole system for all browser tests that need one."""

import pytest
from playwright.sync_api import sync_playwright

from infra.demo.clock import set_clock
from tests.support.browser import Town, launch, running_state


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def judged(tmp_path_factory):
    """The kinds of page that axe has read."""
    return tmp_path_factory.mktemp("judged")


@pytest.fixture(scope="session")
def town(browser, judged):
    with running_state() as state:
        yield Town(state, browser, judged)


@pytest.fixture(autouse=True)
def _today(request):
    """Every test begins on the day of the scenarios, wherever another has moved the clock."""
    if "town" in request.fixturenames:
        set_clock(request.getfixturevalue("town").state)
