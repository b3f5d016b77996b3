"""R6: twenty ways to spoil the exchange's files while it is down, over more than one block."""

import pytest

from tests.support.spoil import twenty
from tests.support.spoilt import spoil_and_recover

pytestmark = [pytest.mark.servers, pytest.mark.faults]


@pytest.mark.parametrize("place", list(twenty()), ids=str)
async def test_what_the_exchange_lost_is_named_and_arrives_all_the_same(
    postgres_server, nats_server, place
):
    # 24 messages of some 300 kB: JetStream's blocks hold 4 MiB and more.
    lost = await spoil_and_recover(postgres_server, nats_server, place, each=6, size=150_000)
    assert lost >= 0
