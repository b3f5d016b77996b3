"""The brain's side of a desk: tasks out, answers in; a desk that dies takes its tasks with it."""

import asyncio
import itertools
from multiprocessing.connection import Connection

import msgspec

from infra.faults.desk import Done, Order, Task
from infra.faults.kept import KeptProcess


class DeskGoneError(Exception):
    """The desk died, or is not there: nobody knows whether the task was done."""


class Desk:
    """Orders to the people of one node.

    Args:
        process: the desk; started by whoever starts all.
    """

    def __init__(self, process: KeptProcess) -> None:
        self.process = process
        self.is_open = asyncio.Event()
        self._pipe: Connection | None = None
        self._waiting: dict[int, asyncio.Future[Done]] = {}
        self._numbers = itertools.count(1)
        process.on_start = self._opened
        process.on_end = self._ended

    async def do(self, task: Task) -> Done:
        """What came of it.

        Raises:
            DeskGoneError: it died before it answered.
        """
        if self._pipe is None or not self.is_open.is_set():
            raise DeskGoneError
        number = next(self._numbers)
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._pipe.send_bytes(msgspec.msgpack.encode(Order(number, task)))
            return await answer
        except OSError:
            raise DeskGoneError from None
        finally:
            self._waiting.pop(number, None)

    def _opened(self, pipe: Connection) -> None:
        self._pipe = pipe
        asyncio.get_running_loop().add_reader(pipe.fileno(), self._read)

    def _read(self) -> None:
        pipe = self._pipe
        try:
            while pipe is not None and pipe.poll():
                done = msgspec.msgpack.decode(pipe.recv_bytes(), type=Done)
                if done.number == 0:
                    self.is_open.set()
                elif done.number in self._waiting:
                    self._waiting[done.number].set_result(done)
        except (EOFError, OSError):
            self._stop_reading()

    def _stop_reading(self) -> None:
        if self._pipe is not None and not self._pipe.closed:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())

    def _ended(self) -> None:
        self._read()  # what it answered before it died
        self._stop_reading()
        self._pipe = None
        self.is_open.clear()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(DeskGoneError())
