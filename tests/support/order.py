"""A pytest plugin: tests come in another order each time, and draw their chance from the seed.

Modules are shuffled, and the tests in each, so that what a module shares is set up once. A test's
place among others and the numbers it draws follow from the seed and its name alone: `./utvag test
--seed` runs the same again, and one test alone draws what it drew among all.
"""

import os
import random
from hashlib import blake2b

import pytest

_SEED = "UTVAG_ORDER_SEED"  # in the environment: the processes that share a run shuffle alike


def pytest_configure() -> None:
    os.environ.setdefault(_SEED, str(random.SystemRandom().randrange(1 << 31)))


def pytest_report_header() -> str:
    return f"{_SEED}={os.environ[_SEED]}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (_lot(item.nodeid.partition("::")[0]), _lot(item.nodeid)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    random.seed(_lot(item.nodeid))


def _lot(name: str) -> bytes:
    return blake2b(f"{os.environ[_SEED]} {name}".encode(), digest_size=8).digest()
