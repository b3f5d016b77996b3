"""Demo accounts: invented people, one for each role, in a demo state only."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.auth.roles import NATIONAL_COORDINATOR
from infra.files import write_private
from shared.policy.authority import Authority

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is mistaken for something else

_MUNICIPAL = (
    ("handlaggare1", "case_worker"),
    ("handlaggare2", "case_worker"),
    ("samordnare", "exit_coordinator"),
    ("gruppledare", "team_leader"),
    ("socialchef", "social_director"),
    ("sakerhetschef", "security_chief"),
    ("logggranskare", "log_reviewer"),
    ("administrator", "system_admin"),
)
_NATIONAL = (
    ("samordnare", NATIONAL_COORDINATOR),
    ("logggranskare", "log_reviewer"),
    ("administrator", "system_admin"),
)
_COLLECTOR = _NATIONAL[1:]

_GIVEN = (
    *("Alva", "Björn", "Cecilia", "David", "Eva", "Folke", "Gunilla", "Henrik", "Ida", "Johan"),
    *("Karin", "Lars", "Maria", "Nils", "Olga", "Petter", "Rut", "Sven", "Tilda", "Ulf"),
)
_FAMILY = (
    *("Lindmark", "Åkesson", "Nyström", "Holmgren", "Sandell", "Wiberg", "Thorén", "Palm"),
    *("Bergvall", "Kjellin", "Uddman", "Modig", "Tengvall", "Frisk", "Rydin", "Stål", "Ekdahl"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An invented person who can sign in.

    Args:
        authority: whose realm holds the account; 9001 for the police.
        unit: the police unit's code; otherwise None.
    """

    authority: str
    username: str
    password: str
    given_name: str
    family_name: str
    roles: tuple[str, ...]
    unit: str | None = None

    @property
    def name(self) -> str:
        """As colleagues see it."""
        return f"{self.given_name} {self.family_name}"


def demo_accounts(state_dir: Path, authorities: Iterable[Authority]) -> list[Account]:
    """The accounts of these authorities, drawn where missing, kept in `secrets/accounts.json`."""
    known = {(kept.authority, kept.username): kept for kept in load_accounts(state_dir)}
    wanted: list[Account] = []
    for authority in authorities:
        for number, (username, roles, unit) in enumerate(_people(authority)):
            kept = known.get((authority.code, username))
            given, family = _name(authority.code, number)
            password = kept.password if kept else _password()
            wanted.append(Account(authority.code, username, password, given, family, roles, unit))
    rest = {key: kept for key, kept in known.items() if key not in _keys(wanted)}
    every = [*wanted, *rest.values()]
    if every != list(known.values()):
        text = json.dumps([asdict(account) for account in every], indent=2, ensure_ascii=False)
        write_private(_file(state_dir), text + "\n")
    return wanted


def load_accounts(state_dir: Path) -> list[Account]:
    """The accounts that this state has made so far."""
    file = _file(state_dir)
    if not file.exists():
        return []
    return [Account(**row | {"roles": tuple(row["roles"])}) for row in json.loads(file.read_text())]


def _people(authority: Authority) -> list[tuple[str, tuple[str, ...], str | None]]:
    if authority.kind == "police":
        return [
            (f"{unit.code}-{number}", (), unit.code)
            for unit in authority.units
            for number in ((1, 2) if unit.kind == "police_protection_unit" else (1,))
        ]
    kinds = {
        "municipality": _MUNICIPAL,
        "national_coordination": _NATIONAL,
        "collector": _COLLECTOR,
    }
    return [(username, (role,), None) for username, role in kinds.get(authority.kind, ())]


def _name(code: str, number: int) -> tuple[str, str]:
    # Steps that share no factor with the lists' lengths: neighbours never share a full name.
    start = int(code)
    return (
        _GIVEN[(start * 7 + number * 3) % len(_GIVEN)],
        _FAMILY[(start * 5 + number * 3) % len(_FAMILY)],
    )


def _password() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
    return "-".join(groups)  # 98 bits


def _keys(accounts: list[Account]) -> set[tuple[str, str]]:
    return {(account.authority, account.username) for account in accounts}


def _file(state_dir: Path) -> Path:
    return state_dir / "secrets" / "accounts.json"
