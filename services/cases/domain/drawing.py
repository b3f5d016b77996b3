"""The state machine as a page: what `services/cases/STATES.md` must say, word for word."""

from collections.abc import Sequence

from services.cases.domain.states import ENDING, Row

_HEAD = """# States of a case

Printed from `services/cases/domain/states.py`; a test compares.
A handover is no state: while one is open the case is worked on as before, and an event marked * is
refused.

```mermaid
stateDiagram-v2
"""


def draw(table: Sequence[Row]) -> str:
    """The whole page."""
    arrows = "\n".join(
        f"    {'[*]' if row.from_state == '-' else row.from_state} --> {row.to}: {row.event}"
        for row in table
    )
    rows = "\n".join(
        f"| {row.from_state} | {row.event}{'*' if row.event in ENDING else ''} | {row.to} |"
        f" {', '.join(sorted(row.actors))} |"
        for row in table
    )
    return f"{_HEAD}{arrows}\n```\n\n| from | event | to | by |\n|---|---|---|---|\n{rows}\n"
