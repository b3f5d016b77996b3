"""Letters and papers as people meet them, by page and by API."""

import io

import pypdf
import pytest

from services.handover import api as handover
from tests.support.casework import CANARY
from tests.support.leaks import BASE, _session
from tests.support.on_paper import JONKOPING, came, drafted, newest, proposed, requested, sent

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
SCAN = b"%PDF-1.7 inlast"


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def upload(desk, path, who="asta", content=SCAN, **fields):
    form = {"_csrf_token": _session(desk.people[who]).form_token, **fields}
    return await desk.client.post(
        path,
        data=form,
        files={"file": ("svar.pdf", content, "application/pdf")},
        headers={
            "authorization": f"Bearer {who}",
            "cookie": f"test={who}",
            "origin": BASE,
            "sec-fetch-site": "same-origin",
        },
    )


async def test_the_request_is_a_letter_with_its_four_parts_and_no_name(pair, desks) -> None:
    town, desk = pair.linkoping, desks[0]
    _, handover_id = await proposed(town)
    message_id = await newest(town, handover_id)
    got = await desk.call("GET", f"/handovers/{handover_id}/letters/{message_id}", "asta")
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["cache-control"] == "no-store"
    said = words(got.content)
    for part in (
        "Begäran om överflyttning av ärende",
        "IFO 2026/17",
        "Jönköpings kommun",
        "1. Skälen för starkast anknytning",
        "2. Vad personen själv vill Vill till Jönköping.",
        "3. Hur länge behovet väntas finnas Tills vidare.",
        "4. Övriga omständigheter Familjen bor där.",
        "Så svarar ni",
    ):
        assert part in said, part
    assert CANARY not in said
    assert "199503149800" not in said.replace("-", "")
    again = await desk.call("GET", f"/api/v1/handovers/{handover_id}/letters/{message_id}", "asta")
    assert again.content == got.content  # what is printed today is what is kept tomorrow


async def test_the_dossier_leaves_as_a_letter_with_the_person_and_what_is_withheld(
    pair, desks
) -> None:
    town, desk = pair.linkoping, desks[0]
    case_id, handover_id = await requested(town, kinds=("identity", "residence", "needs.housing"))
    await town.bench.document(case_id)
    await came(town, case_id, handover_id, handover.SaidYes(town.bench.today))
    message_id = await newest(town, handover_id, "dossier")
    got = await desk.call("GET", f"/handovers/{handover_id}/letters/{message_id}", "asta")
    said = words(got.content)
    for part in ("Underlag för övertagande", CANARY, "Lämnas inte, och varför", "Hyreskontrakt"):
        assert part in said, part
    assert "Linköping ansvarar" in said


async def test_a_letter_is_noted_as_sent_and_kept_as_it_was(pair, desks) -> None:
    town, desk = pair.linkoping, desks[0]
    case_id, handover_id = await proposed(town)
    base, message_id = f"/handovers/{handover_id}", await newest(town, handover_id)
    shown = (await desk.call("GET", f"{base}/papers", "asta")).text
    assert "Kommunen har ingen nod: begäran går på papper" in shown
    assert "Begäran om överflyttning av ärende" in shown
    address = f"{base}/letters/{message_id}/sent"
    wrong = await desk.call("POST", address, "asta", {"sent_on": "i går", "means": "courier"})
    assert wrong.status_code == 422
    assert 'value="i går"' in wrong.text
    given = {"sent_on": town.bench.today.isoformat(), "means": "courier"}
    done = await desk.call("POST", address, "asta", given)
    assert (done.status_code, done.headers["location"]) == (303, f"{base}/papers")
    kept = [each for each in (await town.view(handover_id)).papers if each.what == "sent"]
    letter = await desk.call("GET", f"{base}/letters/{message_id}", "asta")
    file = await desk.call("GET", f"/cases/{case_id}/documents/{kept[0].document_id}/file", "asta")
    assert file.content == letter.content
    twice = await desk.call("POST", f"/api/v1{address}", "asta", given)
    assert twice.status_code == 409
    assert twice.json()["code"] == "handover.letter_already_sent"


async def test_a_paper_is_uploaded_by_one_and_compared_by_another(pair, desks) -> None:
    town, desk = pair.linkoping, desks[0]
    _, handover_id = await requested(town)
    base, today = f"/handovers/{handover_id}", town.bench.today.isoformat()
    view = await town.view(handover_id)
    given = {"revision": str(view.row.revision), "received_on": today, "text": "Vi säger ja."}
    missing = await upload(desk, f"{base}/papers/accepted", **given)
    assert missing.status_code == 422
    assert "Vi säger ja." in missing.text
    assert "Välj filen igen" in missing.text
    done = await upload(desk, f"{base}/papers/accepted", take_over_on=today, **given)
    assert (done.status_code, done.headers["location"]) == (303, base)
    assert await town.state(handover_id) == "proposed"
    second = (await desk.call("GET", f"{base}/confirm", "gun")).text
    for part in ("Ja, de tar över", "Vi säger ja.", "Öppna papperet och jämför", "ensidigt"):
        assert part in second, part
    confirm = {"revision": given["revision"], "decision": "confirm"}
    own = await desk.call("POST", f"{base}/confirm", "asta", confirm)
    assert own.status_code == 422
    assert (await desk.call("POST", f"{base}/confirm", "gun", confirm)).status_code == 303
    assert await town.state(handover_id) == "sending"
    assert CANARY not in (await desk.call("GET", f"{base}/papers", "gun")).text


async def test_a_scan_that_was_taken_in_is_offered_again_when_the_rest_is_wrong(
    pair, desks
) -> None:
    town, desk = pair.linkoping, desks[0]
    _, handover_id = await requested(town)
    view = await town.view(handover_id)
    given = {
        "revision": str(view.row.revision),
        "received_on": town.bench.today.isoformat(),
        "code": "facts_differ",
        "text": "Nej tack.",
    }
    path = f"/handovers/{handover_id}/papers/declined"
    wrong = await upload(desk, path, **given)
    assert wrong.status_code == 422
    assert "Nej tack." in wrong.text
    chosen = wrong.text.split(" selected>")[0].rpartition('<option value="')[2].split('"')[0]
    done = await upload(
        desk, path, **given | {"code": "need_is_short", "document_id": chosen}, content=b""
    )
    assert done.status_code == 303


async def test_all_of_it_can_be_done_by_the_api(pair, desks) -> None:
    town, desk = pair.linkoping, desks[0]
    case_id, handover_id = await proposed(town)
    await sent(town, handover_id)
    base = f"/api/v1/handovers/{handover_id}"
    seen = (await desk.call("GET", base, "asta")).json()
    assert seen["may_say"][0] == "receipt"
    document_id = await town.bench.document(case_id, SCAN, section="journal")
    payload = {
        "type": "paper_received",
        "received_on": town.bench.today.isoformat(),
        "document_id": str(document_id),
        "said": {"type": "receipt"},
    }
    signed = {"revision": seen["row"]["revision"], "payload": payload}
    assert (await desk.call("POST", f"{base}/signatures", "asta", signed)).status_code == 201
    again = (await desk.call("GET", base, "gun")).json()
    confirmed = await desk.call(
        "POST", f"{base}/confirmation", "gun", {"revision": again["row"]["revision"]}
    )
    assert confirmed.status_code in {201, 204}
    assert (await town.view(handover_id)).row.receipt_at is not None


async def test_after_the_take_over_chain_and_evidence_say_that_they_are_one_sided(
    pair, desks
) -> None:
    town, desk = pair.linkoping, desks[0]
    case_id, handover_id = await requested(town)
    await came(town, case_id, handover_id, handover.SaidYes(town.bench.today))
    await sent(town, handover_id, "dossier")
    await came(town, case_id, handover_id, handover.TookOver(town.bench.today))
    life = (await desk.call("GET", f"/handovers/{handover_id}", "asta")).text
    assert "Jönköping ansvarar" in life
    chain = (await desk.call("GET", f"/cases/{case_id}/handovers", "asta")).text
    assert "Ensidigt: Linköping har skrivit under ensamt." in chain
    proof = (await desk.call("GET", f"/handovers/{handover_id}/evidence", "asta")).text
    assert "Beviset är ensidigt" in proof


async def test_before_it_is_proposed_the_preview_says_what_paper_means(pair, desks) -> None:
    _, handover_id = await drafted(pair.linkoping, number="")
    shown = (await desks[0].call("GET", f"/handovers/{handover_id}/step/3", "asta")).text
    assert "Kommunen har ingen nod: begäran går på papper." in shown
    fourth = (await desks[0].call("GET", f"/handovers/{handover_id}/step/4", "asta")).text
    assert "Ert diarienummer" in fourth
    fifth = (await desks[0].call("GET", f"/handovers/{handover_id}/step/5", "asta")).text
    assert "Skriv ert diarienummer." in fifth
    assert str(JONKOPING) not in fifth
