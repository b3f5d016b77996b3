"""The environment is whole or is made anew; an empty part of the tests fails."""

import shutil
import sys
from types import SimpleNamespace

import pytest

from infra.cli import testing
from infra.cli.parts import Part
from infra.setup import paths, stamps, venv


def test_a_part_that_collects_no_test_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("infra.cli.parts.TESTS", tmp_path)
    (tmp_path / "empty").mkdir()
    (outcome,) = testing._tests([Part("empty")], (), 1, to_stderr=True)
    assert not outcome.is_well
    assert outcome.why == "inga prov hittades"


class OtherPython:
    version_info = SimpleNamespace(minor=99)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """One real package, copied into an environment that holds nothing else."""
    site = tmp_path / "venv" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / "venv" / "bin").mkdir()
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    source = venv._site_packages()
    for folder in source.glob("joserfc*"):
        shutil.copytree(folder, site / folder.name)
    monkeypatch.setattr(paths, "VENV", tmp_path / "venv")
    pins = tmp_path / "pins.txt"
    (version,) = venv.pinned(paths.REQUIREMENTS)["joserfc"]
    pins.write_text(f"joserfc=={version}\n")
    return site, pins


def test_an_environment_is_whole_when_each_file_is_as_recorded(installed):
    _, pins = installed
    assert venv.is_whole(pins)


def test_a_cut_file_shows(installed):
    site, pins = installed
    file = site / "joserfc" / "jws.py"
    file.write_bytes(file.read_bytes()[:-1])
    assert not venv.is_whole(pins)


def test_a_missing_file_shows(installed):
    site, pins = installed
    (site / "joserfc" / "jws.py").unlink()
    assert not venv.is_whole(pins)


def test_another_version_than_pinned_shows(installed):
    _, pins = installed
    pins.write_text("joserfc==0.0.1\n")
    assert not venv.is_whole(pins)


def test_a_pin_for_another_python_beside_the_one_installed_is_no_fault(installed):
    _, pins = installed
    other = "joserfc==0.0.1 ; python_full_version < '3.9'\n"
    pins.write_text(pins.read_text() + other)
    assert venv.is_whole(pins)


def test_an_environment_of_another_python_is_not_the_same(installed, monkeypatch):
    assert venv.python_is_the_same()
    monkeypatch.setattr(venv, "sys", OtherPython)
    assert not venv.python_is_the_same()


def test_this_checkout_is_whole_and_stamped():
    assert venv.is_whole(paths.REQUIREMENTS_DEV)
    assert stamps.is_current(stamps.DEVELOPING)
