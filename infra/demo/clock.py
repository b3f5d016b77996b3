"""The demo's domain clock: one file that every process of the state reads.

Refused where a node is no demo: nobody moves the clock of a system that real people are in.
"""

from datetime import UTC, datetime
from pathlib import Path

from gateway.settings import load_settings
from infra.demo.caller import StoryError
from infra.files import write_private
from infra.supervisor.state import State
from shared.clock import STOCKHOLM

TODAY = datetime(2026, 11, 22, 9, 0, tzinfo=STOCKHOLM)


def set_clock(folder: Path, at: datetime = TODAY) -> None:
    """Let the domain clock of every node say this time from now on.

    Raises:
        StoryError: a node of the state is not a demo.
    """
    state = State.of(folder)
    for file in state.nodes.glob("*/settings.toml"):
        if not load_settings(file).is_demo:
            raise StoryError("klockan ställs bara i ett övningssystem")
    shift = round((at - datetime.now(UTC)).total_seconds())
    write_private(folder / "domain-clock", f"{shift}\n")
