"""The supervisor's control socket: one JSON line asks, one JSON line answers."""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from infra.supervisor.state import State

_TIMEOUT_S = 5.0
_MAX_BYTES = 1 << 20

Answer = Mapping[str, Any]
Answerer = Callable[[str, str], Awaitable[Answer]]
"""Given what to do and to which process (or ""), the answer."""


class NotRunningError(Exception):
    """No supervisor answers for this state folder."""

    def __init__(self) -> None:
        super().__init__("Inget körs här. Starta med 'utvag up'.")


async def serve(state: State, answer: Answerer) -> asyncio.Server:
    """Listen. Only the folder's owner reaches the socket: the folder is closed to others."""
    address, folder = state.socket_address()
    try:
        (state.run / "control").unlink(missing_ok=True)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                asked = json.loads(await reader.readline())
                told = await answer(str(asked.get("do", "")), str(asked.get("name", "")))
                writer.write(json.dumps(told).encode() + b"\n")
                await writer.drain()
            except (ConnectionError, json.JSONDecodeError):
                pass  # who asked has gone, or was no client of ours
            finally:
                writer.close()

        return await asyncio.start_unix_server(talk, address, limit=_MAX_BYTES)
    finally:
        os.close(folder)


def ask(state: State, do: str, name: str = "", timeout_s: float = _TIMEOUT_S) -> dict[str, Any]:
    """Ask the running supervisor; blocks.

    Raises:
        NotRunningError: nobody listens.
    """
    try:
        address, folder = state.socket_address()
    except OSError:
        raise NotRunningError from None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(timeout_s)
            link.connect(address)
            link.sendall(json.dumps({"do": do, "name": name}).encode() + b"\n")
            with link.makefile("rb") as answers:
                line = answers.readline(_MAX_BYTES)
    except OSError:
        raise NotRunningError from None
    finally:
        os.close(folder)
    if not line:
        raise NotRunningError
    told: dict[str, Any] = json.loads(line)
    return told
