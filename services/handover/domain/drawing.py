"""The tables as Markdown, so that what people read is what runs."""

from collections.abc import Sequence

from services.handover.domain.guards import GUARDS
from services.handover.domain.states import Act, Event, Message, Trigger
from services.handover.domain.steps import effects_of
from services.handover.domain.table import BESIDE, RECEIVER, SENDER, Row

_WHO = {Act: "user", Message: "message", Event: "node"}


def _trigger(on: Trigger) -> str:
    return f"{_WHO[type(on)]} `{on}`"


def _line(number: int, row: Row) -> str:
    cells = (
        str(number),
        f"`{row.state}`",
        " or ".join(_trigger(on) for on in row.on),
        ", ".join(f"`{guard}`" for guard in row.guards),
        f"`{row.to}`",
        "" if row.sends is None else f"`{row.sends}`",
        ", ".join(f"`{effect}`" for effect in effects_of(row)),
    )
    return "| " + " | ".join(cells) + " |"


def table(rows: Sequence[Row], first: int) -> str:
    """One table, its rows numbered from `first`."""
    head = (
        "| # | state | on | guards | goes to | sends | effects |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(_line(first + place, row) for place, row in enumerate(rows)) + "\n"


def guards() -> str:
    """Every guard with the sentence it stands for."""
    head = "| guard | passes when |\n|---|---|\n"
    sentences = {name: (guard.__doc__ or "").split("\n")[0] for name, guard in GUARDS.items()}
    return head + "\n".join(f"| `{name}` | {words} |" for name, words in sentences.items()) + "\n"


def sections() -> dict[str, str]:
    """What stands between the marks of `PROTOCOL.md`, by the mark's name."""
    return {
        "sender": table(SENDER, 1),
        "receiver": table(RECEIVER, len(SENDER) + 1),
        "beside": table(BESIDE, len(SENDER) + len(RECEIVER) + 1),
        "guards": guards(),
    }


def redraw(document: str) -> str:
    """The document with every marked section drawn anew from the code.

    Raises:
        ValueError: a mark is missing.
    """
    for name, text in sections().items():
        start, end = f"<!-- drawn: {name} -->\n", f"<!-- end: {name} -->"
        before, found, rest = document.partition(start)
        _, found_end, after = rest.partition(end)
        if not found or not found_end:
            raise ValueError(f"the document has no section {name}")
        document = before + start + text + end + after
    return document
