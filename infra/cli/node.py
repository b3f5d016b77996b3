"""One node's own processes, and its schema. The supervisor starts nodes with these commands too."""

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path

import click

from infra.cli.options import Code, state
from infra.cli.swedish import Command
from infra.setup.trouble import NOT_READY, Trouble


def _settings(folder: Path, code: str) -> Path:
    file = folder / "nodes" / code / "settings.toml"
    if not file.is_file():
        raise Trouble(
            f"Noden {code} har inga inställningar i {folder}.",
            "Kör 'utvag up' en gång, så skrivs de; eller skriv dem själv för en nod i drift.",
            NOT_READY,
        )
    return file


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """What is imported stays: to look through it for rubbish as it grows is a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


_settings_option = click.option(
    "--settings",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FIL",
    help="Nodens inställningar, om de inte ligger i systemets mapp.",
)


@click.command(cls=Command)
@click.argument("code", metavar="KOD", type=Code())
@state
@_settings_option
def serve(code: str, state: Path, settings: Path | None) -> None:
    """Kör webbprocessen för myndigheten KOD i förgrunden, till Ctrl-C eller SIGTERM."""
    with _collector_at_rest():
        from gateway.settings import load_settings  # noqa: PLC0415  # heavy
        from gateway.web import serve as run  # noqa: PLC0415  # heavy

    run(code, load_settings(settings or _settings(state, code)))


@click.command(cls=Command)
@click.argument("code", metavar="KOD", type=Code())
@state
@_settings_option
def work(code: str, state: Path, settings: Path | None) -> None:
    """Kör arbetsprocessen för myndigheten KOD i förgrunden: sänder, tar emot, håller tider."""
    with _collector_at_rest():
        from gateway.settings import load_settings  # noqa: PLC0415  # heavy
        from gateway.worker import work as run  # noqa: PLC0415  # heavy

    run(code, load_settings(settings or _settings(state, code)))


@click.command(cls=Command)
@click.argument("code", metavar="[KOD]", required=False, type=Code())
@state
@_settings_option
def migrate(code: str | None, state: Path, settings: Path | None) -> None:
    """Uppdatera schemat för myndigheten KOD, eller för alla noder i systemets mapp."""
    from gateway.settings import load_settings  # noqa: PLC0415  # heavy
    from infra.postgres import migrate as schema  # noqa: PLC0415  # heavy

    if settings is not None:
        files = [settings]
    elif code is not None:
        files = [_settings(state, code)]
    else:
        files = sorted(state.glob("nodes/*/settings.toml"))
    if not files:
        raise Trouble(f"Här finns inga noder: {state}.", "Kör 'utvag up' först.", NOT_READY)
    for file in files:
        node = load_settings(file)
        before, after = asyncio.run(schema.migrate(node.database.owner))
        asyncio.run(schema.migrate_keys(node.database.keys))
        step = f"{before or 'tomt'} → {after}" if before != after else f"redan {after}"
        click.echo(f"{node.authority}: schemat {step}.")
