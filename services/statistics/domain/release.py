"""A release: what the nation is shown of one half-year, once and for ever.

It is signed as bytes (`encode`), so what was shown can be held against what was signed. There is
one release of each half-year; what turns out wrong is put right in the next one's figures.
`sensitive` and `implied` stay with the coordinator: which cells were small is not for readers.
"""

from collections.abc import Mapping
from functools import cache

import msgspec

from services.statistics.domain.table import KINDS, Key, TableKind

Named = tuple[str, str, tuple[tuple[str, str], ...]]
FORMAT = 1
BAND = 5


class ShownTable(msgspec.Struct, frozen=True, kw_only=True):
    """One table as everybody may see it.

    Args:
        kind: `TableKind.id`.
        cells: None is kept back. Of waiting times only the total is here.
        median: whole weeks; None for too few, and for tables of counts.
    """

    kind: str
    period: str
    cells: Mapping[Key, int | None]
    median: int | None = None

    @property
    def about(self) -> TableKind:
        """Its kind."""
        return _kinds()[self.kind]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One half-year's.

    Args:
        contributors: municipalities in the set; shown in steps of five only (`contributor_band`).
        sensitive: the cells that had to be kept back, by what they count; not shown.
        implied: what no table shows but follows from those that do; not shown.
    """

    half_year: str
    contributors: int
    tables: tuple[ShownTable, ...]
    sensitive: tuple[Named, ...] = ()
    implied: tuple[Named, ...] = ()

    def find(self, kind: str, period: str) -> ShownTable | None:
        """A table, where this release has it."""
        return next((t for t in self.tables if (t.kind, t.period) == (kind, period)), None)


@cache
def _kinds() -> dict[str, TableKind]:
    return {each.id: each for each in KINDS}


def contributor_band(contributors: int) -> tuple[int, int]:
    """From and to: that one municipality more or less was there is not to be seen."""
    low = contributors - contributors % BAND
    return low, low + BAND - 1


def encode(release: Release) -> bytes:
    """What is signed: what is shown, in one way of writing it."""
    low, high = contributor_band(release.contributors)
    return msgspec.json.encode(
        {
            "format": FORMAT,
            "half_year": release.half_year,
            "contributors": [low, high],
            "tables": [
                {
                    "kind": each.kind,
                    "period": each.period,
                    "cells": [[*key, count] for key, count in sorted(each.cells.items())],
                    "median": each.median,
                }
                for each in sorted(release.tables, key=lambda t: (t.period, t.kind))
            ],
        },
        order="deterministic",
    )
