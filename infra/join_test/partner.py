"""The simulated partner: sends whatever it is told to, and remembers what came back."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import msgspec

from infra.directory import TrustFiles, trust_files
from infra.listing import operator_ring
from services.directory.api import Directory, Trust
from services.handover.api import BODIES
from shared.bus import Bus, BusUnavailable, Outgoing, Stream
from shared.clock import Clock
from shared.crypto import KeyRing, SealingKey, SigningKey
from shared.errors import WireError
from shared.ids import OPERATOR, AuthorityCode, ConversationId, MessageId
from shared.messages import (
    Message,
    Missing,
    Receipt,
    Refusal,
    Registry,
    ResignWanted,
    compose,
    open_frame,
    register_kernel_kinds,
    seal,
)

PARTNER: Final = AuthorityCode("9990")
_LINGER_S: Final = 0.3
_BATCH: Final = 64
T = TypeVar("T")


class ProbeFailedError(Exception):
    """The node did not do what it must; the text says what, for a person."""


class Partner:
    """The other end of the node under test.

    Args:
        state: the test's folder, with the partner's and the operator's keys.
        bus, operator_bus: their own users of the exchange.
        patience_s: how long an answer may take.
    """

    def __init__(
        self,
        state: Path,
        node: AuthorityCode,
        bus: Bus,
        operator_bus: Bus,
        clock: Clock,
        patience_s: float,
    ) -> None:
        self.state, self.node, self.clock, self.patience_s = state, node, clock, patience_s
        self.bus, self.operator_bus = bus, operator_bus
        self.files: TrustFiles = trust_files(state, PARTNER)
        self.deaf_to: set[ConversationId] = set()
        self.key = self.ring.signing(clock.now())
        self.seen: defaultdict[UUID | None, list[tuple[Message, Any]]] = defaultdict(list)
        self.came: list[Message] = []
        self.notices: list[ResignWanted] = []
        self._changed = asyncio.Condition()
        self._registry = Registry()
        register_kernel_kinds(self._registry)

    @property
    def directory(self) -> Directory:
        """The operator's list as it is now."""
        return trust_files(self.state, OPERATOR).held()

    @property
    def ring(self) -> KeyRing:
        """The partner's keys as they are now."""
        return KeyRing.load(self.files.keys)

    def now(self) -> datetime:
        """Wall clock."""
        return self.clock.now()

    # -- sending ------------------------------------------------------------------------------
    def message(
        self,
        conversation: ConversationId,
        number: int,
        kind: str,
        *,
        body: msgspec.Struct | None = None,
        version: int = 1,
        key: SigningKey | None = None,
        at: datetime | None = None,
        sender: AuthorityCode = PARTNER,
        receiver: AuthorityCode | None = None,
        message_id: MessageId | None = None,
        refers_to: MessageId | None = None,
    ) -> Message:
        """One message of the partner's, forward in this conversation; by default a good one."""
        at = at or self.now()
        return compose(
            sender=sender,
            receiver=receiver or self.node,
            conversation_id=conversation,
            direction="forward",
            number=number,
            kind=kind,
            version=version,
            body=body or self.body(kind),
            key=key or self.key,
            now=at,
            message_id=message_id,
            refers_to=refers_to,
        )

    def body(self, kind: str) -> msgspec.Struct:
        """An invented body: nobody is in it."""
        bodies: dict[str, dict[str, Any]] = {
            "proposed": self._proposal(),
            "question": {"question_id": str(uuid4()), "text": "Prov: sedan när?"},
            "withdrawn": {"because": "decided", "text": "Prov."},
            "kept": {"because": "decided", "text": "Prov."},
        }
        return msgspec.convert(bodies[kind], BODIES[kind])

    def _proposal(self) -> dict[str, Any]:
        functions = self.directory.profiles[self.node].functions
        today = self.now().date()
        return {
            "sending_function": "avhoppare",
            "receiving_function": functions[0].address if functions else "avhoppare",
            "belonging": {
                "ground": "nights_rest",
                "connection": "Prov.",
                "duration": "Prov.",
                "circumstances": "Prov.",
                "wish": "Prov.",
                "wish_is_followed": True,
                "wish_overridden_because": "",
            },
            "need": "Prov: inget verkligt ärende.",
            "urgency": "ordinary",
            "threat": None,
            "is_protected": False,
            "ground": {"type": "statute", "law": "transfer.request"},
            "answer_on": (today + timedelta(days=30)).isoformat(),
            "policy_from": date(2026, 1, 1).isoformat(),
            "policy_sha256": "0" * 64,
        }

    def to_node(self) -> SealingKey:
        """The node's sealing key of today."""
        return Trust(self.directory).sealing_key(self.node, self.now())

    def sealed(self, message: Message) -> bytes:
        """Its frame; another one each time."""
        return seal(message, self.to_node())

    async def put(self, frame: bytes, stream: Stream = "EXCHANGE") -> None:
        """A frame onto the exchange, whatever is in it."""
        await self._put(self.bus, frame, stream)

    async def send(self, *messages: Message) -> None:
        """Good frames of these, in this order."""
        for message in messages:
            await self.put(self.sealed(message))

    async def as_operator(self, frame: bytes) -> None:
        """The operator's own user, as if its desk had been taken over."""
        await self._put(self.operator_bus, frame, "EXCHANGE")

    def operator_key(self) -> SigningKey:
        """The operator's signing key of today."""
        return operator_ring(self.state, self.now()).signing(self.now())

    async def _put(self, bus: Bus, frame: bytes, stream: Stream) -> None:
        if await bus.publish_many(stream, [Outgoing(self.node, frame, str(uuid4()))]) < 1:
            raise BusUnavailable

    # -- receiving ----------------------------------------------------------------------------
    async def listen(self) -> None:
        """Read the partner's queue until cancelled; what it is deaf to is lost."""
        while True:
            try:
                deliveries = await self.bus.fetch("EXCHANGE", _BATCH, _LINGER_S)
            except BusUnavailable:
                await asyncio.sleep(_LINGER_S)
                continue
            for delivery in deliveries:
                with contextlib.suppress(WireError):
                    message = open_frame(
                        delivery.frame,
                        self.ring,
                        delivery.sender,
                        PARTNER,
                        Trust(self.directory),
                        self.now(),
                    )
                    await self._took(message)
                await delivery.ack()
            async with self._changed:
                self._changed.notify_all()

    async def _took(self, message: Message) -> None:
        if message.conversation_id in self.deaf_to:
            return
        if message.header.number:
            self.came.append(message)
            receipt = compose(
                sender=PARTNER,
                receiver=self.node,
                conversation_id=message.conversation_id,
                direction="forward" if message.header.direction == "back" else "back",
                number=0,
                kind="receipt",
                version=1,
                body=Receipt("applied", message.header.content_hash, self.now()),
                key=self.key,
                now=self.now(),
                refers_to=message.message_id,
            )
            await self.send(receipt)
            return
        body = self._registry.decode(message.header, message.body)
        if isinstance(body, ResignWanted):
            self.notices.append(body)
        elif isinstance(body, Missing):
            self.seen[message.conversation_id].append((message, body))
        else:
            self.seen[message.header.refers_to].append((message, body))

    async def until(self, found: Callable[[], T | None], what: str) -> T:
        """Wait for something to have come.

        Raises:
            ProbeFailedError: it did not, within the partner's patience.
        """
        try:
            async with asyncio.timeout(self.patience_s), self._changed:
                while (value := found()) is None:
                    await self._changed.wait()
                return value
        except TimeoutError:
            raise ProbeFailedError(what) from None

    async def outcome(self, message: Message) -> str:
        """`applied`, or the code of the refusal."""
        (_, body) = (await self.answers(message, 1))[0]
        return body.code if isinstance(body, Refusal) else str(body.outcome)

    async def answers(self, message: Message, count: int) -> list[tuple[Message, Any]]:
        """At least so many receipts or refusals of it."""

        def enough() -> list[tuple[Message, Any]] | None:
            found = self.seen[message.message_id]
            return found if len(found) >= count else None

        return await self.until(enough, f"{message.header.kind} besvarades inte")

    async def applied(self, *messages: Message) -> None:
        """Each of them is receipted.

        Raises:
            ProbeFailedError: one is refused, or not answered.
        """
        for message in messages:
            outcome = await self.outcome(message)
            if outcome != "applied":
                raise ProbeFailedError(f"{message.header.kind} avvisades: {outcome}")

    async def refused(self, message: Message, *codes: str) -> None:
        """It is refused, by one of these codes.

        Raises:
            ProbeFailedError: it is not.
        """
        outcome = await self.outcome(message)
        if outcome not in codes:
            raise ProbeFailedError(f"svaret blev {outcome}, inte {' eller '.join(codes)}")

    async def not_believed(self, message_id: UUID | None, *codes: str) -> None:
        """The node says, signed, that this could not be believed, and why.

        Raises:
            ProbeFailedError: it does not, or gives another reason.
        """

        def told() -> str | None:
            if message_id is not None and self.seen[message_id]:
                raise ProbeFailedError("noden besvarade något som inte går att tro på")
            return next((each.code for each in self.notices if each.message_id == message_id), None)

        code = await self.until(told, "noden sa inte ifrån")
        if code not in codes:
            raise ProbeFailedError(f"noden sa {code}, inte {' eller '.join(codes)}")

    async def asked_for(self, conversation: ConversationId, number: int) -> None:
        """The node asks for this number again."""

        def asked() -> bool | None:
            wanted = (body for _, body in self.seen[conversation] if isinstance(body, Missing))
            return any(b.from_number <= number <= b.to_number for b in wanted) or None

        await self.until(asked, "noden frågade inte efter det som saknas")

    async def got(self, conversation: ConversationId, kind: str) -> Message:
        """A numbered message of the node's in this conversation."""

        def came() -> Message | None:
            return next(
                (
                    each
                    for each in self.came
                    if each.conversation_id == conversation and each.header.kind == kind
                ),
                None,
            )

        return await self.until(came, f"noden sände inget {kind}")


def altered(message: Message, **fields: Any) -> Message:
    """With another body, or a header around the signature that is not the signed one."""
    header = {name: value for name, value in fields.items() if name != "body"}
    return Message(
        msgspec.structs.replace(message.header, **header),
        fields.get("body", message.body),
        message.salt,
        message.jws,
    )


def resigned(message: Message, key: SigningKey, **fields: Any) -> Message:
    """The header with these fields, truly signed: what only a broken or hostile node would send."""
    header = json.loads(msgspec.json.encode(message.header)) | fields
    jws = key.sign(json.dumps(header, separators=(",", ":")).encode())
    return Message(message.header, message.body, message.salt, jws)
