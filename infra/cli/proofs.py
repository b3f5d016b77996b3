"""Commands that check without a running system: `verify` and `policy diff`."""

from pathlib import Path

import click

from infra.cli.options import FAILED, Code, answer_json, as_json
from infra.cli.swedish import Command, Group


@click.command(cls=Command)
@click.argument("file", metavar="FIL", type=click.Path(path_type=Path))
@as_json
def verify(file: Path, *, as_json: bool) -> int:
    """Kontrollera ett överlämningsbevis eller ett loggutdrag, utan nät.

    Utgångskod 0 när allt stämmer; annars 1, och det nämns vilket led som brister.
    """
    from infra.verify import verify_file  # noqa: PLC0415  # `--help` must not wait for it

    report = verify_file(file)
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
