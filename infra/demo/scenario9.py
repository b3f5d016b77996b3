"""Scenario 9: the threat rises from low to high at night, from the API alone."""

from datetime import datetime, timedelta
from typing import Any

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.clock import TODAY, set_clock
from infra.demo.story import GOTEBORG, File, Office, Outcome, Tell, room_of
from shared.clock import STOCKHOLM

LOCAL, BOPS = "lpo-goteborg", "bops-vast"
NIGHT = datetime(2026, 11, 23, 2, 14, tzinfo=STOCKHOLM)
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=STOCKHOLM)
"""The next working day after the night to a Monday, when access for the night is long over."""


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case.

    Raises:
        StoryError: a step did not go as it must.
    """
    office = Office(cast, GOTEBORG)
    file = await _watched(office, tell)
    await _put_on_call(office, tell)
    set_clock(cast.folder, NIGHT)
    await _raise(file, tell)
    aid_id = await _answer(file, tell)
    await _confirm_reading(file, tell)
    set_clock(cast.folder, MORNING)
    await _review(file, aid_id, tell)
    return await _afterwards(file)


async def _watched(office: Office, tell: Tell) -> File:
    file = await File.register(
        office,
        {
            "channel": "visit",
            "personal_number": "19960473-9814",
            "given_name": "Noor",
            "family_name": "Nattskärra",
            "registered_municipality": None,
            "note": "Har samordningsnummer. Vill lämna.",
        },
    )
    await file.assign(office.leader, "team_leader", "Leder arbetet")
    await file.consent(("identity", "threat_level"))
    await file.threat(LOCAL, "LOW", 60)
    tell(f"Ärendet får kodnamnet {file.code_name}. Lokalpolisområdet bedömer hotet som lågt.")
    return file


async def _put_on_call(office: Office, tell: Tell) -> None:
    """The leader lets the colleague, who is in no such case, be on call that night."""
    jour, leader = office.colleague, office.leader
    for duty in (await leader.get("/on-call"))["duties"]:  # of a story that was played before
        await leader.post(f"/on-call/{duty['duty_id']}/end", {})
    begins = TODAY.replace(hour=16, minute=30)
    await leader.post(
        "/on-call",
        {
            "staff_id": (await jour.get("/me"))["staff_id"],
            "from_at": begins.isoformat(),
            "until_at": (begins + timedelta(hours=15, minutes=30)).isoformat(),
        },
    )
    tell(f"{leader.name} lägger in {jour.name} i jour över natten.")


async def _raise(file: File, tell: Tell) -> None:
    """02.14: the local area calls Bops, who gives HIGH in the joint room."""
    jour, office = file.office.colleague, file.office
    await _refused(jour, "GET", file.path, 404)
    local, bops = office.officer(LOCAL), office.officer(BOPS)
    room = await room_of(local, file.code_name)
    await local.post(f"/joint-rooms/{room}/alarms", {"term": file.term})
    review = (NIGHT + timedelta(days=14)).date().isoformat()
    given = {"term": file.term, "level": "HIGH", "method": "unstructured", "next_review_on": review}
    await _refused(local, "POST", f"/joint-rooms/{room}/threat-assessments", 422, given)
    await bops.post(f"/joint-rooms/{room}/threat-assessments", given)
    tell("02.14: lokalpolisen larmar, och Bops höjer hotnivån till hög.")


async def _answer(file: File, tell: Tell) -> str:
    """Who is on call is in the case at once: reads, writes, decides what cannot wait, no more."""
    jour = file.office.colleague
    alarm = await _alarm(jour, file)
    seen = await jour.get(file.path)
    holders = [each["holder"] for each in seen["acute_protection"]]
    if holders != ["police", "municipality"] or seen["acute_protection"][0]["unit"] != BOPS:
        raise StoryError("ansvaret för det akuta skyddet flyttades inte till Bops")
    await file.write(f"alarms/{alarm['alarm_id']}/reading", {}, jour)
    note = {"kind": "fact", "text": "Talade med Bops.", "source": "Telefon"}
    await file.write("notes", note | {"happened_on": NIGHT.date().isoformat()}, jour)
    need = {"term": file.term, "area": "housing", "text": "Boende."}
    await _refused(jour, "POST", f"{file.path}/needs", 422, need)
    wanted = {
        "kind": "aid.emergency_housing",
        "area": "housing",
        "matter": "Boende på annan plats i tre nätter.",
        "reasons": "Hotet är högt och personen kan inte vara kvar hemma i natt.",
        "granted_from": NIGHT.date().isoformat(),
        "granted_until": (NIGHT.date() + timedelta(days=2)).isoformat(),
    }
    path = f"{file.path}/immediate-decisions"
    await _refused(file.office.worker, "POST", path, 422, {"term": file.term, **wanted})
    made = await file.write("immediate-decisions", wanted, jour)
    tell(f"{jour.name} har jour, ser ärendet i samma stund och fattar ett omedelbart beslut.")
    return str(made["id"])


async def _confirm_reading(file: File, tell: Tell) -> None:
    worker = file.office.worker
    alarm = await _alarm(worker, file)
    await file.write(f"alarms/{alarm['alarm_id']}/reading", {}, worker)
    tell(f"{worker.name} läser larmet och bekräftar.")


async def _review(file: File, aid_id: str, tell: Tell) -> None:
    """The next working day: access for the night is over, and the ordinary delegate decides."""
    jour, worker, leader = file.office.colleague, file.office.worker, file.office.leader
    await _refused(jour, "GET", file.path, 404)
    path = f"{file.path}/immediate-decisions/{aid_id}/review"
    confirmed = {"term": file.term, "outcome": "CONFIRMED"}
    await _refused(worker, "POST", path, 422, confirmed)
    waiting = (await leader.get("/immediate-decisions"))["items"]
    if aid_id not in {row["aid_id"] for row in waiting}:
        raise StoryError("det omedelbara beslutet väntar inte på gruppledaren")
    await leader.post(path, confirmed)
    tell(f"Nästa arbetsdag bekräftar {leader.name} beslutet. Jourens tillgång har tagit slut.")


async def _afterwards(file: File) -> Outcome:
    seen = await file.read()
    (alarm,), (made,) = seen["alarms"], seen["immediate"]
    roles = {reading["role"] for reading in alarm["readings"]}
    is_right = (
        seen["person"]["personal_number"] == "199604739814"
        and roles == {"case_worker", "on_call"}
        and made["outcome"] == "CONFIRMED"
        and made["decided_by"] != made["reviewed_by"]
        and seen["acute_protection"][0]["holder"] == "police"
    )
    says = (
        "Göteborg säger: Polisen (Bops) svarar för det akuta skyddet sedan 02.14.",
        "Jouren och handläggaren har läst larmet. Det omedelbara beslutet är bekräftat av en annan.",
    )
    return Outcome("", is_right, says)


async def _alarm(who: Caller, file: File) -> Any:
    rows = (await who.get("/alarms"))["items"]
    for row in rows:
        if row["code_name"] == file.code_name:
            return row
    raise StoryError("larmet syns inte")


async def _refused(
    who: Caller, method: str, path: str, status: int, body: dict[str, Any] | None = None
) -> None:
    response = await who.ask(method, path, body)
    if response.status_code != status:
        raise StoryError(
            f"{method} …/{path.rsplit('/', maxsplit=1)[-1]}: {response.status_code}, inte {status}"
        )
