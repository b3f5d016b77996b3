"""R6 in its short form: five ways to spoil the exchange's files while it is down."""

import pytest

from tests.support.spoil import SHORT
from tests.support.spoilt import spoil_and_recover

pytestmark = [pytest.mark.servers, pytest.mark.faults]


@pytest.mark.parametrize("place", SHORT, ids=str)
async def test_what_the_exchange_lost_is_named_and_arrives_all_the_same(
    postgres_server, nats_server, place
):
    lost = await spoil_and_recover(postgres_server, nats_server, place)
    assert lost > 0
