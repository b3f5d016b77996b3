"""What the kernel wants of an exchange; `memory` and `nats` both do it, under one set of tests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from shared.ids import AuthorityCode

Stream = Literal["EXCHANGE", "ATTACHMENT"]

MAX_FRAME_BYTES = 512 * 1024
"""A frame as published. The server's 1 MiB counts the headers too, and it cuts the connection."""


class BusUnavailable(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The exchange did not take it, or could not be asked: nothing is known, try again."""


class Outgoing(NamedTuple):
    """A frame on its way out.

    Args:
        transport_id: message id and attempt. The exchange swallows an id it has seen within its
            window, so that a resend must carry another.
    """

    to: AuthorityCode
    frame: bytes
    transport_id: str


class Delivery(Protocol):
    """A frame that the exchange hands over, and hands over again until it is acknowledged."""

    @property
    def sender(self) -> AuthorityCode:
        """Who published it, as the exchange's own permissions guarantee; the signature must agree."""
        ...

    @property
    def frame(self) -> bytes:
        """As it was published."""
        ...

    async def ack(self) -> None:
        """Take it off the queue, and know that it is off.

        Raises:
            BusUnavailable: it may come again.
        """
        ...


class Bus(Protocol):
    """One authority's connection to the exchange."""

    @property
    def is_connected(self) -> bool:
        """Whether it is worth trying now."""
        ...

    last_fetch_at: datetime | None
    """When the exchange last answered a fetch, also with nothing: shown in health."""
    reconnects: int
    """Rises each time the connection came back: what waits is then due at once."""

    async def publish(
        self, stream: Stream, to: AuthorityCode, frame: bytes, transport_id: str
    ) -> None:
        """Return when the exchange has stored it.

        Raises:
            BusUnavailable: not stored, or not known to be.
        """
        ...

    async def publish_many(self, stream: Stream, frames: Sequence[Outgoing]) -> int:
        """Publish in this order; how many of the first were stored, all of them if none failed."""
        ...

    async def fetch(self, stream: Stream, limit: int, timeout_s: float) -> list[Delivery]:
        """What waits for this authority, at most `limit`; empty when nothing came in time."""
        ...

    async def close(self) -> None:
        """Finish what was begun and leave."""
        ...
