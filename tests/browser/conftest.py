"""One Chromium and one whole system for every browser test."""

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browser import Town, launch, running_state


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def town(browser):
    with running_state() as state:
        yield Town(state, browser)
