"""The bad inputs of the scenarios, each by its form and by the API.

By form: the page comes back with a Swedish sentence and everything that was written. By the API: a
problem with a stable code, and nothing has changed. The two of files, one byte too many and a
program named .pdf, stand in `test_documents_come_in.py`.
"""

import html
import re

import pytest

from services.cases import api as cases
from services.handover import api as handover

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

CONTACT = {
    "channel": "referral",
    "person_kind": "exiter",
    "on_behalf": "self",
    "personal_number": "19990505-9896",
    "given_name": "Ture & مرحبا",
    "family_name": "Prov",
    "registered_municipality": "0580",
    "protected_identity": "EXIT_THREAT",
    "wants_to_apply": True,
    "note": "Vill <lämna> 🙂.",
}
LONG = ("مرحبا بالعالم 🙂 Å" * 6250)[:99_999] + "!"


def said(response):
    """The page's words, as a person reads them."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def hidden(text):
    """What the page's form posts unseen, but for its token."""
    main = text[text.index("<main") : text.index("</main>")]
    found = re.findall(r'<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', main)
    return {name: html.unescape(value) for name, value in found if name != "_csrf_token"}


def holds(response, given):
    """Whether each thing that was written stands in the form again."""
    text = html.unescape(response.text)
    for name, value in given.items():
        if name not in {"term", "revision", "wants_to_apply"}:
            assert str(value) in text, name
    return True


def comes_back(response, sentence, given, status=422):
    """The form, with the sentence in its summary, and filled in."""
    assert response.status_code == status, said(response)[:400]
    assert sentence in said(response)
    assert "<title>Fel: " in response.text
    return holds(response, given)


def problem(response, code, sentence, status=422):
    """A problem for programs, with the same words for people."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code)
    assert sentence in body["detail"]
    return body


async def how_many(desk):
    return len((await desk.call("GET", "/api/v1/cases", "asta")).json()["items"])


# -- what a contact may not say --------------------------------------------------------------------


async def by_contact_form(desk, **wrong):
    before = await how_many(desk)
    given = {name: "true" if value is True else value for name, value in CONTACT.items()} | wrong
    response = await desk.call("POST", "/cases/new", "asta", given)
    assert await how_many(desk) == before
    return response, given


async def by_contact_api(desk, **wrong):
    before = await how_many(desk)
    response = await desk.call("POST", "/api/v1/cases", "asta", CONTACT | wrong)
    assert await how_many(desk) == before
    return response


CHECK_DIGIT = {"personal_number": "19950314-9801"}
NOT_BORN = {"personal_number": "20990101-2394"}
NOWHERE = {"registered_municipality": "9999"}


async def test_a_wrong_check_digit_by_form(desks):
    response, given = await by_contact_form(desks[0], **CHECK_DIGIT)
    assert comes_back(response, "Personnumret stämmer inte.", given)


async def test_a_wrong_check_digit_by_api(desks):
    response = await by_contact_api(desks[0], **CHECK_DIGIT)
    problem(response, "person.number_invalid", "Personnumret stämmer inte.")
    assert "9801" not in response.text


async def test_a_birth_in_the_future_by_form(desks):
    response, given = await by_contact_form(desks[0], **NOT_BORN)
    assert comes_back(response, "Födelsedatumet ligger i framtiden.", given)


async def test_a_birth_in_the_future_by_api(desks):
    response = await by_contact_api(desks[0], **NOT_BORN)
    problem(response, "person.born_in_future", "Födelsedatumet ligger i framtiden.")


async def test_a_municipality_that_does_not_exist_by_form(desks):
    response, given = await by_contact_form(desks[0], **NOWHERE)
    # A list has no choice that does not exist: all but that comes back.
    del given["registered_municipality"]
    assert comes_back(response, "Kommunkoden finns inte.", given)


async def test_a_municipality_that_does_not_exist_by_api(desks):
    response = await by_contact_api(desks[0], **NOWHERE)
    problem(response, "municipality.unknown", "Kommunkoden finns inte.")


# -- handovers that can not be ---------------------------------------------------------------------

TO_ONESELF = "Ärendet kan inte lämnas över till den egna kommunen."
NO_GROUND = "Välj vad överlämningen stöds på: samtycke eller ett lagrum."
ON_ITS_WAY = "Ärendet är redan på väg till en annan kommun."


async def handovers_of(town, case_id):
    gun = await town.bench.leader()
    return await handover.drafts_of_case(town.node, gun, case_id)


async def test_a_handover_to_oneself_by_form(pair, desks):
    case_id = await pair.linkoping.bench.investigated()
    path = f"/cases/{case_id}/handovers/new"
    response = await desks[0].call("POST", path, "asta", {"term": "1", "receiver": "0580"})
    assert comes_back(response, TO_ONESELF, {})
    assert not await handovers_of(pair.linkoping, case_id)


async def test_a_handover_to_oneself_by_api(pair, desks):
    case_id = await pair.linkoping.bench.investigated()
    path = f"/api/v1/cases/{case_id}/handovers"
    response = await desks[0].call("POST", path, "asta", {"term": 1, "receiver": "0580"})
    problem(response, "handover.to_oneself", TO_ONESELF)
    assert not await handovers_of(pair.linkoping, case_id)


async def test_a_handover_without_a_legal_ground_by_form(pair, desks):
    _, handover_id, _ = await pair.drafted(consent=None)
    path = f"/handovers/{handover_id}/step/5"
    shown = await desks[0].call("GET", path, "asta")
    assert NO_GROUND in said(shown)
    assert "Lämna till kollega" not in said(shown)
    revision = (await pair.linkoping.view(handover_id)).row.revision
    response = await desks[0].call("POST", path, "asta", {"revision": str(revision)})
    assert comes_back(response, NO_GROUND, {})
    assert await pair.linkoping.state(handover_id) == "draft"


async def test_a_handover_without_a_legal_ground_by_api(pair, desks):
    _, handover_id, _ = await pair.drafted(consent=None)
    revision = (await pair.linkoping.view(handover_id)).row.revision
    response = await desks[0].call(
        "POST",
        f"/api/v1/handovers/{handover_id}/signatures",
        "asta",
        {"revision": revision, "payload": {"type": "propose"}},
    )
    problem(response, "handover.no_legal_ground", NO_GROUND)
    assert await pair.linkoping.state(handover_id) == "draft"


async def test_a_second_handover_of_a_case_on_its_way_by_form(pair, desks):
    case_id, _, _ = await pair.proposed()
    path = f"/cases/{case_id}/handovers/new"
    response = await desks[0].call("POST", path, "asta", {"term": "1", "receiver": "0581"})
    assert comes_back(response, ON_ITS_WAY, {}, 409)
    assert len(await handovers_of(pair.linkoping, case_id)) == 1


async def test_a_second_handover_of_a_case_on_its_way_by_api(pair, desks):
    case_id, _, _ = await pair.proposed()
    path = f"/api/v1/cases/{case_id}/handovers"
    response = await desks[0].call("POST", path, "asta", {"term": 1, "receiver": "0581"})
    problem(response, "handover.already_open", ON_ITS_WAY, 409)
    assert len(await handovers_of(pair.linkoping, case_id)) == 1


# -- a decision by somebody who may not make it ----------------------------------------------------

HOUSING = {
    "kind": "aid.emergency_housing",
    "outcome": "GRANTED",
    "area": "housing",
    "matter": "Jourboende <två veckor>.",
    "reasons": "Hotet kräver det & brådskar.",
    "granted_from": "2026-11-22",
    "granted_until": "2026-12-06",
}
NOT_YOURS = "fattas av gruppledare enligt Typisk delegationsordning för socialtjänsten, 5.2."


async def test_a_decision_by_who_may_not_make_it_by_form(pair, desks):
    case_id = await pair.linkoping.bench.admitted()
    given = {"term": "1", **HOUSING, "read_back": "yes"}
    response = await desks[0].call("POST", f"/cases/{case_id}/aid/new", "asta", given)
    del given["read_back"]
    assert comes_back(response, NOT_YOURS, given)
    assert await decided(desks[0], case_id) == []


async def test_a_decision_by_who_may_not_make_it_by_api(pair, desks):
    case_id = await pair.linkoping.bench.admitted()
    path = f"/api/v1/cases/{case_id}/aid-decisions"
    response = await desks[0].call("POST", path, "asta", {"term": 1, **HOUSING})
    problem(response, "decision.not_delegate", NOT_YOURS)
    assert await decided(desks[0], case_id) == []


async def decided(desk, case_id):
    return (await desk.call("GET", f"/api/v1/cases/{case_id}/programme", "asta")).json()["aids"]


# -- a long note in several scripts ----------------------------------------------------------------


TOO_LONG = "Texten är för lång. Den får ha högst 200000 tecken."


async def notes_of(town, case_id):
    asta = await town.bench.case_worker()
    return [note.text for note in (await cases.read_case(town.node, asta, case_id, "prov")).notes]


def note(pair, **changes):
    today = pair.linkoping.bench.today.isoformat()
    return {
        "term": 1,
        "kind": "fact",
        "text": LONG,
        "source": "Personen själv",
        "happened_on": today,
        **changes,
    }


async def test_100_000_characters_in_several_scripts_by_form(pair, desks):
    case_id = await pair.linkoping.bench.investigated()
    path = f"/cases/{case_id}/notes/new"
    # An emoji is the longest that a form can make of a character: twelve bytes each.
    for text in (LONG, "🙂" * 100_000):
        kept = await desks[0].call("POST", path, "asta", note(pair, term="1", text=text))
        assert kept.status_code == 303
        assert text in await notes_of(pair.linkoping, case_id)
    too_long = note(pair, term="1", text=LONG * 2 + "!")
    response = await desks[0].call("POST", path, "asta", too_long)
    assert comes_back(response, TOO_LONG, too_long)


async def test_100_000_characters_in_several_scripts_by_api(pair, desks):
    case_id = await pair.linkoping.bench.investigated()
    path = f"/api/v1/cases/{case_id}/notes"
    assert (await desks[0].call("POST", path, "asta", note(pair))).status_code == 201
    assert LONG in await notes_of(pair.linkoping, case_id)
    response = await desks[0].call("POST", path, "asta", note(pair, text=LONG * 2 + "!"))
    problem(response, "text.too_long", TOO_LONG)


async def test_what_is_too_large_to_read_is_said_so_and_where_the_text_still_is(desks):
    body = {"note": "x" * 3_000_001}
    sentence = "Gå tillbaka i webbläsaren: det du skrev står kvar där."
    page = await desks[0].call("POST", "/cases/new", "asta", body)
    assert (page.status_code, sentence in said(page)) == (413, True)
    response = await desks[0].call("POST", "/api/v1/cases", "asta", body)
    problem(response, "request.too_large", sentence, 413)


# -- two handlers at once --------------------------------------------------------------------------

MEANWHILE = "ändrats"


async def test_two_handlers_who_save_the_same_form_at_once_by_form(pair, desks):
    _, handover_id, _ = await pair.drafted()
    path = f"/handovers/{handover_id}/step/1"
    shown = hidden((await desks[0].call("GET", path, "asta")).text)
    first = await desks[0].call("POST", path, "asta", shown | {"duration": "Astas & text."})
    second = await desks[0].call("POST", path, "gun", shown | {"duration": "Guns & text."})
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Astas & text." in said(second)
    assert "Guns & text." in said(second)
    assert (await pair.linkoping.view(handover_id)).draft.duration == "Astas & text."


async def test_two_handlers_who_save_the_same_form_at_once_by_api(pair, desks):
    _, handover_id, _ = await pair.drafted()
    path = f"/api/v1/handovers/{handover_id}"
    view = (await desks[0].call("GET", path, "asta")).json()
    body = {"revision": view["row"]["revision"], "draft": view["draft"]}
    first = await desks[0].call(
        "PUT", f"{path}/draft", "asta", body | {"draft": view["draft"] | {"duration": "Ett."}}
    )
    second = await desks[0].call(
        "PUT", f"{path}/draft", "gun", body | {"draft": view["draft"] | {"duration": "Två."}}
    )
    assert first.status_code in {200, 204}
    problem(second, "handover.changed_meanwhile", MEANWHILE, 409)
    kept = (await desks[0].call("GET", path, "asta")).json()
    assert kept["draft"]["duration"] == "Ett."
