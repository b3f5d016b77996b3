"""The operator's command: makes the streams and each authority's consumers, or sets them right.

Authority 9000 runs it. Nodes only bind to what it made. It may be run at any time and again: what
is right already is left alone, and no message is ever touched.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import nats
from nats.aio.client import Client

from infra.nats.permissions import STREAMS
from shared.ids import OPERATOR, AuthorityCode

MAX_MESSAGE_BYTES = 512 * 1024 + 4 * 1024
"""A frame of 512 KiB and room for NATS headers, which count."""
ACK_WAIT_S = 60
MAX_ACK_PENDING = 512
DUPLICATE_WINDOW_S = 120

_SECOND = 1_000_000_000
_NOT_FOUND = 404
_TIMEOUT_S = 10


class OperatorError(Exception):
    """The server refused what the operator asked for.

    Args:
        what: the stream or consumer.
        description: the server's own words.
    """

    def __init__(self, what: str, description: str) -> None:
        super().__init__(f"{what}: {description}")


def stream_config(stream: str, *, max_bytes: int = -1) -> dict[str, object]:
    """Each message waits, for ever, until its one receiver has acknowledged it.

    Args:
        stream: a key of `STREAMS`.
        max_bytes: when full the server refuses new ones and keeps the old; -1 is the disk's limit.
    """
    return {
        "name": stream,
        "subjects": [f"{STREAMS[stream]}.*.*.m"],
        "retention": "workqueue",
        "storage": "file",
        "discard": "new",
        "max_age": 0,
        "max_msgs": -1,
        "max_bytes": max_bytes,
        "max_consumers": -1,
        "max_msg_size": MAX_MESSAGE_BYTES,
        "num_replicas": 1,
        "duplicate_window": DUPLICATE_WINDOW_S * _SECOND,
        "allow_atomic": stream == "EXCHANGE",
        "deny_delete": True,
        "deny_purge": True,
        "allow_direct": False,
    }


def consumer_config(stream: str, code: AuthorityCode) -> dict[str, object]:
    """One authority's queue, pulled by as many of its workers as it likes."""
    return {
        "name": code,
        "durable_name": code,
        "filter_subject": f"{STREAMS[stream]}.{code}.>",
        "deliver_policy": "all",
        "ack_policy": "explicit",
        # Longer than the slowest staging, or what is in work is delivered again.
        "ack_wait": ACK_WAIT_S * _SECOND,
        "max_ack_pending": MAX_ACK_PENDING,
        "max_deliver": -1,
        "max_waiting": 64,
        "replay_policy": "instant",
    }


async def apply(
    url: str, seed_file: Path, codes: Iterable[AuthorityCode], *, max_bytes: int = -1
) -> list[str]:
    """Make what is missing and set right what differs.

    Args:
        url: the exchange.
        seed_file: the operator's.
        codes: authorities that run a node.

    Returns:
        What was made or changed, for the log.
    """
    connection = await nats.connect(
        url,
        nkeys_seed=str(seed_file),
        inbox_prefix=f"_INBOX.{OPERATOR}".encode(),
        allow_reconnect=False,
        connect_timeout=5,
    )
    try:
        done: list[str] = []
        for stream in STREAMS:
            done += await _ensure_stream(connection, stream, max_bytes)
            # The operator reads too: receipts of the directory, which is no file.
            readers = {*codes, OPERATOR} if stream == "EXCHANGE" else set(codes)
            made = (_ensure_consumer(connection, stream, code) for code in sorted(readers))
            done += [line for lines in await asyncio.gather(*made) for line in lines]
        return done
    finally:
        await connection.close()


async def _ensure_stream(connection: Client, stream: str, max_bytes: int) -> list[str]:
    wanted = stream_config(stream, max_bytes=max_bytes)
    found = await _ask(connection, f"STREAM.INFO.{stream}", {}, stream)
    if found is None:
        await _ask(connection, f"STREAM.CREATE.{stream}", wanted, stream)
        return [f"stream {stream} made"]
    if _differs(found, wanted):
        await _ask(connection, f"STREAM.UPDATE.{stream}", wanted, stream)
        return [f"stream {stream} changed"]
    return []


async def _ensure_consumer(connection: Client, stream: str, code: AuthorityCode) -> list[str]:
    wanted = consumer_config(stream, code)
    name = f"{stream}.{code}"
    found = await _ask(connection, f"CONSUMER.INFO.{name}", {}, name)
    if found is not None and not _differs(found, wanted):
        return []
    body = {"stream_name": stream, "config": wanted, "action": "update" if found else "create"}
    await _ask(connection, f"CONSUMER.CREATE.{name}.{wanted['filter_subject']}", body, name)
    return [f"consumer {name} {'changed' if found else 'made'}"]


def _differs(found: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    # The server leaves out what is empty, zero or false.
    return any(found.get(key) != value for key, value in wanted.items() if value or key in found)


async def _ask(
    connection: Client, verb: str, body: Mapping[str, object], what: str
) -> dict[str, object] | None:
    """The configuration in the server's answer; None where there is no such thing."""
    payload = json.dumps(body).encode() if body else b""
    answer = await connection.request(f"$JS.API.{verb}", payload, timeout=_TIMEOUT_S)
    content = json.loads(answer.data)
    error = content.get("error")
    if error is None:
        config: dict[str, object] = content["config"]
        return config
    if error.get("code") == _NOT_FOUND and ".INFO." in verb:
        return None
    raise OperatorError(what, str(error.get("description")))
