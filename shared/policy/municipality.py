"""The 290 municipalities: code, name, county."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from shared.ids import AuthorityCode


class Municipality(msgspec.Struct, frozen=True):
    """One row of Statistics Sweden's register."""

    code: AuthorityCode
    name: str
    short_name: str
    county_code: str
    county_name: str


@cache
def municipality_register() -> Mapping[AuthorityCode, Municipality]:
    """Every municipality by code."""
    file = Path(__file__).resolve().parents[2] / "infra" / "data" / "municipalities.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        read = [
            Municipality(
                AuthorityCode(row["municipality_code"]),
                row["municipality_name"],
                row["municipality_name_short"],
                row["county_code"],
                row["county_name"],
            )
            for row in csv.DictReader(rows)
        ]
    return MappingProxyType({each.code: each for each in read})


@cache
def municipalities() -> Mapping[AuthorityCode, str]:
    """Every municipality's name as said in a sentence (`Linköping`), by code."""
    return MappingProxyType({m.code: m.short_name for m in municipality_register().values()})
