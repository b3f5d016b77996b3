"""The running system: `up`, `down`, `status`, `logs`."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.cli.options import NOT_HEALTHY, Codes, answer_json, as_json, state
from infra.cli.swedish import Command

if TYPE_CHECKING:
    from infra.keys import Warned


@click.command(cls=Command)
@state
@click.option("--only", type=Codes(), metavar="KODER", help="Bara dessa noder: 0580,1480.")
@click.option(
    "--port", "ports", multiple=True, metavar="NAMN=PORT", help="Fast port: web-0580=8080."
)
@click.option(
    "--foreground", is_flag=True, help="Kör kvar här till Ctrl-C i stället för i bakgrunden."
)
@as_json
def up(
    state: Path,
    only: tuple[str, ...] | None,
    ports: tuple[str, ...],
    *,
    foreground: bool,
    as_json: bool,
) -> int:
    """Starta PostgreSQL, NATS, Keycloak och alla noder, och vänta tills allt är friskt.

    Portar söks fria och är desamma nästa gång. Kör det redan, så händer inget.
    """
    from infra.supervisor import api  # noqa: PLC0415  # heavy

    chosen = dict(_port(word) for word in ports)
    with redirect_stdout(sys.stderr):  # what the start is at; standard output is the answer's
        done = api.up(state, only=only, ports=chosen, foreground=foreground)
    return _show(done, as_json=as_json)


def _port(word: str) -> tuple[str, int]:
    name, _, number = word.partition("=")
    if not name or not number.isdigit() or not 0 < int(number) < 65536:
        raise click.BadParameter(f"Skriv NAMN=PORT, till exempel web-0580=8080, inte {word}.")
    return name, int(number)


@click.command(cls=Command)
@state
def down(state: Path) -> None:
    """Stoppa allt som körs i systemets mapp, också det som en dödad övervakare lämnat efter sig."""
    from infra.supervisor import api  # noqa: PLC0415  # heavy

    stopped = api.down(state)
    click.echo("Stoppat." if stopped else "Inget körs här.")


@click.command(cls=Command)
@state
@as_json
def status(state: Path, *, as_json: bool) -> int:
    """Visa varje process och hur den mår, och nycklar som snart går ut eller inte är utlämnade.

    Utgångskod 0 bara när allt är friskt, annars 3.
    """
    from infra.keys import warnings  # noqa: PLC0415  # heavy
    from infra.supervisor import api  # noqa: PLC0415  # heavy

    return _show(api.status(state), as_json=as_json, keys=warnings(state, datetime.now(UTC)))


def _show(found: "object", *, as_json: bool, keys: "Sequence[Warned]" = ()) -> int:
    from infra.supervisor.api import Status  # noqa: PLC0415  # heavy

    assert isinstance(found, Status)
    if as_json:
        answer_json(found.as_facts() | {"keys": [asdict(each) for each in keys]})
    else:
        click.echo("\n".join([found.as_text(), *(f"  {each.sentence}" for each in keys)]))
    is_over = any(each.is_over for each in keys)
    return 0 if found.is_healthy and not is_over else NOT_HEALTHY


@click.command(cls=Command)
@click.argument("process", metavar="[PROCESS]", required=False)
@state
@click.option("-f", "--follow", is_flag=True, help="Följ loggen medan den växer.")
@click.option("-n", "--lines", default=100, metavar="ANTAL", help="Hur många rader från slutet.")
def logs(process: str | None, state: Path, *, follow: bool, lines: int) -> None:
    """Visa loggen för PROCESS, till exempel keycloak eller web-0580; utan namn: vilka som finns."""
    from infra.supervisor import api  # noqa: PLC0415  # heavy

    if process is None:
        click.echo("\n".join(api.log_names(state)) or "Här finns inga loggar än.")
        return
    for line in api.logs(state, process, lines=lines, follow=follow):
        click.echo(line)
