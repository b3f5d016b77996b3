"""What is tried: each probe in conversations of its own, so that they can run at the same time.

`PROBES` run at the same time. `IN_ORDER` change the partner's keys and the directory, one after the
other, beside them: what the others sign with is not changed.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec

from infra.files import write_private
from infra.join_test.partner import PARTNER, Partner, ProbeFailedError, altered, resigned
from infra.keys import revoke, rotate
from infra.listing import Changes, publish
from infra.post import Post
from services.directory.api import KIND, SignedDirectory, issue, state_next_keys
from shared.crypto import KeyRing, SigningKey
from shared.ids import OPERATOR, AuthorityCode, ConversationId
from shared.messages import Message, compose, seal
from shared.messages.envelope import content_hash
from shared.messages.frame import MAX_FRAME_BYTES
from shared.outbox import pair_conversation

SUITE: Final = 1
"""Which edition of the test; rises when a probe is added."""

AWAY: Final = timedelta(days=14)
_RESENT_AFTER_S: Final = 7.0  # a node sends again after 5 s


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that is tried.

    Args:
        name: stable; what the signed result lists.
        title: for a person.
    """

    name: str
    title: str
    run: Callable[[Partner], Awaitable[None]]


def _conversation() -> ConversationId:
    return ConversationId(uuid4())


async def _plain(partner: Partner) -> None:
    talk = _conversation()
    sent = [
        partner.message(talk, number, kind)
        for number, kind in enumerate(("proposed", "question", "withdrawn"), start=1)
    ]
    await partner.send(*sent)
    await partner.applied(*sent)
    await partner.got(talk, "cancelled")


async def _replay(partner: Partner) -> None:
    message = partner.message(_conversation(), 1, "proposed")
    frame = partner.sealed(message)
    for count, each in enumerate((frame, frame, partner.sealed(message)), start=1):
        await partner.put(each)  # as it was, and sealed anew
        answers = await partner.answers(message, count)
    await partner.applied(message)
    if len({answer.body for answer, _ in answers}) != 1:
        raise ProbeFailedError("dubbletten fick ett annat svar än det första")


async def _burst(partner: Partner) -> None:
    talk = _conversation()
    message = partner.message(talk, 1, "proposed")
    await asyncio.gather(*(partner.put(partner.sealed(message)) for _ in range(8)))
    await partner.applied(message)
    after = partner.message(talk, 2, "withdrawn")
    await partner.send(after)
    await partner.applied(after)
    answers = await partner.answers(message, 1)
    if len({answer.body for answer, _ in answers}) != 1:
        raise ProbeFailedError("samma meddelande behandlades två gånger")


async def _reorder(partner: Partner) -> None:
    talk = _conversation()
    kinds = ("proposed", "question", "question", "withdrawn")
    sent = [partner.message(talk, number, kind) for number, kind in enumerate(kinds, start=1)]
    for message in reversed(sent):
        await partner.send(message)
    await partner.applied(*sent)
    await partner.got(talk, "cancelled")


async def _gap(partner: Partner) -> None:
    talk = _conversation()
    first, second = (partner.message(talk, n, k) for n, k in ((1, "proposed"), (2, "withdrawn")))
    await partner.send(second)
    await partner.asked_for(talk, 1)
    if partner.seen[second.message_id]:
        raise ProbeFailedError("nummer 2 behandlades före nummer 1")
    await partner.send(first)
    await partner.applied(first, second)


async def _forged(partner: Partner) -> None:
    talk = _conversation()
    stranger = SigningKey.create(partner.now() - timedelta(days=1), timedelta(days=30))
    forgery = partner.message(talk, 1, "proposed", key=stranger)
    await partner.send(forgery)
    await partner.not_believed(forgery.message_id, "wire.unknown_key")
    real = partner.message(talk, 1, "proposed")  # a forgery uses up no number
    await partner.send(real)
    await partner.applied(real)


async def _stolen_name(partner: Partner) -> None:
    message = partner.message(_conversation(), 1, "proposed")
    key = SigningKey.create(partner.now() - timedelta(days=1), timedelta(days=30))
    under = SigningKey(partner.key.kid, key.public, key.not_before, key.not_after, key.private)
    forgery = partner.message(_conversation(), 1, "proposed", key=under)
    await partner.send(forgery)
    await partner.not_believed(forgery.message_id, "wire.signature")
    await partner.send(message)
    await partner.applied(message)


async def _altered(partner: Partner) -> None:
    message = partner.message(_conversation(), 1, "proposed")
    await partner.put(partner.sealed(altered(message, body=message.body + b" ")))
    await partner.not_believed(message.message_id, "wire.content")
    await partner.send(message)
    await partner.applied(message)


async def _other_addressee(partner: Partner) -> None:
    message = partner.message(_conversation(), 1, "proposed", receiver=AuthorityCode("9002"))
    await partner.put(partner.sealed(altered(message, receiver=partner.node)))
    await partner.not_believed(message.message_id, "wire.addressee")


async def _other_sender(partner: Partner) -> None:
    message = partner.message(_conversation(), 1, "proposed", sender=AuthorityCode("9002"))
    await partner.put(partner.sealed(altered(message, sender=PARTNER)))
    await partner.not_believed(message.message_id, "wire.unknown_key", "wire.sender")


async def _other_id(partner: Partner) -> None:
    message, claimed = partner.message(_conversation(), 1, "proposed"), uuid4()
    await partner.put(partner.sealed(altered(message, message_id=claimed)))
    await partner.not_believed(claimed, "wire.message_id")


async def _downgrade(partner: Partner) -> None:
    message = partner.message(_conversation(), 1, "proposed")
    older = resigned(message, partner.key, protocol="utvag/0")
    await partner.put(partner.sealed(older))
    await partner.not_believed(message.message_id, "wire.header")


async def _unnumbered(partner: Partner) -> None:
    message = partner.message(_conversation(), 0, "question")
    await partner.send(message)
    await partner.not_believed(message.message_id, "wire.unnumbered")


async def _expired(partner: Partner) -> None:
    old = partner.ring.signing_keys[0]
    if old.is_valid_at(partner.now()):
        raise ProbeFailedError("provet har ingen utgången nyckel")
    message = partner.message(_conversation(), 1, "proposed", key=old)
    await partner.send(message)
    await partner.not_believed(message.message_id, "wire.expired_key")
    talk = _conversation()  # an old letter under a key that held on its day is a real one
    letter = partner.message(talk, 1, "proposed", key=old, at=old.not_after - timedelta(days=1))
    await partner.send(letter)
    await partner.applied(letter)


async def _version(partner: Partner) -> None:
    talk = _conversation()
    first = partner.message(talk, 1, "proposed")
    future = partner.message(talk, 2, "question", version=99)
    last = partner.message(talk, 3, "withdrawn")
    await partner.send(first, future, last)
    await partner.refused(future, "wire.unknown_version")
    await partner.applied(first, last)


async def _kind(partner: Partner) -> None:
    talk = _conversation()
    first = partner.message(talk, 1, "proposed")
    unknown = partner.message(talk, 2, "from_the_future", body=partner.body("question"))
    await partner.send(first, unknown)
    await partner.applied(first)
    await partner.refused(unknown, "wire.unknown_kind")


def _with_body(partner: Partner, body: bytes, number: int, talk: ConversationId) -> Message:
    """Truly signed around a body that no struct would have written."""
    message = partner.message(talk, number, "question")
    key = partner.key
    signed = resigned(message, key, content_hash=content_hash(message.salt, body))
    return Message(message.header, body, message.salt, signed.jws)


async def _poison(partner: Partner) -> None:
    talk = _conversation()
    first = partner.message(talk, 1, "proposed")
    bodies = (b"\xff\xfe", b"[" * 100_000, b'{"text":"x"}', b'{"question_id":1,"text":null}')
    poison = [_with_body(partner, body, n, talk) for n, body in enumerate(bodies, start=2)]
    last = partner.message(talk, 2 + len(bodies), "withdrawn")
    await partner.send(first, *poison, last)
    for each in poison:
        await partner.refused(each, "wire.body")
    await partner.applied(first, last)


async def _noise(partner: Partner) -> None:
    for size in (4096, 65536):
        claimed = uuid4()
        head = b"UTV\x01" + claimed.bytes + os.urandom(32)
        await partner.put(head + os.urandom(size - len(head)))
        await partner.not_believed(claimed, "wire.unknown_key")
    await partner.put(b"not a frame at all")
    await partner.not_believed(None, "wire.frame")


async def _oversized(partner: Partner) -> None:
    claimed = uuid4()
    head = b"UTV\x01" + claimed.bytes + os.urandom(32)
    await partner.put(head + os.urandom(MAX_FRAME_BYTES - len(head)))  # the largest there is
    await partner.not_believed(claimed, "wire.unknown_key")
    try:
        await partner.put(os.urandom(MAX_FRAME_BYTES + 1))
    except ValueError:
        return
    raise ProbeFailedError("växeln tog emot mer än den får")


async def _rule(partner: Partner) -> None:
    talk = _conversation()
    first = partner.message(talk, 1, "proposed")
    wrong = partner.message(talk, 2, "kept")  # nobody has declined
    last = partner.message(talk, 3, "withdrawn")
    await partner.send(first, wrong, last)
    await partner.applied(first)
    outcome = await partner.outcome(wrong)
    if not outcome.startswith("handover."):
        raise ProbeFailedError(f"det som bryter mot protokollet besvarades med {outcome}")
    await partner.applied(last)


async def _equivocation(partner: Partner) -> None:
    talk = _conversation()
    first, other = (partner.message(talk, 1, "proposed") for _ in range(2))
    await partner.send(first)
    await partner.applied(first)
    await partner.send(other)
    await partner.refused(other, "inbox.equivocation")
    await partner.send(first)
    await partner.answers(first, 2)
    await partner.applied(first)


async def _clock(partner: Partner) -> None:
    hour = partner.message(_conversation(), 1, "proposed", at=partner.now() + timedelta(hours=1))
    await partner.send(hour)
    await partner.applied(hour)
    await partner.until(
        lambda: next((n for n in partner.notices if n.code == "wire.clock_ahead"), None),
        "noden sa inte att klockan går fel",
    )
    far = partner.message(_conversation(), 1, "proposed", at=partner.now() + timedelta(days=3))
    await partner.send(far)
    await partner.not_believed(far.message_id, "wire.signed_ahead")


async def _late(partner: Partner) -> None:
    letter = partner.message(_conversation(), 1, "proposed", at=partner.now() - AWAY)
    await partner.send(letter)
    await partner.applied(letter)


# -- what changes keys or the directory ---------------------------------------------------------
async def _spread(partner: Partner) -> None:
    """The operator's list, and the node's receipt of it."""
    post = Post(partner.state, partner.operator_bus, partner.clock)
    told = await post.deliver(partner.patience_s, only=[partner.node])
    if not told or told[0].confirmed < partner.directory.version:
        raise ProbeFailedError("noden kvitterade inte förteckningen")


async def _rotated(partner: Partner) -> None:
    old = partner.key
    rotate(partner.files, partner.now(), timedelta())
    publish(partner.state, partner.now())
    await _spread(partner)
    await _in_force(partner)
    for key in (old, partner.ring.signing_keys[-1]):
        message = partner.message(_conversation(), 1, "proposed", key=key)
        await partner.send(message)
        await partner.applied(message)


async def _revoked(partner: Partner) -> None:
    leaked = partner.ring.signing_keys[-1]
    revoke(partner.files, [leaked.kid], partner.now())
    publish(partner.state, partner.now())
    await _spread(partner)
    await _in_force(partner)
    talk = _conversation()
    message = partner.message(talk, 1, "proposed", key=leaked)
    await partner.send(message)
    await partner.not_believed(message.message_id, "wire.revoked_key")
    real = partner.message(talk, 1, "proposed", key=partner.ring.signing_keys[-1])
    await partner.send(real)
    await partner.applied(real)


async def _in_force(partner: Partner) -> None:
    """A node's processes see a kept list within seconds: until then a new key is unknown to them."""
    ends = partner.now() + timedelta(seconds=partner.patience_s)
    while True:
        if await _is_known(partner) or partner.now() > ends:
            return
        await asyncio.sleep(0.5)


async def _is_known(partner: Partner) -> bool:
    """Whether the node believes the partner's newest key."""
    key = partner.ring.signing_keys[-1]
    message = partner.message(_conversation(), 1, "proposed", key=key)
    await partner.send(message)

    def told() -> bool | None:
        if partner.seen[message.message_id]:
            return True
        notices = (each.message_id for each in partner.notices)
        return False if message.message_id in notices else None

    return await partner.until(told, "noden svarade inte alls")


async def _rolled_back(partner: Partner) -> None:
    older = partner.directory.document()
    await _status(partner, "paused")
    await _spread(partner)
    await _listed(partner, older, "directory.rolled_back", "directory.two_of_one_version")
    await _status(partner, "active")
    await _spread(partner)


async def _status(partner: Partner, status: str) -> None:
    """Of some other authority: what changes does not matter."""
    other = next(c for c in partner.directory.entries if c not in {PARTNER, partner.node, OPERATOR})
    changes = Changes(statuses={other: "paused" if status == "paused" else "active"})
    publish(partner.state, partner.now(), changes)


async def _swapped(partner: Partner) -> None:
    now, before = partner.now(), partner.directory
    entry = before.entries[PARTNER]
    thief = KeyRing.in_memory(PARTNER, now - timedelta(minutes=1))
    statement = state_next_keys(thief, entry.statements, now, signer=thief.signing(now))
    changed = msgspec.structs.replace(entry, statements=(*entry.statements, statement))
    entries = {**before.entries, PARTNER: changed}
    document = issue(entries.values(), before=before, signer=partner.operator_key(), now=now)
    await _listed(partner, document, "directory.keys_unproven")
    stolen = partner.message(_conversation(), 1, "proposed", key=thief.signing(now))
    await partner.send(stolen)
    await partner.not_believed(stolen.message_id, "wire.unknown_key")


async def _listed(partner: Partner, document: SignedDirectory, *codes: str) -> None:
    """Hand the node this list past the operator's own checks; it must refuse."""
    post = Post(partner.state, partner.operator_bus, partner.clock)
    message = compose(
        sender=OPERATOR,
        receiver=partner.node,
        conversation_id=pair_conversation(OPERATOR, partner.node, KIND),
        direction="forward",
        number=post.take_number(partner.node),
        kind=KIND,
        version=1,
        body=document,
        key=partner.operator_key(),
        now=partner.now(),
    )
    await partner.as_operator(seal(message, partner.to_node()))
    outcome = await post.outcome(message, partner.patience_s)
    if outcome not in codes:
        raise ProbeFailedError(f"förteckningen besvarades med {outcome or 'ingenting'}")


async def _away(partner: Partner) -> None:
    talks = [_conversation() for _ in range(3)]
    sent = [
        partner.message(talk, number, kind)
        for talk in talks
        for number, kind in ((1, "proposed"), (2, "withdrawn"))
    ]
    partner.deaf_to.update(talks)
    _move_clock(partner, AWAY)
    await partner.send(*sent)
    await asyncio.sleep(_RESENT_AFTER_S)  # the node tries again, and must not give up
    partner.deaf_to.difference_update(talks)
    for talk in talks:
        await partner.got(talk, "cancelled")
    await partner.send(*sent)
    await partner.applied(*sent)
    ids: dict[UUID, set[UUID]] = {talk: set() for talk in talks}
    for each in partner.came:
        if each.conversation_id in ids:
            ids[each.conversation_id].add(each.message_id)
    if any(len(found) != 1 for found in ids.values()):
        raise ProbeFailedError("samma svar kom under flera nummer")


def _move_clock(partner: Partner, shift: timedelta) -> None:
    write_private(partner.state / "domain-clock", f"{round(shift.total_seconds())}\n")


def expired_keys_from(now: datetime) -> tuple[datetime, int]:
    """When the partner drew its first keys, and how many days they held: over since a month."""
    return now - timedelta(days=120), 90


PROBES: Final = (
    Probe("away", "Borta i fjorton dagar", _away),
    Probe("plain", "Förslag, fråga, tillbakadragande", _plain),
    Probe("replay", "Samma meddelande igen", _replay),
    Probe("burst", "Åtta exemplar på en gång", _burst),
    Probe("reorder", "Bakvänd ordning", _reorder),
    Probe("gap", "Ett nummer saknas", _gap),
    Probe("forged", "Underskrift med en främmande nyckel", _forged),
    Probe("stolen-name", "Falsk underskrift under rätt namn på nyckeln", _stolen_name),
    Probe("altered", "Ändrat innehåll", _altered),
    Probe("other-addressee", "Skrivet till en annan myndighet", _other_addressee),
    Probe("other-sender", "Skrivet i en annan myndighets namn", _other_sender),
    Probe("other-id", "Ett annat nummer på kuvertet", _other_id),
    Probe("downgrade", "En äldre form av protokollet", _downgrade),
    Probe("unnumbered", "Utan nummer", _unnumbered),
    Probe("expired", "En utgången nyckel", _expired),
    Probe("version", "En version som inte finns", _version),
    Probe("kind", "Ett slag som inte finns", _kind),
    Probe("poison", "Innehåll som inte går att läsa", _poison),
    Probe("noise", "Brus i stället för ett kuvert", _noise),
    Probe("oversized", "För stort", _oversized),
    Probe("rule", "Brott mot protokollet", _rule),
    Probe("equivocation", "Samma nummer, annat innehåll", _equivocation),
    Probe("clock", "En klocka som går fel", _clock),
    Probe("late", "Ett brev som kommer två veckor för sent", _late),
)

IN_ORDER: Final = (
    Probe("rotated", "Byte av nycklar", _rotated),
    Probe("revoked", "En återkallad nyckel", _revoked),
    Probe("rolled-back", "En äldre förteckning", _rolled_back),
    Probe("swapped", "En nyckel som bara driften har skrivit under", _swapped),
)
