"""Over whom is added: one set for each half-year, for ever, and no two that differ by a few.

Two sums of the same numbers over sets that differ by one municipality are, subtracted, that
municipality's own number. So nobody chooses a set: it follows from who contributed, by the rules
here, and both collectors work it out for themselves before they add anything.

- **Nation:** all whose two shares are in the collectors' hands.
- **County groups:** the counties, as Statistics Sweden has them; Gotland has one municipality and
  goes with Stockholm. A group has a sum of its own where at least five of it are in the nation's set.
- **The rest** is what is in no such group. The nation less the groups is the rest's sum, so it is
  nothing or at least five: else the smallest group loses its sum too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.errors import DomainError
from shared.ids import AuthorityCode

SMALLEST_SET = 5
"""Municipalities in a sum, at least. Source: architecture, Statistics; `domain.md` 5.3."""

GOES_WITH: dict[str, str] = {"09": "01"}
"""A county that is too small for a group of its own, and the county whose group it joins."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Who is in which sum; all sorted.

    Args:
        rest: in the nation's set and in no group's.
    """

    nation: tuple[AuthorityCode, ...]
    groups: Mapping[str, tuple[AuthorityCode, ...]]

    @property
    def rest(self) -> tuple[AuthorityCode, ...]:
        """In the nation's set and in no group's."""
        grouped = {code for members in self.groups.values() for code in members}
        return tuple(code for code in self.nation if code not in grouped)


def group_of(county: str) -> str:
    """The county group that a county belongs to."""
    return GOES_WITH.get(county, county)


def county_groups(counties: Mapping[AuthorityCode, str]) -> dict[str, tuple[AuthorityCode, ...]]:
    """All municipalities by county group.

    Raises:
        ValueError: a group could never have five: the list of what goes with what is incomplete.
    """
    found: dict[str, list[AuthorityCode]] = {}
    for code, county in sorted(counties.items()):
        found.setdefault(group_of(county), []).append(code)
    small = [group for group, members in found.items() if len(members) < SMALLEST_SET]
    if small:
        raise ValueError(f"county groups of fewer than {SMALLEST_SET}: {small}")
    return {group: tuple(members) for group, members in sorted(found.items())}


def sets_of(
    contributors: Collection[AuthorityCode], groups: Mapping[str, Collection[AuthorityCode]]
) -> Sets:
    """The one way to add what these have contributed.

    Raises:
        DomainError: `statistics.too_few`: fewer than five, nothing is added.
    """
    nation = tuple(sorted(set(contributors)))
    if len(nation) < SMALLEST_SET:
        raise DomainError("statistics.too_few", least=SMALLEST_SET)
    present = {
        group: tuple(code for code in sorted(members) if code in nation)
        for group, members in sorted(groups.items())
    }
    kept = {group: members for group, members in present.items() if len(members) >= SMALLEST_SET}
    while kept and 0 < len(Sets(nation, kept).rest) < SMALLEST_SET:
        smallest = min(kept, key=lambda group: (len(kept[group]), group))
        del kept[smallest]
    return Sets(nation, kept)


def check_sets(named: Sets, wanted: Sets) -> None:
    """Raise `statistics.set_not_fixed` unless an order names just what follows from the lists."""
    if named != wanted:
        raise DomainError("statistics.set_not_fixed")


def check_no_difference(sums: Collection[Collection[AuthorityCode]]) -> None:
    """Refuse sums of the same numbers that, subtracted, leave fewer than five municipalities.

    Nothing that `sets_of` makes is refused here; this holds whatever made the sets.

    Raises:
        DomainError: `statistics.sets_differ_by_few`.
    """
    sets = [frozenset(each) for each in sums]
    for place, one in enumerate(sets):
        for other in sets[place + 1 :]:
            if 0 < len(one - other) < SMALLEST_SET or 0 < len(other - one) < SMALLEST_SET:
                raise DomainError("statistics.sets_differ_by_few", least=SMALLEST_SET)
