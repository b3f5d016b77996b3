"""Scenario 10: the year is closed. Both parties follow up the agreement, and the board gets a report.

There is one report a year: played again, the story goes on from where that one stands.
"""

import asyncio
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pypdf

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.clock import TODAY, set_clock
from infra.demo.story import LINKOPING, Outcome, Tell

UNIT = "lpo-linkoping"
YEAR = TODAY.year
OVER = TODAY.replace(year=YEAR + 1, month=1, day=18)
"""The year is over, and counted: once."""
CONTACTS = 6
"""New first contacts: as many as may be told, and too few in each age to be."""
COUNTED_WITHIN_S = 120.0
AREAS = (
    "Sociala risker",
    "Segregation och utanförskap",
    "Våld i nära relation",
    "Barns och ungdomars utsatthet",
    "Brottsaktiva ungdomar",
    "Organiserad brottslighet",
    "Otrygghet i det offentliga rummet",
    "Alkohol och narkotika",
)
ACTIVITY = "Avhopparverksamheten har fått fler medarbetare och en egen samordnare."
TEXTS = {
    "summary": "Samverkan om avhoppare fungerar, och åtagandena är i huvudsak uppfyllda.",
    "proposal": "Kommunstyrelsen godkänner årsrapporten.",
    "send_list": "Socialförvaltningen\nLokalpolisområde Linköping",
}


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once.

    Raises:
        StoryError: a step did not go as it must.
    """
    coordinator = cast.at(LINKOPING, "samordnare")
    director = cast.at(LINKOPING, "socialchef")
    officer = cast.officer(LINKOPING, UNIT)
    await _contacts(cast.at(LINKOPING, "handlaggare1"))
    await _plan(coordinator, tell)
    await _followed_up(coordinator, director, officer, tell)
    set_clock(cast.folder, OVER)
    path = await _reported(coordinator, director, officer, tell)
    return await _judged(director, officer, path)


async def _contacts(worker: Caller) -> None:
    for number in range(CONTACTS):
        contact = {
            "channel": "phone",
            "person_kind": "exiter",
            "on_behalf": "self",
            "personal_number": None,
            "given_name": "Anonym",
            "family_name": f"Påhittad {number}",
            "registered_municipality": LINKOPING,
            "protected_identity": "EXIT_THREAT",
            "wants_to_apply": False,
            "note": "Vill veta vilket stöd som finns.",
        }
        await worker.post("/cases", contact)


async def _plan(coordinator: Caller, tell: Tell) -> None:
    """The eight areas, and an activity that stands under two of them."""
    title = f"Handlingsplan {YEAR}"
    plans = (await coordinator.get("/action-plans"))["items"]
    if any(each["plan"]["title"] == title for each in plans):
        return
    made = await coordinator.post(
        "/action-plans",
        {
            "title": title,
            "valid_from": f"{YEAR}-01-01",
            "valid_until": f"{YEAR}-12-31",
            "areas": AREAS,
            "agreement": "Samverkansöverenskommelsen 2022",
        },
    )
    for areas, text, status in (
        ((1, 6), ACTIVITY, "DONE"),
        ((7,), "Trygghetsvandringar i tre stadsdelar.", "ONGOING"),
    ):
        activity = {"text": text, "areas": areas, "status": status, "owner": "Socialförvaltningen"}
        await coordinator.post(f"/action-plans/{made['id']}/activities", activity)
    tell("Handlingsplanens åtta områden och aktiviteter är registrerade.")


async def _followed_up(coordinator: Caller, director: Caller, officer: Caller, tell: Tell) -> None:
    """Both parties are reminded, write, and sign the same text."""
    seen = await officer.get("/follow-up")
    is_first = all(each["year"] != YEAR or not each["sealed_at"] for each in seen["meetings"])
    reminded = [each for each in seen["dues"] if each["stage"] in {"soon", "overdue"}]
    if is_first and not any(each["about"] == str(YEAR) for each in reminded):
        raise StoryError("polisen blev inte påmind om årets uppföljning")
    tell(f"Påminnelse till båda parter: {len(reminded)} skäl att följa upp överenskommelsen.")
    begun = next((each for each in seen["meetings"] if not each["sealed_at"]), None)
    meeting_id = (
        begun["meeting_id"]
        if begun
        else (await coordinator.post("/follow-up/meetings", {"year": YEAR}))["id"]
    )
    path = f"/follow-up/meetings/{meeting_id}"
    found = await coordinator.get(path)
    await coordinator.put(f"{path}/minutes", _minutes(found))
    number = (await officer.get(path))["number"]
    await director.post(f"{path}/signatures", {"number": number})
    changed = _minutes(await officer.get(path), "Svarstiden följs varje månad.")
    await officer.put(f"{path}/minutes", changed)
    if (await officer.get(path))["signatures"]:
        raise StoryError("en ändrad text behöll en underskrift")
    number += 1
    await officer.post(f"{path}/signatures", {"number": number})
    await director.post(f"{path}/signatures", {"number": number})
    tell("Polisen ändrar en rad; socialchefen får underteckna på nytt. Båda har undertecknat.")


def _minutes(found: Mapping[str, Any], development: str = "Svarstiden följs.") -> dict[str, Any]:
    answers = [
        {"code": each["code"], "outcome": "met"} for each in found["agreement"]["obligations"]
    ]
    answers[-2] |= {"outcome": "partly", "reasons": "Några svar dröjde längre än avtalat."}
    return {
        "number": found["number"],
        "held_on": TODAY.date().isoformat(),
        "present": "Socialchefen och chefen för lokalpolisområdet.",
        "answers": answers,
        "law": "Hänvisningarna till socialtjänstlagen byts ut.",
        "development": development,
    }


async def _reported(coordinator: Caller, director: Caller, officer: Caller, tell: Tell) -> str:
    """From draft to published; where it stands already, from there."""
    rows = (await coordinator.get("/annual-reports"))["items"]
    known = next((each for each in rows if each["year"] == YEAR), None)
    report_id = (
        known["report_id"]
        if known
        else (await coordinator.post("/annual-reports", {"year": YEAR}))["id"]
    )
    path = f"/annual-reports/{report_id}"
    seen = await coordinator.get(path)
    if seen["state"] == "DRAFT":
        texts = [{"section": name, "text": text} for name, text in TEXTS.items()]
        await coordinator.put(f"{path}/texts", {"revision": seen["revision"], "texts": texts})
        await _counted(coordinator, path)
        await _act(coordinator, path, "submission")
        tell("Rapporten är skriven och räknad, och fryst när den skickas till parterna.")
    for who in (director, officer):
        if (await director.get(path))["state"] == "PARTY_REVIEW":
            party = "police" if who is officer else "municipality"
            if party not in (await officer.get(path))["signed"]:
                await _act(who, path, "sign")
    if (await officer.get(path))["state"] == "DISCLOSURE_CHECK":
        await _act(director, path, "pass_check")
        tell("Båda har undertecknat. Röjandekontrollen släpper igenom den.")
    if (await officer.get(path))["state"] == "KS":
        await _act(director, path, "publication", decision="2027-02-09 § 31")
        tell("Kommunstyrelsen har beslutat, och rapporten är publicerad.")
    return path


async def _act(who: Caller, path: str, act: str, **more: str) -> None:
    body: dict[str, Any] = {"revision": (await who.get(path))["revision"], **more}
    if act in {"submission", "publication"}:
        await who.post(f"{path}/{act}", body)
    else:
        await who.post(f"{path}/acts", {**body, "act": act})


async def _counted(who: Caller, path: str) -> None:
    """The worker counts within a quarter of a minute."""
    loop = asyncio.get_running_loop()
    until = loop.time() + COUNTED_WITHIN_S
    while (await who.get(path))["counted_at"] is None:
        if loop.time() > until:
            raise StoryError("årets tal räknades inte")
        await asyncio.sleep(0.5)


async def _judged(director: Caller, officer: Caller, path: str) -> Outcome:
    """What both parties can read, as a page's data, as PDF and as DOCX."""
    found = await director.get(path)
    shown: Mapping[str, int] = found["figures"]["shown"]
    pdf = pypdf.PdfReader(io.BytesIO(await officer.download(f"{path}/report.pdf")))
    word = zipfile.ZipFile(io.BytesIO(await officer.download(f"{path}/report.docx")))
    document = word.read("word/document.xml").decode()
    forms: Sequence[str] = (
        " ".join(" ".join(each.extract_text() for each in pdf.pages).split()),
        document,
    )
    wanted = ("visas inte", "Organiserad brottslighet", "egen samordnare", "Några svar dröjde")
    is_right = (
        found["state"] == "PUBLISHED"
        and set(found["signed"]) == {"municipality", "police"}
        and bool(found["sha256"])
        and all(text in form for text in wanted for form in forms)
        and not any(0 < count < 5 for count in shown.values())
        and shown.get("contacts", 0) >= CONTACTS // 5 * 5
    )
    says = (
        f"Årsrapporten {YEAR} är publicerad som PDF och DOCX: {found['sha256'][:12]} …",
        f"{len(shown)} tal visas, {len(found['figures']['hidden'])} visas inte: de är för små.",
    )
    return Outcome("", is_right, says)
