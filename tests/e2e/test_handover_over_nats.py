"""The same over the real exchange."""

import pytest

from shared.bus.nats import NatsBus
from tests.support.exchange import open_pair

pytestmark = pytest.mark.servers


class RealExchange:
    """The NATS server that the tests start."""

    def __init__(self, server) -> None:
        self._server = server

    async def bus(self, code) -> NatsBus:
        return await NatsBus.connect([self._server.url], self._server.seed_file(code), code)


async def test_a_case_is_handed_over_over_the_real_exchange(
    postgres_server, nats_server, tmp_path
) -> None:
    async with open_pair(postgres_server, tmp_path, exchange=RealExchange(nats_server)) as pair:
        _, handover_id, _ = await pair.taken_over()
        assert await pair.responsible(handover_id) == (False, True)
