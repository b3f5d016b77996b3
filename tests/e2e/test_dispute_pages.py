"""The dispute as people meet it: the same page at both ends, and IVO's application as a letter."""

import io

import pypdf
import pytest

from services.handover import api as handover

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


async def at_ivo(pair):
    case_id, handover_id, _ = await pair.declined()
    await pair.dispute(case_id, handover_id)
    await pair.settle()
    return case_id, handover_id


def words(response) -> str:
    pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def test_both_ends_read_who_is_responsible_both_statements_and_the_clock(pair, desks) -> None:
    _, handover_id = await at_ivo(pair)
    for desk in desks:
        shown = (await desk.call("GET", f"/handovers/{handover_id}/dispute", "gun")).text
        for said in (
            "Linköping ansvarar",
            "Vi delar inte bedömningen.",
            "Bor inte här.",
            "Anknytningen är inte starkast hit",
            "IVO beslutar, oftast inom tre månader",
            "Förvaltningsrätten i Karlstad",
        ):
            assert said in shown, said


async def test_after_the_ruling_both_ends_and_the_file_say_that_the_take_over_is_pending(
    pair, desks
) -> None:
    case_id, handover_id = await at_ivo(pair)
    today = pair.linkoping.bench.today
    gun = await pair.linkoping.bench.leader()
    ruling = handover.RecordRuling("receiver", "IVO 2026-123", today, today)
    await pair.linkoping.decide(handover_id, ruling, gun)
    await pair.settle()
    ours, theirs = desks
    life = (await ours.call("GET", f"/handovers/{handover_id}", "gun")).text
    assert "Göteborg är ansvarig enligt IVO:s beslut från" in life
    assert "övertagandet väntar" in life
    there = (await theirs.call("GET", f"/handovers/{handover_id}", "gun")).text
    assert "Ni är ansvariga enligt IVO:s beslut från" in there
    file = (await ours.call("GET", f"/cases/{case_id}", "asta")).text
    assert "IVO har beslutat att en annan kommun är ansvarig" in file
    assert f"/handovers/{handover_id}/dispute" in file


async def test_the_application_is_a_letter_with_all_that_ivo_wants(pair, desks) -> None:
    case_id, handover_id, _ = await pair.declined()
    bench = pair.linkoping.bench
    gun, dag = await bench.leader(), await pair.director()
    await bench.assign(case_id, gun, dag, "team_leader")
    payload = handover.ApplyToIVO(bench.today, "Sover i Göteborg, se polisens uppgift.", "SN 26-17")
    await pair.linkoping.sign(handover_id, payload, gun)
    path = f"/handovers/{handover_id}/dispute/application"

    unconfirmed = words(await desks[0].call("GET", path, "dag"))
    assert (
        "Utkast. Ansökan är inte beslutad: en andra person har inte bekräftat den." in unconfirmed
    )

    await pair.linkoping.confirm(handover_id, dag)
    await pair.settle()
    answer = await desks[0].call("GET", path, "gun")
    said = words(answer)
    for part in (
        "Ansökan om överflyttning av ärende",
        "Inspektionen för vård och omsorg",
        "SN 26-17",
        "Kanariefågel",
        "19950314-9800",
        "Familjen bor där.",  # circumstances
        "Tills vidare.",  # duration
        "Vill till Göteborg.",  # wish
        "Bostad och sysselsättning.",  # measures, in the request's words
        "Sover i Göteborg, se polisens uppgift.",  # our statement
        "Anknytningen är inte starkast hit",
        "Bor inte här.",  # theirs
        "Beslut att ansöka om överflyttning hos IVO",
        "Gun och Dag",
        "Delegationsordning, bifogas",
        "Bilagor",
        "Bevisfil",
    ):
        assert part in said, part
    assert "Utkast" not in said
    assert "Boende" in said
    assert "Hälso- och sjukvård" not in said  # neither consent nor request covers it
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="ansokan-till-ivo.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    by_api = await desks[0].call("GET", f"/api/v1/handovers/{handover_id}/ivo-application", "gun")
    assert by_api.content == answer.content


async def test_a_month_of_silence_stands_in_the_letter_instead_of_an_answer(pair, desks) -> None:
    from datetime import timedelta

    _, handover_id, _ = await pair.proposed()
    path = f"/handovers/{handover_id}/dispute/application"
    assert (await desks[0].call("GET", path, "gun")).status_code == 409
    pair.clock.move(timedelta(days=32))
    await pair.settle()
    assert "Inget skriftligt svar har kommit" in words(await desks[0].call("GET", path, "gun"))


async def test_the_address_in_the_vault_is_not_in_the_letter(pair, desks) -> None:
    from services.cases import api as cases

    case_id, handover_id, _ = await pair.declined()
    bench = pair.linkoping.bench
    content = cases.VaultContent(address="Hemliga gatan 1", phone="070-0000000")
    await cases.set_vault(
        bench.node, await bench.case_worker(), cases.SetVault(case_id, 1, content)
    )
    said = words(await desks[0].call("GET", f"/handovers/{handover_id}/dispute/application", "gun"))
    assert "Kanariefågel" in said
    assert "Hemliga" not in said
    assert "070-0000000" not in said


async def test_an_appeal_is_recorded_by_the_page_and_seen_at_both_ends(pair, desks) -> None:
    _, handover_id = await at_ivo(pair)
    path = f"/handovers/{handover_id}/appeal"
    today = pair.linkoping.bench.today.isoformat()
    unsaid = await desks[1].call("POST", path, "gun", {"document": "IVO 1", "appealed_on": today})
    assert unsaid.status_code == 422
    assert "Välj vem som har överklagat." in unsaid.text
    assert 'value="IVO 1"' in unsaid.text
    body = {"document": "IVO 1", "appealed_on": today, "is_ours": "false"}
    assert (await desks[1].call("POST", path, "gun", body)).status_code == 303
    await pair.settle()
    for desk in desks:
        shown = (await desk.call("GET", f"/handovers/{handover_id}/dispute", "gun")).text
        assert "IVO:s beslut IVO 1 överklagades" in shown


async def test_an_application_without_number_or_statement_is_asked_for_and_nothing_is_lost(
    pair, desks
) -> None:
    _, handover_id, _ = await pair.declined()
    path = f"/handovers/{handover_id}/act/apply-to-ivo"
    revision = (await pair.linkoping.view(handover_id)).row.revision
    body = {"applied_on": "2026-11-22", "text": "Vår inställning.", "revision": str(revision)}
    answer = await desks[0].call("POST", path, "gun", body)
    assert answer.status_code == 422
    assert 'id="register_number-error"' in answer.text
    assert "Vår inställning." in answer.text


async def test_the_receiver_lets_the_sender_keep_the_case_after_a_ruling(pair, desks) -> None:
    _, handover_id = await at_ivo(pair)
    today = pair.linkoping.bench.today
    ruling = handover.RecordRuling("receiver", "IVO 2026-123", today, today)
    await pair.linkoping.decide(handover_id, ruling, await pair.linkoping.bench.leader())
    await pair.settle()
    path = f"/handovers/{handover_id}/withdrawal-agreement"
    assert path in (await desks[1].call("GET", f"/handovers/{handover_id}/dispute", "gun")).text
    revision = (await pair.goteborg.view(handover_id)).row.revision
    body = {"text": "Vi är överens.", "revision": str(revision)}
    assert (await desks[1].call("POST", path, "gun", body)).status_code == 303
    await pair.settle()
    await pair.linkoping.decide(handover_id, handover.Withdraw("Ångrat."))
    await pair.settle()
    assert await pair.linkoping.state(handover_id) == "withdrawn"
