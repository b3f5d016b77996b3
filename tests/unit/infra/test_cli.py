"""The command tree: every command is there, speaks Swedish and answers with a meaning."""

import click
import pytest

from gateway.texts.errors import sentence
from infra.cli import main
from infra.cli.commands import COMMANDS
from infra.setup.trouble import Trouble
from shared.errors import DomainError

ENGLISH = ("Usage", "Options", "Show this message", "Commands:", "COMMAND", "[OPTIONS]", "Error:")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_is_swedish(command, capsys):
    assert main.run([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Användning: utvag {command}")
    assert not [word for word in ENGLISH if word in said]


def test_the_list_names_every_command_and_the_exit_codes(capsys):
    assert main.run([]) == 0
    said = capsys.readouterr().out
    assert all(f"\n  {name} " in said for name in COMMANDS)
    assert "Utgångskoder: 0 " in said
    assert not [word for word in ENGLISH if word in said]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["dem"], "Kommandot dem finns inte. Menade du demo?"),
        (["demo", "--onc"], "Valet --onc finns inte. Menade du --once?"),
        (["serve"], "KOD saknas"),
        (["serve", "12"], "fyra siffror"),
        (["serve", "0580", "0581"], "För många ord: 0581"),
        (["down", "--state"], "Valet --state saknar sitt värde"),
        (["up", "--port", "8080"], "NAMN=PORT"),
        (["test", "smoke"], "Delen smoke finns inte"),
    ],
)
def test_what_is_written_wrong_is_explained_in_swedish(words, sentence, capsys):
    assert main.run(words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "--help' berättar hur det skrivs" in said


def _command_that_raises(monkeypatch, error):
    @click.command()
    def broken():
        raise error

    monkeypatch.setattr(main.utvag.__class__, "get_command", lambda *_: broken)


class SwedishError(Exception):
    __module__ = "infra.example"


def test_trouble_is_told_with_its_way_out_and_code(monkeypatch, capsys):
    _command_that_raises(monkeypatch, Trouble("Något saknas.", "Lägg dit det.", 4))
    assert main.run(["demo"]) == 4
    assert capsys.readouterr().err == "utvag: Något saknas.\n  Gör så här: Lägg dit det.\n"


def test_an_error_of_ours_is_told_as_its_own_sentence(monkeypatch, capsys):
    _command_that_raises(monkeypatch, SwedishError("Porten 80 är upptagen."))
    assert main.run(["demo"]) == 1
    assert capsys.readouterr().err == "utvag: Porten 80 är upptagen.\n"


def test_a_refusal_by_a_rule_is_told_by_its_sentence_in_the_texts(monkeypatch, capsys):
    _command_that_raises(monkeypatch, DomainError("directory.unreadable"))
    assert main.run(["demo"]) == 1
    assert capsys.readouterr().err == f"utvag: {sentence('directory.unreadable', {})}\n"


def test_an_unknown_error_keeps_its_trace_in_a_file_and_off_the_screen(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(main.paths, "LOG", tmp_path / "log" / "setup.log")
    _command_that_raises(monkeypatch, KeyError("unexpected"))
    assert main.run(["demo"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert str(tmp_path / "log" / "cli.log") in said
    assert "unexpected" in (tmp_path / "log" / "cli.log").read_text()


def test_debug_shows_the_trace(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(main.paths, "LOG", tmp_path / "setup.log")
    _command_that_raises(monkeypatch, KeyError("unexpected"))
    assert main.run(["--debug", "demo"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_interrupted_is_130(monkeypatch, capsys):
    _command_that_raises(monkeypatch, KeyboardInterrupt())
    assert main.run(["demo"]) == 130
    assert "Avbrutet" in capsys.readouterr().err
