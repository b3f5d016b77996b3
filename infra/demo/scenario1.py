"""Scenario 1: from a phone call in Linköping to a programme completed without relapse; by the API."""

from datetime import date, datetime, timedelta
from typing import Any

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.clock import TODAY, set_clock
from infra.demo.story import LINKOPING, POLICE, File, Office, Outcome, Tell, room_of

UNIT = "lpo-linkoping"
NUMBER = "20010822-9816"
CONTACT = {
    "channel": "phone",
    "given_name": "Alva",
    "family_name": "Almgren",
    "personal_number": NUMBER,
    "registered_municipality": LINKOPING,
    "note": "Ringer själv. Vill lämna ett nätverk som bestraffar den som går.",
}
AREAS = ("housing", "economy", "occupation", "health_care", "addiction", "family", "safety")
KINDS = ("identity", "residence", "threat_level", *(f"needs.{area}" for area in AREAS))
FIRST = TODAY + timedelta(days=80)
"""Each follow-up within the three months that the municipality's policy gives."""
LAST = FIRST + timedelta(days=85)


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Tell it; both parties assess, the delegate decides, the goals are met.

    Raises:
        StoryError: a step did not go as it must.
    """
    office = Office(cast, LINKOPING)
    try:
        file = await investigated(office, tell)
        await admitted(file, tell)
        goal = await _in_programme(file, tell)
        await _followed_up(file, cast, goal, tell)
        return await _completed(file, tell)
    finally:
        set_clock(cast.folder)


def _coordinator(file: File) -> Caller:
    return file.office.cast.at(LINKOPING, "samordnare")


async def investigated(office: Office, tell: Tell) -> File:
    """A case whose four tracks are answered."""
    file = await File.register(office, CONTACT)
    tell(f"{office.worker.name} tar emot samtalet. Ärendet heter {file.code_name}.")
    await file.assign_two()
    await file.assign(_coordinator(file), "exit_coordinator", "Samordnar")
    await file.write(
        "consents",
        {
            "counterparties": [
                {"authority": POLICE, "function": "police"},
                {"authority": LINKOPING, "function": "social_services"},
            ],
            "purposes": ["threat_assessment", "cooperation"],
            "kinds": list(KINDS),
            "valid_until": (TODAY.date() + timedelta(days=360)).isoformat(),
        },
    )
    found = await file.write(
        "residence-findings",
        {
            "finding": "HERE",
            "municipality": LINKOPING,
            "ground": "main_rule",
            "facts": "Folkbokförd och boende i Linköping.",
        },
    )
    await file.write(f"residence-findings/{found['id']}/confirmation", {}, office.leader)
    await file.needs(*AREAS)
    await file.threat(UNIT, "MEDIUM", 30)
    tell("Fyra spår: hör hit enligt huvudregeln, hotet är medel, samtycke finns, behoven utredda.")
    return file


async def admitted(file: File, tell: Tell) -> None:
    """Both parties answer for the assessment: coordinator and police, nobody twice."""
    coordinator = _coordinator(file)
    await file.write("entry/ready", {})
    seen = await coordinator.get(f"{file.path}/entry")
    answers = [
        {
            "criterion": row["code"],
            "answer": "yes",
            "reasons": "Personen uppfyller det; se utredningen.",
        }
        for row in seen["criteria"]
    ]
    made = await file.write(
        "entry/assessments", {"group": "criminal_network", "answers": answers}, coordinator
    )
    path = f"entry/assessments/{made['id']}"
    await file.write(f"{path}/signatures", {"party": "municipality"}, coordinator)
    early = await coordinator.ask("POST", f"{file.path}/{path}/admission", {"term": file.term})
    if early.status_code < 400:
        raise StoryError("ingen skulle antas utan polisens underskrift")
    officer = file.office.officer(UNIT)
    room = await room_of(officer, file.code_name)
    await officer.post(
        f"/joint-rooms/{room}/papers/{made['id']}/word", {"term": file.term, "word": "AGREED"}
    )
    await file.write(f"{path}/admission", {}, coordinator)
    await _demand_state(file, "AGREEMENT_PENDING")
    tell("Kommunen och polisen undertecknar bedömningen. Personen är antagen.")


async def _in_programme(file: File, tell: Tell) -> str:
    today = TODAY.date()
    await file.write(
        "agreements",
        {"conditions": ["no_crime", "keep_contact", "register_checks"], "signed_on": _day(today)},
    )
    aid = {
        "kind": "aid.counselling",
        "outcome": "GRANTED",
        "area": "occupation",
        "matter": "Kontaktperson två gånger i veckan och hjälp att hitta arbete.",
        "reasons": "Behovet kan inte tillgodoses på annat sätt.",
        "granted_from": _day(today),
    }
    coordinator = _coordinator(file)
    body = {"term": file.term, **aid}
    refused = await coordinator.ask("POST", f"{file.path}/aid-decisions", body)
    if refused.json().get("code") != "decision.not_delegate":
        raise StoryError("bara delegaten skulle få besluta")
    made = await file.write("aid-decisions", aid)
    letter = await file.office.worker.download(f"{file.path}/aid-decisions/{made['id']}/letter")
    if not letter.startswith(b"%PDF"):
        raise StoryError("beslutet kom inte som PDF")
    await file.write(f"aid-decisions/{made['id']}/told", {"told_on": _day(today)})
    await file.write("programme-start", {"first_follow_up_on": _day(FIRST.date())})
    goal = await file.write(
        "goals",
        {
            "area": "occupation",
            "text": "Ett arbete eller en utbildning.",
            "due_on": _day(LAST.date()),
        },
    )
    await file.write(
        "measures",
        {"aid_id": made["id"], "what": "Kontaktperson", "started_on": _day(today)},
    )
    await _demand_state(file, "ACTIVE")
    tell(
        f"Överenskommelsen är undertecknad. {file.office.worker.name} beslutar enligt "
        "delegationsordningen; samordnaren nekas. Programmet börjar."
    )
    return str(goal["id"])


async def _followed_up(file: File, cast: Cast, goal: str, tell: Tell) -> None:
    for at, score, next_at in ((FIRST, "PARTLY", LAST), (LAST, "MET", LAST + timedelta(days=80))):
        set_clock(cast.folder, at)
        await file.write("register-checks", {})
        await _nothing_to_report(file)
        await file.write(
            "follow-ups",
            {
                "held_on": _day(at.date()),
                "scores": [{"goal_id": goal, "score": score}],
                "summary": "Håller det som är avtalat.",
                "persons_view": "Vill fortsätta.",
                "next_on": _day(next_at.date()),
            },
        )
        tell(f"Uppföljning {_day(at.date())}. Polisens register: inget att rapportera.")


async def _nothing_to_report(file: File) -> None:
    officer = file.office.officer(UNIT)
    room = await room_of(officer, file.code_name)
    seen = await officer.get(f"/joint-rooms/{room}")
    asked = next(
        each
        for each in seen["questions"]
        if each["kind"] == "register_check" and each["answered_at"] is None
    )
    await officer.post(
        f"/joint-rooms/{room}/answers",
        {
            "term": seen["term"],
            "question_id": asked["question_id"],
            "answer": "NOTHING_TO_REPORT",
        },
    )


async def _completed(file: File, tell: Tell) -> Outcome:
    """The final threat level is the police's; an old one does not close a case."""
    coordinator = _coordinator(file)
    ending = {"summary": "Arbete, inga brott.", "continued_support": "Öppenvård vid behov."}
    body = {"term": file.term, **ending}
    early = await coordinator.ask("POST", f"{file.path}/completion", body)
    if early.json().get("code") != "closing.threat_outdated":
        raise StoryError("en gammal hotbedömning skulle inte räcka")
    await _low_at_last(file, LAST)
    await file.write("completion", ending, coordinator)
    summary = await file.summary()
    header = (await file.read())["header"]
    closing = (await file.office.worker.get(f"{file.path}/programme"))["closing"]
    tell(f"{coordinator.name} avslutar ärendet som fullföljt.")
    is_right = (
        (header["state"], header["ended_reason"]) == ("ENDED", "COMPLETED")
        and summary["responsible"] == LINKOPING
        and closing["threat_level"] == "LOW"
        and closing["register_check"] == "NOTHING_TO_REPORT"
        and closing["goals_met"] == 1
    )
    says = (
        f"Ärendet {file.code_name}: avslutat, fullföljt.",
        "Linköping ansvarade hela tiden. Slutlig hotnivå: låg.",
    )
    return Outcome("", is_right, says)


async def _low_at_last(file: File, at: datetime) -> None:
    await file.write("threat-requests", {"unit": UNIT})
    officer = file.office.officer(UNIT)
    room = await room_of(officer, file.code_name)
    await officer.post(
        f"/joint-rooms/{room}/threat-assessments",
        {
            "term": file.term,
            "level": "LOW",
            "method": "structured",
            "next_review_on": _day(at.date() + timedelta(days=60)),
        },
    )


async def _demand_state(file: File, state: str) -> None:
    header: dict[str, Any] = (await file.read())["header"]
    if header["state"] != state:
        raise StoryError(f"ärendet skulle vara i {state}, men är i {header['state']}")


def _day(day: date) -> str:
    return day.isoformat()
