"""What scenarios share: an office's people, casework before a proposal, decisions by two.

A story drives the running nodes through their API alone. It asserts as it goes: a step that does not
go as it must stops the story with a `StoryError`, and its outcome says what both ends came to.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from infra.demo.caller import Caller, Cast, StoryError
from infra.demo.clock import TODAY

LINKOPING, NORRKOPING, GOTEBORG, POLICE = "0580", "0581", "1480", "9001"
PLACES = {LINKOPING: "Linköping", NORRKOPING: "Norrköping", GOTEBORG: "Göteborg"}
ARRIVES_WITHIN_S = 30.0

Tell = Callable[[str], None]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a story came to.

    Args:
        is_right: whether both ends say what must come out.
        says: what they say, in sentences for whoever looks on.
        evidence: the files, by the authority that exported them.
    """

    handover_id: str
    is_right: bool
    says: tuple[str, ...]
    evidence: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Office:
    """One municipality's people, as stories know them."""

    cast: Cast
    code: str

    @property
    def place(self) -> str:
        """The municipality's name."""
        return PLACES[self.code]

    @property
    def worker(self) -> Caller:
        """Who has the case."""
        return self.cast.at(self.code, "handlaggare1")

    @property
    def colleague(self) -> Caller:
        """Who shares it."""
        return self.cast.at(self.code, "handlaggare2")

    @property
    def leader(self) -> Caller:
        """The second person of most decisions."""
        return self.cast.at(self.code, "gruppledare")

    @property
    def coordinator(self) -> Caller:
        """Who coordinates, and signs entry assessments."""
        return self.cast.at(self.code, "samordnare")

    @property
    def director(self) -> Caller:
        """Who decides with the leader about disputes."""
        return self.cast.at(self.code, "socialchef")

    def officer(self, unit: str) -> Caller:
        """An officer of a police unit, in this municipality's joint rooms."""
        return self.cast.officer(self.code, unit)


@dataclass(slots=True)
class File:
    """A case of an office, from the first contact on; everything is written under its term.

    Args:
        path: `/cases/…` of the API.
    """

    office: Office
    path: str
    code_name: str
    term: int = 1

    @classmethod
    async def register(cls, office: Office, contact: Body) -> Self:
        """A contact, as the person makes it; opens the case."""
        made = await office.worker.post(
            "/cases",
            {
                "person_kind": "exiter",
                "on_behalf": "self",
                "protected_identity": "EXIT_THREAT",
                "wants_to_apply": True,
                **contact,
            },
        )
        await suitable(office, office.worker)  # who registers goes on with the case
        path = f"/cases/{made['id']}"
        file = await office.worker.get(path)
        return cls(office, path, file["header"]["code_name"])

    async def write(self, path: str, body: Body, who: Caller | None = None) -> Any:
        """One thing in the file; by the case worker, unless somebody else is named."""
        whose = who or self.office.worker
        return await whose.post(f"{self.path}/{path}", {"term": self.term, **body})

    async def assign(self, whom: Caller, role: str, reason: str = "Utreder tillsammans") -> None:
        """Give a colleague access; the first case worker starts the investigation."""
        if role == "case_worker":
            await suitable(self.office, whom)
        body = {
            "staff_id": (await whom.get("/me"))["staff_id"],
            "role": role,
            "reason": reason,
            "no_conflict_of_interest": True,
        }
        await self.write("members", body, self.office.leader)

    async def assign_two(self) -> None:
        """The leader, as second reader, and a colleague."""
        await self.assign(self.office.leader, "team_leader", "Andra läsare")
        await self.assign(self.office.colleague, "case_worker")

    async def consent(
        self, kinds: Sequence[str], *municipalities: str, with_police: bool = True, days: int = 90
    ) -> str:
        """Consent to these social services and, where said, the police; its id."""
        parties = [{"authority": code, "function": "social_services"} for code in municipalities]
        if with_police:
            parties.append({"authority": POLICE, "function": "police"})
        made = await self.write(
            "consents",
            {
                "counterparties": parties,
                "purposes": ["handover", "threat_assessment", "placement"],
                "kinds": list(kinds),
                "valid_until": (TODAY.date() + timedelta(days=days)).isoformat(),
            },
        )
        return str(made["id"])

    async def needs(self, *areas: str) -> None:
        """What the person needs, area by area."""
        for area in areas:
            await self.write("needs", {"area": area, "text": f"Behov inom området {area}."})

    async def residence(self, municipality: str, ground: str, facts: str) -> None:
        """The finding that the person belongs elsewhere, and its second reader."""
        found = await self.write(
            "residence-findings",
            {"finding": "OTHER", "municipality": municipality, "ground": ground, "facts": facts},
        )
        await self.write(f"residence-findings/{found['id']}/confirmation", {}, self.office.leader)

    async def threat(self, unit: str, level: str, review_days: int) -> None:
        """A police unit is asked, and gives the level in the joint room."""
        await self.write("threat-requests", {"unit": unit})
        officer = self.office.officer(unit)
        await officer.post(
            f"/joint-rooms/{await room_of(officer, self.code_name)}/threat-assessments",
            {
                "term": self.term,
                "level": level,
                "method": "structured",
                "next_review_on": (TODAY.date() + timedelta(days=review_days)).isoformat(),
            },
        )

    async def clear_the_place(self, unit: str, municipality: str) -> None:
        """Bops says that nothing is in the way there, and that the level may be passed on."""
        await self.write("placement-questions", {"municipality": municipality})
        await self.write("level-passing-questions", {"receiver": municipality})
        officer = self.office.officer(unit)
        await answer_all(officer, await room_of(officer, self.code_name))

    async def read(self) -> Any:
        """The file as it stands."""
        return await self.office.worker.get(self.path)

    async def summary(self) -> dict[str, Any]:
        """State, term, and who is responsible by the chain."""
        return summary(await self.read())


@dataclass(slots=True)
class Move:
    """A handover on its way from one office to another."""

    sender: Office
    receiver: Office
    handover_id: str

    @property
    def path(self) -> str:
        """Of the API, the same at both ends."""
        return f"/handovers/{self.handover_id}"

    @property
    def today(self) -> date:
        """The day that the story plays on."""
        return TODAY.date()

    @classmethod
    async def draft(cls, file: File, receiver: Office, parts: Body) -> Self:
        """A proposal, filled in from the file and completed by hand."""
        made = await file.office.worker.post(
            f"{file.path}/handovers", {"term": file.term, "receiver": receiver.code}
        )
        move = cls(file.office, receiver, str(made["id"]))
        seen = await move.preview()
        body = {"revision": seen["row"]["revision"], "draft": seen["draft"] | dict(parts)}
        await file.office.worker.put(f"{move.path}/draft", body)
        return move

    @classmethod
    async def proposed(cls, file: File, receiver: Office, parts: Body) -> Self:
        """A proposal that has been sent, and is in the receiver's inbox."""
        move = await cls.draft(file, receiver, parts)
        await move.propose()
        await move.arrives()
        return move

    async def preview(self) -> Any:
        """What would travel, what would not and why."""
        return await self.sender.worker.get(f"{self.path}/preview")

    async def propose(self) -> None:
        """Two persons send it; nothing may stand in the way."""
        if (await self.preview())["refusals"]:
            raise StoryError("förslaget är inte färdigt att skicka")
        await self.decide(self.sender, {"type": "propose"})

    async def decide(self, office: Office, payload: Body, first: Caller | None = None) -> None:
        """The case worker signs, and the leader confirms exactly that where two are demanded."""
        if not await self.sign(first or office.worker, payload):
            await confirm(office.leader, self.path)

    async def sign(self, who: Caller, payload: Body) -> bool:
        """One signature; whether that was enough."""
        view = await who.get(self.path)
        body = {"revision": view["row"]["revision"], "payload": dict(payload)}
        await who.post(f"{self.path}/signatures", body)
        return (await who.get(self.path))["pending"] is None

    async def arrives(self) -> None:
        """Wait until the proposal is in the receiver's inbox."""
        worker = self.receiver.worker

        async def is_there() -> bool:
            rows = await worker.get("/handovers")
            return any(row["handover_id"] == self.handover_id for row in rows["items"])

        await until(f"förslaget kommer till {self.receiver.place}", is_there)

    async def accept(self) -> None:
        """Two persons of the receiver say yes, from today."""
        await self.decide(
            self.receiver, {"type": "accept", "take_over_on": self.today.isoformat(), "text": ""}
        )

    async def dossier(self) -> Any:
        """Wait until it is in the receiver's hand; what it holds."""
        worker = self.receiver.worker

        async def is_there() -> bool:
            return (await worker.get(self.path))["dossier"] is not None

        await until("underlaget är framme", is_there)
        return (await worker.get(self.path))["dossier"]

    async def ask_acute_protection(self, unit: str) -> None:
        """The receiver asks its Bops, which confirms the acute protection."""
        await self.receiver.worker.post(f"{self.path}/acute-protection-question")
        officer = self.receiver.officer(unit)
        rooms = await officer.get("/joint-rooms")
        for row in rooms["items"]:
            await answer_all(officer, row["room_id"])

    async def take_over(self, at: datetime = TODAY) -> File:
        """Two persons of the receiver take over that day; the file that opens there."""
        worker = self.receiver.worker
        await suitable(self.receiver, worker)
        await self.decide(
            self.receiver,
            {
                "type": "take_over",
                "agreed_on": at.date().isoformat(),
                "case_worker": (await worker.get("/me"))["staff_id"],
                "first_meeting_at": (at + timedelta(days=2)).isoformat(),
            },
        )
        view = await worker.get(self.path)
        path = f"/cases/{view['row']['case_id']}"
        header = (await worker.get(path))["header"]
        return File(self.receiver, path, header["code_name"], header["term"])

    async def state(self, office: Office) -> str:
        """The handover's state at one end."""
        return str((await office.worker.get(self.path))["row"]["state"])

    async def reaches(self, office: Office, *states: str) -> None:
        """Wait until one end is in one of these states."""

        async def has() -> bool:
            return await self.state(office) in states

        await until(f"{office.place} får veta", has)

    async def evidence(self, office: Office) -> bytes:
        """The file of proof as this end exports it, once every message of its has its receipt."""
        worker = office.worker

        async def is_proven() -> bool:
            # The last receipt is still on its way when the other end has acted already.
            view = await worker.get(self.path)
            ours = {each["message_id"] for each in view["messages"] if each["is_ours"]}
            return bool(ours <= view["receipts"].keys())

        await until(f"{office.place} har kvitton på allt", is_proven)
        return await worker.download(f"{self.path}/evidence")


async def suitable(office: Office, whom: Caller) -> None:
    """The leader records that a colleague may handle exit cases, where policy demands that."""
    policy = await office.leader.get("/how-we-work")
    rules = [rule["rule"] for step in policy["steps"] for rule in step["rules"]]
    if "staff.demands.case_worker" not in rules:
        return
    day = TODAY.date()
    await office.leader.post(
        "/competences",
        {
            "staff_id": (await whom.get("/me"))["staff_id"],
            "kind": "special_suitability",
            "course": "Bedömd av gruppledaren",
            "obtained_on": (day - timedelta(days=30)).isoformat(),
            "valid_until": (day + timedelta(days=700)).isoformat(),
        },
    )


async def room_of(officer: Caller, code_name: str) -> str:
    """The joint room of a case, as a unit finds it."""
    rooms = await officer.get("/joint-rooms")
    for row in rooms["items"]:
        if row["code_name"] == code_name:
            return str(row["room_id"])
    raise StoryError("enheten ser inget samverkansrum för ärendet")


async def answer_all(officer: Caller, room: str) -> None:
    """Answer what waits in a joint room: nothing in the way."""
    seen = await officer.get(f"/joint-rooms/{room}")
    for question in seen["questions"]:
        if question["answered_at"] is None and question["kind"] != "threat":
            await officer.post(
                f"/joint-rooms/{room}/answers",
                {"term": seen["term"], "question_id": question["question_id"], "answer": "CLEAR"},
            )


async def confirm(second: Caller, path: str) -> None:
    """The second person reads it back and confirms."""
    view = await second.get(path)
    await second.post(f"{path}/confirmation", {"revision": view["row"]["revision"]})


def summary(file: Mapping[str, Any]) -> dict[str, Any]:
    """State, term, and who is responsible by the chain."""
    responsible = [link for link in file["chain"] if link["kind"] == "responsible"]
    return {
        "code_name": file["header"]["code_name"],
        "state": file["header"]["state"],
        "term": file["header"]["term"],
        "responsible": responsible[-1]["authority"],
    }


async def until(
    what: str, holds: Callable[[], Awaitable[bool]], within_s: float | None = None
) -> None:
    """Wait for what a message brings about; asks often, for it is there within a moment."""
    patience = ARRIVES_WITHIN_S if within_s is None else within_s
    end = time.monotonic() + patience
    while not await holds():
        if time.monotonic() > end:
            raise StoryError(f"väntade {patience:.0f} s utan att {what}")
        await asyncio.sleep(0.1)
