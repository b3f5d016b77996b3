"""Commands for those who change Utväg: `test`, `lint` and `pin`."""

import os
import sys
from collections.abc import Sequence

import click

from infra.cli.options import FAILED, as_json
from infra.cli.parts import ALL, LINT, NIGHTLY
from infra.cli.swedish import Command
from infra.setup import stamps, verapdf

_NAMED = (*ALL, NIGHTLY)
_PARTS = ", ".join(_NAMED)


def _have_tools() -> None:
    """Install what tests and checks need, if need be, and begin anew with it."""
    if not stamps.is_current(stamps.DEVELOPING):
        base = getattr(sys, "_base_executable", sys.executable)
        os.execv(base, [base, "-m", "infra.setup.bootstrap", *sys.argv[1:]])  # noqa: S606


@click.command(cls=Command)
@click.argument("words", metavar="[DEL …] [-- PYTESTVAL …]", nargs=-1)
@click.option(
    "--seed", type=int, metavar="TAL", help="Provens ordning; skrivs ut när något faller."
)
@as_json
def test(words: tuple[str, ...], seed: int | None, *, as_json: bool) -> int:
    """Kör alla prov, eller de delar som nämns, och skriv en tabell sist.

    Delarna: lint, unit, contract, docs, conformance, integration, e2e, browser, faults; 'all' är alla.
    Delen nightly tar timmar och ingår inte: tusentals överlämningar, varje ställe, långa avbrott.
    Efter '--' följer val till pytest, till exempel: utvag test unit -- -k kalender

    Utgångskod 0 bara när alla delar går igenom och ingen del var tom.
    """
    from infra.cli.testing import run_parts  # noqa: PLC0415  # `--help` must not wait for it

    names = [word for word in words if word in (*_NAMED, "all")]
    rest = [word for word in words if word not in names]
    for word in rest:
        if not word.startswith("-") and not _follows_option(word, rest):
            raise click.UsageError(f"Delen {word} finns inte. Delarna är {_PARTS}.")
    _have_tools()  # after the words are judged: it may begin anew with them
    verapdf.jar()
    chosen = ALL if not names or "all" in names else tuple(dict.fromkeys(names))
    return 0 if run_parts(chosen, rest, seed=seed, as_json=as_json) else FAILED


def _follows_option(word: str, rest: Sequence[str]) -> bool:
    before = rest[rest.index(word) - 1] if rest.index(word) else ""
    return before.startswith("-") or "/" in word


@click.command(cls=Command)
@as_json
def lint(*, as_json: bool) -> int:
    """Kör granskningen av koden: stil, typer, importer, mallar, stavning."""
    from infra.cli.testing import run_parts  # noqa: PLC0415  # `--help` must not wait for it

    _have_tools()
    return 0 if run_parts((LINT,), (), seed=None, as_json=as_json) else FAILED


@click.command(cls=Command)
@click.option("--upgrade", is_flag=True, help="Höj också till det senaste som villkoren tillåter.")
def pin(*, upgrade: bool) -> None:
    """Nåla om paketen, med kontrollsummor och utan paketförrådens adresser."""
    from infra.setup.pinning import pin_all  # noqa: PLC0415  # `--help` must not wait for it

    _have_tools()
    pin_all(upgrade=upgrade)
