"""`faults`: many handovers while everything dies."""

import asyncio
import tempfile
from pathlib import Path

import click

from infra.cli.options import FAILED, answer_json, as_json
from infra.cli.swedish import Command


@click.command(cls=Command)
@click.option(
    "--handovers",
    type=click.IntRange(min=1),
    default=1_000,
    metavar="ANTAL",
    help="Hur många överlämningar (annars 1000).",
)
@click.option(
    "--seed", type=int, default=1, metavar="TAL", help="Bestämmer vad som går sönder och när."
)
@click.option(
    "--nodes",
    type=click.IntRange(min=2, max=10),
    default=10,
    metavar="ANTAL",
    help="Mellan hur många noder (annars 10).",
)
@click.option(
    "--in-flight",
    type=click.IntRange(min=1),
    default=60,
    metavar="ANTAL",
    help="Hur många överlämningar som är öppna samtidigt (annars 60).",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="ANTAL",
    help="Börja inga nya efter så många minuter; de öppna får gå klart.",
)
@as_json
def faults(
    handovers: int, seed: int, nodes: int, in_flight: int, minutes: float | None, *, as_json: bool
) -> int:
    """Kör många överlämningar mellan många noder medan allt dör, och räkna efteråt.

    Ett eget system på den här datorn, i en mapp som försvinner. Arbetare, skrivbord, PostgreSQL och
    NATS dödas (kill -9), förbindelser bryts, tystnar och fördröjs, meddelanden kommer dubbelt och
    sent. Fröet ger samma ordning igen.

    Sist en rad: handovers=N lost=0 twice=0 nobody=0 stuck=0 kills=K. Utgångskod 0 bara när allt är
    noll och något har dödats.
    """
    from infra.faults.figures import Wanted  # noqa: PLC0415  # heavy
    from infra.faults.run import run  # noqa: PLC0415  # heavy

    wanted = Wanted(handovers, seed, nodes, in_flight, minutes=minutes)
    with tempfile.TemporaryDirectory(prefix="utvag-faults-") as folder:
        figures = asyncio.run(run(wanted, Path(folder), lambda line: click.echo(line, err=as_json)))
    if as_json:
        answer_json(figures.as_facts() | {"line": figures.line})
    else:
        for name, value in figures.as_facts().items():
            click.echo(f"{name}: {value}")
        click.echo(figures.line)
    return 0 if figures.is_well else FAILED
