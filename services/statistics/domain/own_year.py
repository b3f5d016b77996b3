"""A municipality's own year, as far as it may be told: totals, and a few breakdowns of one dimension.

The same control as of the nation's tables (`disclosure`): nothing below five, nothing that leaves
fewer than five over, and nothing from which a hidden figure can be reckoned closer than five. What
is kept back is never written down: a figure that is not here cannot leak from here.

What follows from what, beyond the margins: the same events under two names, parts and wholes, and
what flows through the ongoing, from one published year into the next.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from services.statistics.domain.disclosure import (
    Cell,
    Frozen,
    Relation,
    Thresholds,
    median_weeks,
)
from services.statistics.domain.indicators import DIMENSIONS, SERIES, DimensionId
from services.statistics.domain.publication import PARTS, SAME
from services.statistics.domain.vector import Happening

BREAKDOWNS: tuple[tuple[str, DimensionId], ...] = (
    ("contacts", "age"),
    ("contacts", "sex"),
    ("not_admitted", "not_admitted_reason"),
    ("ended", "ended_reason"),
)
"""Fixed: what is told every year. No two dimensions at a time; one municipality is too small."""
_WAITS = tuple(each.id for each in SERIES if ("weeks",) in each.breakdowns)
_COUNTED = tuple(each for each in SERIES if each.id not in _WAITS and each.fed_by is not None)
_WORTH = {1: 10_000, 3: 100}
"""What a reader loses by a hidden total, or a part of one."""


class OwnYear(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told of one year.

    Args:
        shown: by name: a series, or `series|dimension|category`.
        hidden: what was kept back.
        sensitive: the part of it that had to be; no numbers.
        medians: waiting times in whole weeks; None where they are too few to have one.
        not_collected: series that no part of the product records yet.
    """

    year: int
    shown: dict[str, int]
    hidden: tuple[str, ...]
    sensitive: tuple[str, ...]
    medians: dict[str, int | None]
    not_collected: tuple[str, ...]


def own_year(
    happenings: Iterable[Happening], year: int, before: OwnYear | None, limits: Thresholds
) -> OwnYear:
    """Count, and keep back what is too small.

    Args:
        before: what was told of the year before, if anything was.

    Raises:
        UnprotectedError, InconsistentError: nothing may be told.
    """
    # The solver takes a fifth of a second and 30 MB: only where a year is counted.
    from services.statistics.domain.disclosure_choice import choose  # noqa: PLC0415

    counts, weeks = _count(happenings)
    cells = {
        name: Cell(
            name,
            count,
            None,
            is_total="|" not in name,
            is_shown="~" not in name,
            worth=_WORTH[name.count("|") + 1] + min(count, 99),
        )
        for name, count in counts.items()
    }
    earlier = _frozen(before)
    relations = list(_relations(counts, earlier))
    choice = choose(cells, relations, earlier, limits)
    told = {each: count for each, count in counts.items() if each not in choice.hidden}
    return OwnYear(
        year=year,
        shown={
            name: count
            for name, count in told.items()
            if "|" not in name or counts[name.partition("|")[0]]
        },
        hidden=tuple(sorted(each for each in choice.hidden if "~" not in each)),
        sensitive=tuple(sorted(each for each in choice.sensitive if "~" not in each)),
        medians={each: median_weeks(weeks[each], limits) for each in _WAITS},
        not_collected=tuple(each.id for each in SERIES if each.fed_by is None),
    )


def rounded(told: OwnYear) -> OwnYear:
    """As it leaves the house: to the nearest five, since others publish theirs beside it."""
    return msgspec.structs.replace(
        told, shown={name: (count + 2) // 5 * 5 for name, count in told.shown.items()}
    )


def faults(told: OwnYear, before: OwnYear | None, limits: Thresholds) -> list[str]:
    """What of it may not be told: an audit that does not know how it was chosen; empty when safe."""
    from services.statistics.domain.disclosure_audit import (  # noqa: PLC0415
        InconsistentError,
        exposures,
    )

    small = [
        name
        for name, count in told.shown.items()
        if 0 < count < limits.persons or (count == 0 and "|" in name)
    ]
    names = dict.fromkeys((*told.shown, *told.hidden), 0)
    earlier = _frozen(before)
    relations = list(_relations(names, earlier, told.shown))
    try:
        exposed = exposures(
            relations, {**earlier.shown, **told.shown}, set(told.sensitive), limits.width
        )
    except InconsistentError:
        return sorted({*small, "inconsistent"})
    return sorted({*small, *(each.key for each in exposed)})


def _count(happenings: Iterable[Happening]) -> tuple[dict[str, int], dict[str, list[int]]]:
    counts = {each.id: 0 for each in _COUNTED}
    counts |= {
        f"{series}|{dimension}|{category}": 0
        for series, dimension in BREAKDOWNS
        for category in DIMENSIONS[dimension]
    }
    weeks = {each: [0] * len(DIMENSIONS["weeks"]) for each in _WAITS}
    found = Counter[str]()
    for each in happenings:
        if each.series in weeks:
            weeks[each.series][DIMENSIONS["weeks"].index(each.attributes["weeks"])] += 1
            continue
        found[each.series] += 1
        for series, dimension in BREAKDOWNS:
            if series == each.series:
                found[f"{series}|{dimension}|{each.attributes[dimension]}"] += 1
    counts |= {name: found[name] for name in counts}
    for whole, part in PARTS:
        if counts.get(whole, 0) and counts[whole] >= counts.get(part, counts[whole] + 1):
            counts[f"{whole}~{part}"] = counts[whole] - counts[part]
    return counts, weeks


def _relations(
    counts: Mapping[str, int], earlier: Frozen[str], shown: Mapping[str, int] | None = None
) -> Iterator[Relation[str]]:
    """What a reader reckons with. Of definitions, those that are true of the figures.

    Args:
        shown: at the audit, when only what is shown is known: then all that could be true.
    """
    for series, dimension in BREAKDOWNS:
        parts = tuple(f"{series}|{dimension}|{each}" for each in DIMENSIONS[dimension])
        if all(each in counts for each in parts):
            yield Relation((series,), parts)
    for whole, part in PARTS:
        rest = f"{whole}~{part}"
        if rest in counts:
            yield Relation((whole,), (part, rest))
    for series, (of, narrowed, category) in SAME:
        other = f"{of}|{narrowed}|{category}"
        if series in counts and other in counts and _holds(counts, shown, (series,), (other,)):
            yield Relation((series,), (other,))
    if "ongoing@before" in earlier.shown:
        before = earlier.shown["ongoing@before"]
        gone, come = ("ongoing", "ended"), ("contacts", "received")
        known = {**counts, "ongoing@before": before}
        if shown is None and _holds(known, None, gone, (*come, "ongoing@before")):
            yield Relation(gone, (*come, "ongoing@before"))


def _holds(
    counts: Mapping[str, int],
    shown: Mapping[str, int] | None,
    left: tuple[str, ...],
    right: tuple[str, ...],
) -> bool:
    if shown is None:
        return sum(counts[each] for each in left) == sum(counts[each] for each in right)
    if all(each in shown for each in (*left, *right)):
        return sum(shown[each] for each in left) == sum(shown[each] for each in right)
    return True


def _frozen(before: OwnYear | None) -> Frozen[str]:
    """Of the year before only what was ongoing at its end says anything of this one."""
    if before is None or "ongoing" not in before.shown:
        return Frozen()
    return Frozen({"ongoing@before": before.shown["ongoing"]})
