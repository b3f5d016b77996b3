"""The script `utvag`, run as a newcomer runs it."""

import fcntl
import json
import os
import shutil
import time

import pytest


def _program(folder, name, text):
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def only_these(tmp_path):
    """A PATH with the common tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "dirname", "readlink", "cat", "sha256sum"):
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def _without_system_python(clone):
    """The script also looks in two fixed places; the trial must not find this machine's own."""
    script = clone.root / "utvag"
    text = script.read_text()
    assert "/usr/bin/python3 /usr/local/bin/python3" in text
    script.write_text(text.replace("/usr/bin/python3 /usr/local/bin/python3", ""))


def test_a_machine_without_python_is_told_what_to_install(clone, only_these):
    _without_system_python(clone)
    code, out, err = clone.run("demo", PATH=str(only_these), UTVAG_PYTHON=None)
    assert (code, out) == (4, "")
    assert "ingen Python 3.11 eller senare" in err
    assert "Gör så här: installera paketen python3 och python3-venv" in err
    assert not clone.made.exists()


def test_an_old_python_is_no_python(clone, only_these):
    _without_system_python(clone)
    _program(only_these, "python3", "exit 1")
    code, _, err = clone.run("demo", PATH=str(only_these), UTVAG_PYTHON=None)
    assert code == 4
    assert "ingen Python 3.11 eller senare" in err


def test_a_python_without_venv_is_named_with_the_package_to_install(clone, only_these):
    _without_system_python(clone)
    python = _program(only_these, "python3", 'case "$2" in *ensurepip*) exit 1 ;; esac; exit 0')
    code, _, err = clone.run("demo", PATH=str(only_these), UTVAG_PYTHON=None)
    assert code == 4
    assert f"{python} saknar modulen venv" in err
    assert "apt-get install python3-venv" in err


def test_a_python_without_venv_is_passed_over_for_one_that_has_it(clone, tmp_path):
    _program(tmp_path / "poor", "python3", 'case "$2" in *ensurepip*) exit 1 ;; esac; exit 0')
    code, out, _ = clone.run(
        "status",
        PATH=f"{tmp_path / 'poor'}:{os.environ['PATH']}",
        UTVAG_PYTHON=str(tmp_path / "poor" / "python3"),
    )
    assert code == 3
    assert out.startswith("Inte redo")


def test_status_answers_at_once_before_anything_is_made(clone):
    code, out, _ = clone.run("status")
    assert code == 3
    assert out == (
        "Inte redo: Utväg är inte gjord i ordning här. Kör './utvag up' eller './utvag demo'.\n"
    )
    assert not clone.made.exists()


def test_status_answers_at_once_while_another_call_makes_things_ready(clone):
    clone.made.mkdir(mode=0o700)
    with (clone.made / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, out, _ = clone.run("status", "--json")
        said = clone.run("status")[1]
    assert code == 3
    facts = json.loads(out)
    assert (facts["ready"], facts["setting_up"], facts["healthy"]) == (False, True, False)
    assert said.startswith("Inte redo: Utväg görs i ordning just nu")


def test_a_second_first_call_waits_and_says_for_whom(clone):
    clone.made.mkdir(mode=0o700)
    with (clone.made / "lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = clone.start("demo")
        line = program.stderr.readline()
        time.sleep(0.2)
        still_waits = program.poll() is None
        program.terminate()
        _, rest = program.communicate(timeout=10)
    assert line == "Ett annat anrop gör redan i ordning här (process 4711). Väntar på det …\n"
    assert still_waits
    assert program.returncode == 130
    assert "kör samma kommando igen" in rest


def test_help_needs_no_set_up(clone):
    code, out, _ = clone.run("--help")
    assert code == 0
    assert out.startswith("Användning: utvag KOMMANDO")
    assert not clone.made.exists()


def test_doctor_needs_no_set_up_and_changes_nothing(clone):
    code, out, _ = clone.run("doctor", "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["well"]
    ready = next(f for f in facts["findings"] if f["what"] == "I ordning")
    assert ready["level"] == "obs"
    assert ready["way_out"]
    assert not clone.made.exists()


def test_doctor_names_a_certificate_file_that_is_none(clone, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    code, out, _ = clone.run("doctor", SSL_CERT_FILE=str(tmp_path / "ca.pem"))
    assert code == 4
    assert f"fel Certifikat: SSL_CERT_FILE={tmp_path / 'ca.pem'}" in out
    assert "PEM" in out


def test_a_tree_made_by_another_user_is_said_plainly(clone, monkeypatch, tmp_path):
    # The tree is ours; the program believes itself somebody else.
    (clone.root / "infra" / "sitecustomize.py").write_text("import os\nos.geteuid = lambda: 4242\n")
    clone.made.mkdir()
    site = clone.root / "infra" / "sitecustomize.py"
    script = clone.root / "utvag"
    script.write_text(
        script.read_text().replace(
            'export PYTHONPATH="$root"', f'export PYTHONPATH="$root:{site.parent}"'
        )
    )
    code, _, err = clone.run("demo")
    assert code == 4
    assert "gjordes av användaren" in err
    assert "du kör som 4242" in err
    assert "Gör så här: Kör som" in err
    assert list(clone.made.iterdir()) == []


def test_a_read_only_checkout_is_said_plainly(clone):
    if os.geteuid():
        clone.root.chmod(0o500)
    else:  # root writes everywhere but through a file that stands in the way
        clone.made.write_text("")
    code, _, err = clone.run("demo")
    clone.root.chmod(0o700)
    assert code == 4
    assert f"Det går inte att skriva i {clone.root}" in err
    assert "Klona till en mapp som är din egen" in err


ECHO = 'echo "$@"; env'


def _facts(out):
    words, _, rest = out.partition("\n")
    return words, dict(line.partition("=")[::2] for line in rest.splitlines())


def test_one_name_for_the_certificates_is_enough(clone, tmp_path):
    clone.pretend_ready(ECHO)
    _, seen = _facts(clone.run("up", SSL_CERT_FILE="/site/ca.pem")[1])
    names = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE")
    assert {seen[name] for name in names} == {"/site/ca.pem"}


def test_a_name_that_the_site_has_set_itself_is_left_alone(clone):
    clone.pretend_ready(ECHO)
    _, seen = _facts(clone.run("up", SSL_CERT_FILE="/site/ca.pem", PIP_CERT="/pip/ca.pem")[1])
    assert seen["PIP_CERT"] == "/pip/ca.pem"
    assert seen["REQUESTS_CA_BUNDLE"] == "/site/ca.pem"


@pytest.mark.parametrize("home", [None, "", "/nonexistent"])
def test_every_cache_lies_in_the_checkout_whatever_the_home_folder_is(clone, home):
    clone.pretend_ready(ECHO)
    words, seen = _facts(clone.run("up", "--json", HOME=home)[1])
    assert words == "-m infra.cli up --json"
    made = str(clone.made)
    assert seen["HOME"] == f"{made}/home"
    caches = ("XDG_CACHE_HOME", "PIP_CACHE_DIR", "npm_config_cache")
    assert all(seen[name].startswith(f"{made}/cache") for name in caches)


def test_what_would_lead_pip_or_python_astray_is_taken_away(clone):
    clone.pretend_ready(ECHO)
    astray = {"PIP_TARGET": "/x", "PIP_USER": "1", "PYTHONHOME": "/x", "PYTHONPATH": "/x"}
    _, seen = _facts(clone.run("up", **astray)[1])
    assert seen["PYTHONPATH"] == str(clone.root)
    assert not {"PIP_TARGET", "PIP_USER", "PYTHONHOME"} & set(seen)


def test_a_link_to_the_script_finds_its_checkout(clone, tmp_path):
    clone.pretend_ready(ECHO)
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "utvag"
    link.symlink_to(clone.root / "utvag")
    code, out, _ = clone.run("up", script=link)
    assert code == 0
    assert _facts(out)[1]["PYTHONPATH"] == str(clone.root)


def test_changed_pins_make_the_stamp_count_for_nothing(clone):
    clone.pretend_ready("echo ready")
    assert clone.run("status")[1] == "ready\n"
    with (clone.root / "requirements.txt").open("a") as pins:
        pins.write("\n")
    assert clone.run("status")[1].startswith("Inte redo")


def test_later_calls_add_less_than_a_quarter_of_a_second(clone):
    clone.pretend_ready("exit 0")
    began = time.monotonic()
    for _ in range(5):
        assert clone.run("status")[0] == 0
    assert (time.monotonic() - began) / 5 < 0.25
