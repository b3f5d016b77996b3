"""Every tenant file loads, says where its values come from, and never changes after its day."""

import json
import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from gateway.policies import SECTIONS, load_federation
from gateway.texts.policy import DECISIONS, ROLES, RULES, rule_name, say
from infra.new_tenant import new_tenant
from infra.policy_diff import UnknownMunicipality, diff
from services.decisions.policy import DecisionKind, DecisionsPolicy
from services.handover.policy import HandoverPolicy
from shared.policy import PolicyInvalid, load_law, municipalities, tenants_root
from shared.policy.diff import rules

DAY = date(2026, 11, 22)
HASHES = json.loads(Path(__file__).with_name("policies.json").read_text())
REAL_KINDS = {"policy", "agreement", "protocol", "guideline"}


@pytest.fixture(scope="module")
def federation():
    return load_federation()


@pytest.fixture
def copied(tmp_path):
    for folder in tenants_root().glob("[0-9]*"):
        shutil.copytree(folder, tmp_path / folder.name)
    return tmp_path


def municipal(federation):
    return [tenant for tenant in federation.values() if tenant.authority.kind == "municipality"]


def test_the_federation_is_the_one_described(federation):
    assert {code: tenant.authority.kind for code, tenant in federation.items()} == {
        "0580": "municipality",
        "0581": "municipality",
        "1480": "municipality",
        "9000": "operator",
        "9001": "police",
        "9002": "national_coordination",
        "9003": "collector",
        "9004": "collector",
    }
    assert {code for code, tenant in federation.items() if not tenant.authority.runs_node} == {
        "9000",
        "9001",
    }


def test_a_policy_is_never_edited_after_its_day(federation):
    """A changed hash means an edited block: add a new block instead, and its hash here."""
    assert {
        tenant.code: {str(each.valid_from): each.sha256 for each in tenant.policies.policies}
        for tenant in municipal(federation)
    } == HASHES


def test_what_is_verified_stands_in_a_governing_document(federation):
    for tenant in municipal(federation):
        for policy in tenant.policies.policies:
            titles = {each.title: each for each in policy.documents.values()}
            for rule, side in rules(policy, SECTIONS).items():
                document = titles[side.document]
                if side.verified:
                    assert document.kind in REAL_KINDS, rule
                    assert document.seed, rule
                if document.kind in {"product_default", "assumption", "practice", "web"}:
                    assert not side.verified, rule
                assert side.section, rule


def test_norrkoping_is_assumed_throughout(federation):
    policy = federation["0581"].policies.on(DAY)
    assert federation["0581"].authority.assumed
    assert all(side.assumed for side in rules(policy, SECTIONS).values())


@pytest.mark.parametrize("code", ["0580", "1480"])
def test_the_seeded_municipalities_assume_nothing(federation, code):
    policy = federation[code].policies.on(DAY)
    assert not any(side.assumed for side in rules(policy, SECTIONS).values())


def test_every_kind_of_decision_has_a_row_and_a_name(federation):
    kinds = set(DecisionKind.__args__)
    assert set(DECISIONS) == kinds
    for tenant in municipal(federation):
        order = tenant.policies.on(DAY).section("decisions", DecisionsPolicy)
        assert {row.decision for row in order.delegation} == kinds


def test_every_rule_has_a_swedish_name_and_every_value_a_phrase(federation):
    named = set()
    for tenant in municipal(federation):
        for rule, side in rules(tenant.policies.on(DAY), SECTIONS).items():
            named.add(rule)
            assert rule_name(rule)
            assert "_" not in say(side.value), rule
    assert {rule for rule in named if not rule.startswith("decisions.")} == set(RULES)


def test_functions_are_read_by_roles_that_have_a_name(federation):
    for tenant in federation.values():
        for function in tenant.authority.functions:
            assert set(function.roles) <= set(ROLES)


def test_every_municipality_has_a_local_police_area_and_a_protection_unit(federation):
    units = federation["9001"].authority.units
    for tenant in municipal(federation):
        kinds = {unit.kind for unit in units if tenant.code in unit.municipalities}
        assert kinds == {"local_police_area", "police_protection_unit"}
    assert federation["9001"].authority.find_unit("bops-ost").kind == "police_protection_unit"
    assert federation["9001"].authority.find_unit("bops-norr") is None


def test_the_register_and_the_tenants_agree_on_names(federation):
    for tenant in municipal(federation):
        assert tenant.authority.short_name == municipalities()[tenant.code]


def test_every_law_reference_is_in_force_today():
    book = load_law(tenants_root() / "law.toml")
    for reference in book.ids:
        assert book.on(reference, DAY).rule


def test_adding_a_folder_is_enough_to_add_a_municipality(copied):
    new_tenant("0680", copied)
    federation = load_federation(copied)
    assert federation["0680"].authority.name == "Jönköpings kommun"
    assert federation["0680"].policies.on(DAY).section("handover", HandoverPolicy)
    assert "Norrköping" not in (copied / "0680" / "policy.toml").read_text()
    found = diff("0680", "0580", on=DAY, root=copied)
    assert "handover.answer_within" in {each.rule for each in found.differences}


def test_a_municipality_that_is_none_or_is_there_is_not_written(copied):
    for code in ("9999", "0580"):
        with pytest.raises(PolicyInvalid):
            new_tenant(code, copied)


def test_a_receiving_function_that_does_not_exist_stops_the_start(copied):
    file = copied / "0580" / "authority.toml"
    file.write_text(file.read_text().replace('address = "avhoppare"', 'address = "brevlada"'))
    with pytest.raises(PolicyInvalid, match="receiving_function"):
        load_federation(copied)


def test_linkoping_and_goteborg_differ_on_threat_and_extremism():
    found = {each.rule: each for each in diff("0580", "1480", on=DAY).differences}
    threat = found["cases.entry.threat"]
    assert (threat.left.value, threat.right.value) == ("required", "not_required")
    assert threat.left.section == "Målgrupp – definition avhoppare"
    assert threat.right.document == "Göteborgs Stads policy för arbete med avhoppare"
    assert "cases.entry.extremism_included" in found
    assert "cases.work.retention" not in found


def test_the_comparison_is_printed_for_people_and_for_programs():
    comparison = diff("0580", "1480", on=DAY)
    paper = StringIO()
    comparison.print(Console(file=paper, width=200))
    assert "Krav på hotbild  cases.entry.threat" in paper.getvalue()
    assert f"{len(comparison.differences)} regler skiljer sig." in paper.getvalue()
    assert json.loads(comparison.as_json())["left_policy"]["sha256"] == HASHES["0580"]["2022-01-01"]


def test_a_municipality_differs_from_itself_in_nothing():
    paper = StringIO()
    diff("0580", "0580", on=DAY).print(Console(file=paper))
    assert "Inga skillnader." in paper.getvalue()


@pytest.mark.parametrize(
    ("code", "day"), [("9999", DAY), ("9001", DAY), ("0580", date(2000, 1, 1))]
)
def test_comparing_with_who_has_no_policy_is_refused_in_swedish(code, day):
    with pytest.raises(UnknownMunicipality, match=r"Ingen kommun|har ingen policy"):
        diff(code, "1480", on=day)
