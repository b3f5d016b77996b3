"""The printed protocol is the protocol."""

import re
from pathlib import Path

import pytest

from services.handover.domain import drawing
from services.handover.domain.table import RECEIVER, SENDER, Row
from tests.unit.handover.walk import World, walk

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "services" / "handover" / "PROTOCOL.md"


def test_the_printed_tables_are_those_of_the_code() -> None:
    document = DOCUMENT.read_text()
    assert drawing.redraw(document) == document


def test_the_printed_figures_are_those_of_the_walk() -> None:
    document = DOCUMENT.read_text()
    found = walk((*SENDER, *RECEIVER), World())
    claimed = re.search(r"\*\*(\d+) worlds, all (\d+) rows used\*\*", document)
    assert claimed is not None
    assert (int(claimed[1]), int(claimed[2])) == (len(found.steps), len(found.used))


@pytest.mark.parametrize("row", [*SENDER, *RECEIVER], ids=lambda r: f"{r.state}-{r.on[0]}")
def test_taking_any_row_away_no_longer_matches_the_print(row: Row) -> None:
    kept = [other for other in (*SENDER, *RECEIVER) if other is not row]
    of_its_table = [other for other in kept if type(other.state) is type(row.state)]
    name, first = ("sender", 1) if row in SENDER else ("receiver", len(SENDER) + 1)
    printed = DOCUMENT.read_text().split(f"<!-- drawn: {name} -->\n")[1]
    assert not printed.startswith(drawing.table(of_its_table, first) + "<!-- end")


def test_a_document_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no section sender"):
        drawing.redraw("# Nothing")
