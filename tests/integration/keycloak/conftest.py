"""Keycloak itself, and two nodes' ways in on the addresses that their realms know."""

import asyncio

import pytest

from tests.support.keycloak import keycloak_server
from tests.support.signin import served_node

__all__ = ["keycloak_server"]


@pytest.fixture(scope="session")
def dsns(postgres_server):
    """Two nodes' databases, migrated once."""

    async def both():
        return {code: await postgres_server.fresh_node_databases(code) for code in ("0580", "1480")}

    return asyncio.run(both())


@pytest.fixture
async def linkoping(keycloak_server, dsns):
    async with served_node(keycloak_server, "0580", dsns["0580"].web) as node:
        yield node


@pytest.fixture
async def goteborg(keycloak_server, dsns):
    async with served_node(keycloak_server, "1480", dsns["1480"].web) as node:
        yield node
