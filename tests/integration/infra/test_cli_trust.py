"""`utvag keys` and `utvag directory` on a federation on disk: each party's own part, and no other's."""

import json
import shutil
from datetime import timedelta

import pytest

from infra.cli import main
from infra.directory import VALID_DAYS, bootstrap, trust_files
from infra.keys import warnings
from infra.listing import Changes, publish, signed_pass
from shared.clock import SystemClock
from shared.crypto import KeyRing
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import load_tenants
from tests.support.trust import LINKOPING

NOW = SystemClock().now()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    bootstrap(folder, load_tenants(), now=NOW)
    return folder


@pytest.fixture
def state(made, tmp_path):
    return shutil.copytree(made, tmp_path / "state")


@pytest.fixture
def utvag(state, capsys):
    def run(*words, is_json=True):
        code = main.run([*words, "--state", str(state), *(["--json"] if is_json else [])])
        said = capsys.readouterr()
        return code, json.loads(said.out) if is_json and said.out else said.out + said.err

    return run


def test_fresh_keys_are_shown_and_well(utvag):
    code, shown = utvag("keys", "show", LINKOPING)
    assert code == 0
    assert {key["use"] for key in shown["keys"]} == {"signing", "sealing"}
    assert all(key["is_listed"] for key in shown["keys"])
    code, said = utvag("keys", "show", LINKOPING, is_json=False)
    assert (code, "fingeravtryck" in said) == (0, True)
    assert "private" not in said


def test_rotated_keys_wait_for_the_operator_and_are_then_listed(utvag, state):
    assert utvag("keys", "rotate", LINKOPING)[0] == 0
    code, shown = utvag("keys", "show", LINKOPING)
    assert (code, shown["is_unstated"]) == (3, True)
    code, listed = utvag("directory", "publish")
    assert code == 1  # no exchange here: issued, not sent
    assert (listed["version"], listed["sent"]) == (2, False)
    assert utvag("keys", "show", LINKOPING)[0] == 0
    chain = trust_files(state, AuthorityCode("1480")).held().chains[LINKOPING]
    assert len(chain.sealing) == 2


def test_a_revoked_key_is_named_in_the_list_and_new_ones_hold_at_once(utvag, state):
    leaked = KeyRing.load(trust_files(state, LINKOPING).keys).signing(NOW)
    assert utvag("keys", "revoke", LINKOPING, leaked.kid)[0] == 0
    utvag("directory", "publish")
    chain = trust_files(state, OPERATOR).held().chains[LINKOPING]
    assert leaked.kid in chain.revoked
    assert leaked.kid not in {key.kid for key in chain.current}
    code, said = utvag("keys", "revoke", LINKOPING, "A" * 43, is_json=False)
    assert (code, "har ingen nyckel som heter" in said) == (1, True)


@pytest.mark.parametrize("name", ["-" + "A" * 42, "-h" + "b" * 41, "--" + "c" * 41])
def test_a_key_name_that_looks_like_an_option_is_a_name(utvag, name):
    code, said = utvag("keys", "revoke", LINKOPING, name, is_json=False)
    assert (code, "har ingen nyckel som heter" in said) == (1, True)


def test_a_new_start_keeps_what_was_rotated_and_revoked(utvag, state):
    leaked = KeyRing.load(trust_files(state, LINKOPING).keys).signing(NOW)
    utvag("keys", "rotate", LINKOPING)
    utvag("keys", "revoke", LINKOPING, leaked.kid)
    assert bootstrap(state, load_tenants(), now=SystemClock().now()) == 2
    assert bootstrap(state, load_tenants(), now=SystemClock().now()) == 2
    assert leaked.kid in trust_files(state, OPERATOR).held().chains[LINKOPING].revoked


def test_a_pause_is_announced_and_taken_back(utvag):
    _, listed = utvag("directory", "pause", LINKOPING)
    found = {each["authority"]: each["status"] for each in listed["authorities"]}
    assert found[LINKOPING] == "paused"
    _, listed = utvag("directory", "resume", LINKOPING)
    found = {each["authority"]: each["status"] for each in listed["authorities"]}
    assert found[LINKOPING] == "active"
    code, said = utvag("directory", "pause", "2480", is_json=False)
    assert (code, "finns inte i förteckningen" in said) == (1, True)


def test_a_removal_in_order_wants_the_others_word_and_by_force_the_nations(utvag):
    code, said = utvag("directory", "remove", LINKOPING, is_json=False)
    assert (code, "har inte bett att få lämna" in said) == (1, True)
    _, listed = utvag("directory", "remove", LINKOPING, "--force", "2026-03-02")
    found = {each["authority"]: each["status"] for each in listed["authorities"]}
    assert found[LINKOPING] == "removed"
    code, said = utvag("directory", "resume", LINKOPING, is_json=False)
    assert code == 1


def test_the_list_says_who_has_passed_the_join_test(utvag, state):
    tested = signed_pass(state, LINKOPING, 1, ["replay"], SystemClock().now())
    publish(state, SystemClock().now(), Changes(tested={LINKOPING: tested}))
    _, listed = utvag("directory", "show")
    found = {each["authority"]: each["is_tested"] for each in listed["authorities"]}
    assert (found[LINKOPING], found["1480"]) == (True, False)
    _, said = utvag("directory", "show", is_json=False)
    assert "Linköpings kommun: aktiv, provad, har inget kvitterat" in said


def test_status_warns_before_keys_end_and_is_unhealthy_when_they_have(utvag, state):
    assert warnings(state, NOW) == []
    soon, over = (warnings(state, NOW + timedelta(days=VALID_DAYS + d)) for d in (-40, 1))
    assert {each.authority for each in soon} == {each.authority for each in over}
    assert LINKOPING in {each.authority for each in soon}
    assert "går ut om 40 dagar" in soon[0].sentence
    assert not any(each.is_over for each in soon)
    assert all(each.is_over for each in over)
    utvag("keys", "rotate", LINKOPING)
    code, said = utvag("status")
    assert code == 3  # nothing runs here
    assert [each["authority"] for each in said["keys"]] == [LINKOPING]


def test_a_file_that_is_no_entry_is_refused_in_swedish(utvag, tmp_path):
    (tmp_path / "entry.json").write_text("{}")
    code, said = utvag(
        "directory", "publish", "--entry", str(tmp_path / "entry.json"), is_json=False
    )
    assert (code, "ingen entry.json" in said) == (1, True)


def test_who_has_no_keys_here_is_told_so(utvag):
    code, said = utvag("keys", "show", "2480", is_json=False)
    assert (code, "tom" in said) == (1, True)


@pytest.mark.parametrize("words", [("join-test", "9001"), ("join-test", "0581", "--only", "luck")])
def test_a_join_test_that_cannot_be_is_refused_in_swedish(words, capsys):
    assert main.run([*words]) == 1
    assert "utvag: " in capsys.readouterr().err
