"""A case goes from Linköping to Göteborg, and is never without a responsible municipality."""

import pytest

from services.cases import api as cases
from tests.support.exchange import open_pair

pytestmark = pytest.mark.servers


@pytest.fixture
async def pair(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as opened:
        yield opened


async def test_a_case_is_handed_over_from_draft_to_take_over(pair) -> None:
    case_id, handover_id, _ = await pair.taken_over()
    assert await pair.linkoping.state(handover_id) == "completed"
    assert await pair.goteborg.state(handover_id) == "taken_over"
    asta = await pair.linkoping.bench.case_worker()
    file = await cases.read_case(pair.linkoping.node, asta, case_id, "prov")
    assert (file.header.state, file.header.ended_reason) == ("ENDED", "TRANSFERRED")
