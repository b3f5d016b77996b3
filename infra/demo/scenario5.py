"""Scenario 5: a school worries about radicalisation, and the route says who is told what."""

from datetime import timedelta
from typing import Any

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.clock import TODAY
from infra.demo.story import LINKOPING, File, Office, Outcome, Tell

REPORT = {
    "kind": "radicalisation",
    "reporter": "school",
    "reporter_name": "Rektor vid Provskolan",
    "channel": "message",
    "personal_number": "20081117-9936",
    "given_name": "Ludvig",
    "family_name": "Lund",
    "registered_municipality": LINKOPING,
    "protected_identity": "EXIT_THREAT",
    "observed": "Sprider våldsbejakande budskap på rasten. Läraren hörde det den 20 november.",
}
CAME_OF_AGE = "2026-11-17"
FOR_THE_YOUNG = ("guardians", "reporter")


async def play(cast: Cast, tell: Tell) -> Outcome:
    """Play it once, with a new case, through the API alone.

    Raises:
        StoryError: a step did not go as it must.
    """
    office = Office(cast, LINKOPING)
    file = await _reported(office, tell)
    await _followed(file, tell)
    await _assessed(file, tell)
    return await _decided(file, tell)


async def _reported(office: Office, tell: Tell) -> File:
    made = await office.worker.post("/concerns", REPORT)
    path = f"/cases/{made['id']}"
    concern = await office.worker.get(f"{path}/concern")
    file = File(office, path, concern["code_name"])
    tell(
        f"En skola anmäler oro. {office.worker.name} registrerar den; kodnamn {file.code_name}, "
        "förhandsbedömning."
    )
    await file.assign(office.leader, "team_leader", "Beslutar om utredning")
    since = {step["step"]["name"]: step["since"] for step in concern["route"]}
    if {name for name, day in since.items() if day == CAME_OF_AGE} != set(FOR_THE_YOUNG):
        raise StoryError("sidan säger inte varför vårdnadshavare inte kontaktas")
    tell(
        "Personen fyllde 18 år den 17 november: vårdnadshavare kontaktas inte, skolan får ingen "
        "återkoppling, och sidan säger varför."
    )
    return file


async def _followed(file: File, tell: Tell) -> None:
    worker = file.office.worker
    early = await _code(worker, f"{file.path}/concern/steps", _step("police", "secrecy.necessary"))
    if early != "concern.step_before":
        raise StoryError("stegen gick att ta i fel ordning")
    told = await _code(
        worker, f"{file.path}/concern/steps", _step("guardians", "guardians.insight")
    )
    if told != "concern.step_not_for_adults":
        raise StoryError("vårdnadshavare till en myndig person gick att kontakta")
    await file.write(
        "concern/steps", _step("safety_check", "own_task", told="", text="Inget akut.")
    )
    await file.write("concern/steps", _step("extremism_coordinator", "own_task"))
    await file.write("concern/steps", _step("police", "secrecy.necessary", told="Områdespolisen"))
    tell("Skyddsbedömning, samordnaren, polisen: varje steg står med grund, vem och när.")


async def _assessed(file: File, tell: Tell) -> None:
    office = file.office
    judgement = {"term": file.term, "opinion": "open", "reasons": "Flera tecken, och egen vilja."}
    refused = await _code(office.leader, f"{file.path}/concern/assessment", judgement)
    if refused != "concern.competence_missing":
        raise StoryError("någon utan kompetensen kunde bedöma anmälan")
    tell(f"{office.leader.name} har inte kompetensen och kan inte bedöma.")
    early = await _code(office.leader, f"{file.path}/concern/decision", _decision(file))
    if early != "concern.assessment_missing":
        raise StoryError("utredning kunde inledas utan bedömning")
    day = TODAY.date()
    await office.leader.post(
        "/competences",
        {
            "staff_id": (await office.worker.get("/me"))["staff_id"],
            "kind": "radicalisation",
            "course": "Metodkurs om våldsbejakande extremism",
            "obtained_on": (day - timedelta(days=200)).isoformat(),
            "valid_until": (day + timedelta(days=500)).isoformat(),
        },
    )
    await file.write("concern/assessment", judgement)
    tell(f"{office.worker.name} har den, och bedömer att utredning bör inledas.")


async def _decided(file: File, tell: Tell) -> Outcome:
    office = file.office
    unwilling = {**_decision(file), "person_agrees": False}
    refused = await _code(office.leader, f"{file.path}/concern/decision", unwilling)
    if refused != "concern.adult_must_agree":
        raise StoryError("en myndig person kunde utredas mot sin vilja")
    await file.write("concern/decision", _decision(file), office.leader)
    tell(f"Personen vill själv. {office.leader.name} beslutar att inleda utredning.")
    concern = await office.worker.get(f"{file.path}/concern")
    state = (await file.read())["header"]["state"]
    steps = [(each["step"]["name"], each["status"]) for each in concern["route"]]
    is_right = (
        state == "INTAKE"
        and concern["assessment"]["competence"] == "radicalisation"
        and steps
        == [
            ("safety_check", "taken"),
            ("extremism_coordinator", "taken"),
            ("police", "taken"),
            ("guardians", "not_for_adults"),
            ("reporter", "not_for_adults"),
        ]
    )
    says = (
        f"Linköping säger: {file.code_name} är aktualiserat, bedömt av någon med rätt kompetens.",
        "Oroskedjan: tre steg tagna med sin grund, två gäller inte den som är myndig.",
    )
    return Outcome("", is_right, says)


def _step(name: str, ground: str, **more: Any) -> dict[str, Any]:
    given = {"term": 1, "step": name, "outcome": "taken", "ground": ground}
    return {**given, "told": "Samordnaren", "text": "Rådgjort i dag.", **more}


def _decision(file: File) -> dict[str, Any]:
    return {
        "term": file.term,
        "outcome": "open",
        "person_agrees": True,
        "reasons": "Personen vill ha hjälp att lämna.",
    }


async def _code(who: Caller, path: str, body: dict[str, Any]) -> str:
    """The code that this is refused with; empty where it was let through."""
    answer = await who.ask("POST", path, body)
    return str(answer.json().get("code", "")) if answer.status_code >= 400 else ""
