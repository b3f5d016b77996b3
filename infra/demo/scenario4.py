"""Scenario 4: the same facts in two municipalities, and what each one's policy makes of them.

Somebody wants to leave a violent-extremist group; the police know of no threat. Göteborg's policy is
for everyone who wants to leave; Linköping's agreement is for those who need protection. The person
belongs where the case is entered, so that belonging is not what tells the two apart.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from infra.demo.caller import Cast, StoryError
from infra.demo.clock import TODAY
from infra.demo.story import (
    GOTEBORG,
    LINKOPING,
    POLICE,
    File,
    Office,
    Outcome,
    Tell,
    room_of,
)

AREAS = ("housing", "economy", "occupation", "health_care", "addiction", "family", "safety")
UNITS = {LINKOPING: "lpo-linkoping", GOTEBORG: "lpo-goteborg"}
GROUP = "violent_extremism"
REASON = "NO_PROTECTION_NEED"


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Enter it in both, assess it in both.

    Raises:
        StoryError: a step did not go as it must.
    """
    there, here = Office(cast, GOTEBORG), Office(cast, LINKOPING)
    admitted = await _investigated(there, tell)
    await _admit(admitted, tell)
    refused = await _investigated(here, tell)
    await _refuse(refused, tell)
    return await _compared(admitted, refused)


async def _investigated(office: Office, tell: Tell) -> File:
    file = await File.register(
        office,
        {
            "channel": "visit",
            "personal_number": "20030701-9836",
            "given_name": "Sam",
            "family_name": "Sandell",
            "registered_municipality": office.code,
            "note": "Kommer själv. Vill lämna en våldsbejakande grupp.",
        },
    )
    await file.assign_two()
    await file.assign(office.coordinator, "exit_coordinator", "Samordnar")
    await file.write(
        "consents",
        {
            "counterparties": [{"authority": POLICE, "function": "police"}],
            "purposes": ["threat_assessment", "cooperation"],
            "kinds": ["identity", "residence", "threat_level"],
            "valid_until": (TODAY.date() + timedelta(days=90)).isoformat(),
        },
    )
    await file.needs(*AREAS)
    found = await file.write(
        "residence-findings",
        {
            "finding": "HERE",
            "municipality": office.code,
            "ground": "main_rule",
            "facts": "Folkbokförd och bosatt här.",
        },
    )
    await file.write(f"residence-findings/{found['id']}/confirmation", {}, office.leader)
    await _no_threat_known(file)
    await file.write("entry/ready", {})
    tell(f"{office.place}: ärendet {file.code_name} är utrett. Polisen känner inte till något hot.")
    return file


async def _no_threat_known(file: File) -> None:
    unit = UNITS[file.office.code]
    await file.write("threat-requests", {"unit": unit})
    officer = file.office.officer(unit)
    room = await room_of(officer, file.code_name)
    seen = await officer.get(f"/joint-rooms/{room}")
    (question,) = seen["questions"]
    await officer.post(
        f"/joint-rooms/{room}/answers",
        {"term": seen["term"], "question_id": question["question_id"], "answer": "CLEAR"},
    )


async def _assess(file: File) -> str:
    """Answer what the policy asks: what the file decides, and yes to the rest where that is left."""
    coordinator = file.office.coordinator
    view = await coordinator.get(f"{file.path}/entry")
    answers = [_answer(row) for row in view["criteria"]]
    made = await _offer(file, answers)
    if made.status_code == 422:  # the group is not among those that the policy is for
        answers = [
            {**each, "answer": "no"} if each["criterion"] == "target_group" else each
            for each in answers
        ]
        made = await _offer(file, answers)
    if made.status_code != 201:
        raise StoryError("bedömningen gick inte att skriva")
    return str(made.json()["id"])


async def _offer(file: File, answers: list[dict[str, str]]) -> httpx.Response:
    body = {"term": file.term, "group": GROUP, "answers": answers}
    return await file.office.coordinator.ask("POST", f"{file.path}/entry/assessments", body)


def _answer(row: Mapping[str, Any]) -> dict[str, str]:
    answer = row["possible"][0]  # yes stands first where people may answer
    if row["code"] == "protection_need" and not row["is_condition"]:
        answer = "no"
    return {
        "criterion": row["code"],
        "answer": answer,
        "reasons": "Samma uppgifter i båda kommunerna.",
    }


async def _sign(file: File, entry_id: str, *parties: str) -> None:
    office, path = file.office, f"entry/assessments/{entry_id}/signatures"
    await file.write(path, {"party": "municipality"}, office.coordinator)
    if "second" in parties:
        await file.write(path, {"party": "second"}, office.leader)
    if "police" in parties:
        officer = office.officer(UNITS[office.code])
        room = await room_of(officer, file.code_name)
        word = {"term": file.term, "word": "AGREED"}
        await officer.post(f"/joint-rooms/{room}/papers/{entry_id}/word", word)


async def _admit(file: File, tell: Tell) -> None:
    entry_id = await _assess(file)
    await _sign(file, entry_id)
    coordinator = file.office.coordinator
    await file.write(f"entry/assessments/{entry_id}/admission", {}, coordinator)
    tell(
        f"{file.office.place} antar personen: kommunens eget beslut, tolkat till personens fördel."
    )


async def _refuse(file: File, tell: Tell) -> None:
    entry_id = await _assess(file)
    await _sign(file, entry_id, "second", "police")
    coordinator = file.office.coordinator
    path = f"entry/assessments/{entry_id}"
    early = await coordinator.ask("POST", f"{file.path}/{path}/admission", {"term": file.term})
    if early.status_code < 400:
        raise StoryError("personen antas utan att villkoren är uppfyllda")
    await file.write(f"{path}/refusal", {"reason": REASON}, coordinator)
    tell("Linköping och polisen bedömer gemensamt: ett villkor är inte uppfyllt. Inte antagen.")
    letter = await coordinator.download(f"{file.path}/entry/letter")
    if not letter.startswith(b"%PDF"):
        raise StoryError("brevet till personen gick inte att göra")
    tell("Brevet säger vilket villkor, rätten att söka stöd enligt lag, och hur man överklagar.")


async def _compared(admitted: File, refused: File) -> Outcome:
    """The two outcomes, and the rule that tells them apart."""
    yes = await admitted.office.coordinator.get(f"{admitted.path}/entry")
    no = await refused.office.coordinator.get(f"{refused.path}/entry")
    failed = no["assessment"]["outcome"]["failed"]
    ours, theirs = _row(no, "protection_need"), _row(yes, "protection_need")
    is_right = (
        yes["header"]["state"] == "AGREEMENT_PENDING"
        and yes["decision"]["outcome"] == "ADMITTED"
        and not theirs["is_condition"]
        and (no["header"]["state"], no["header"]["ended_reason"]) == ("ENDED", "NOT_ADMITTED")
        and no["decision"]["outcome"] == REASON
        and "protection_need" in failed
        and ours["is_condition"]
        and len(no["open_applications"]) == 1
    )
    says = (
        (
            "Göteborg säger:  antagen. Skyddsbehov vägs in men är inget villkor "
            f"({theirs['document']}, {theirs['section']})."
        ),
        (
            "Linköping säger: inte antagen. Skyddsbehov är ett villkor och är inte uppfyllt "
            f"({ours['document']}, {ours['section']})."
        ),
        "Ansökan om bistånd är öppen i Linköping och prövas för sig.",
    )
    return Outcome("", is_right, says)


def _row(view: Any, code: str) -> Any:
    return next(row for row in view["criteria"] if row["code"] == code)
