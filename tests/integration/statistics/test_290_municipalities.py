"""The whole nation: every table that can be made equals what is counted in the clear, exactly."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import product

import pytest

from infra.demo.nation import SimulatedNation
from services.statistics.domain.assembly import tables_due
from services.statistics.domain.indicators import DIMENSIONS
from services.statistics.domain.periods import HalfYear
from services.statistics.domain.table import ALL, KINDS, Cell, TableKind
from services.statistics.domain.vector import Happening, tally
from services.statistics.handlers.bodies import groups
from services.statistics.handlers.releasing import totals_of
from shared.ids import AuthorityCode
from shared.policy.municipality import municipality_register
from tests.support.nation import open_nation

pytestmark = pytest.mark.servers

DUE = "2026H2"
NOW = datetime(2027, 1, 30, 8, 0, tzinfo=UTC)
EVERYBODY = sorted(municipality_register())
Happened = Mapping[AuthorityCode, Sequence[Happening]]


def in_the_clear(happened: Happened, kind: TableKind) -> dict[tuple[str, ...], Cell]:
    """A table as anybody would count it who saw everything: one happening after the other."""
    group = {code: name for name, members in groups().items() for code in members}
    rows = [
        (code, tuple(_category(each, d, group[code]) for d in kind.dimensions))
        for code, events in happened.items()
        for each in events
        if each.series == kind.series
    ]
    choices = [
        (*(sorted(groups()) if d == "county_group" else DIMENSIONS[d]), ALL)
        for d in kind.dimensions
    ]
    cells = {}
    for key in product(*choices):
        inside = [c for c, row in rows if all(k in {ALL, r} for k, r in zip(key, row, strict=True))]
        outside = [
            c for c, row in rows if any(k not in {ALL, r} for k, r in zip(key, row, strict=True))
        ]
        cells[key] = Cell(len(inside), len(set(inside)), len(set(outside)))
    return cells


def _category(happening: Happening, dimension: str, group: str) -> str:
    return group if dimension == "county_group" else happening.attributes[dimension]


async def test_of_290_municipalities_every_table_equals_the_sum_in_the_clear(postgres_server):
    ((half, happened),) = SimulatedNation(2026).half_years(HalfYear(2026, 2), 1)
    assert half.id == DUE
    assert len(happened) == 290
    async with open_nation(postgres_server, municipalities=EVERYBODY, now=NOW) as nation:
        await nation.hand_in({code: tally(each) for code, each in happened.items()}, due=DUE)
        nation.bodies.municipalities = ()  # 290 words of thanks to nobody are not this test's
        await nation.close()
        async with nation["9002"].db.begin(nation["9002"].worker) as uow:
            totals = await totals_of(uow, DUE)
    assert totals is not None
    assert totals.municipalities == 290
    made = tables_due(totals, None)
    assert {each.kind for each in made} == set(KINDS)
    for table in made:
        assert table.cells == in_the_clear(happened, table.kind), table.id
