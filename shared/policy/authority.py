"""Who an authority is: the content of `authority.toml`."""

import re
from typing import Literal

from shared.ids import AuthorityCode, authority_code
from shared.policy.source import PolicyStruct

AuthorityKind = Literal["municipality", "police", "national_coordination", "collector", "operator"]
UnitKind = Literal["local_police_area", "police_protection_unit"]

MIN_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3: white text on the authority's colour
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_ADDRESS = re.compile(r"[a-z][a-z-]{1,39}", re.ASCII)


class Function(PolicyStruct, frozen=True, kw_only=True):
    """What messages are addressed to: a function, never a person.

    Args:
        address: unique within the authority, lower-case, stable (`avhoppare`).
        name: as people say it.
        roles: who sees what arrives there.
    """

    address: str
    name: str
    roles: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse an address that could not stand in a message, and a function nobody reads."""
        if not _ADDRESS.fullmatch(self.address):
            raise ValueError("a function's address is lower-case letters and hyphens")
        if not self.roles:
            raise ValueError("a function must be read by at least one role")


class Unit(PolicyStruct, frozen=True, kw_only=True):
    """A police unit, as it comes in the claim of the police realm.

    Args:
        code: the claim's value (`lpo-linkoping`).
        municipalities: codes that the unit covers.
    """

    code: str
    name: str
    kind: UnitKind
    municipalities: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a municipality that is no code."""
        for municipality in self.municipalities:
            authority_code(municipality)


class DutyContact(PolicyStruct, frozen=True, kw_only=True):
    """Whom another authority reaches when something is wrong; a function, never a person."""

    name: str
    telephone: str
    hours: str


class Authority(PolicyStruct, frozen=True, kw_only=True):
    """One authority of the federation.

    Args:
        code: four digits; also the folder's name.
        name: in full, shown in the header.
        short_name: how the name stands in a sentence.
        runs_node: the police meet cases in a municipality's joint room and run none.
        colour: of the header, `#rrggbb`; white text on it must be readable.
        functions: at least one where a node is run.
        duty_contact: shown when something is wrong.
        unit: the units of the police; empty elsewhere.
        assumed: the whole authority is made up as far as its documents go.
    """

    code: AuthorityCode
    name: str
    short_name: str
    kind: AuthorityKind
    runs_node: bool
    colour: str
    duty_contact: DutyContact
    function: tuple[Function, ...] = ()
    unit: tuple[Unit, ...] = ()
    assumed: bool = False

    def __post_init__(self) -> None:
        """Refuse what would fail later: a bad code, an unreadable colour, a name used twice."""
        authority_code(self.code)
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError("colour is #rrggbb in lower-case hexadecimal")
        if contrast_to_white(self.colour) < MIN_CONTRAST:
            raise ValueError(f"white text on {self.colour} has less contrast than {MIN_CONTRAST}")
        if self.runs_node and not self.function:
            raise ValueError("an authority that runs a node needs a function to write to")
        if self.unit and self.kind != "police":
            raise ValueError("only the police have units")
        for names in ([f.address for f in self.function], [u.code for u in self.unit]):
            if len(names) != len(set(names)):
                raise ValueError("an address or unit code is used twice")

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions; the file's word is singular because it stands once for each."""
        return self.function

    @property
    def units(self) -> tuple[Unit, ...]:
        """The police units."""
        return self.unit

    def find_unit(self, code: str) -> Unit | None:
        """The unit of that code, if there is one."""
        return next((unit for unit in self.unit if unit.code == code), None)


def contrast_to_white(colour: str) -> float:
    """Contrast of white text on this colour (WCAG 2.2, definition of contrast ratio)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
