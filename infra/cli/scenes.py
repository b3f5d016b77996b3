"""Scenarios against a whole system: `demo` and `scenario N`."""

from pathlib import Path

import click

from infra.cli.options import FAILED, state
from infra.cli.swedish import Command


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Obevakat: spela, kontrollera båda ändar, stoppa allt.")
@state
def demo(state: Path, *, once: bool) -> int:
    """Starta allt, spela scenario 2 steg för steg, och lämna systemet igång att titta i.

    Med --once: utgångskod 0 bara om båda ändar är ense om att Göteborg ensamt är ansvarigt och
    beviset håller. Ingen process lämnas kvar.
    """
    from infra.demo import api  # noqa: PLC0415  # heavy

    return 0 if api.demo(state, once=once) else FAILED


@click.command(cls=Command)
@click.argument("number", metavar="N", type=click.IntRange(min=1))
@state
def scenario(number: int, state: Path) -> int:
    """Spela scenario N mot det system som körs, i vilken ordning som helst och hur ofta som helst."""
    from infra.demo import api  # noqa: PLC0415  # heavy

    return 0 if api.scenario(number, state) else FAILED
