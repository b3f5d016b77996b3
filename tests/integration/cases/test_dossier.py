"""What travels is what the ground lets through; the rest is named with its reason."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cases import api as cases
from services.cases.api import INFORMATION_KINDS, Counterparty, DossierScope
from services.protection import api as protection
from services.protection.api import GiveThreat, room_of
from shared.errors import AccessDenied
from shared.ids import CaseId, SubjectId, random_id
from tests.support.casework import GOTEBORG

pytestmark = pytest.mark.servers

NEVER = {"journal", "contact_data", "police_material", "third_parties"}


async def project(bench, case_id, kinds=INFORMATION_KINDS, *, may_pass=True):
    scope = DossierScope(frozenset(kinds), may_pass, GOTEBORG)
    key = await bench.node.case_keys.get(SubjectId(case_id))
    async with bench.node.db.begin(await bench.case_worker()) as uow:
        dossier = await cases.project_dossier(uow, key, case_id, scope)
        await uow.commit()
    return dossier


def tags(dossier):
    return {section.__struct_config__.tag for section in dossier.sections}


def withheld(dossier):
    return {each.section: each.reason for each in dossier.withheld}


@pytest.fixture
async def full(bench):
    """A case with every section there is."""
    case_id = await bench.investigated()
    await bench.consent(case_id)
    await bench.found_elsewhere(case_id)
    asta = await bench.case_worker()
    for area in cases.NEED_AREAS:
        need = cases.RecordNeed(case_id, 1, area, f"Behov {area}", f"Insats {area}")
        await cases.record_need(bench.node, asta, need)
    await bench.threat_asked(case_id)
    given_level = GiveThreat(
        room_of(SubjectId(case_id)), 1, "MEDIUM", "unstructured", bench.today.replace(day=29)
    )
    await protection.give_threat(bench.node, await bench.officer(), given_level)
    return case_id


async def test_every_subset_sends_what_it_names_and_withholds_the_rest(bench, full):
    """Each kind, sent or withheld, never both and never lost, whatever else is in the scope."""
    everything = await project(bench, full)
    assert tags(everything) == {*INFORMATION_KINDS, "consents"}
    for kind in INFORMATION_KINDS:
        for kinds in ({kind}, set(INFORMATION_KINDS) - {kind}, set()):
            dossier = await project(bench, full, kinds)
            assert tags(dossier) == {*kinds, "consents"}
            expected = dict.fromkeys(set(INFORMATION_KINDS) - kinds, "not_in_consent")
            held_back = withheld(dossier)
            assert {name: held_back[name] for name in expected} == expected
            assert set(held_back) == {*expected, *NEVER}


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(kinds=st.sets(st.sampled_from(INFORMATION_KINDS)), may_pass=st.booleans())
async def test_nothing_outside_the_scope_is_anywhere_in_the_dossier(bench, full, kinds, may_pass):
    text = repr(await project(bench, full, kinds, may_pass=may_pass))
    for area in cases.NEED_AREAS:
        assert (f"Behov {area}" in text) == (f"needs.{area}" in kinds)
        assert (f"Insats {area}" in text) == (f"needs.{area}" in kinds)
    assert ("19950314" in text) == ("identity" in kinds)
    assert ("flesta nätter" in text) == ("residence" in kinds)
    assert ("MEDIUM" in text) == (may_pass and "threat_level" in kinds)


async def test_the_level_stays_until_the_police_have_approved(bench, full):
    dossier = await project(bench, full, may_pass=False)
    assert withheld(dossier)["threat_level"] == "police_have_not_approved"


async def test_what_the_file_does_not_have_is_neither_sent_nor_withheld(bench):
    case_id = await bench.investigated()
    dossier = await project(bench, case_id)
    assert (tags(dossier), set(withheld(dossier))) == ({"identity"}, NEVER)


async def test_a_finding_that_nobody_has_confirmed_does_not_travel(bench):
    case_id = await bench.investigated()
    finding = cases.RecordResidence(
        case_id, 1, "OTHER", GOTEBORG, "nights_rest", "Bara ett utkast."
    )
    await cases.record_residence(bench.node, await bench.case_worker(), finding)
    assert "utkast" not in repr(await project(bench, case_id))


async def test_a_consent_does_not_tell_the_receiver_of_a_third_town(bench):
    case_id = await bench.investigated()
    norrkoping = Counterparty("0581", "social_services")
    await bench.consent(case_id, counterparties=(norrkoping,))
    assert "consents" not in tags(await project(bench, case_id))
    goteborg = Counterparty(GOTEBORG, "social_services")
    await bench.consent(case_id, counterparties=(norrkoping, goteborg))
    dossier = await project(bench, case_id)
    (section,) = [s for s in dossier.sections if s.__struct_config__.tag == "consents"]
    assert [item.counterparties for item in section.consents] == [((GOTEBORG, "social_services"),)]
    assert "0581" not in repr(dossier)


async def test_a_withdrawn_consent_does_not_travel(bench):
    case_id = await bench.investigated()
    consent_id = await bench.consent(case_id)
    await cases.withdraw_consent(
        bench.node, await bench.case_worker(), cases.WithdrawConsent(case_id, 1, consent_id)
    )
    assert "consents" not in tags(await project(bench, case_id))


async def test_who_sees_no_file_projects_none(bench):
    case_id = await bench.investigated()
    key = await bench.node.case_keys.get(SubjectId(case_id))
    stranger = await bench.case_worker("Nils")
    scope = DossierScope(frozenset(), may_pass_level=False, receiver=GOTEBORG)
    for actor, asked in ((stranger, case_id), (await bench.case_worker(), CaseId(random_id()))):
        async with bench.node.db.begin(actor) as uow:
            with pytest.raises(AccessDenied):
                await cases.project_dossier(uow, key, asked, scope)
