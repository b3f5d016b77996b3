"""S13 in its long form: five hundred messages on their way when both ends rotate their keys."""

import pytest

from tests.e2e.test_keys_over_time import rotated_in_flight

pytestmark = pytest.mark.servers


async def test_five_hundred_on_their_way_are_opened_after_a_rotation(postgres_server, tmp_path):
    await rotated_in_flight(postgres_server, tmp_path, 500)
