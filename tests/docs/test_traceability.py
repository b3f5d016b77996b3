"""Every normative sentence of the governing documents is proven, explained, or known to wait."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.support.named_tests import missing

TABLE = tomllib.loads(Path(__file__).with_name("traceability.toml").read_text(encoding="utf-8"))
SENTENCES = TABLE["sentence"]
COUNT = TABLE["count"]
SEEDS = ("000", "001", "002", "003", "004")
SAYS = {"seed", "section", "text", "feature"}
ENDS = {"tests", "why", "waits"}


def test_each_sentence_is_written_out_and_ends_one_way():
    for sentence in SENTENCES:
        assert set(sentence) > SAYS, sentence
        (end,) = set(sentence) - SAYS
        assert end in ENDS, sentence
        assert sentence[end], sentence
        assert all(sentence[name].endswith(".") for name in ("text", "feature")), sentence


def test_no_sentence_of_a_document_is_forgotten():
    found = Counter(sentence["seed"] for sentence in SENTENCES)
    assert dict(found) == {seed: COUNT[seed] for seed in SEEDS}
    assert [sentence["seed"] for sentence in SENTENCES] == sorted(found.elements())


def test_a_sentence_stands_once():
    keys = [(one["seed"], one["section"], one["text"]) for one in SENTENCES]
    assert len(keys) == len(set(keys))


def test_what_waits_is_counted():
    assert sum("waits" in sentence for sentence in SENTENCES) == COUNT["waits"]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_test_that_is_named_exists_and_is_run(seed):
    named = [
        test
        for sentence in SENTENCES
        if sentence["seed"] == seed
        for test in sentence.get("tests", ())
    ]
    assert [missing(each) for each in named if missing(each)] == []
