"""Opens what came, and loads the keys to keep it: everything that must happen before a transaction.

The outcome of each delivery is one of two: an `Opened` message that verified, or a `Spoilt` frame
of which nothing may be believed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from shared.bus import Delivery
from shared.clock import Clock
from shared.crypto import CaseKeys, KeyDirectory, KeyRing, SigningKey, SubjectKey
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode, SubjectId
from shared.messages import Message, Registry, open_frame
from shared.messages.kinds import KERNEL_KINDS
from shared.outbox import AttachmentChunk, answers_subject
from shared.outbox.attachments import ATTACHMENT_CHUNK

_CHUNKS = Registry()
_CHUNKS.register(ATTACHMENT_CHUNK, 1, AttachmentChunk)


@dataclass(frozen=True)
class Opened:
    """A message that verified.

    Args:
        body: decoded where the kernel itself reads it, None for a service's message.
        key: to keep it with; None when the conversation's key was destroyed before it came.
    """

    delivery: Delivery
    message: Message
    body: Struct | None
    key: SubjectKey | None


@dataclass(frozen=True)
class Spoilt:
    """A frame that could not be opened, read or believed.

    Args:
        code: of the `WireError`.
    """

    delivery: Delivery
    code: str


class Opener:
    """What is needed to open frames and to answer them."""

    def __init__(
        self,
        directory: KeyDirectory,
        keyring: KeyRing,
        case_keys: CaseKeys,
        registry: Registry,
        wall: Clock,
    ) -> None:
        self.directory = directory
        self.case_keys = case_keys
        self.registry = registry
        self._keyring = keyring
        self._wall = wall

    @property
    def own(self) -> AuthorityCode:
        """Whose node this is."""
        return self._keyring.authority

    def signer(self) -> SigningKey:
        """The signing key of today."""
        return self._keyring.signing(self._wall.now())

    def wall(self) -> datetime:
        """What the wall clock says."""
        return self._wall.now()

    async def answer_keys(
        self, senders: Iterable[AuthorityCode]
    ) -> dict[AuthorityCode, SubjectKey]:
        """The key of each pair."""
        return {
            sender: await self.case_keys.ensure(answers_subject(self.own, sender))
            for sender in set(senders)
        }

    async def open(self, delivery: Delivery) -> Opened | Spoilt:
        """Verify one frame and load the key to keep it with."""
        try:
            message = open_frame(
                delivery.frame,
                self._keyring,
                delivery.sender,
                self.own,
                self.directory,
                self._wall.now(),
            )
            body = self._kernel_body(message)
        except WireError as error:
            return Spoilt(delivery, error.code)
        return Opened(delivery, message, body, await self.key_of(message))

    async def key_of(self, message: Message) -> SubjectKey | None:
        """The conversation's key, made if this is its first message; None if it was destroyed."""
        if message.header.number == 0 and message.header.kind != ATTACHMENT_CHUNK:
            return await self.case_keys.ensure(answers_subject(self.own, message.sender))
        try:
            return await self.case_keys.ensure(SubjectId(message.conversation_id))
        except DomainError as error:
            if error.code != "keys.erased":
                raise
            return None

    def _kernel_body(self, message: Message) -> Struct | None:
        if message.header.number > 0:
            return None
        if message.header.kind == ATTACHMENT_CHUNK:
            return _CHUNKS.decode(message.header, message.body)
        if message.header.kind not in KERNEL_KINDS:
            raise WireError("wire.unnumbered")
        return self.registry.decode(message.header, message.body)
