"""What is pinned, and that no pin names a registry."""

import json
import re
import tomllib

import pytest

from infra.setup import paths, stamps, venv, versions
from infra.setup.assets import wanted
from infra.setup.trouble import Trouble, explain

LOCKS = (
    paths.REQUIREMENTS,
    paths.REQUIREMENTS_DEV,
    paths.REQUIREMENTS_ASSETS,
    paths.PACKAGE_LOCK,
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_a_registry(lock):
    assert not re.search(r"https?://|index-url|find-links|resolved", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS[:3], ids=lambda path: path.name)
def test_every_python_package_is_pinned_with_a_hash(lock):
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_what_tests_need_agrees_with_what_a_node_runs_with():
    runtime, developing = venv.pinned(paths.REQUIREMENTS), venv.pinned(paths.REQUIREMENTS_DEV)
    assert runtime.items() <= developing.items()


def test_every_browser_package_has_an_integrity_hash():
    packages = json.loads(paths.PACKAGE_LOCK.read_text())["packages"]
    assert len(packages) > 1
    assert all("integrity" in package for name, package in packages.items() if name)


def test_every_package_that_is_served_brings_its_licence():
    sources = set(wanted().values())
    packages = {re.match(r"(@[^/]+/)?[^/]+", source)[0] for source in sources}
    assert packages == set(json.loads(paths.PACKAGE.read_text())["dependencies"])
    assert all(any(s.startswith(f"{p}/LICENSE") for s in sources) for p in packages)


def test_the_pinned_keycloak_is_not_below_its_floor():
    pin = tomllib.loads(paths.PINS.read_text())["keycloak"]
    assert versions.as_numbers(pin["version"]) >= versions.as_numbers(pin["floor"])


@pytest.mark.parametrize(
    ("server", "old", "new"),
    [
        ("nats", "2.14.2", "2.14.3"),
        ("keycloak", "26.6.3", "26.6.4"),
        ("postgresql", "17.9", "18.0"),
    ],
)
def test_a_server_below_its_floor_is_refused(server, old, new):
    versions.refuse_old({server: new})
    with pytest.raises(Trouble, match=rf"{server} {old} är äldre än"):
        versions.refuse_old({server: old})


def test_versions_are_compared_as_numbers():
    assert versions.as_numbers("v2.9.0") < versions.as_numbers("2.14.3")


def test_the_package_without_a_wheel_is_split_from_the_others(tmp_path):
    wheels, sources = venv._split(paths.REQUIREMENTS, tmp_path)
    assert set(venv.pinned(sources)) == {"nkeys"}
    assert venv.pinned(wheels) | venv.pinned(sources) == venv.pinned(paths.REQUIREMENTS)
    assert wheels.read_text().count("--hash") + sources.read_text().count("--hash") == (
        paths.REQUIREMENTS.read_text().count("--hash")
    )


def test_a_stamp_made_from_other_pins_is_not_current(tmp_path, monkeypatch):
    pins = tmp_path / "pins"
    pins.write_text("one")
    monkeypatch.setattr(paths, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(stamps, "_FILES", {stamps.VENV: (pins,)})
    assert not stamps.is_current(stamps.VENV)
    stamps.stamp(stamps.VENV)
    assert stamps.is_current(stamps.VENV)
    pins.write_text("two")
    assert not stamps.is_current(stamps.VENV)
    assert stamps.exists(stamps.VENV)
    stamps.clear(stamps.VENV)
    assert not stamps.exists(stamps.VENV)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM", "kontrollsumma"),
        ("npm error code EINTEGRITY", "kontrollsumma"),
        ("OSError: [Errno 28] No space left on device", "Disken är full"),
        ("certificate verify failed [SSL: CERTIFICATE_VERIFY_FAILED]", "certifikat"),
        ("NewConnectionError: Temporary failure in name resolution", "svarade inte"),
        ("npm error code EAI_AGAIN", "svarade inte"),
        ("ERROR: No matching distribution found for x==1", "finns inte för den här datorn"),
        ("something never seen", "gick inte"),
    ],
)
def test_what_a_package_client_says_becomes_a_sentence_with_a_way_out(said, sentence):
    trouble = explain(said, "Att hämta")
    assert sentence in trouble.sentence
    assert "Kör samma kommando igen" in trouble.way_out
