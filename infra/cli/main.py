"""Runs one command, and turns whatever went wrong into a sentence and an exit code."""

import os
import sys
import time
import traceback
from collections.abc import Sequence

import click

from infra.cli.commands import COMMANDS
from infra.cli.options import FAILED
from infra.cli.swedish import Tree, explain_usage
from infra.setup import paths
from infra.setup.trouble import INTERRUPTED, Trouble


@click.command(cls=Tree, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Visa hela felspåret när något går fel.")
def utvag(*, debug: bool) -> None:
    """Utväg."""
    del debug  # read by `run`, which stands outside the command


def run(arguments: Sequence[str]) -> int:
    """Do what the words say; the exit code."""
    debug = "--debug" in arguments[:1]
    try:
        answered = utvag.main(
            list(arguments) or ["--help"], prog_name="utvag", standalone_mode=False
        )
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        click.echo(_usage(error), err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nAvbrutet.", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001  # the outermost place: nobody else can tell the person
        return _tell(error, debug=debug)
    return answered if isinstance(answered, int) else 0


def _usage(error: click.UsageError) -> str:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.message
    where = error.ctx.command_path if error.ctx else "utvag"
    said = explain_usage(error, list(COMMANDS))
    return f"utvag: {said}\n  '{where} --help' berättar hur det skrivs."


def _tell(error: Exception, *, debug: bool) -> int:
    """Say it in a sentence; keep the trace where it helps."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, Trouble):
        click.echo(f"utvag: {error.sentence}\n  Gör så här: {error.way_out}", err=True)
        return error.code
    if said := _sentence_of(error):
        click.echo(f"utvag: {said}", err=True)
        return FAILED
    if isinstance(error, OSError) and error.strerror and error.filename:
        click.echo(f"utvag: {error.filename}: {error.strerror}.", err=True)
        return FAILED
    log = _keep(error)
    click.echo(
        f"utvag: Något gick fel som inte borde kunna gå fel ({type(error).__name__}).\n"
        f"  Felspåret ligger i {log}. '--debug' före kommandot visar det här.\n"
        f"  'utvag doctor' säger om något saknas runt omkring.",
        err=True,
    )
    return FAILED


def _sentence_of(error: Exception) -> str:
    """The sentence that an error carries or has in the texts; empty for a bug."""
    if isinstance(error, click.ClickException):
        return error.message
    from shared.errors import DomainError  # noqa: PLC0415  # only when something is wrong

    if isinstance(error, DomainError):
        from gateway.texts.errors import sentence  # noqa: PLC0415  # the same

        return sentence(error.code, error.facts)
    in_infra = type(error).__module__.partition(".")[0] == "infra"
    speaks = in_infra or type(error).__name__ in {"SettingsError", "PolicyInvalid"}
    return str(error) if speaks else ""


def _keep(error: Exception) -> str:
    log = paths.LOG.with_name("cli.log")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"\n{time.strftime('%F %T')}\n")
            traceback.print_exception(error, file=file)
    except OSError:
        return "ingen fil, för loggmappen går inte att skriva i"
    return str(log)
