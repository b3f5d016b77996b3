"""Keys change while messages are on their way: rotated, expired, revoked, stolen, rolled back."""

from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from infra import keys, listing
from infra.directory import VALID_DAYS, trust_files
from infra.post import Post
from services.directory import api as directory
from services.directory.domain import issue, state_next_keys
from services.handover import api as handover
from services.handover import wire
from shared.bus import Outgoing
from shared.crypto import KeyRing, SigningKey
from shared.errors import DomainError
from shared.ids import OPERATOR, ConversationId
from shared.messages import compose, seal
from tests.support.cards import cards_of_role
from tests.support.exchange import GOTEBORG, LINKOPING, open_pair

pytestmark = pytest.mark.servers

IN_FLIGHT = 50


@asynccontextmanager
async def towns(postgres_server, folder):
    async with open_pair(postgres_server, folder) as pair:
        yield pair


async def outbox(town):
    return await town.rows("select * from outbox where number > 0 and kind <> 'directory'")


async def quarantined(town) -> list[str]:
    return [row.code for row in await town.rows("select code from quarantine order by received_at")]


async def asked(pair, handover_id, count) -> None:
    """So many questions from Linköping, put on the exchange and not read."""
    asta = await pair.linkoping.bench.case_worker()
    for number in range(count):
        command = handover.Ask(handover_id, f"Fråga {number}?")
        await handover.ask(pair.linkoping.node, asta, command)
    while await pair.linkoping.relay.run_once():
        pass


async def forged(pair, key, *, at=None, to=GOTEBORG):
    """A message in Linköping's name under this key, straight onto the exchange."""
    message = compose(
        sender=LINKOPING,
        receiver=to,
        conversation_id=ConversationId(uuid4()),
        direction="forward",
        number=1,
        kind="question",
        version=1,
        body=wire.Question(uuid4(), "Vem?"),
        key=key,
        now=at or pair.clock.now(),
    )
    frame = seal(message, pair.linkoping.node.directory.sealing_key(to, pair.clock.now()))
    await pair.linkoping.bus.publish_many("EXCHANGE", [Outgoing(to, frame, str(uuid4()))])


async def rotated_in_flight(postgres_server, folder, count) -> None:
    """So many messages under and to the old keys, read after both ends have new ones."""
    async with towns(postgres_server, folder) as pair:
        _, handover_id, _ = await pair.proposed()
        for code in (LINKOPING, GOTEBORG):
            keys.rotate(trust_files(folder, code), pair.clock.now(), timedelta(days=7))
        await pair.publish()
        await asked(pair, handover_id, count)  # sealed to the old key, signed with the old one
        old = pair.linkoping.node.directory.sealing_key(GOTEBORG, pair.clock.now())
        pair.clock.move(timedelta(days=8))
        new = pair.linkoping.node.directory.sealing_key(GOTEBORG, pair.clock.now())
        assert new.kid != old.kid
        await asked(pair, handover_id, 1)  # sealed to the new key, signed with the new one
        await pair.settle(rounds=100 + count)
        assert await quarantined(pair.goteborg) == []
        sent = await outbox(pair.linkoping)
        assert [row.outcome for row in sent] == ["applied"] * (count + 2)
        theirs = await pair.goteborg.view(handover_id, await pair.goteborg.bench.case_worker())
        assert len(theirs.questions) == count + 1
        signers = await pair.goteborg.rows("select distinct split_part(jws, '.', 1) from inbox")
        assert len(signers) >= 2


async def test_what_is_on_its_way_when_keys_are_rotated_is_opened(postgres_server, tmp_path):
    await rotated_in_flight(postgres_server, tmp_path, IN_FLIGHT)


async def test_a_new_key_signs_nothing_before_the_others_know_it(postgres_server, tmp_path):
    async with towns(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.proposed()
        keys.rotate(trust_files(tmp_path, LINKOPING), pair.clock.now(), timedelta())
        await pair.linkoping.hear()  # drawn and valid, listed by nobody yet
        await asked(pair, handover_id, 1)
        await pair.settle()
        assert await quarantined(pair.goteborg) == []
        await pair.publish()
        await asked(pair, handover_id, 1)
        await pair.settle()
        assert {row.outcome for row in await outbox(pair.linkoping)} == {"applied"}
        assert await quarantined(pair.goteborg) == []


async def test_what_a_revoked_key_signed_is_refused_told_and_sent_anew(postgres_server, tmp_path):
    async with towns(postgres_server, tmp_path) as pair:
        _, handover_id, _ = await pair.proposed()
        leaked = pair.linkoping.node.keyring.signing(pair.clock.now())
        keys.revoke(trust_files(tmp_path, LINKOPING), [leaked.kid], pair.clock.now())
        # Göteborg hears first, and at once nothing under the old key is believed.
        (heard,) = (await pair.publish(to=(GOTEBORG,))).values()
        assert (heard.confirmed, heard.waiting) == (2, 0)
        await asked(pair, handover_id, 3)
        await pair.goteborg.inbox.receive_once()
        assert set(await quarantined(pair.goteborg)) == {"wire.revoked_key"}
        await pair.spread()
        assert pair.linkoping.node.keyring.signing(pair.clock.now()).kid != leaked.kid
        pair.clock.move(timedelta(seconds=10))
        await pair.settle()
        assert {row.outcome for row in await outbox(pair.linkoping)} == {"applied"}
        assert "exchange.not_believed" in await cards_of_role(pair.linkoping, "system_admin")
        assert "directory.key_revoked" in await cards_of_role(pair.goteborg, "system_admin")
        # Who has the leaked key still gets nowhere.
        before = len(await quarantined(pair.goteborg))
        await forged(pair, leaked)
        await pair.settle()
        assert (await quarantined(pair.goteborg))[before:] == ["wire.revoked_key"]


async def test_expired_and_unknown_keys_are_refused_and_the_sender_is_told(
    postgres_server, tmp_path
):
    async with towns(postgres_server, tmp_path) as pair:
        key = pair.linkoping.node.keyring.signing(pair.clock.now())
        for code in (LINKOPING, GOTEBORG, OPERATOR):
            keys.rotate(trust_files(tmp_path, code), pair.clock.now(), timedelta(days=7))
        await pair.publish()
        pair.clock.move(key.not_after - pair.clock.now() + timedelta(minutes=1))
        await forged(pair, SigningKey.create(pair.clock.now(), timedelta(days=30)))
        await forged(pair, key)
        await pair.settle()
        assert set(await quarantined(pair.goteborg)) == {"wire.unknown_key", "wire.expired_key"}
        assert "exchange.not_believed" in await cards_of_role(pair.linkoping, "system_admin")


async def test_nodes_are_warned_before_keys_end(postgres_server, tmp_path):
    async with towns(postgres_server, tmp_path) as pair:
        town = pair.linkoping
        await directory.watch_keys(town.worker_node)
        assert not {"keys.expiring", "directory.keys_expiring"} & await cards_of_role(
            town, "system_admin"
        )
        pair.clock.move(timedelta(days=VALID_DAYS - 50))
        await directory.watch_keys(town.worker_node)
        assert {"keys.expiring", "directory.keys_expiring"} <= await cards_of_role(
            town, "system_admin"
        )
        assert keys.facts(trust_files(tmp_path, LINKOPING)).is_expiring(pair.clock.now())
        for code in (LINKOPING, GOTEBORG, "9002", "9003", "9004", OPERATOR):
            keys.rotate(trust_files(tmp_path, code), pair.clock.now(), timedelta(days=7))
        town.node.keyring.refresh()
        await directory.watch_keys(town.worker_node)
        assert "keys.unstated" in await cards_of_role(town, "system_admin")
        for code in ("0581",):
            keys.rotate(trust_files(tmp_path, code), pair.clock.now(), timedelta(days=7))
        await pair.publish()
        await directory.watch_keys(town.worker_node)
        assert not {
            "keys.expiring",
            "keys.unstated",
            "directory.keys_expiring",
        } & await cards_of_role(town, "system_admin")


async def refused(pair, document) -> str:
    """Hand Linköping this list as the operator would, past the operator's own check; its answer."""
    live = pair.linkoping.node.directory
    version = live.directory.version
    operator = listing.operator_ring(pair.folder, pair.clock.now())
    post = Post(pair.folder, pair.exchange.bus(OPERATOR), pair.clock)
    number = post.book(LINKOPING).number + 1
    message = compose(
        sender=OPERATOR,
        receiver=LINKOPING,
        conversation_id=directory_conversation(),
        direction="forward",
        number=number,
        kind=directory.KIND,
        version=1,
        body=document,
        key=operator.signing(pair.clock.now()),
        now=pair.clock.now(),
    )
    frame = seal(message, live.sealing_key(LINKOPING, pair.clock.now()))
    bus = pair.exchange.bus(OPERATOR)
    await bus.publish_many("EXCHANGE", [Outgoing(LINKOPING, frame, str(uuid4()))])
    town = pair.linkoping
    while await town.inbox.receive_once() + await town.inbox.dispatch_once():
        pass
    await town.hear()
    assert live.directory.version == version
    await directory.watch_keys(town.worker_node)
    found = await town.rows(
        "select refusal_code from inbox where kind = 'directory' order by number"
    )
    return found[-1].refusal_code


def directory_conversation():
    from shared.outbox import pair_conversation

    return pair_conversation(OPERATOR, LINKOPING, directory.KIND)


async def test_a_directory_rolled_back_is_refused_and_people_are_told(postgres_server, tmp_path):
    async with towns(postgres_server, tmp_path) as pair:
        old = pair.linkoping.node.directory.directory.document()
        pair.linkoping.node.directory.replace(
            listing.publish(
                tmp_path, pair.clock.now(), listing.Changes(statuses={"0581": "paused"})
            )
        )
        assert await refused(pair, old) == "directory.rolled_back"
        assert "directory.refused" in await cards_of_role(pair.linkoping, "system_admin")


async def test_a_key_that_only_the_operator_signs_for_is_refused(postgres_server, tmp_path):
    async with towns(postgres_server, tmp_path) as pair:
        now = pair.clock.now()
        before = pair.linkoping.node.directory.directory
        entry = before.entries[GOTEBORG]
        thief = KeyRing.in_memory(GOTEBORG, now)
        statement = state_next_keys(thief, entry.statements, now, signer=thief.signing(now))
        changed = msgspec.structs.replace(entry, statements=(*entry.statements, statement))
        signer = listing.operator_ring(tmp_path, now).signing(now)
        entries = {**before.entries, GOTEBORG: changed}
        document = issue(entries.values(), before=before, signer=signer, now=now)
        assert await refused(pair, document) == "directory.keys_unproven"
        assert "directory.refused" in await cards_of_role(pair.linkoping, "system_admin")
        # The operator's own tool issues nothing that the nodes would refuse.
        with pytest.raises(DomainError, match=r"directory\.keys_unproven"):
            listing.publish(tmp_path, now, listing.Changes(entries=[changed]))
