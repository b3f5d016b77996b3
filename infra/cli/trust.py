"""Keys and the directory: `keys` is the authority's own part, `directory` the operator's."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.cli.options import FAILED, NOT_HEALTHY, Code, answer_json, as_json, state
from infra.cli.swedish import Command, Group

if TYPE_CHECKING:
    from infra.keys import RingFacts
    from infra.listing import Changes
    from infra.post import Delivered
    from services.directory.api import Directory

_USES = {"signing": "undertecknar", "sealing": "förseglar"}
_STATUSES = {"active": "aktiv", "paused": "uppehåll", "removed": "borttagen"}
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{43}")
_code = click.argument("code", metavar="KOD", type=Code())


class _TakesKeyNames(Command):
    """Takes names of keys as they are: every sixty-fourth begins with a dash, as options do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The names last, behind the sign that no options follow."""
        names = [word for word in args if _KEY_NAME.fullmatch(word)]
        others = [word for word in args if word not in names]
        return super().parse_args(ctx, [*others, *(["--", *names] if names else [])])


def _now() -> datetime:
    return datetime.now(UTC)


@click.group(cls=Group)
def keys() -> None:
    """En myndighets egna nycklar. Görs hos myndigheten, med dess egna nycklar."""


@keys.command()
@_code
@state
@as_json
def show(code: str, *, state: Path, as_json: bool) -> int:
    """Visa nycklarna för KOD: fingeravtryck, när de går ut, och om förteckningen har dem.

    Utgångskod 3 när de snart går ut eller väntar på driften.
    """
    from infra.directory import trust_files  # noqa: PLC0415  # `--help` must not wait for it
    from infra.keys import facts  # noqa: PLC0415  # the same
    from shared.ids import AuthorityCode  # noqa: PLC0415  # the same

    found = facts(trust_files(state, AuthorityCode(code)))
    _tell_keys(found, as_json=as_json)
    return NOT_HEALTHY if found.is_expiring(_now()) or found.is_unstated else 0


@keys.command()
@_code
@click.option(
    "--at-once", is_flag=True, help="Nya nycklar gäller genast, i stället för efter sju dagar."
)
@state
@as_json
def rotate(code: str, *, at_once: bool, state: Path, as_json: bool) -> int:
    """Dra nästa nyckelpar för KOD och skriv under dem med det nuvarande.

    De gamla fortsätter att gälla tills de nya gör det, och öppnar det som är på väg. Lämna sedan
    entry.json till driften, som kör 'utvag directory publish'.
    """
    from datetime import timedelta  # noqa: PLC0415  # `--help` must not wait for it

    from infra.directory import trust_files  # noqa: PLC0415  # the same
    from infra.keys import facts  # noqa: PLC0415  # the same
    from infra.keys import rotate as draw  # noqa: PLC0415  # the same
    from shared.crypto.ring import LEAD  # noqa: PLC0415  # the same
    from shared.ids import AuthorityCode  # noqa: PLC0415  # the same

    files = trust_files(state, AuthorityCode(code))
    draw(files, _now(), timedelta() if at_once else LEAD)
    _tell_keys(facts(files), as_json=as_json, left_in=files.entry)
    return 0


@keys.command(cls=_TakesKeyNames)
@_code
@click.argument("kids", metavar="NYCKEL …", nargs=-1, required=True)
@state
@as_json
def revoke(code: str, *, kids: tuple[str, ...], state: Path, as_json: bool) -> int:
    """Återkalla nycklar för KOD som har läckt, och dra nya som gäller genast.

    Myndigheten skriver själv under återkallelsen. Den gäller när driften har kört 'utvag directory
    publish': då tror ingen längre på det nyckeln skriver under, och det som väntar skickas om.
    """
    from infra.directory import trust_files  # noqa: PLC0415  # `--help` must not wait for it
    from infra.keys import facts  # noqa: PLC0415  # the same
    from infra.keys import revoke as take_back  # noqa: PLC0415  # the same
    from shared.ids import AuthorityCode  # noqa: PLC0415  # the same

    files = trust_files(state, AuthorityCode(code))
    take_back(files, kids, _now())
    _tell_keys(facts(files), as_json=as_json, left_in=files.entry)
    return 0


@keys.command()
@_code
@click.option("--wait", default=60.0, metavar="SEKUNDER", help="Hur länge svar väntas in (60).")
@state
def leave(code: str, *, wait: float, state: Path) -> int:
    """Be att få lämna utbytet, och skriv under när alla har svarat att inget är öppet.

    Körs hos KOD medan dess nod är igång. Utgångskod 3 när någon inte har svarat än; kör då igen.
    """
    from gateway.settings import load_settings  # noqa: PLC0415  # `--help` must not wait for it
    from infra.directory import trust_files  # noqa: PLC0415  # the same
    from infra.leaving import ask, leave_file  # noqa: PLC0415  # the same
    from infra.supervisor.state import State  # noqa: PLC0415  # the same
    from shared.clock import local_date  # noqa: PLC0415  # the same
    from shared.ids import AuthorityCode  # noqa: PLC0415  # the same

    files = trust_files(state, AuthorityCode(code))
    silent = ask(load_settings(State.of(state).settings(code)), files, local_date(_now()), wait)
    if silent:
        click.echo(f"Inte svarat än: {', '.join(silent)}. Kör igen senare.")
        return NOT_HEALTHY
    click.echo(f"Lämna {leave_file(files)} till driften, som kör 'utvag directory remove {code}'.")
    return 0


@click.group(cls=Group)
def directory() -> None:
    """Förteckningen över myndigheter. Görs hos driften (9000)."""


_exchange = click.option(
    "--exchange", metavar="ADRESS", help="Växelns adress, om den inte är det här systemets."
)
_wait = click.option(
    "--wait", default=10.0, metavar="SEKUNDER", help="Hur länge kvittenser väntas in (10)."
)


@directory.command(name="show")
@state
@as_json
def show_directory(*, state: Path, as_json: bool) -> int:
    """Visa förteckningen: version, myndigheter, fingeravtryck, och vad var och en har kvitterat."""
    from infra.directory import trust_files  # noqa: PLC0415  # `--help` must not wait for it
    from shared.ids import OPERATOR  # noqa: PLC0415  # the same

    _tell_directory(state, trust_files(state, OPERATOR).held(), as_json=as_json)
    return 0


@directory.command()
@click.option(
    "--entry",
    "entries",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FIL",
    help="En myndighets entry.json från en annan dator; kan upprepas.",
)
@click.option(
    "--revoke", "revoked", multiple=True, metavar="NYCKEL", help="En nyckel att inte tro på."
)
@state
@_exchange
@_wait
@as_json
def publish(
    *,
    entries: tuple[Path, ...],
    revoked: tuple[str, ...],
    state: Path,
    exchange: str | None,
    wait: float,
    as_json: bool,
) -> int:
    """Ge ut nästa förteckning med det myndigheterna har skrivit under, och skicka den.

    Det som noderna skulle avvisa ges inte ut. Utgångskod 3 när någon inte har kvitterat än.
    """
    import msgspec  # noqa: PLC0415  # `--help` must not wait for it

    from infra.listing import Changes  # noqa: PLC0415  # the same
    from services.directory.api import BAD_JSON, Entry  # noqa: PLC0415  # the same

    try:
        signed = [msgspec.json.decode(file.read_bytes(), type=Entry) for file in entries]
    except BAD_JSON as error:
        raise click.ClickException("Filen är ingen entry.json från en myndighet.") from error
    changes = Changes(entries=signed, revoked=revoked)
    return _issue(state, changes, exchange, wait, as_json=as_json)


@directory.command()
@_code
@state
@_exchange
@_wait
@as_json
def pause(code: str, *, state: Path, exchange: str | None, wait: float, as_json: bool) -> int:
    """Meddela att KOD gör uppehåll: allas meddelanden dit väntar, inget går förlorat."""
    return _set_status(state, code, "paused", exchange, wait, as_json=as_json)


@directory.command()
@_code
@state
@_exchange
@_wait
@as_json
def resume(code: str, *, state: Path, exchange: str | None, wait: float, as_json: bool) -> int:
    """Meddela att KOD är tillbaka: det som väntar skickas."""
    return _set_status(state, code, "active", exchange, wait, as_json=as_json)


@directory.command()
@_code
@click.option(
    "--force",
    "decided_on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATUM",
    help="Mot myndighetens vilja, enligt samordningens beslut den dagen: 2026-03-02.",
)
@state
@_exchange
@_wait
@as_json
def remove(
    code: str,
    *,
    decided_on: datetime | None,
    state: Path,
    exchange: str | None,
    wait: float,
    as_json: bool,
) -> int:
    """Ta bort KOD ur utbytet, för alltid.

    I ordning har myndigheten själv skrivit under ('utvag keys leave'), och alla andra har svarat att
    inget är öppet med den. Med --force skriver den nationella samordningen under tillsammans med driften;
    avsändare kan då avsluta det som är öppet, och den borttagna tar inte över något.
    """
    from infra.directory import trust_files  # noqa: PLC0415  # `--help` must not wait for it
    from infra.leaving import accepted  # noqa: PLC0415  # the same
    from infra.listing import NATION, Changes, signed_removal  # noqa: PLC0415  # the same
    from shared.ids import OPERATOR, AuthorityCode  # noqa: PLC0415  # the same

    leaving = AuthorityCode(code)
    if decided_on is not None:
        removal = signed_removal(state, leaving, decided_on.date(), _now(), by=NATION)
    else:
        known = trust_files(state, OPERATOR).held()
        removal = accepted(trust_files(state, leaving), leaving, known, _now())
    changes = Changes(removals={leaving: removal})
    return _issue(state, changes, exchange, wait, as_json=as_json)


@directory.command()
@state
@_exchange
@_wait
@as_json
def send(*, state: Path, exchange: str | None, wait: float, as_json: bool) -> int:
    """Skicka den förteckning som gäller till alla som inte har kvitterat den.

    Utgångskod 3 när någon inte har kvitterat än; kör då igen senare.
    """
    return _issue(state, None, exchange, wait, as_json=as_json)


def _set_status(
    state: Path, code: str, status: Any, exchange: str | None, wait: float, *, as_json: bool
) -> int:
    from infra.listing import Changes  # noqa: PLC0415  # `--help` must not wait for it
    from shared.ids import AuthorityCode  # noqa: PLC0415  # the same

    changes = Changes(statuses={AuthorityCode(code): status})
    return _issue(state, changes, exchange, wait, as_json=as_json)


def _issue(
    state: Path, changes: "Changes | None", exchange: str | None, wait: float, *, as_json: bool
) -> int:
    from infra.listing import publish as issue  # noqa: PLC0415  # `--help` must not wait for it
    from infra.posting import send as post  # noqa: PLC0415  # the same

    issued = issue(state, _now(), changes)
    delivered = post(state, wait, exchange)
    _tell_directory(state, issued, as_json=as_json, delivered=delivered)
    if delivered is None:
        return FAILED
    late = [one for one in delivered if one.confirmed < issued.version]
    return NOT_HEALTHY if late else 0


def _tell_keys(found: "RingFacts", *, as_json: bool, left_in: Path | None = None) -> None:
    from dataclasses import asdict  # noqa: PLC0415  # `--help` must not wait for it

    from services.directory.api import spoken  # noqa: PLC0415  # the same

    now = _now()
    if as_json:
        answer_json(
            {
                **asdict(found),
                "days_left": found.days_left(now),
                "is_expiring": found.is_expiring(now),
                "entry_file": left_in,
            }
        )
        return
    click.echo(f"{found.authority}  fingeravtryck {spoken(found.fingerprint or '–')}")
    for key in found.keys:
        notes = [
            f"gäller {key.not_before:%Y-%m-%d} till {key.not_after:%Y-%m-%d}",
            *(["återkallad"] if key.is_revoked else []),
            *(["inte i förteckningen än"] if not key.is_listed else []),
        ]
        click.echo(f"  {key.kid}  {_USES[key.use]:<12}  {', '.join(notes)}")
    if found.is_expiring(now):
        click.echo(
            f"Nycklarna går ut om {max(found.days_left(now), 0)} dagar. Byt: utvag keys rotate."
        )
    if left_in is not None:
        click.echo(f"Lämna {left_in} till driften, som kör 'utvag directory publish'.")


def _tell_directory(
    state: Path,
    found: "Directory",
    *,
    as_json: bool,
    delivered: "list[Delivered] | None" = None,
) -> None:
    from infra.posting import confirmed  # noqa: PLC0415  # `--help` must not wait for it
    from services.directory.api import spoken  # noqa: PLC0415  # the same

    seen = confirmed(state, found)
    told = {each.authority: each for each in delivered or []}
    rows = [
        {
            "authority": code,
            "name": found.profiles[code].name,
            "status": entry.status,
            "runs_node": found.profiles[code].runs_node,
            "is_tested": isinstance(entry.tested, str),
            "fingerprint": found.chains[code].fingerprint if code in found.chains else None,
            "confirmed_version": seen.get(code),
            "refused": told[code].refused if code in told else None,
            "stuck": told[code].stuck if code in told else None,
        }
        for code, entry in found.entries.items()
    ]
    if as_json:
        answer_json({"version": found.version, "authorities": rows, "sent": delivered is not None})
        return
    click.echo(f"Förteckning nr {found.version}, {found.root.issued_at:%Y-%m-%d %H:%M} UTC.")
    for row in rows:
        words = [_STATUSES[str(row["status"])]]
        if row["runs_node"]:
            words.append("provad" if row["is_tested"] else "inte provad")
            got = row["confirmed_version"]
            words.append(f"har kvitterat nr {got}" if got else "har inget kvitterat")
        words += [f"avvisade: {row['refused']}"] if row["refused"] else []
        words += [f"kan inte nås: {row['stuck']}"] if row["stuck"] else []
        click.echo(f"  {row['authority']}  {row['name']}: {', '.join(words)}")
        if row["fingerprint"]:
            click.echo(f"        {spoken(str(row['fingerprint']))}")
    if delivered is None:
        click.echo(
            "Växeln svarar inte: förteckningen är utgiven men inte skickad. Kör 'utvag directory send' senare."
        )
