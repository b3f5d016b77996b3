"""What the server refuses: 0580's user tries everything that is not its own."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import nats
import nkeys
import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError

from infra.nats import operator
from infra.nats.keys import ensure_seed
from infra.nats.permissions import permissions_of
from shared.ids import AuthorityCode

pytestmark = pytest.mark.servers

US, THEM, THIRD = "0580", "1480", "9002"

PUBLISH_REFUSED = [
    # Sending as somebody else, or as nobody, or on another shape of subject.
    f"exchange.{US}.{THEM}.m",
    f"exchange.{THIRD}.{THEM}.m",
    f"exchange.{THEM}.9000.m",
    f"exchange.{THEM}.{US}",
    f"exchange.{THEM}.{US}.kind",
    f"exchange.{THEM}.{US}.m.more",
    f"exchange.{THEM}.{THEM}.m",
    f"exchange.{US}",
    "exchange",
    f"attachment.{US}.{THEM}.m",
    f"attachment.{THIRD}.{THEM}.m",
    f"attachment.{THEM}.{US}.m.more",
    # Another's queue: reading it, looking at it, answering for it.
    f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.MSG.NEXT.ATTACHMENT.{THEM}",
    f"$JS.API.CONSUMER.INFO.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.INFO.ATTACHMENT.{THEM}",
    f"$JS.ACK.EXCHANGE.{THEM}.1.1.1.1.0",
    f"$JS.ACK.ATTACHMENT.{THEM}.1.1.1.1.0",
    # Consumers: making, changing, deleting, pausing, unpinning, even our own.
    f"$JS.API.CONSUMER.CREATE.EXCHANGE.{US}",
    f"$JS.API.CONSUMER.CREATE.EXCHANGE.spy.exchange.{THEM}.>",
    f"$JS.API.CONSUMER.DURABLE.CREATE.EXCHANGE.{US}",
    "$JS.API.CONSUMER.CREATE.EXCHANGE",
    f"$JS.API.CONSUMER.DELETE.EXCHANGE.{US}",
    f"$JS.API.CONSUMER.DELETE.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.PAUSE.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.RESET.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.UNPIN.EXCHANGE.{THEM}",
    "$JS.API.CONSUMER.NAMES.EXCHANGE",
    "$JS.API.CONSUMER.LIST.EXCHANGE",
    # The stream: looking, reading, changing, emptying, deleting, copying.
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.EXCHANGE",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.CREATE.MINE",
    "$JS.API.STREAM.CREATE.EXCHANGE",
    "$JS.API.STREAM.UPDATE.EXCHANGE",
    "$JS.API.STREAM.DELETE.EXCHANGE",
    "$JS.API.STREAM.PURGE.EXCHANGE",
    "$JS.API.STREAM.MSG.GET.EXCHANGE",
    "$JS.API.STREAM.MSG.DELETE.EXCHANGE",
    "$JS.API.STREAM.SNAPSHOT.EXCHANGE",
    "$JS.API.STREAM.RESTORE.EXCHANGE",
    "$JS.API.STREAM.PEER.REMOVE.EXCHANGE",
    "$JS.API.STREAM.LEADER.STEPDOWN.EXCHANGE",
    "$JS.API.DIRECT.GET.EXCHANGE",
    f"$JS.API.DIRECT.GET.EXCHANGE.exchange.{THEM}.{US}.m",
    "$JS.API.META.LEADER.STEPDOWN",
    "$JS.API.ACCOUNT.PURGE.EXCHANGE",
    "$JS.FC.EXCHANGE.1480.abc",
    # The server itself, and the inboxes of others.
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.USER.INFO",
    "$SYS.REQ.ACCOUNT.EXCHANGE.CONNZ",
    "$SYS.ACCOUNT.EXCHANGE.DISCONNECT",
    f"_INBOX.{THEM}.abc",
    "_INBOX.abc",
    "anything",
]

SUBSCRIBE_REFUSED = [
    ">",
    "*",
    "*.>",
    "exchange.>",
    f"exchange.{US}.>",
    f"exchange.{THEM}.>",
    f"exchange.*.{THEM}.m",
    "attachment.>",
    "_INBOX.>",
    "_INBOX.*",
    "_INBOX.*.*",
    f"_INBOX.{THEM}.>",
    f"_INBOX.{US}",
    "$JS.>",
    "$JS.ACK.>",
    "$JS.API.>",
    "$JS.EVENT.ADVISORY.>",
    "$JS.EVENT.METRIC.>",
    "$SYS.>",
    "$SYS.REQ.>",
    "$KV.>",
    "$O.>",
]


@asynccontextmanager
async def user(server, code):
    """A connection of the authority, and what the server complained of."""
    errors: list[str] = []

    async def on_error(error):
        errors.append(str(error).lower())

    connection = await nats.connect(
        server.url,
        nkeys_seed=str(server.seed_file(code)),
        inbox_prefix=f"_INBOX.{code}".encode(),
        error_cb=on_error,
        allow_reconnect=False,
    )
    try:
        yield connection, errors
    finally:
        await connection.close()


@asynccontextmanager
async def operator_user(server):
    async with user(server, "9000") as (connection, _):
        yield connection


async def state_of(connection, stream="EXCHANGE"):
    answer = json.loads((await connection.request(f"$JS.API.STREAM.INFO.{stream}", b"")).data)
    return answer["state"], answer["config"]


async def queue_of(connection, code, stream="EXCHANGE"):
    name = f"$JS.API.CONSUMER.INFO.{stream}.{code}"
    return json.loads((await connection.request(name, b"")).data)


async def published(connection, errors, subject, payload=b"", reply=""):
    """What the server complained of, after this one publish."""
    errors.clear()
    await connection.publish(subject, payload, reply=reply)
    return await complaints(connection, errors)


async def complaints(connection, errors):
    """What the server complains of; the client library hands it over in its own time."""
    await connection.flush()
    for _ in range(100):
        if errors:
            break
        await asyncio.sleep(0.01)
    return list(errors)


@pytest.fixture
async def exchange(nats_server):
    await nats_server.fresh()
    return nats_server


def test_the_list_of_refused_subjects_is_as_long_as_was_promised():
    assert len(PUBLISH_REFUSED) + len(SUBSCRIBE_REFUSED) >= 40
    assert len(set(PUBLISH_REFUSED)) == len(PUBLISH_REFUSED)


async def demand_every_publish_refused(server):
    async with operator_user(server) as boss:
        before = await state_of(boss)
        async with user(server, US) as (connection, errors):
            for subject in PUBLISH_REFUSED:
                said = await published(connection, errors, subject)
                assert any("permissions violation" in line for line in said), subject
        assert await state_of(boss) == before


async def demand_every_subscription_refused(server):
    async with user(server, US) as (connection, errors):
        for subject in SUBSCRIBE_REFUSED:
            errors.clear()
            await connection.subscribe(subject)
            said = await complaints(connection, errors)
            assert any("permissions violation" in line for line in said), subject


async def test_the_server_refuses_every_publish_that_is_not_the_authoritys_own(nats_server):
    await demand_every_publish_refused(nats_server)


async def test_the_server_refuses_every_subscription_but_the_own_inbox(nats_server):
    await demand_every_subscription_refused(nats_server)


async def another_authority(server):
    await server.add("0780")


async def other_limits(server):
    await operator.apply(server.url, server.seed_file("9000"), server.codes, max_bytes=1 << 30)


async def another_start(server):
    server.kill()
    await server.restart()


@pytest.mark.parametrize("change", [another_authority, other_limits, another_start])
async def test_the_whole_list_is_refused_again_after_a_change_of_the_exchange(exchange, change):
    await change(exchange)
    await demand_every_publish_refused(exchange)
    await demand_every_subscription_refused(exchange)


async def test_every_authority_is_refused_the_same(nats_server):
    """One list, each authority against the next one."""
    codes = sorted(nats_server.codes)
    for us, them in zip(codes, codes[1:] + codes[:1], strict=True):
        tried = [
            f"exchange.{us}.{them}.m",
            f"attachment.{us}.{them}.m",
            f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{them}",
            f"$JS.API.CONSUMER.INFO.ATTACHMENT.{them}",
            f"$JS.ACK.EXCHANGE.{them}.1.1.1.1.0",
            "$JS.API.STREAM.PURGE.EXCHANGE",
        ]
        async with user(nats_server, us) as (connection, errors):
            for subject in tried:
                assert await published(connection, errors, subject), (us, subject)


async def test_a_message_reaches_its_receiver_and_nobody_else(exchange):
    async with (
        user(exchange, US) as (sender, sender_errors),
        user(exchange, THEM) as (receiver, receiver_errors),
    ):
        headers = {"Nats-Msg-Id": "transport-1"}
        await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"sealed", headers=headers)
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="EXCHANGE")
        (message,) = await queue.fetch(1)
        assert message.data == b"sealed"
        assert message.subject == f"exchange.{THEM}.{US}.m"
        assert message.headers == {"Nats-Msg-Id": "transport-1"}
        await message.ack_sync()
        own = await sender.jetstream().pull_subscribe_bind(consumer=US, stream="EXCHANGE")
        with pytest.raises(NatsTimeoutError):
            await own.fetch(1, timeout=0.3)
        assert sender_errors == receiver_errors == []
    async with operator_user(exchange) as boss:
        state, _ = await state_of(boss)
        assert state["messages"] == 0


async def test_attachments_have_a_queue_of_their_own(exchange):
    async with user(exchange, US) as (sender, _), user(exchange, THEM) as (receiver, _):
        await sender.jetstream().publish(f"attachment.{THEM}.{US}.m", b"chunk")
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="ATTACHMENT")
        (message,) = await queue.fetch(1)
        await message.ack_sync()
        assert message.data == b"chunk"


async def test_another_cannot_acknowledge_what_it_saw_acknowledged(exchange):
    """The subject of an acknowledgement is no secret; replaying it must not help."""
    async with user(exchange, US) as (sender, errors), user(exchange, THEM) as (receiver, _):
        await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"sealed")
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="EXCHANGE")
        (message,) = await queue.fetch(1)
        for body in (b"", b"+ACK", b"+TERM", b"-NAK", b"+WPI", b"+NXT"):
            assert await published(sender, errors, message.reply, body), body
        async with operator_user(exchange) as boss:
            queue_state = await queue_of(boss, THEM)
            assert queue_state["num_ack_pending"] == 1
            assert queue_state["ack_floor"]["stream_seq"] == 0
        await message.ack_sync()


# The server answers a publish, a pull or a question to whatever reply subject the client names, and
# it is the server that then speaks there. What such an answer can reach is tried here.
REPLIES = [
    "$JS.API.STREAM.PURGE.EXCHANGE",
    "$JS.API.STREAM.DELETE.EXCHANGE",
    "$JS.API.STREAM.MSG.DELETE.EXCHANGE",
    "$JS.API.STREAM.UPDATE.EXCHANGE",
    f"$JS.API.CONSUMER.DELETE.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.PAUSE.EXCHANGE.{THEM}",
    "$SYS.REQ.SERVER.PING",
]


@pytest.mark.parametrize("reply", REPLIES)
async def test_an_answer_sent_to_the_servers_own_subjects_changes_nothing(exchange, reply):
    ask = [
        (f"exchange.{THEM}.{US}.m", b"x"),
        (f"$JS.API.CONSUMER.INFO.EXCHANGE.{US}", b""),
        (f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{US}", b'{"batch":1,"expires":200000000}'),
    ]
    async with operator_user(exchange) as boss, user(exchange, US) as (connection, _):
        await connection.jetstream().publish(f"exchange.{THEM}.{US}.m", b"first")
        for body in (b"", b'{"seq":1}'):
            await connection.jetstream().publish(f"exchange.{US}.{US}.m", body)
        before, config = await state_of(boss)
        for subject, payload in ask:
            await connection.publish(subject, payload, reply=reply)
            await connection.flush()
        await asyncio.sleep(0.3)
        after, config_after = await state_of(boss)
        assert after["messages"] == before["messages"] + 1  # the one it was allowed to send
        assert after["first_seq"] == before["first_seq"]
        assert config_after == config
        theirs = await queue_of(boss, THEM)
        assert theirs["num_pending"] == 2
        assert not theirs.get("paused")


async def test_an_answer_to_anothers_acknowledgement_is_refused(exchange):
    async with user(exchange, US) as (sender, errors), user(exchange, THEM) as (receiver, _):
        await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"sealed")
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="EXCHANGE")
        (message,) = await queue.fetch(1)
        for subject in (
            f"exchange.{THEM}.{US}.m",
            f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{US}",
            f"$JS.API.CONSUMER.INFO.EXCHANGE.{US}",
        ):
            assert await published(sender, errors, subject, b"", reply=message.reply), subject


async def test_an_answer_cannot_be_placed_in_anothers_queue(exchange):
    """Else the server's own words would lie there, under a false sender."""
    pull = b'{"batch":1,"expires":200000000}'
    async with operator_user(exchange) as boss, user(exchange, US) as (attacker, _):
        await attacker.jetstream().publish(f"exchange.{US}.{US}.m", b"attackers own words")
        for forged in (f"exchange.{THIRD}.{THEM}.m", f"exchange.{THIRD}.{US}.m"):
            await attacker.publish(f"exchange.{THEM}.{US}.m", b"x", reply=forged)
            await attacker.publish(f"$JS.API.CONSUMER.INFO.EXCHANGE.{US}", b"", reply=forged)
            await attacker.publish(f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{US}", pull, reply=forged)
            await attacker.flush()
        await asyncio.sleep(0.3)
        assert (await queue_of(boss, THIRD))["num_pending"] == 0


async def test_an_answer_cannot_be_placed_in_anothers_inbox(nats_server):
    async with user(nats_server, US) as (attacker, _), user(nats_server, THEM) as (victim, _):
        seen = []

        async def on_message(message):
            seen.append(message)

        await victim.subscribe(f"_INBOX.{THEM}.>", cb=on_message)
        await victim.flush()
        await attacker.publish(f"exchange.{THEM}.{US}.m", b"x", reply=f"_INBOX.{THEM}.abc")
        await attacker.flush()
        await asyncio.sleep(0.2)
        assert seen == []


async def answer_to_connect(server, **credentials):
    """The server's last word to these credentials. The client library would leave sockets behind."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
    try:
        nonce = json.loads((await reader.readline()).removeprefix(b"INFO "))["nonce"]
        if "seed" in credentials:
            pair = nkeys.from_seed(bytearray(credentials.pop("seed")))
            credentials["nkey"] = pair.public_key.decode()
            credentials["sig"] = base64.b64encode(pair.sign(nonce.encode())).decode()
        options = {"verbose": False, "pedantic": False, "lang": "test", "version": "1"}
        writer.write(b"CONNECT " + json.dumps(options | credentials).encode() + b"\r\nPING\r\n")
        return await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "credentials",
    [{}, {"user": "SYS", "pass": ""}, {"user": "sys", "pass": "sys"}, {"auth_token": "SYS"}],
    ids=str,
)
async def test_nobody_gets_in_without_a_key(nats_server, credentials):
    """The system account has no user at all."""
    assert b"Authorization Violation" in await answer_to_connect(nats_server, **credentials)


async def test_a_key_that_the_operator_does_not_know_is_refused(nats_server, tmp_path):
    ensure_seed(tmp_path / "seed")
    seed = (tmp_path / "seed").read_bytes().strip()
    assert b"Authorization Violation" in await answer_to_connect(nats_server, seed=seed)
    known = nats_server.seed_file(US).read_bytes().strip()
    assert await answer_to_connect(nats_server, seed=known) == b"PONG\r\n"


OPERATOR_REFUSED = [
    "$JS.API.STREAM.DELETE.EXCHANGE",
    "$JS.API.STREAM.PURGE.EXCHANGE",
    "$JS.API.STREAM.MSG.GET.EXCHANGE",
    "$JS.API.STREAM.MSG.DELETE.EXCHANGE",
    "$JS.API.STREAM.SNAPSHOT.EXCHANGE",
    "$JS.API.STREAM.CREATE.OTHER",
    f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{THEM}",
    f"$JS.API.CONSUMER.DELETE.EXCHANGE.{THEM}",
    "$JS.API.DIRECT.GET.EXCHANGE",
    f"$JS.ACK.EXCHANGE.{THEM}.1.1.1.1.0",
    f"exchange.{THEM}.{US}.m",
]


async def test_the_operator_manages_and_neither_reads_nor_deletes(nats_server):
    async with user(nats_server, "9000") as (connection, errors):
        for subject in OPERATOR_REFUSED:
            assert await published(connection, errors, subject), subject


async def test_the_operator_cannot_make_a_second_reader_of_a_queue(nats_server):
    """Work-queue retention: no two consumers may want the same message."""
    async with user(nats_server, "9000") as (connection, _):
        body = {
            "stream_name": "EXCHANGE",
            "config": {
                "name": "spy",
                "deliver_subject": "_INBOX.9000.spy",
                "filter_subject": f"exchange.{THEM}.>",
                "ack_policy": "explicit",
            },
        }
        answer = await connection.request(
            f"$JS.API.CONSUMER.CREATE.EXCHANGE.spy.exchange.{THEM}.>", json.dumps(body).encode()
        )
        assert "not unique" in json.loads(answer.data)["error"]["description"]


async def test_an_added_authority_gets_its_queue_and_the_others_keep_theirs(exchange):
    async with user(exchange, US) as (sender, _):
        await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"before")
    await exchange.add("0680")
    async with user(exchange, US) as (sender, _):
        await sender.jetstream().publish(f"exchange.0680.{US}.m", b"welcome")
    async with user(exchange, "0680") as (new, errors):
        queue = await new.jetstream().pull_subscribe_bind(consumer="0680", stream="EXCHANGE")
        (message,) = await queue.fetch(1)
        assert message.data == b"welcome"
        await message.ack_sync()
        for subject in PUBLISH_REFUSED[12:18]:
            assert await published(new, errors, subject), subject
    async with operator_user(exchange) as boss:
        assert (await queue_of(boss, THEM))["num_pending"] == 1


async def test_running_the_operators_command_again_changes_nothing(exchange):
    url, seed = exchange.url, exchange.seed_file("9000")
    assert await operator.apply(url, seed, exchange.codes) == []


async def test_the_operators_command_sets_right_what_differs(exchange):
    url, seed = exchange.url, exchange.seed_file("9000")
    done = await operator.apply(url, seed, exchange.codes, max_bytes=1 << 30)
    assert done == ["stream EXCHANGE changed", "stream ATTACHMENT changed"]
    assert await operator.apply(url, seed, exchange.codes, max_bytes=1 << 30) == []


async def test_a_message_above_the_limit_is_refused_and_the_connection_lives(exchange):
    async with user(exchange, US) as (sender, _):
        with pytest.raises(APIError):
            await sender.jetstream().publish(
                f"exchange.{THEM}.{US}.m", b"x" * (operator.MAX_MESSAGE_BYTES + 1)
            )
        await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"x" * 512 * 1024)


async def send_for_ever(sender, body):
    while True:
        await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", body)


async def test_a_full_stream_refuses_the_new_and_keeps_the_old(exchange):
    url, seed = exchange.url, exchange.seed_file("9000")
    await operator.apply(url, seed, exchange.codes, max_bytes=64 * 1024)
    async with user(exchange, US) as (sender, _), operator_user(exchange) as boss:
        with pytest.raises((APIError, NoRespondersError)):
            await send_for_ever(sender, b"x" * 4096)
        state, _ = await state_of(boss)
        assert state["first_seq"] == 1
        assert 10 < state["messages"] < 17


async def test_messages_survive_a_kill_of_the_server(exchange):
    async with user(exchange, US) as (sender, _):
        for number in range(20):
            await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"%d" % number)
    exchange.kill()
    await exchange.restart()
    async with user(exchange, THEM) as (receiver, _):
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="EXCHANGE")
        seen = await queue.fetch(20, timeout=5)
        assert [message.data for message in seen] == [b"%d" % number for number in range(20)]


def test_a_code_never_becomes_a_wildcard_in_a_permission():
    allowed = permissions_of(AuthorityCode(US))
    for subject in (*allowed.publish, *allowed.subscribe):
        assert US in subject.split(".")


async def test_an_atomic_batch_arrives_whole_and_in_order(exchange):
    """One sync for many messages; the relay's fast path goes through the node's own account, too."""
    async with user(exchange, US) as (sender, _), user(exchange, THEM) as (receiver, _):
        for number in (1, 2, 3):
            headers = {"Nats-Batch-Id": "b1", "Nats-Batch-Sequence": str(number)}
            subject, body = f"exchange.{THEM}.{US}.m", b"%d" % number
            if number == 3:
                headers["Nats-Batch-Commit"] = "1"
            answer = await sender.request(subject, body, headers=headers)
        assert json.loads(answer.data)["count"] == 3
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="EXCHANGE")
        seen = await queue.fetch(3, timeout=2)
        assert [message.data for message in seen] == [b"1", b"2", b"3"]


async def test_many_pulled_at_once_and_acknowledged_are_gone(exchange):
    async with user(exchange, US) as (sender, _), user(exchange, THEM) as (receiver, _):
        for number in range(100):
            await sender.jetstream().publish(f"exchange.{THEM}.{US}.m", b"%d" % number)
        queue = await receiver.jetstream().pull_subscribe_bind(consumer=THEM, stream="EXCHANGE")
        seen = await queue.fetch(100, timeout=5)
        await asyncio.gather(*(message.ack_sync() for message in seen))
        assert len(seen) == 100
    async with operator_user(exchange) as boss:
        assert (await state_of(boss))[0]["messages"] == 0
