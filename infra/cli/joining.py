"""`utvag join-test`: what a node must pass before it exchanges real cases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.cli.options import FAILED, Code, answer_json, as_json, state
from infra.cli.swedish import Command

if TYPE_CHECKING:
    from infra.join_test.run import JoinTest, Result


@click.command("join-test", cls=Command)
@click.argument("code", metavar="KOD", type=Code())
@click.option("--only", multiple=True, metavar="PROV", help="Bara det här provet; kan upprepas.")
@click.option("--no-record", is_flag=True, help="Anteckna inte resultatet i förteckningen.")
@state
@as_json
def join_test(
    code: str, *, only: tuple[str, ...], no_record: bool, state: Path, as_json: bool
) -> int:
    """Pröva noden för KOD mot en motpart som gör allt fel, i en växel för sig.

    Motparten skickar om, i fel ordning, förfalskar, byter nycklar och är borta i två veckor. Klarar
    noden allt skriver driften under resultatet, och förteckningen visar att noden är provad: innan
    dess går inga riktiga ärenden dit eller därifrån. Gör provet igen inför varje ny version.

    Utgångskod 0 bara när alla prov går igenom.
    """
    from infra.join_test.probes import IN_ORDER, PROBES  # noqa: PLC0415  # heavy
    from infra.join_test.run import join_test as run  # noqa: PLC0415  # heavy
    from shared.ids import AuthorityCode  # noqa: PLC0415  # heavy
    from shared.policy import load_tenants  # noqa: PLC0415  # heavy

    node = AuthorityCode(code)
    tenants = load_tenants()
    if node not in tenants or tenants[node].authority.kind != "municipality":
        raise click.ClickException(f"{code} är ingen kommun med mapp i tenants.")
    known = {probe.name for probe in (*PROBES, *IN_ORDER)}
    if unknown := [name for name in only if name not in known]:
        raise click.ClickException(
            f"Provet {unknown[0]} finns inte. De som finns: {', '.join(sorted(known))}."
        )
    show = (lambda _: None) if as_json else _show
    done = asyncio.run(run(node, only=only, on_result=show))
    version = None
    if done.has_passed and not no_record:
        version = _record(state, done)
    _tell(done, version, as_json=as_json)
    return 0 if all(result.has_passed for result in done.results) else FAILED


def _record(state: Path, done: "JoinTest") -> int | None:
    """The list that says so; None where the operator is not here."""
    from infra.directory import trust_files  # noqa: PLC0415  # heavy
    from infra.listing import Changes, publish, signed_pass  # noqa: PLC0415  # heavy
    from shared.ids import OPERATOR  # noqa: PLC0415  # heavy

    files = trust_files(state, OPERATOR)
    if not (files.directory.exists() and files.keys.is_dir()):
        return None
    now = datetime.now(UTC)
    names = [result.name for result in done.results]
    signed = signed_pass(state, done.node, done.suite, names, now)
    return publish(state, now, Changes(tested={done.node: signed})).version


def _show(result: "Result") -> None:
    mark = "ok " if result.has_passed else "FEL"
    click.echo(f"{mark} {result.title}" + (f": {result.why}" if result.why else ""))


def _tell(done: "JoinTest", version: int | None, *, as_json: bool) -> None:
    passed = sum(result.has_passed for result in done.results)
    if as_json:
        answer_json(
            {
                "authority": done.node,
                "suite": done.suite,
                "passed": done.has_passed,
                "directory_version": version,
                "probes": [
                    {"name": r.name, "passed": r.has_passed, "why": r.why or None}
                    for r in done.results
                ],
            }
        )
        return
    click.echo(f"{passed} av {len(done.results)} prov gick igenom.")
    if version is not None:
        click.echo(f"Antecknat i förteckning nr {version}. 'utvag directory send' skickar den.")
    elif done.has_passed:
        click.echo("Inget är antecknat: driftens nycklar finns inte i den här mappen.")
    else:
        click.echo("Inget är antecknat: alla prov måste göras och gå igenom.")
