"""Commands that check without a running system: `verify` and `policy diff`."""

from pathlib import Path

import click

from infra.cli.options import FAILED, Code, Folder, answer_json, as_json, state
from infra.cli.swedish import Command, Group


@click.command(cls=Command)
@click.argument("file", metavar="FIL", type=click.Path(path_type=Path))
@click.option(
    "--trust",
    type=Folder(),
    metavar="MAPP",
    help="Mapp med directory.json och anchor.json (annars driftens i systemets data).",
)
@state
@as_json
def verify(file: Path, *, trust: Path | None, state: Path, as_json: bool) -> int:
    """Kontrollera ett överlämningsbevis, utan nät.

    Utgångskod 0 när allt stämmer; annars 1, och det nämns vilket led som brister.
    """
    from infra.directory import TrustFiles, trust_files  # noqa: PLC0415  # as below
    from infra.verify import verify_file  # noqa: PLC0415  # `--help` must not wait for it
    from services.handover.api import follows_protocol  # noqa: PLC0415  # the same
    from shared.errors import DomainError  # noqa: PLC0415  # the same
    from shared.ids import OPERATOR  # noqa: PLC0415  # the same

    files = TrustFiles(trust) if trust else trust_files(state, OPERATOR)
    try:
        report = verify_file(file, files, follows_protocol)
    except OSError as error:
        raise click.ClickException(f"Filen kan inte läsas: {error.strerror}.") from error
    except DomainError as error:
        raise click.ClickException(
            f"Katalogen i {files.folder} duger inte ({error.code}). Peka ut en med --trust."
        ) from error
    if as_json:
        answer_json(report.as_facts())
    else:
        click.echo(report.as_text())
    return 0 if report.holds else FAILED


@click.group(cls=Group)
def policy() -> None:
    """Kommunernas policy, ur mappen tenants."""


@policy.command()
@click.argument("first", metavar="KOD", type=Code())
@click.argument("second", metavar="KOD", type=Code())
@as_json
def diff(first: str, second: str, *, as_json: bool) -> int:
    """Skriv ut vad som skiljer två kommuners policy, med källa för vardera värdet."""
    from infra.policy_diff import diff as compare  # noqa: PLC0415  # `--help` must not wait for it

    found = compare(first, second)
    if as_json:
        click.echo(found.as_json())
    else:
        from rich.console import Console  # noqa: PLC0415  # `--help` must not wait for it

        found.print(Console(highlight=False))
    return 0
