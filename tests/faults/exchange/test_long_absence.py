"""R10 in short: thirty days without the exchange, on the real server and with the real loops."""

import pytest

from tests.support.absence import BACK_WITHIN_S, MOST_GROWTH_MB, away_for_thirty_days

pytestmark = [pytest.mark.servers, pytest.mark.faults]


async def test_all_that_was_written_in_thirty_days_is_delivered_within_a_minute_of_the_return(
    postgres_server, nats_server
):
    took, growth = await away_for_thirty_days(
        postgres_server, nats_server, messages=200, conversations=10
    )
    assert took < BACK_WITHIN_S
    assert growth < MOST_GROWTH_MB
