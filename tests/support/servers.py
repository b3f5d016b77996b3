"""Real PostgreSQL and NATS for tests: started once a test process, gone with it.

A pytest plugin. `postgres_server` and `nats_server` start at first use; a test asks
`postgres_server.fresh_node_databases("0580")` for a migrated node without rows.

Every test process reads this file, also those of `unit` that need no server: drivers and migrations
are imported by the fixtures.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.files import private_folder

if TYPE_CHECKING:
    from tests.support.server_processes import NatsForTests, PostgresForTests


@pytest.fixture(scope="session")
def servers_state() -> Iterator[Path]:
    """A state folder for this test process, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="utvag-test-"))
    yield private_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(servers_state: Path) -> "Iterator[PostgresForTests]":
    """PostgreSQL, started at first use."""
    from tests.support.server_processes import PostgresForTests

    server = PostgresForTests(servers_state)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def nats_server(servers_state: Path) -> "Iterator[NatsForTests]":
    """The exchange with users for the authorities that tests use; started at first use."""
    from tests.support.server_processes import NatsForTests

    server = NatsForTests(servers_state, ["0580", "0581", "1480", "9002", "9003", "9004"])
    server.start()
    yield server
    server.close()
