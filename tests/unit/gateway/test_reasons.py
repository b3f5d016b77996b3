"""Why somebody read a file is said in words, whoever wrote the reason."""

import re
from pathlib import Path

import gateway.pages
from gateway.texts.words import WORDS, why


def test_every_reason_that_a_page_gives_has_words():
    given = set()
    for file in Path(gateway.pages.__file__).parent.glob("*.py"):
        source = file.read_text(encoding="utf-8")
        given |= set(re.findall(r'(?:opened|read_case|read_room)\([^()]*"(\w+)"\)', source))
    assert {"form", "handover", "dossier", "vault"} <= given
    assert given <= set(WORDS["reason"])


def test_a_persons_own_reason_stands_as_it_was_written():
    assert why("Hembesök kl. 09.30, se plan_b") == "Hembesök kl. 09.30, se plan_b"
    assert why(None) == "–"
