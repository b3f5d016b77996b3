"""The floor: the same commits, publishes and crypto as one command with its receipt, and no more.

`python -m infra.bench.floor sender|receiver PLAN`. Both work until their input ends; the sender
reads one line a run and answers with one.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.client import Client
from nats.aio.msg import Msg

from infra.bench.lines import Run, answer, flights, lines

BODY_BYTES: Final = 20_000
_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_SIGNATURE: Final = 64
_STANDING: Final = 256
"""Messages that the server may hand over without being asked again."""
_EXPIRES_S: Final = 30

SCHEMA: Final = """
    create table held (id uuid primary key, revision bigint not null);
    create table outbox (id uuid primary key, header bytea not null, sealed bytea not null,
        created_at timestamptz not null, done_at timestamptz, answer bytea);
    create index outbox_open on outbox (created_at) where done_at is null;
    create table inbox (id uuid primary key, header bytea not null, sealed bytea not null,
        received_at timestamptz not null, done_at timestamptz not null, answer_id uuid not null);
    create table audit (id uuid primary key, at timestamptz not null, actor uuid not null,
        action text not null, held uuid not null, facts jsonb not null);
    create index audit_held on audit (held, at);
"""


class Keys(msgspec.Struct, frozen=True):
    """Both ends' keys; a measurement holds them all."""

    signing: dict[str, bytes]
    sealing: dict[str, tuple[bytes, bytes]]
    at_rest: bytes

    @classmethod
    def draw(cls, *ends: str) -> "Keys":
        """New ones."""
        return cls(
            {end: os.urandom(32) for end in ends},
            {end: (os.urandom(64), os.urandom(32)) for end in ends},
            os.urandom(32),
        )


class Plan(msgspec.Struct, frozen=True):
    """What one end must know.

    Args:
        own, other: the users at the exchange, four digits.
    """

    dsn: str
    server: str
    seed_file: str
    own: str
    other: str
    keys: Keys


class _Header(msgspec.Struct, frozen=True):
    sender: str
    receiver: str
    message_id: UUID
    refers_to: UUID | None
    content_hash: str
    signed_at: datetime


class _Body(msgspec.Struct, frozen=True):
    held: UUID
    text: str


@dataclass(frozen=True)
class _Opened:
    header: _Header
    signed: bytes
    body: bytes


class _Crypto:
    """Signs a digest, seals to the other, opens what comes, closes what is kept."""

    def __init__(self, plan: Plan) -> None:
        keys = plan.keys
        self._own, self._other = plan.own, plan.other
        self._signer = Ed25519PrivateKey.from_private_bytes(keys.signing[plan.own])
        their_signing = Ed25519PrivateKey.from_private_bytes(keys.signing[plan.other])
        self._verifier: Ed25519PublicKey = their_signing.public_key()
        self._private = _sealing(keys.sealing[plan.own])
        self._public = _sealing(keys.sealing[plan.other]).public_key()
        self._at_rest = AESGCM(keys.at_rest)

    def sign(self, message_id: UUID, body: bytes, refers_to: UUID | None = None) -> bytes:
        """Header and signature."""
        digest = hashlib.sha256(body).hexdigest()
        now = datetime.now(UTC)
        header = msgspec.json.encode(
            _Header(self._own, self._other, message_id, refers_to, digest, now)
        )
        return self._signer.sign(header) + header

    def close(self, body: bytes) -> bytes:
        """As it is kept."""
        nonce = os.urandom(12)
        return nonce + self._at_rest.encrypt(nonce, body, None)

    def seal(self, signed: bytes, body: bytes) -> bytes:
        """As it travels."""
        return _SUITE.encrypt(
            len(signed).to_bytes(2, "big") + signed + body, self._public, info=b"floor"
        )

    def open(self, frame: bytes) -> _Opened:
        """What came, verified."""
        plain = _SUITE.decrypt(frame, self._private, info=b"floor")
        end = 2 + int.from_bytes(plain[:2], "big")
        signed, body = plain[2:end], plain[end:]
        self._verifier.verify(signed[:_SIGNATURE], signed[_SIGNATURE:])
        header = msgspec.json.decode(signed[_SIGNATURE:], type=_Header)
        if hashlib.sha256(body).hexdigest() != header.content_hash:
            raise ValueError("another body")
        return _Opened(header, signed, body)


def _sealing(private: tuple[bytes, bytes]) -> hpke.MLKEM768X25519PrivateKey:
    return hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(private[0]),
        X25519PrivateKey.from_private_bytes(private[1]),
    )


class _Bus:
    """Publishes with the server's answer; hands over what comes, without being asked each time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._client = Client()
        self._standing = 0
        self._works: set[asyncio.Task[None]] = set()

    async def open(self, take: Callable[[Msg], Awaitable[None]]) -> None:
        """Connect, and give each message to `take`."""
        plan = self._plan
        await self._client.connect(
            plan.server,
            nkeys_seed=plan.seed_file,
            inbox_prefix=f"_INBOX.{plan.own}".encode(),
            allow_reconnect=False,
        )
        inbox = self._client.new_inbox()

        async def taken(message: Msg) -> None:
            if message.reply:
                self._standing -= 1
                work = asyncio.ensure_future(take(message))
                self._works.add(work)
                work.add_done_callback(self._works.discard)
            else:  # the request's time is up
                self._standing = 0
            if self._standing < _STANDING // 2:
                await self._ask(inbox)

        await self._client.subscribe(inbox, cb=taken)
        await self._ask(inbox)

    async def publish(self, message_id: UUID, frame: bytes) -> None:
        """Return when the server has it on disk."""
        answered = await self._client.request(
            f"exchange.{self._plan.other}.{self._plan.own}.m",
            frame,
            headers={"Nats-Msg-Id": str(message_id), "Nats-Expected-Stream": "EXCHANGE"},
        )
        if b'"error"' in answered.data:
            raise RuntimeError("the exchange refused a frame")

    async def _ask(self, inbox: str) -> None:
        self._standing = _STANDING
        request = {"batch": _STANDING, "expires": _EXPIRES_S * 1_000_000_000}
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.{self._plan.own}",
            json.dumps(request).encode(),
            reply=inbox,
        )

    async def close(self) -> None:
        """Leave."""
        await self._client.close()


_COMMAND = """
    with held as (update held set revision = revision + 1 where id = $1),
    noted as (insert into audit values ($2, $3, $4, 'floor.sent', $1, $5::jsonb))
    insert into outbox (id, header, sealed, created_at) values ($6, $7, $8, $3)
"""
_APPLY = """
    with held as (update held set revision = revision + 1 where id = $1),
    noted as (insert into audit values ($2, $3, $4, 'floor.received', $1, $5::jsonb)),
    answered as (insert into outbox (id, header, sealed, created_at) values ($6, $7, $8, $3))
    insert into inbox values ($9, $10, $11, $3, $3, $6)
"""
_DONE = "update outbox set done_at = now(), answer = $2 where id = $1 and done_at is null"


class _Receiver:
    """Verifies, commits, answers."""

    def __init__(self, plan: Plan, pool: Any) -> None:
        self._crypto, self._pool, self.bus = _Crypto(plan), pool, _Bus(plan)

    async def take(self, message: Msg) -> None:
        """One message."""
        opened = self._crypto.open(message.data)
        body = msgspec.json.decode(opened.body, type=_Body)
        receipt_id, said = uuid4(), opened.header.content_hash.encode()
        signed = self._crypto.sign(receipt_id, said, opened.header.message_id)
        await self._pool.execute(
            _APPLY,
            body.held,
            uuid4(),
            datetime.now(UTC),
            uuid4(),
            "{}",
            receipt_id,
            signed,
            self._crypto.close(said),
            opened.header.message_id,
            opened.signed,
            self._crypto.close(opened.body),
        )
        await message.ack()
        await self.bus.publish(receipt_id, self._crypto.seal(signed, said))


class _Sender:
    """Commands, and waits for the receipt to be committed."""

    def __init__(self, plan: Plan, pool: Any, held: list[UUID]) -> None:
        self._crypto, self._pool, self.bus = _Crypto(plan), pool, _Bus(plan)
        self._held = held
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        self._text = "å" * (BODY_BYTES // 2)

    async def command(self, place: int) -> None:
        """One, from its beginning to its receipt committed here."""
        message_id, held = uuid4(), self._held[place]
        body = msgspec.json.encode(_Body(held, self._text))
        signed = self._crypto.sign(message_id, body)
        done = self._waiting[message_id] = asyncio.get_running_loop().create_future()
        await self._pool.execute(
            _COMMAND,
            held,
            uuid4(),
            datetime.now(UTC),
            uuid4(),
            "{}",
            message_id,
            signed,
            self._crypto.close(body),
        )
        await self.bus.publish(message_id, self._crypto.seal(signed, body))
        await done

    async def take(self, message: Msg) -> None:
        """A receipt."""
        opened = self._crypto.open(message.data)
        answered = opened.header.refers_to
        assert answered is not None
        await self._pool.execute(_DONE, answered, opened.signed + opened.body)
        self._waiting.pop(answered).set_result(None)
        await message.ack()


async def _main(role: str, plan: Plan) -> None:
    async with asyncpg.create_pool(plan.dsn, min_size=16, max_size=16) as pool:
        held = [row["id"] for row in await pool.fetch("select id from held order by id")]
        end = _Receiver(plan, pool) if role == "receiver" else _Sender(plan, pool, held)
        await end.bus.open(end.take)
        answer("ready")
        async for run in lines(Run):
            assert isinstance(end, _Sender)
            answer(await flights(end.command, run.count, run.in_flight))
        await end.bus.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Plan)))
