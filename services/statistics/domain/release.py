"""A release: what the nation is shown of one half-year, once and for ever.

It is signed as bytes (`encode`), so what was shown can be held against what was signed. There is
one release of each half-year; what turns out wrong is put right in the next one's figures. What had
to be kept back (`encode_kept`) stays with the coordinator's worker: which cells were small is not
for readers, but the next release must go on protecting them.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from services.statistics.domain.table import ALL, KINDS, Key, TableKind

Named = tuple[str, str, tuple[tuple[str, str], ...]]
Follows = tuple[tuple[Named, ...], tuple[Named, ...]]
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

    @property
    def total(self) -> int | None:
        """The cell in which everything is; None where it is kept back."""
        return self.cells[(ALL,) * len(self.about.dimensions)]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One half-year's.

    Args:
        contributors: municipalities in the set, from and to (`contributor_band`).
        sensitive: the cells that had to be kept back, by what they count; not shown.
        implied: what no table shows but follows from those that do; not shown.
        follows: sums that are equal by definition, found true of the exact ones; not shown.
    """

    half_year: str
    contributors: tuple[int, int]
    tables: tuple[ShownTable, ...]
    sensitive: tuple[Named, ...] = ()
    implied: tuple[Named, ...] = ()
    follows: tuple[Follows, ...] = ()

    def find(self, kind: str, period: str) -> ShownTable | None:
        """A table, where this release has it."""
        return next((t for t in self.tables if (t.kind, t.period) == (kind, period)), None)


class _Kept(msgspec.Struct, frozen=True):
    sensitive: tuple[Named, ...] = ()
    implied: tuple[Named, ...] = ()
    follows: tuple[Follows, ...] = ()


@cache
def _kinds() -> dict[str, TableKind]:
    return {each.id: each for each in KINDS}


def contributor_band(contributors: int) -> tuple[int, int]:
    """From and to: that one municipality more or less was there is not to be seen."""
    low = contributors - contributors % BAND
    return low, low + BAND - 1


def encode(release: Release) -> bytes:
    """What is signed: what is shown, in one way of writing it."""
    return msgspec.json.encode(
        {
            "format": FORMAT,
            "half_year": release.half_year,
            "contributors": release.contributors,
            "tables": [
                {
                    "kind": each.kind,
                    "period": each.period,
                    "cells": [[*key, count] for key, count in each.cells.items()],
                    "median": each.median,
                }
                for each in sorted(release.tables, key=lambda t: (t.period, t.kind))
            ],
        },
        order="deterministic",
    )


def encode_kept(release: Release) -> bytes:
    """What is not shown."""
    return msgspec.json.encode(_Kept(release.sensitive, release.implied, release.follows))


def decode(content: bytes, kept: bytes | None = None) -> Release:
    """Read back what `encode` wrote; without `kept`, as every reader has it."""
    found: dict[str, Any] = msgspec.json.decode(content)
    if found["format"] != FORMAT:
        raise ValueError("a release of a format that this version does not read")
    low, high = found["contributors"]
    hidden = msgspec.json.decode(kept, type=_Kept) if kept is not None else _Kept()
    return Release(
        half_year=found["half_year"],
        contributors=(low, high),
        tables=tuple(
            ShownTable(
                kind=each["kind"],
                period=each["period"],
                cells={tuple(key): count for *key, count in each["cells"]},
                median=each["median"],
            )
            for each in found["tables"]
        ),
        sensitive=hidden.sensitive,
        implied=hidden.implied,
        follows=hidden.follows,
    )
