"""S11: a message changed on its way at any place: refused, its sender told, the true one unharmed."""

from datetime import timedelta

import msgspec
import pytest

from shared.bus import Outgoing
from shared.crypto import KeyRing
from shared.crypto.encoding import from_base64url, to_base64url
from shared.ids import AuthorityCode, random_id
from shared.messages import frame, open_frame
from tests.support.federation import new_conversation
from tests.support.notes import Note, NoteHandler, notes_of

pytestmark = pytest.mark.servers

A, B, C = (AuthorityCode(code) for code in ("0580", "1480", "0581"))
SECRET = "hemligt om en människa"

# Where a frame lies open: what each part of it is.
OUTSIDE = {
    "mark": 0,
    "frame version": 3,
    "message id": 4,
    "sealing key": 20,
    "encapsulated key": frame._HEAD + 10,
    "sealed": -400,
    "seal's end": -1,
}
HEADER = {
    "another conversation": {"conversation_id": random_id()},
    "another number": {"number": 2},
    "a lower version": {"version": 1},
    "another kind": {"kind": "proposed"},
    "another addressee": {"receiver": C},
    "another sender": {"sender": C},
    "another direction": {"direction": "back"},
    "another time": {"signed_at": "2026-11-02T07:00:00Z"},
}


def flipped(content, at):
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


def sealed(pair, parts, message_id):
    """Sealed to B by somebody on the way who knows what is inside."""
    jws, salt, body = parts
    text = jws.encode()
    filled = frame._FIXED + len(text) + len(body)
    inside = b"".join(
        (len(text).to_bytes(2, "big"), text, salt, len(body).to_bytes(4, "big"), body)
    ) + bytes(frame._padded(filled) - filled)
    key = pair.directory.sealing_key(B, pair.wall.now())
    head = frame._MAGIC + message_id.bytes + from_base64url(key.kid)
    return head + key.seal(inside, frame._info(A, B, message_id))


def with_header(jws, changes, *, signer=None):
    protected, payload, signature = jws.split(".")
    header = msgspec.json.encode(msgspec.json.decode(from_base64url(payload)) | changes)
    if signer is not None:
        return signer.sign(header)
    return ".".join((protected, to_base64url(header), signature))


def spoilt_signature(jws):
    head, _, signature = jws.rpartition(".")
    return f"{head}.{to_base64url(flipped(from_base64url(signature), 7))}"


def spoilings(pair, message, true):
    """Name and frame of each way to tamper."""
    jws, salt, body = message.jws, message.salt, message.body
    stranger = KeyRing.in_memory(A, pair.wall.now() - timedelta(days=1))
    own = stranger.signing(pair.wall.now())
    for name, at in OUTSIDE.items():
        yield name, flipped(true, at)
    yield "cut", true[:-4096]
    inside = {
        "body": (jws, salt, flipped(body, 3)),
        "salt": (jws, flipped(salt, 3), body),
        "signature": (spoilt_signature(jws), salt, body),
        "kid": (jws.replace(jws[:60], own.sign(b"{}")[:60]), salt, body),
        "signed by a stranger": (with_header(jws, {}, signer=own), salt, body),
    }
    for name, changes in HEADER.items():
        inside[name] = (with_header(jws, changes), salt, body)
    for name, parts in inside.items():
        yield name, sealed(pair, parts, message.message_id)


async def held_back(pair):
    """A message from A to B, taken off the exchange: opened, and as the frame it travelled in."""
    newer = NoteHandler()
    newer.version = 2
    pair.b.handlers.append(newer)
    pair.b.rebuild()
    for node in (pair.a, pair.b):
        node.registry.register("note", 2, Note)
    await pair.a.send("1480", new_conversation(), "note", Note(SECRET), version=2)
    await pair.a.relay.run_once()
    queue = pair.exchange.queue("EXCHANGE", B).waiting
    true = queue.pop()
    message = open_frame(true.frame, pair.b.keyring, A, B, pair.directory, pair.wall.now())
    return message, true.frame


async def test_whatever_is_changed_is_refused_and_told_and_the_true_one_arrives(pair, caplog):
    message, true = await held_back(pair)
    tried = list(spoilings(pair, message, true))
    assert len(tried) >= 20
    for name, spoilt in tried:
        pair.pass_time(timedelta(minutes=2))  # else the sender is told once for all of them
        before = (await pair.b.rows("select count(*) from quarantine"))[0][0]
        told = "select count(*) from outbox where kind = 'resign_wanted' and done_at is not null"
        told_before = (await pair.b.rows(told))[0][0]
        pair.exchange.put("EXCHANGE", A, Outgoing(B, spoilt, str(random_id())))
        await pair.b.inbox.receive_once()
        await pair.b.inbox.dispatch_once()
        await pair.b.relay.run_once()
        assert await notes_of(pair.b) == [], name
        assert (await pair.b.rows("select count(*) from quarantine"))[0][0] == before + 1, name
        assert (await pair.b.rows(told))[0][0] == told_before + 1, name
    # The notices are B's own signed messages, and each is believed at A.
    await pair.a.inbox.receive_once()
    assert await pair.a.rows("select count(*) from quarantine") == [(0,)]
    assert [kind for (kind,) in await pair.a.rows("select distinct kind from card")] == [
        "exchange.not_believed"
    ]
    assert await pair.b.rows("select count(*) from conversation_flow where applied > 0") == [(0,)]
    await pair.settle()
    assert await notes_of(pair.b) == [SECRET]  # sent again by A, its number unspent
    said = caplog.text + str(await pair.b.rows("select q::text, c::text from quarantine q, card c"))
    assert SECRET not in said
