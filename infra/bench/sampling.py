"""Where a process's processor time goes: a look at the stack every few milliseconds of it.

The kernel's timer counts processor time only, so that an idle process is never woken, and one look
costs microseconds. What a C extension does counts for the Python line that called it.
"""

import atexit
import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec

EVERY_S: Final = 0.002

# The innermost of these folders on the stack names the cost; first match wins.
_FOLDERS: Final = (
    ("/shared/crypto/", "crypto"),
    ("/shared/messages/", "crypto"),
    ("/cryptography/", "crypto"),
    ("/joserfc/", "crypto"),
    ("/sqlalchemy/dialects/", "driver"),
    ("/asyncpg/", "driver"),
    ("/sqlalchemy/", "sqlalchemy"),
    ("/nats/", "nats client"),
    ("/shared/bus/", "nats client"),
    ("/shared/db/", "unit of work"),
    ("/shared/inbox/", "inbox"),
    ("/shared/outbox/", "outbox"),
    ("/shared/", "kernel"),
    ("/services/", "services"),
    ("/infra/bench/", "the measurement itself"),
    ("/asyncio/", "event loop"),
)


class Sampled(msgspec.Struct, frozen=True):
    """What was seen.

    Args:
        costs: looks by cost.
        places: looks by `file:function`, the innermost of ours or of a library named above.
    """

    costs: dict[str, int]
    places: dict[str, int]


class Sampler:
    """Samples this process from now on; SIGUSR1 writes what was seen to a file and begins anew."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._costs: Counter[str] = Counter()
        self._places: Counter[str] = Counter()
        signal.signal(signal.SIGPROF, self._look)
        signal.signal(signal.SIGUSR1, self._write)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
        # An ending interpreter gives signals back their own meaning: this one's is death.
        atexit.register(signal.setitimer, signal.ITIMER_PROF, 0)

    def _look(self, _: int, frame: FrameType | None) -> None:
        while frame is not None:
            file = frame.f_code.co_filename
            for folder, cost in _FOLDERS:
                if folder in file:
                    self._costs[cost] += 1
                    name = f"{'/'.join(Path(file).parts[-2:])}:{frame.f_code.co_qualname}"
                    self._places[name] += 1
                    return
            frame = frame.f_back
        self._costs["other"] += 1

    def _write(self, *_: object) -> None:
        draft = self._file.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(Sampled(dict(self._costs), dict(self._places))))
        self._costs.clear()
        self._places.clear()
        draft.replace(self._file)
