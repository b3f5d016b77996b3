from pathlib import Path

import services.cases
from services.cases.domain.drawing import draw
from services.cases.domain.states import TABLE

PAGE = Path(services.cases.__file__).with_name("STATES.md")


def test_the_page_of_states_is_the_table():
    assert PAGE.read_text(encoding="utf-8") == draw(TABLE)


def test_a_row_more_or_less_is_seen_on_the_page():
    assert draw(TABLE[:-1]) != draw(TABLE)
