"""What needs Keycloak comes first and together, so that one of two processes starts it, not both."""

from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    yield  # the others shuffle
    items.sort(key=lambda item: "keycloak_server" not in getattr(item, "fixturenames", ()))
