"""One worker's inbox: receive, dispatch, ask for what is missing."""

import asyncio
from collections.abc import Sequence

from shared.actor import worker
from shared.bus import Bus, BusUnavailable, Stream
from shared.clock import Clock
from shared.crypto import CaseKeys, KeyDirectory, KeyRing
from shared.db import Database, failpoints
from shared.inbox.dispatch import Dispatcher
from shared.inbox.gaps import ask_for_missing
from shared.inbox.handler import Handler, kinds_without_body
from shared.inbox.opening import Opener
from shared.inbox.staging import Stager
from shared.loop import keep_running
from shared.messages import Registry

BATCH = 32
LINGER_S = 1.0
GAPS_EVERY_S = 1.0
BACK_WITHIN_S = 0.3
"""An exchange that is away is asked again so soon: a fetch waits for its answer, or costs nothing."""


class Inbox:
    """Takes what the exchange has for this authority, and does it once.

    Args:
        db: under the worker's role.
        registry: must know the kernel's own kinds (`register_kernel_kinds`).
        handlers: see `Handler`.
        wall: judges signatures.
        alarm_role: who gets a card when something needs a person and no service takes it.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        directory: KeyDirectory,
        keyring: KeyRing,
        case_keys: CaseKeys,
        registry: Registry,
        handlers: Sequence[Handler],
        wall: Clock,
        *,
        alarm_role: str = "system_admin",
    ) -> None:
        self._db = db
        self._bus = bus
        self._alarm_role = alarm_role
        self._actor = worker(keyring.authority)
        self._opener = Opener(directory, keyring, case_keys, registry, wall)
        self._staged = asyncio.Event()
        self._stager = Stager(
            db, self._opener, self._actor, alarm_role, kinds_without_body(handlers)
        )
        self._dispatcher = Dispatcher(db, self._opener, handlers, self._actor, alarm_role)

    async def receive_once(self, linger_s: float = 0.0, stream: Stream = "EXCHANGE") -> int:
        """Keep what waits at the exchange, then let the exchange forget it; how many frames.

        Raises:
            BusUnavailable: some may come again.
        """
        deliveries = await self._bus.fetch(stream, BATCH, linger_s)
        if not deliveries:
            return 0
        failpoints.reach("inbox.before_stage")
        await self._stager.stage(stream, deliveries)
        self._staged.set()  # applying need not wait until the exchange has forgotten
        failpoints.reach("inbox.after_stage")
        results = await asyncio.gather(
            *(delivery.ack() for delivery in deliveries), return_exceptions=True
        )
        failpoints.reach("inbox.after_ack")
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return len(deliveries)

    async def dispatch_once(self) -> int:
        """Apply what is due; how many messages were tried."""
        return await self._dispatcher.run_once()

    async def ask_once(self) -> int:
        """Ask for numbers that do not come; how many gaps."""
        return await ask_for_missing(self._db, self._opener, self._actor, self._alarm_role)

    async def run(self, stop: asyncio.Event) -> None:
        """Receive and dispatch until told to stop."""
        async with asyncio.TaskGroup() as group:

            async def woken(timeout_s: float) -> bool:
                try:
                    async with asyncio.timeout(timeout_s):
                        await self._staged.wait()
                except TimeoutError:
                    return False
                self._staged.clear()
                return True

            group.create_task(
                keep_running(
                    "receive",
                    lambda: self._receive_lingering("EXCHANGE"),
                    stop,
                    idle_s=0.01,
                    idle_most_s=0.1,
                    trouble_most_s=BACK_WITHIN_S,
                )
            )
            group.create_task(keep_running("dispatch", self.dispatch_once, stop, woken, idle_s=0.5))
            group.create_task(
                keep_running(
                    "attachments",
                    lambda: self._receive_lingering("ATTACHMENT"),
                    stop,
                    idle_s=0.01,
                    idle_most_s=0.1,
                    trouble_most_s=BACK_WITHIN_S,
                )
            )
            group.create_task(keep_running("gaps", self.ask_once, stop, idle_s=GAPS_EVERY_S))

    async def _receive_lingering(self, stream: Stream) -> int:
        if not self._bus.is_connected:
            raise BusUnavailable
        return await self.receive_once(LINGER_S, stream)
