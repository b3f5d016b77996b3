"""One case's facts under two policies: the outcomes, and the rule that makes them differ."""

from dataclasses import replace

from services.cases.domain.comparison import Ruled, compare, facts_at
from services.cases.domain.entry import Answered, possible
from services.cases.policy import entry_criteria, favours_the_individual
from shared.ids import AuthorityCode
from tests.unit.cases.test_entry import GOTEBORG, IN_ORDER, LINKOPING, NORRKOPING, SCENARIO_4

HERE, THERE = AuthorityCode("0580"), AuthorityCode("1480")


def ruled(policy, facts):
    return Ruled(entry_criteria(policy), facts, favours_the_individual(policy))


def both(facts, group, answers=(), *, ours=LINKOPING, theirs=GOTEBORG, place=HERE):
    return compare(ruled(ours, facts), ruled(theirs, facts_at(facts, place, THERE)), group, answers)


def answers_of(policy, facts, group):
    """Yes wherever the file leaves a choice."""
    made = []
    for each in entry_criteria(policy):
        choices = possible(each, facts, group)
        made.append(Answered(each.code, "yes" if "yes" in choices else min(choices), "skäl"))
    return made


def row(found, code):
    return next(each for each in found.rows if each.code == code)


def test_scenario_4_is_refused_in_linkoping_and_admitted_in_goteborg_by_named_rules():
    answers = answers_of(LINKOPING, SCENARIO_4, "violent_extremism")
    found = both(SCENARIO_4, "violent_extremism", answers)
    assert (found.here, found.there) == ("NOT_MET", "MET")
    causes = {each.code for each in found.rows if each.is_cause}
    assert causes == {"target_group", "threat", "protection_need"}
    need = row(found, "protection_need")
    assert (need.here.ruling, need.here.is_condition, need.there.is_condition) == (
        "no",
        True,
        False,
    )
    assert need.here.section == "Målgrupp – definition avhoppare, andra kriteriet"
    assert row(found, "target_group").there.document.startswith("Göteborgs Stads policy")
    assert row(found, "threat").there is None


def test_where_the_person_belongs_is_asked_of_the_file_again_and_not_carried_over():
    found = both(IN_ORDER, "criminal_network", theirs=NORRKOPING)
    assert row(found, "residence").here.ruling == "yes"
    assert row(found, "residence").there.ruling == "no"
    assert row(found, "residence").is_cause
    elsewhere = replace(IN_ORDER, finding="OTHER")
    found = both(elsewhere, "criminal_network", theirs=NORRKOPING, place=THERE)
    assert (row(found, "residence").here.ruling, row(found, "residence").there.ruling) == (
        "no",
        "yes",
    )
    assert facts_at(replace(IN_ORDER, finding="UNCLEAR"), None, THERE).finding == "UNCLEAR"
    assert facts_at(replace(IN_ORDER, finding=None), HERE, THERE).finding is None


def test_what_nobody_has_answered_is_open_and_never_guessed():
    found = both(IN_ORDER, None)
    assert (found.here, found.there) == ("OPEN", "OPEN")
    assert row(found, "motivation").here.ruling == "open"
    assert not any(each.is_cause for each in found.rows)
    found = both(IN_ORDER, "other")
    assert row(found, "target_group").there.ruling == "open"


def test_what_people_judged_here_counts_alike_there():
    answers = [
        replace(each, answer="no") if each.criterion == "motivation" else each
        for each in answers_of(LINKOPING, IN_ORDER, "criminal_network")
    ]
    found = both(IN_ORDER, "criminal_network", answers)
    assert row(found, "motivation").there.ruling == "no"
    # Göteborg weighs it: it decides nothing alone.
    assert (found.here, found.there) == ("NOT_MET", "MET")
    assert row(found, "motivation").is_cause


def test_two_alike_policies_differ_in_nothing():
    answers = answers_of(LINKOPING, IN_ORDER, "criminal_network")
    found = both(IN_ORDER, "criminal_network", answers, theirs=LINKOPING, place=THERE)
    assert (found.here, found.there) == ("MET", "MET")
    assert not any(each.is_cause for each in found.rows)
