"""Differences name rule and source; law is quoted by its day; the register knows 290."""

from datetime import date

import pytest

from shared.errors import DomainError
from shared.policy import (
    DecidedIn,
    Document,
    LawBook,
    LawReference,
    Policy,
    PolicyInvalid,
    PolicyStruct,
    Sourced,
    differences,
    load_law,
    municipalities,
    municipality_register,
    tenants_root,
)


class Row(PolicyStruct, frozen=True, kw_only=True):
    decision: str
    roles: tuple[str, ...]
    document: str = "p"
    section: str = "1"
    verified: bool = True
    assumed: bool = False
    note: str = ""

    @property
    def rule_key(self):
        return self.decision

    @property
    def rule_value(self):
        return list(self.roles)


class Inner(PolicyStruct, frozen=True, kw_only=True):
    days: Sourced[int]


class Rules(PolicyStruct, frozen=True, kw_only=True):
    inner: Inner
    title: str = ""
    rows: tuple[Row, ...] = ()


def policy(days, rows=(), section="Tid"):
    raw = {
        "rules": {
            "inner": {
                "days": {"value": days, "document": "p", "section": section, "verified": True}
            },
            "rows": [{"decision": kind, "roles": roles} for kind, roles in rows],
        }
    }
    decided = DecidedIn(document="p", section="1", verified=True)
    documents = {"p": Document(kind="policy", title="Policyn")}
    return Policy("0580", date(2022, 1, 1), decided, documents, raw)


SECTIONS = {"rules": Rules}


def test_a_difference_names_rule_values_and_sources():
    (found,) = differences(policy(14), policy(10, section="Svar"), SECTIONS)
    assert found.rule == "rules.inner.days"
    assert (found.left.value, found.right.value) == (14, 10)
    assert (found.left.document, found.right.section) == ("Policyn", "Svar")


def test_equal_values_from_different_sections_are_no_difference():
    assert differences(policy(14), policy(14, section="Svar"), SECTIONS) == []


def test_rows_are_compared_by_what_they_decide():
    ours = policy(14, [("open", ["a"]), ("close", ["a"])])
    theirs = policy(14, [("close", ["b"]), ("find", ["c"])])
    found = {
        each.rule: (each.left.value, each.right.value)
        for each in differences(ours, theirs, SECTIONS)
    }
    assert found == {
        "rules.open": (["a"], None),
        "rules.close": (["a"], ["b"]),
        "rules.find": (None, ["c"]),
    }


def reference(start, end=None):
    return LawReference(
        id="transfer",
        act="SoL",
        number="2001:453",
        provision="2 a kap. 10 §",
        rule="…",
        valid_from=start,
        valid_to=end,
        verified=False,
        source="IVO",
    )


def test_law_is_quoted_as_it_stood_that_day():
    book = load_law(tenants_root() / "law.toml")
    assert book.on("transfer.request", date(2025, 6, 30)).citation == "2 a kap. 10 § SoL (2001:453)"
    assert book.on("transfer.request", date(2025, 7, 1)).number == "2025:400"
    assert "transfer.dispute" in book.ids


@pytest.mark.parametrize("day", [date(2010, 1, 1), date(2026, 1, 1)])
def test_law_out_of_force_is_not_quoted(day):
    with pytest.raises(DomainError) as refusal:
        LawBook([reference(date(2011, 5, 1), date(2025, 6, 30))]).on("transfer", day)
    assert refusal.value.code == "law.none_in_force"


@pytest.mark.parametrize(
    "references",
    [
        [reference(date(2011, 5, 1)), reference(date(2025, 7, 1))],
        [reference(date(2011, 5, 1), date(2025, 7, 1)), reference(date(2025, 7, 1))],
        [reference(date(2011, 5, 1), date(2010, 1, 1))],
    ],
)
def test_references_never_overlap_nor_end_before_they_begin(references):
    with pytest.raises(PolicyInvalid):
        LawBook(references)


def test_a_wrong_law_file_is_refused(tmp_path):
    (tmp_path / "law.toml").write_text("[[law]]\nid = 1\n")
    with pytest.raises(PolicyInvalid, match=r"\$\.law"):
        load_law(tmp_path / "law.toml")


def test_the_register_knows_every_municipality():
    assert len(municipalities()) == 290
    assert municipalities()["1480"] == "Göteborg"
    assert municipality_register()["0580"].county_name == "Östergötlands län"
