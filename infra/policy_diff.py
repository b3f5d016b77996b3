"""`utvag policy diff A B`: what two municipalities answer differently, and on which ground."""

from datetime import date
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from gateway.policies import SECTIONS, load_federation
from gateway.texts.policy import rule_name, say
from shared.errors import DomainError
from shared.ids import AuthorityCode
from shared.policy import Difference, Policy, Tenant, differences
from shared.policy.diff import Side


class UnknownMunicipality(Exception):  # noqa: N818 - reads as the sentence it is
    """No such folder in `tenants/`, or an authority without a policy; the text is Swedish."""


def diff(left: str, right: str, on: date | None = None, root: Path | None = None) -> "Comparison":
    """Compare the policies of two municipalities.

    Args:
        left: a municipality's code.
        right: another's.
        on: the day to compare on; today where not named.
        root: `tenants/` of the product where not named.

    Raises:
        UnknownMunicipality: one of them has no policy that day.
        PolicyInvalid: a file that cannot be used.
    """
    tenants = load_federation(root)
    day = on or date.today()  # noqa: DTZ011 - the command line asks the machine's own calendar
    sides = [(_tenant(tenants, code), _policy(tenants, code, day)) for code in (left, right)]
    (ours, our_policy), (theirs, their_policy) = sides
    return Comparison(
        left=ours.authority.name,
        right=theirs.authority.name,
        left_policy=_version(our_policy),
        right_policy=_version(their_policy),
        differences=differences(our_policy, their_policy, SECTIONS),
    )


class Version(msgspec.Struct, frozen=True):
    """Which policy was compared."""

    authority: str
    valid_from: date
    sha256: str


class Comparison(msgspec.Struct, frozen=True):
    """Two policies and every rule on which they differ."""

    left: str
    right: str
    left_policy: Version
    right_policy: Version
    differences: list[Difference]

    def as_json(self) -> str:
        """For a program."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    def print(self, console: Console) -> None:
        """For a person: each rule, both values, both sources."""
        console.print(Text(f"{self.left} och {self.right}", style="bold"))
        for name, version in ((self.left, self.left_policy), (self.right, self.right_policy)):
            console.print(
                f"  {name}: gäller från {version.valid_from}, sha256 {version.sha256[:12]}…"
            )
        if not self.differences:
            console.print("\nInga skillnader.")
        for each in self.differences:
            console.print(f"\n[bold]{rule_name(each.rule)}[/bold]  [dim]{each.rule}[/dim]")
            _print_side(console, self.left, each.left)
            _print_side(console, self.right, each.right)
        if self.differences:
            console.print(f"\n{len(self.differences)} regler skiljer sig.")


def _print_side(console: Console, name: str, side: Side) -> None:
    console.print(Text(f"  {name}: {say(side.value)}"))
    if side.document:
        mark = "" if side.verified else " (antaget)" if side.assumed else " (inte kontrollerat)"
        console.print(Text(f"    {side.document}, {side.section}{mark}", style="dim"))
    if side.note:
        console.print(Text(f"    {side.note}", style="dim"))


def _tenant(tenants: dict[AuthorityCode, Tenant], code: str) -> Tenant:
    tenant = tenants.get(AuthorityCode(code))
    if tenant is None or not tenant.policies.policies:
        known = ", ".join(each for each, tenant in tenants.items() if tenant.policies.policies)
        raise UnknownMunicipality(f"Ingen kommun med policy har koden {code}. Det finns: {known}.")
    return tenant


def _policy(tenants: dict[AuthorityCode, Tenant], code: str, day: date) -> Policy:
    tenant = _tenant(tenants, code)
    try:
        return tenant.policies.on(day)
    except DomainError as error:
        raise UnknownMunicipality(
            f"{tenant.authority.name} har ingen policy som gäller {day}."
        ) from error


def _version(policy: Policy) -> Version:
    return Version(policy.authority, policy.valid_from, policy.sha256)
