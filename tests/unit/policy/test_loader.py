"""A tenant's folder is read whole or not at all, and the message names the place."""

from datetime import date
from pathlib import Path

import pytest

from shared.errors import DomainError
from shared.policy import (
    DecidedIn,
    Document,
    Policy,
    PolicyBook,
    PolicyInvalid,
    PolicyStruct,
    Sourced,
    load_tenant,
    load_tenants,
)

AUTHORITY = """
code = "0580"
name = "Linköpings kommun"
short_name = "Linköping"
kind = "municipality"
runs_node = true
colour = "#1d4f7c"
[duty_contact]
name = "Jouren"
telephone = "växeln"
hours = "dygnet runt"
[[function]]
address = "avhoppare"
name = "Avhopparverksamheten"
roles = ["case_worker"]
"""
UNIT = """[[unit]]
code = "lpo"
name = "Lokalpolisområdet"
kind = "local_police_area"
municipalities = ["{}"]
[[function]]"""
POLICY = """
[document.agreement]
kind = "agreement"
title = "Överenskommelsen"
[[policy]]
valid_from = 2022-01-01
decided_in = { document = "agreement", section = "Giltighet", verified = true }
[policy.rules.days]
value = 14
document = "agreement"
section = "Tid"
verified = true
[[policy]]
valid_from = 2024-01-01
decided_in = { document = "agreement", section = "Giltighet", verified = true }
[policy.rules.days]
value = 10
document = "agreement"
section = "Tid"
verified = true
"""


class Rules(PolicyStruct, frozen=True, kw_only=True):
    days: Sourced[int]


SECTIONS = {"rules": Rules}


def folder(tmp_path: Path, authority: str = AUTHORITY, policy: str | None = POLICY) -> Path:
    made = tmp_path / "0580"
    made.mkdir()
    (made / "authority.toml").write_text(authority, encoding="utf-8")
    if policy is not None:
        (made / "policy.toml").write_text(policy, encoding="utf-8")
    return made


def refused(tmp_path: Path, text: str, **files: str | None) -> None:
    with pytest.raises(PolicyInvalid, match=text):
        load_tenant(folder(tmp_path, **files), SECTIONS)


def test_a_folder_is_an_authority(tmp_path):
    folder(tmp_path)
    tenants = load_tenants(tmp_path, SECTIONS)
    assert list(tenants) == ["0580"]
    assert tenants["0580"].authority.functions[0].address == "avhoppare"
    assert tenants["0580"].authority.units == ()


def test_the_block_in_force_is_the_latest_that_has_begun(tmp_path):
    book = load_tenant(folder(tmp_path), SECTIONS).policies
    assert book.on(date(2023, 12, 31)).section("rules", Rules).days.value == 14
    assert book.on(date(2024, 1, 1)).section("rules", Rules).days.value == 10


def test_no_policy_is_in_force_before_the_first_block(tmp_path):
    book = load_tenant(folder(tmp_path)).policies
    with pytest.raises(DomainError) as refusal:
        book.on(date(2021, 12, 31))
    assert refusal.value.code == "policy.none_in_force"


def test_the_hash_follows_the_values_and_not_the_layout(tmp_path):
    one = load_tenant(folder(tmp_path)).policies.policies[0]
    (tmp_path / "again").mkdir()
    laid_out = load_tenant(folder(tmp_path / "again", policy="# hej\n" + POLICY))
    (tmp_path / "other").mkdir()
    changed = load_tenant(folder(tmp_path / "other", policy=POLICY.replace("14", "13")))
    assert laid_out.policies.policies[0].sha256 == one.sha256
    assert changed.policies.policies[0].sha256 != one.sha256


def test_a_published_block_reads_back_as_it_was(tmp_path):
    policy = load_tenant(folder(tmp_path)).policies.policies[0]
    again = Policy.from_published(policy.published())
    assert again.sha256 == policy.sha256
    again.check(SECTIONS)
    assert again.section("rules", Rules) == policy.section("rules", Rules)


def test_a_published_block_that_is_none_is_refused():
    with pytest.raises(PolicyInvalid, match="published policy"):
        Policy.from_published(b"{}")


def test_two_blocks_never_begin_on_one_day():
    document = Document(kind="policy", title="P")
    decided = DecidedIn(document="p", section="1", verified=True)
    block = Policy("0580", date(2022, 1, 1), decided, {"p": document}, {})
    with pytest.raises(PolicyInvalid, match="same day"):
        PolicyBook("0580", [block, block])


@pytest.mark.parametrize(
    ("was", "now", "names"),
    [
        ("value = 14", 'value = "fjorton"', r"\[rules\].*\$\.days\.value"),
        ("value = 14", "value = 14\nextra = 1", r"\$\.days"),
        ("[policy.rules.days]\nvalue = 14", "[policy.rule.days]\nvalue = 14", "no service has"),
        (
            '[policy.rules.days]\nvalue = 14\ndocument = "agreement"\nsection = "Tid"\nverified = true\n',
            "",
            r"\[rules\] is missing",
        ),
        ('14\ndocument = "agreement"', '14\ndocument = "other"', "rules.days: no document"),
        ('{ document = "agreement"', '{ document = "other"', "decided_in: no document"),
        ("valid_from = 2022-01-01\n", "", r"lacks \['valid_from'\]"),
        ("valid_from = 2022-01-01", 'valid_from = "i fjol"', "policy.valid_from"),
        ('kind = "agreement"', 'kind = "rumour"', "at document"),
        ("[document.agreement]", "extra = 1\n[document.agreement]", r"unknown fields \['extra'\]"),
        ("[[policy]]", "[[policy]", "policy.toml"),
        ("verified = true }", "verified = true, sure = true }", "decided_in"),
    ],
)
def test_a_wrong_policy_file_is_refused_with_its_place(tmp_path, was, now, names):
    assert was in POLICY
    refused(tmp_path, names, policy=POLICY.replace(was, now, 1))


class Row(PolicyStruct, frozen=True, kw_only=True):
    document: str


class Rows(PolicyStruct, frozen=True, kw_only=True):
    rows: tuple[Row, ...]


def test_the_source_of_a_row_is_checked_too():
    policy = Policy(
        "0580",
        date(2022, 1, 1),
        DecidedIn(document="p", section="1", verified=True),
        {"p": Document(kind="policy", title="P")},
        {"table": {"rows": [{"document": "p"}, {"document": "q"}]}},
    )
    with pytest.raises(PolicyInvalid, match=r"table\.rows\[1\]: no document named 'q'"):
        policy.check({"table": Rows})


def test_a_municipality_without_a_policy_is_refused(tmp_path):
    refused(tmp_path, "and nobody else, has a policy", policy=None)


def test_a_policy_file_without_a_block_is_refused(tmp_path):
    refused(tmp_path, "no .*policy.* block", policy="")


def test_only_a_municipality_has_a_policy(tmp_path):
    refused(tmp_path, "nobody else", authority=AUTHORITY.replace('"municipality"', '"collector"'))


def test_a_folder_without_an_authority_is_refused(tmp_path):
    (tmp_path / "0580").mkdir()
    with pytest.raises(PolicyInvalid, match="missing"):
        load_tenants(tmp_path)


@pytest.mark.parametrize(
    ("was", "now", "names"),
    [
        ('code = "0580"', 'code = "0581"', "folder's name"),
        ('code = "0580"', 'code = "05*0"', "four digits"),
        ("#1d4f7c", "#1D4F7C", "hexadecimal"),
        ("#1d4f7c", "#ffcc00", "contrast"),
        ('kind = "municipality"', 'kind = "region"', r"\$\.kind"),
        ('"avhoppare"', '"Avhoppare *"', "lower-case letters"),
        ('roles = ["case_worker"]', "roles = []", "at least one role"),
        ("[[function]]", "[[functions]]", "unknown field"),
        (AUTHORITY[AUTHORITY.index("[[function]]") :], "", "needs a function"),
        (
            AUTHORITY[AUTHORITY.index("[[function]]") :],
            AUTHORITY[AUTHORITY.index("[[function]]") :] * 2,
            "used twice",
        ),
        (
            "[[function]]",
            UNIT.format("0580"),
            "only the police",
        ),
        (
            "[[function]]",
            UNIT.format("Linköping"),
            "four digits",
        ),
    ],
)
def test_a_wrong_authority_file_is_refused_with_its_place(tmp_path, was, now, names):
    assert was in AUTHORITY
    refused(tmp_path, names, authority=AUTHORITY.replace(was, now, 1))


def test_a_value_is_never_both_assumed_and_verified():
    with pytest.raises(ValueError, match="both"):
        Sourced(value=1, document="p", section="1", verified=True, assumed=True)
