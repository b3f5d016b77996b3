"""`bench`: how far the product is from what the hardware allows."""

import asyncio

import click

from infra.cli.options import answer_json, as_json
from infra.cli.swedish import Command, Group


@click.group(cls=Group)
def bench() -> None:
    """Mät produkten mot ett golv i samma körning."""


@bench.command(cls=Command)
@click.option(
    "--rounds", type=click.IntRange(1, 50), default=5, metavar="TAL", help="Omgångar (annars 5)."
)
@click.option(
    "--one",
    type=click.IntRange(1, 10_000),
    default=60,
    metavar="TAL",
    help="Kommandon per omgång, ett i taget (annars 60).",
)
@click.option(
    "--many",
    type=click.IntRange(1, 100_000),
    default=320,
    metavar="TAL",
    help="Kommandon per omgång, många samtidigt (annars 320).",
)
@click.option(
    "--in-flight",
    type=click.IntRange(2, 256),
    default=64,
    metavar="TAL",
    help="Hur många som är på väg samtidigt (annars 64).",
)
@click.option(
    "--whole",
    type=click.IntRange(1, 1_000),
    default=10,
    metavar="TAL",
    help="Hela överlämningar (annars 10).",
)
@as_json
def handover(*, rounds: int, one: int, many: int, in_flight: int, whole: int, as_json: bool) -> int:
    """Mät ett kommando till dess kvittens: golvet och produkten i tur och ordning.

    Golvet gör samma transaktioner, sändningar och krypto utan något runt omkring. Produkten är två
    kommuners riktiga noder. Båda mot egen PostgreSQL och NATS, inställda som i drift.
    """
    from infra.bench.measure import Wanted, measure  # noqa: PLC0415  # `--help` must not wait for it
    from infra.bench.words import as_text  # noqa: PLC0415  # the same

    wanted = Wanted(rounds=rounds, one=one, many=many, in_flight=in_flight, whole=whole)
    figures = asyncio.run(measure(wanted, lambda said: click.echo(said, err=True)))
    if as_json:
        import msgspec  # noqa: PLC0415  # the same

        answer_json(msgspec.to_builtins(figures) | {"reached": figures.reached})
    else:
        click.echo(as_text(figures))
    return 0


@bench.command(cls=Command)
@as_json
def statistics(*, as_json: bool) -> int:
    """Mät ett halvårs nationella summor över upp till 290 kommuner, utan databas och växel.

    Två insamlares och samordningens räknande, och varje kommuns: räkna, dela, försegla. Växten mäts
    med antal kommuner och med antal tal.
    """
    from infra.bench.nation import as_text, measure  # noqa: PLC0415  # `--help` must not wait for it

    figures = measure(lambda said: click.echo(said, err=True))
    if as_json:
        import msgspec  # noqa: PLC0415  # the same

        answer_json(msgspec.to_builtins(figures))
    else:
        click.echo(as_text(figures))
    return 0
