"""What takes longest begins first, so that no process waits for another at the end."""

from collections.abc import Iterator

import pytest

_LONG = ("machine", "demo", "exchange", "join", "supervisor")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    yield  # the others shuffle
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.parent.name
    return _LONG.index(folder) if folder in _LONG else len(_LONG)
