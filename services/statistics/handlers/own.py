"""A municipality counts its own figures by unit; and who reads which of them.

Counted once a day by the worker, which alone may look across units. A half-year that is over is
counted a last time on the day on which the nation's is, and then shown side by side, once. What
becomes known later is not in it.

The exact figures of a unit are for who leads it, by row security, without the cases that are kept
from that leader or from the whole unit: the count of these less than all is the secret. A case that
is put on a list later is taken out of every half-year that was counted before, in the worker's next round.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from services.cases import api as cases
from services.statistics.domain.disclosure import Thresholds
from services.statistics.domain.history import stocks
from services.statistics.domain.own import (
    ONLY_UNIT,
    OWN_COUNTS,
    OWN_WAITS,
    Earlier,
    Kept,
    SideBySide,
    UnitFigures,
    figures_of,
    least,
    side_by_side,
    without,
)
from services.statistics.domain.periods import HalfYear, half_year, half_year_of
from services.statistics.domain.vector import Happening
from services.statistics.handlers.gathering import CaseFacts, facts_of_cases
from services.statistics.store import own as store
from shared.actor import Actor, worker
from shared.clock import local_date
from shared.errors import AccessDenied
from shared.node import Node

LEADS = ("team_leader",)
"""Who reads the exact figures: of those cases of the unit that they may see."""
_UNIT = "*"
"""Stands for every leader of a unit from whom nothing is kept that is not kept from all."""
COMPARES = ("exit_coordinator", "security_chief", "social_director")
"""Who reads the units side by side, small figures kept back. Source: design note `domain.md` 10."""


@dataclass(frozen=True, slots=True)
class UnitHalfYear:
    """One half-year of one unit, exact.

    Args:
        is_final: the half-year is over and counted for the last time.
        medians: of each wait, in weeks; None for too few.
    """

    half_year: str
    unit: str
    is_final: bool
    counted_on: date
    counts: dict[str, int]
    medians: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One figure of the comparison; None is kept back. Unit `*` is all."""

    series: str
    unit: str
    count: int | None
    median_weeks: int | None


@dataclass(frozen=True, slots=True)
class ShownHalfYear:
    """One half-year, the units side by side, as it was shown for ever."""

    half_year: str
    shown_at: datetime
    units: tuple[str, ...]
    figures: tuple[ShownFigure, ...]

    def figure(self, series: str, unit: str) -> ShownFigure:
        """One of them."""
        return next(f for f in self.figures if (f.series, f.unit) == (series, unit))


class OwnCounter:
    """The worker's part; any number may run."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._actor = worker(node.authority)
        self._counted: tuple[date, object] | None = None

    async def run_once(self) -> int:
        """Count what is due today; how many half-years were."""
        today = local_date(self._node.clock.now())
        async with self._node.db.begin(self._actor) as uow:
            as_of = today, await cases.exclusions_as_of(uow)
        if self._counted == as_of:
            return 0
        facts = await facts_of_cases(self._node)
        now = half_year_of(today)
        done = 0
        if today >= now.previous.counted_on:
            done += await self._count(facts, now.previous, today, is_final=True)
            done += await self._show(now.previous)
        done += await self._count(facts, now, today, is_final=False)
        await self._keep_for_readers(facts)
        self._counted = as_of
        return done

    async def _count(
        self, facts: list[CaseFacts], half: HalfYear, today: date, *, is_final: bool
    ) -> int:
        async with self._node.db.begin(self._actor) as uow:
            known = await store.of_units(uow, half.id)
        if any(row.is_final or (row.counted_on == today and not is_final) for row in known):
            return 0
        known_until = self._node.clock.now()
        by_unit = _by_unit(facts, half, known_until)
        # A unit whose last case is gone keeps its row, with nothing in it.
        for row in known:
            by_unit.setdefault(row.unit, [])
        figures = {
            unit: msgspec.json.encode(figures_of(unit, happened))
            for unit, happened in by_unit.items()
        }
        async with self._node.db.begin(self._actor) as uow:
            await store.counted(
                uow,
                half.id,
                figures,
                counted_on=today,
                known_until=known_until,
                is_final=is_final,
            )
            uow.audit("statistics.own_counted", half_year=half.id, units=len(figures))
            await uow.commit()
        return 1

    async def _keep_for_readers(self, facts: list[CaseFacts]) -> None:
        """Take from every half-year what each leader may not know of."""
        async with self._node.db.begin(self._actor) as uow:
            before = {
                (row.half_year, row.unit, row.reader): _figures(row)
                for row in await store.for_readers(uow)
            }
            for whole in await store.of_units(uow):
                kept = [each for each in facts if (each.unit or ONLY_UNIT) == whole.unit]
                readers = {_UNIT}
                readers |= {r for h, u, r in before if (h, u) == (whole.half_year, whole.unit)}
                readers |= {
                    value for each in kept for kind, value in each.kept_from if kind == "staff"
                }
                for reader in sorted(readers):
                    figures = _for_reader(whole, reader, kept)
                    was = before.get((whole.half_year, whole.unit, reader))
                    if was is not None and whole.is_final:
                        figures = least(figures, was)
                    if figures != was or not whole.is_final:
                        content = msgspec.json.encode(figures)
                        await store.keep_for_reader(uow, whole, reader, content)
            await uow.commit()

    async def _show(self, half: HalfYear) -> int:
        async with self._node.db.begin(self._actor) as uow:
            rows = await store.every_shown(uow)
            if any(row.half_year >= half.id for row in rows):
                return 0
            now = [_figures(row) for row in await store.of_units(uow, half.id)]
            before = [_figures(row) for row in await store.of_units(uow, half.previous.id)]
        if not now:
            return 0
        earlier = [_earlier(row.content, row.kept) for row in rows]
        was_shown = any(row.half_year == half.previous.id for row in rows)
        made = await asyncio.to_thread(
            side_by_side, half, now, before if was_shown else [], earlier, Thresholds()
        )
        async with self._node.db.begin(self._actor) as uow:
            content, kept = msgspec.json.encode(made.shown), msgspec.json.encode(made.kept)
            if not await store.show(uow, half.id, content, kept):
                return 0
            uow.audit("statistics.own_shown", half_year=half.id)
            await uow.commit()
        return 1


def _by_unit(
    facts: list[CaseFacts], half: HalfYear, known_until: datetime
) -> dict[str, list[Happening]]:
    found: dict[str, list[Happening]] = defaultdict(list, {ONLY_UNIT: []} if not facts else {})
    for each in facts:
        found[each.unit or ONLY_UNIT] += _happened(each, half, known_until)
    return found


def _happened(case: CaseFacts, half: HalfYear, known_until: datetime) -> list[Happening]:
    events = (
        event.happening
        for event in case.events()
        if half.first_day <= event.on <= half.last_day
        and event.known_at <= known_until
        and event.happening.series in {*OWN_COUNTS, *OWN_WAITS}
    )
    return [*events, *stocks([case.history], half.last_day, known_until)]


def _for_reader(whole: store.Record, reader: str, cases_of_unit: list[CaseFacts]) -> UnitFigures:
    keys = {("unit", whole.unit), ("staff", reader)}
    kept_back = [
        happening
        for each in cases_of_unit
        if not keys.isdisjoint(each.kept_from)
        for happening in _happened(each, half_year(whole.half_year), whole.known_until)
    ]
    return without(_figures(whole), figures_of(whole.unit, kept_back))


def _figures(row: store.Record) -> UnitFigures:
    return msgspec.json.decode(row.figures, type=UnitFigures)


def _earlier(content: bytes, kept: bytes) -> Earlier:
    return Earlier(
        msgspec.json.decode(content, type=SideBySide), msgspec.json.decode(kept, type=Kept)
    )


async def unit_half_years(node: Node, actor: Actor) -> list[UnitHalfYear]:
    """The exact figures of the unit that the actor leads, newest first; the reading is logged.

    Raises:
        AccessDenied: leads no unit here.
    """
    if actor.home != node.authority or not actor.has_any(*LEADS):
        raise AccessDenied
    async with node.db.begin(actor) as uow:
        rows = await store.for_readers(uow)
        uow.audit("statistics.own_read", rows=len(rows))
        await uow.commit()
    return [_unit(row) for row in rows]


def _unit(row: store.Record) -> UnitHalfYear:
    figures = _figures(row)
    return UnitHalfYear(
        half_year=row.half_year,
        unit=row.unit,
        is_final=row.is_final,
        counted_on=row.counted_on,
        counts={series: figures.counts[series] for series in (*OWN_COUNTS, *OWN_WAITS)},
        medians={series: figures.median(series, Thresholds()) for series in OWN_WAITS},
    )


async def units_side_by_side(node: Node, actor: Actor) -> list[ShownHalfYear]:
    """The units side by side, newest half-year first, small figures kept back.

    Raises:
        AccessDenied: another role; or leads a unit: with its exact figures beside these, those of
            the others could be reckoned.
    """
    if actor.home != node.authority or not actor.has_any(*COMPARES) or actor.has_any(*LEADS):
        raise AccessDenied
    async with node.db.begin(actor) as uow:
        rows = await store.readable(uow)
        uow.audit("statistics.own_compared", rows=len(rows))
        await uow.commit()
    return [_shown(row) for row in rows]


def _shown(row: store.Record) -> ShownHalfYear:
    content = msgspec.json.decode(row.content, type=SideBySide)
    return ShownHalfYear(
        half_year=half_year(row.half_year).id,
        shown_at=row.shown_at,
        units=content.units,
        figures=tuple(
            ShownFigure(series, unit, count, content.median(series, unit))
            for series, unit, count in content.cells
        ),
    )
