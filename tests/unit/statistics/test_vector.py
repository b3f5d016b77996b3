import pytest

from services.statistics.domain.indicators import BY_ID, DIMENSIONS, SERIES
from services.statistics.domain.plausible import own_faults
from services.statistics.domain.vector import (
    LAYOUT,
    LAYOUT_ID,
    PLACE,
    REGIONAL,
    SIZE_BYTES,
    Happening,
    Slot,
    cuts,
    pack,
    tally,
    unpack,
)

WHO = {"age": "21-25", "sex": "man", "group_type": "criminal_network", "channel": "phone"}


def test_everybody_counts_the_same_numbers_in_the_same_order() -> None:
    # Changed only together with a new version of what travels: other nodes count by it too.
    assert LAYOUT_ID == "2f96edfc62a853fe8ae3962796c845d573ee5820cdaaf90d1697ba8fdb9912d2"
    assert len(tally([])) == len(LAYOUT)
    assert set(tally([])) == {0}


def test_one_contact_is_one_in_the_total_and_in_every_cell_that_it_belongs_to() -> None:
    vector = tally([Happening("contacts", WHO)])
    ones = {LAYOUT[place] for place, value in enumerate(vector) if value and place}
    cells = {slot for slot in LAYOUT if slot.series == "contacts"}
    mine = {
        slot
        for slot in cells
        if all(WHO[d] == c for d, c in zip(slot.dimensions, slot.key, strict=True))
    }
    assert {slot for slot in mine if slot.measure in {"persons", "contributors"}} <= ones | {
        LAYOUT[0]
    }
    others = {slot for slot in ones if slot.measure == "others"}
    assert others == {slot for slot in cells - mine if slot.measure == "others"}


def test_what_cannot_be_true_is_no_category() -> None:
    with pytest.raises(KeyError, match="category"):
        tally([Happening("contacts", WHO | {"sex": "x"})])
    with pytest.raises(KeyError):
        tally([Happening("contacts", {"age": "21-25"})])


def test_a_breakdown_of_two_has_its_margins_too() -> None:
    assert cuts(BY_ID["completed"]) == (
        (),
        ("age",),
        ("sex",),
        ("group_type",),
        ("threat",),
        ("age", "sex"),
        ("age", "group_type"),
        ("group_type", "threat"),
    )


def test_county_groups_get_totals_and_no_breakdown() -> None:
    slots = [LAYOUT[place] for place in REGIONAL]
    assert {slot.series for slot in slots} == {s.id for s in SERIES if s.is_regional}
    assert all(slot.dimensions == () for slot in slots)


def test_a_vector_is_packed_to_one_size_whatever_it_says() -> None:
    full = tally([Happening("contacts", WHO)] * 900)
    assert len(pack(full)) == len(pack(tally([]))) == SIZE_BYTES
    assert unpack(pack(full)) == full
    with pytest.raises(ValueError, match="long"):
        unpack(b"\0" * (SIZE_BYTES - 8))


def test_every_true_vector_is_plausible() -> None:
    happenings = [
        Happening(series.id, {d: DIMENSIONS[d][turn % len(DIMENSIONS[d])] for d in _of(series)})
        for series in SERIES
        for turn in range(7)
    ]
    assert own_faults(tally(happenings)) == ()
    assert own_faults(tally([])) == ()


def test_a_mistake_at_home_is_named_by_series_and_rule() -> None:
    def spoilt(slot: Slot, value: int) -> tuple[str, ...]:
        values = list(tally([Happening("contacts", WHO)] * 3))
        values[PLACE[slot]] = value
        return own_faults(values)

    assert spoilt(Slot("contacts", (), (), "persons"), 1001) == (
        "contacts:most",
        "contacts:contributors",
        "contacts:margin",
        "contacts:others",
    )
    assert "contacts:margin" in spoilt(Slot("contacts", ("sex",), ("man",), "persons"), 2)
    assert spoilt(Slot("contacts", ("sex",), ("man",), "contributors"), 0) == (
        "contacts:contributors",
        "contacts:others",
    )
    assert spoilt(Slot("contacts", ("sex",), ("woman",), "others"), 0) == ("contacts:others",)
    pair = Slot("contacts", ("age", "sex"), ("21-25", "man"), "persons")
    assert "contacts:margin" in spoilt(pair, 4)


def _of(series):
    return {d for dimensions in series.breakdowns for d in dimensions}
