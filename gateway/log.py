"""One log for a process: a record a line, JSON, and nothing that a person wrote.

Control characters in a message become escapes: a name with a newline cannot forge a record.
"""

import json
import logging
import sys
from datetime import UTC, datetime

QUIET = ("httpx", "httpcore", "asyncio", "nats", "_granian", "granian.access")
"""Libraries that would log addresses of requests."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; escapes everything outside printable ASCII."""

    def __init__(self, authority: str, process: str) -> None:
        super().__init__()
        self._who = {"authority": authority, "process": process}

    def format(self, record: logging.LogRecord) -> str:
        """One line; an exception is shown by type only, its text may quote a person."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._who,
            "logger": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line)


def start_log(authority: str, process: str) -> None:
    """Send every record of this process to standard error, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(authority, process))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
