from collections.abc import Sequence

from services.statistics.domain.assembly import Totals, tables_due
from services.statistics.domain.periods import HalfYear, Year
from services.statistics.domain.plausible import group_faults, total_faults
from services.statistics.domain.table import ALL, KINDS, REST, Cell, Table
from services.statistics.domain.vector import (
    LAYOUT,
    PLACE,
    REGIONAL,
    Happening,
    Slot,
    Vector,
    tally,
)

FIRST, SECOND = HalfYear(2026, 1), HalfYear(2026, 2)
WHO = {"age": "21-25", "sex": "man", "group_type": "other", "channel": "phone", "threat": "LOW"}
WOMAN = WHO | {"sex": "woman"}


def one(contacts: int, women: int = 0, ongoing: int = 0) -> Vector:
    return tally(
        [Happening("contacts", WHO)] * contacts
        + [Happening("contacts", WOMAN)] * women
        + [Happening("ongoing", WHO)] * ongoing
    )


def added(vectors: Sequence[Vector]) -> list[int]:
    return [sum(column) for column in zip(*vectors, strict=True)]


def totals(half: HalfYear, groups: dict[str, list[Vector]], rest: list[Vector]) -> Totals:
    everybody = [vector for members in groups.values() for vector in members] + rest
    return Totals(
        half,
        added(everybody),
        {group: [added(members)[place] for place in REGIONAL] for group, members in groups.items()},
        len(everybody),
        has_rest=bool(rest),
    )


def table(made: Sequence[Table], kind: str) -> Table:
    return next(each for each in made if each.kind.id == kind)


H1 = totals(FIRST, {"01": [one(3, 1, 2)] * 5, "12": [one(1)] * 6}, [])
H2 = totals(SECOND, {"01": [one(0, 2, 1)] * 5}, [one(1, 0, 4)] * 5)


def test_the_first_half_gives_its_own_totals_and_nothing_of_the_year() -> None:
    made = tables_due(H1, None)
    assert {each.kind for each in made} == {kind for kind in KINDS if not kind.is_yearly}
    assert all(each.period == FIRST for each in made)
    assert table(made, "contacts.total").cells == {(): Cell(26, 11, 0)}


def test_a_year_is_its_halves_added_and_its_stock_the_last_ones() -> None:
    made = tables_due(H2, H1)
    assert {each.kind for each in made} == set(KINDS)
    assert table(made, "contacts").period == Year(2026)
    assert table(made, "contacts").total.persons == 26 + 15
    assert table(made, "ongoing").total.persons == 5 * 1 + 5 * 4
    by_sex = table(made, "contacts.age.sex").cells
    assert by_sex["21-25", "man"] == Cell(21 + 5, 11, 5)
    assert by_sex[ALL, "woman"] == Cell(5 + 10, 5, 11)
    assert by_sex[ALL, ALL] == Cell(41, 11, 0)
    assert by_sex["40+", ALL] == Cell(0, 0, 11)


def test_a_county_group_without_a_sum_in_one_half_is_in_the_years_rest() -> None:
    cells = table(tables_due(H2, H1), "contacts.county_group").cells
    assert set(cells) == {("01",), (REST,), (ALL,)}
    assert cells["01",] == Cell(20 + 10, 5, 6)
    assert cells[REST,] == Cell(6 + 5, 6, 5)
    assert sum(cells[key].persons for key in (("01",), (REST,))) == cells[ALL,].persons


def test_of_a_stock_the_groups_are_those_of_the_last_half() -> None:
    cells = table(tables_due(H2, H1), "ongoing.county_group").cells
    assert cells["01",].persons == 5
    assert cells[REST,].persons == 20


def test_a_year_whose_first_half_was_not_released_is_what_the_second_counted() -> None:
    made = tables_due(H2, None)
    assert table(made, "contacts").total.persons == 15
    long_ago = totals(HalfYear(2025, 1), {"01": [one(9)] * 5}, [])
    assert tables_due(H2, long_ago) == made


def test_every_margin_of_every_table_is_the_sum_of_its_cells() -> None:
    for made in tables_due(H2, H1):
        for key, cell in made.cells.items():
            for at, category in enumerate(key):
                if category == ALL:
                    parts = [
                        other.persons
                        for place, other in made.cells.items()
                        if place[at] != ALL and (*place[:at], ALL, *place[at + 1 :]) == key
                    ]
                    assert sum(parts) == cell.persons, (made.id, key)


# -- plausible -------------------------------------------------------------------------------------
def test_true_totals_are_plausible() -> None:
    for each in (H1, H2):
        assert total_faults(each.nation, each.municipalities) == ()
        assert group_faults(each.nation, each.groups, dict.fromkeys(each.groups, 6)) == ()


def spoilt(slot: Slot, value: int) -> tuple[str, ...]:
    values = list(H1.nation)
    values[PLACE[slot]] = value
    return total_faults(values, H1.municipalities)


def test_a_share_of_garbage_stops_the_release_somewhere() -> None:
    for place in range(0, len(LAYOUT), 211):
        values = list(H1.nation)
        values[place] = (values[place] + 0x9E3779B97F4A7C15) % 2**64
        assert total_faults(values, H1.municipalities), LAYOUT[place]


def test_more_contributors_than_municipalities_cannot_be() -> None:
    assert "contacts:contributors" in spoilt(Slot("contacts", (), (), "contributors"), 12)
    assert "contacts:others" in spoilt(Slot("contacts", ("sex",), ("man",), "others"), 12)


def test_a_cell_of_which_too_few_are_behind_cannot_be() -> None:
    assert "ongoing:others" in spoilt(Slot("ongoing", ("sex",), ("man",), "contributors"), 4)


def test_a_total_that_grows_fivefold_is_looked_at_first() -> None:
    before = list(H1.nation)
    place = PLACE[Slot("contacts", (), (), "persons")]
    before[place] = 5
    assert total_faults(H1.nation, 11, before) == ()  # small numbers may jump
    before[place] = 131
    assert "contacts:jump" in total_faults(H1.nation, 11, before)
    before[place] = 130
    assert total_faults(H1.nation, 11, before) == ()


def test_groups_cannot_have_more_than_the_nation() -> None:
    contacts = REGIONAL.index(PLACE[Slot("contacts", (), (), "persons")])
    behind = REGIONAL.index(PLACE[Slot("contacts", (), (), "contributors")])
    groups = {group: list(values) for group, values in H1.groups.items()}
    groups["01"][contacts] += 1
    assert group_faults(H1.nation, groups, {"01": 5, "12": 6}) == ("contacts:groups",)
    groups["01"][contacts] -= 1
    assert group_faults(H1.nation, groups, {"01": 5, "12": 5}) == ("contacts:groups",)
    groups["12"][behind] -= 1
    assert group_faults(H1.nation, groups, {"01": 5, "12": 5}) == ()
