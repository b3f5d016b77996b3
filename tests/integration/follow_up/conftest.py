import pytest

from tests.support.casework import open_bench


@pytest.fixture
async def bench(postgres_server):
    """Linköping's node without an exchange, fresh."""
    made = await open_bench(await postgres_server.fresh_node_databases("0580"))
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()
