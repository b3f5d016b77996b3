"""Så arbetar vi says every rule of the policy once, with its source, and who decides what."""

import pytest

from gateway.how_we_work import described
from gateway.policies import SECTIONS
from gateway.texts.how_we_work import STEPS
from shared.policy import load_tenant, tenants_root
from shared.policy.diff import rules


def policy(code):
    return load_tenant(tenants_root() / code).policies.policies[-1]


@pytest.mark.parametrize("code", ["0580", "0581", "1480"])
def test_every_rule_of_the_policy_stands_there_once_with_its_source(code):
    ours = policy(code)
    work = described(ours)
    shown = [each for step in work.steps for each in (*step.rules, *step.decisions)]
    wanted = rules(ours, SECTIONS)
    assert sorted(each.rule for each in shown) == sorted(wanted)
    for each in shown:
        side = wanted[each.rule]
        assert (each.document, each.section) == (side.document, side.section)
        assert (each.verified, each.assumed) == (side.verified, side.assumed)
        assert each.value
    assert work.total == len(wanted)
    assert work.verified == sum(side.verified for side in wanted.values()) < work.total


def test_the_delegation_order_stands_beside_the_step_that_it_belongs_to():
    steps = {step.title: step for step in described(policy("0580")).steps}
    assert "Övrigt" not in steps
    found = {each.rule: each.value for each in steps["Tillhörighet"].decisions}
    assert found == {
        "decisions.residence.find": "handläggare, tillsammans med en annan: gruppledare"
    }
    at_once = described(policy("1480"))
    aid = next(step for step in at_once.steps if step.title == "Bistånd")
    assert any(each.rule.startswith("decisions.immediate.") for each in aid.decisions)


def test_a_rule_that_no_step_names_stands_last_and_is_not_left_out(monkeypatch):
    monkeypatch.setattr("gateway.how_we_work.STEPS", STEPS[:2])
    work = described(policy("0580"))
    assert [step.title for step in work.steps] == ["Kontakt", "Anmälan och oro", "Övrigt"]
    rest = work.steps[-1]
    assert "handover.answer_within" in {each.rule for each in rest.rules}
    assert "decisions.handover.propose" in {each.rule for each in rest.decisions}
