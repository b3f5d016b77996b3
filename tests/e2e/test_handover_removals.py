"""A receiver that is removed by force can neither take over nor hold a case back."""

import pytest

from services.handover import api as handover
from shared.errors import DomainError
from tests.support.exchange import GOTEBORG, open_pair

pytestmark = pytest.mark.servers


async def test_the_sender_closes_and_the_removed_refuses_to_take_over(
    postgres_server, tmp_path
) -> None:
    async with open_pair(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.accepted()
        payload = handover.CloseAfterRemoval("Borttagen ur utbytet.")
        with pytest.raises(DomainError, match=r"handover\.receiver_not_removed"):
            await pair.linkoping.sign(handover_id, payload)
        pair.remove(GOTEBORG, at=(pair.goteborg,))
        with pytest.raises(DomainError, match=r"handover\.removed"):
            await pair.goteborg.sign(handover_id, await pair.take_over_facts())
        pair.remove(GOTEBORG, at=(pair.linkoping,))
        await pair.linkoping.decide(handover_id, payload)
        assert await pair.linkoping.state(handover_id) == "withdrawn"
        assert await pair.responsible(handover_id) == (True, False)


async def test_no_proposal_goes_to_who_is_removed(postgres_server, tmp_path) -> None:
    async with open_pair(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.drafted()
        pair.remove(GOTEBORG, at=(pair.linkoping,))
        with pytest.raises(DomainError, match=r"directory\.not_active"):
            await pair.linkoping.sign(handover_id, handover.Propose())
