import pytest_asyncio

from tests.support.casework import open_bench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(postgres_server):
    """Linköping's node without an exchange; each test makes a case of its own in it."""
    made = await open_bench(await postgres_server.fresh_node_databases("0580"))
    yield made
    await made.node.db.close()
    await made.worker_node.db.close()
