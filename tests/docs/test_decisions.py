"""Decisions are numbered once, and each file says its own number."""

from collections import Counter

from infra.setup.paths import ROOT

DECISIONS = sorted((ROOT / "infra" / "adr").glob("[0-9]*.md"))


def test_no_number_is_given_twice():
    counted = Counter(file.name[:4] for file in DECISIONS)
    assert [number for number, times in counted.items() if times > 1] == []


def test_each_decision_is_headed_by_its_number():
    headed = {
        file.name: file.read_text(encoding="utf-8").split(maxsplit=2)[1] for file in DECISIONS
    }
    assert {name: name[:4] for name in headed} == headed
