"""The table of proofs names tests that exist and are run, and each has a fault that turned one red."""

import tomllib
from pathlib import Path

import pytest

from tests.support.named_tests import missing

TABLE = Path(__file__).with_name("reliability.toml")

WANTED = {
    *(f"R{number}" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 20)),
    *(f"S{number}" for number in (10, 11, 12, 13, 17)),
}
FIELDS = {"id", "claim", "tests", "planted"}

PROOFS = tomllib.loads(TABLE.read_text(encoding="utf-8"))["proof"]


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof["id"])
def test_a_proof_is_written_out_whole(proof):
    assert set(proof) == FIELDS
    assert proof["claim"].endswith(".")
    assert proof["tests"]
    assert proof["planted"]
    for planted in proof["planted"]:
        assert set(planted) == {"fault", "red"}
        assert planted["fault"]


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof["id"])
def test_each_test_that_is_named_exists_and_is_run(proof):
    assert [missing(each) for each in proof["tests"] if missing(each)] == []
    names = {each.partition("::")[2] for each in proof["tests"]}
    assert {planted["red"] for planted in proof["planted"]} <= names


def test_a_proof_stands_once_in_its_order_and_is_one_of_those_promised():
    ids = [proof["id"] for proof in PROOFS]
    assert ids == sorted(set(ids), key=lambda each: (each[0], int(each[1:])))
    assert set(ids) <= WANTED


@pytest.mark.parametrize(
    ("node_id", "why"),
    [
        ("tests/docs/test_no_such_file.py::test_x", "does not exist"),
        ("tests/docs/test_reliability.py::test_no_such_test", "has no test_no_such_test"),
        ("tests/support/servers.py::test_x", "in no part"),
    ],
)
def test_a_test_that_is_gone_is_seen(node_id, why):
    assert why in missing(node_id)
