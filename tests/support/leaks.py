"""The leak harness: every route as everybody, with canaries planted, and what comes out searched.

Only who a request is said to come from is replaced (signing in has tests of its own): guard, use
cases, row security, templates and error pages are the real ones.
"""

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pypdf
from litestar import Litestar

from gateway.auth.access import Access, access_table
from gateway.auth.plugin import AuthPlugin
from gateway.auth.sessions import Session
from gateway.auth.tokens import TokenRefusedError
from gateway.settings import (
    DatabaseSettings,
    ExchangeSettings,
    IdentitySettings,
    KeySettings,
    NodeSettings,
    TrustSettings,
    WebSettings,
)
from gateway.web import make_app
from services.cases import api as cases
from services.intake import api as intake
from services.protection import api as protection
from shared.actor import Actor
from shared.ids import SubjectId
from tests.support.casework import CANARY, in_one
from tests.support.exchange import FEDERATION, Pair, Town

BASE = "http://127.0.0.1:4000"
CANARIES = {
    "name": ("Kanariefågel",),
    "number": ("199503149800", "19950314-9800", "950314-9800"),
    "address": ("Hemliga gatan 1", "070-0000000"),
    "note": ("Anteckningskanarie",),
    "need": ("Behovskanarie",),
    "health": ("Vårdkanarie",),
    "exclusion": ("Undantagskanarie",),
    "contact": ("Kontaktkanarie",),
    "facts": ("Faktakanarie",),
    "title": ("Handlingskanarie",),
    "paper": ("Innehållskanarie",),
    "concern": ("Anmälarkanarie", "Orokanarie"),
}
"""Text that stands in one kind of content and nowhere else."""
MEMBER_SEES = frozenset(
    {"name", "number", "note", "need", "health", "exclusion", "contact", "facts", "title"}
)


REPORTED = "reported"
"""A target that only the routes of a reported concern are tried on."""


@dataclass(frozen=True)
class Target:
    """The ids that a route's parameters take, of one planted case; or ids of nothing."""

    name: str
    ids: Mapping[str, Any]


@dataclass
class Planted:
    """What stands in the two municipalities."""

    targets: dict[str, Target]
    people: dict[str, dict[str, Actor]]


@dataclass
class Finding:
    """One thing that came out where it must not."""

    route: str
    who: str
    target: str
    what: str

    def __str__(self) -> str:
        return f"{self.route} as {self.who} on {self.target}: {self.what}"


@dataclass
class Harness:
    """One municipality's application, and everybody who might call it."""

    town: Town
    app: Litestar
    client: httpx.AsyncClient
    people: dict[str, Actor] = field(default_factory=dict)
    calls: int = 0

    def routes(self) -> dict[tuple[str, str], Access]:
        return {key: access for key, access in access_table(self.app).items() if key[0] != "HEAD"}

    async def call(
        self, method: str, path: str, who: str | None, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request, in the way that the route is entered."""
        self.calls += 1
        given = dict(headers)
        if who is not None:
            given |= {"authorization": f"Bearer {who}", "cookie": f"test={who}"}
        if path.startswith("/api/"):
            return await self.client.request(method, path, json=body, headers=given)
        if method == "GET":
            return await self.client.get(path, headers=given)
        token = _session(self.people[who]).form_token if who else ""
        form = {"_csrf_token": token, **(body or {})}
        return await self.client.post(
            path, data=form, headers={"origin": BASE, "sec-fetch-site": "same-origin"} | given
        )


def open_harness(town: Town, folder: Any) -> Harness:
    """The application as the composition root makes it, but for who a request comes from."""
    code = town.node.authority
    settings = NodeSettings(
        authority=code,
        is_demo=False,
        state_dir=folder,
        tenants_dir=_tenants(),
        assets_dir=folder,
        database=DatabaseSettings(*(["postgresql://nobody@127.0.0.1/none"] * 4)),
        exchange=ExchangeSettings(servers=[], seed_file=folder / "none"),
        identity=IdentitySettings("http://keycloak.test", code, "utvag-web", "secret", "utvag-api"),
        web=WebSettings("127.0.0.1", 4000, BASE),
        keys=KeySettings(folder, folder / "none"),
        trust=TrustSettings(folder / "none", folder / "none"),
    )
    app = make_app(town.node, settings, FEDERATION[code].authority)
    # As the server's own worker would see it: a bug is an answer, not an exception of the test.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    harness = Harness(town, app, httpx.AsyncClient(transport=transport, base_url=BASE))
    gate = app.plugins.get(AuthPlugin).gate

    async def session_of(connection: Any) -> Session | None:
        _, _, who = connection.headers.get("cookie", "").partition("test=")
        actor = harness.people.get(who)
        return None if actor is None else _session(actor)

    class Believed:
        async def actor(self, token: str) -> Actor:
            if token not in harness.people:
                raise TokenRefusedError("signature")
            return harness.people[token]

    gate.session_of = session_of
    gate.bearers = Believed()
    return harness


def _session(actor: Actor) -> Session:
    from datetime import UTC, datetime

    later = datetime(2100, 1, 1, tzinfo=UTC)
    return Session(actor, f"cookie of {actor.staff_id}", later, later)


def _tenants() -> Any:
    from shared.policy import tenants_root

    return tenants_root()


# -- planting --------------------------------------------------------------------------------------


async def plant(pair: Pair) -> Planted:
    """Cases in every state that shows something else, with canaries in everything sealed."""
    draft = await _with_canaries(pair, *(await pair.drafted(high=True))[:2])
    proposed = await _with_canaries(pair, *(await pair.proposed(high=True))[:2])
    declined = await _with_canaries(pair, *(await pair.declined(high=True))[:2])
    accepted = await _with_canaries(pair, *(await pair.accepted(high=True))[:2])
    taken = await pair.accepted(high=True)
    await pair.acute_protection(taken[1])
    await pair.goteborg.decide(taken[1], await pair.take_over_facts())
    await pair.settle()
    moved = (await pair.goteborg.view(taken[1])).row.case_id
    await pair.acute_protection(accepted[1])
    targets = {
        "draft": await _target(pair.linkoping, "draft", *draft),
        "proposed": await _target(pair.linkoping, "proposed", *proposed),
        "declined": await _target(pair.linkoping, "declined", *declined),
        "accepted": await _target(pair.linkoping, "accepted", *accepted),
        "ended": await _target(pair.linkoping, "ended", *taken[:2]),
        "arrived": await _target(pair.goteborg, "arrived", moved, taken[1]),
        REPORTED: await _target(pair.linkoping, REPORTED, await _reported(pair.linkoping), uuid4()),
    }
    return Planted(
        targets,
        {
            "0580": await _people(pair.linkoping, "bops-ost", "lpo-linkoping"),
            "1480": await _people(pair.goteborg, "bops-vast", "lpo-goteborg"),
        },
    )


async def _reported(town: Town) -> Any:
    """A case that began by somebody's report."""
    bench = town.bench
    command = intake.ReportConcern(
        kind="radicalisation",
        reporter="school",
        reporter_name="Anmälarkanarie",
        channel="message",
        personal_number=None,
        given_name="Ture",
        family_name=CANARY,
        registered_municipality=None,
        protected_identity="EXIT_THREAT",
        observed="Orokanarie",
    )
    asta, gun = await bench.case_worker(), await bench.leader()
    case_id = await intake.report_concern(bench.node, asta, command)
    await bench.assign(case_id, gun, gun, "team_leader")
    return case_id


async def _with_canaries(pair: Pair, case_id: Any, handover_id: Any) -> tuple[Any, Any]:
    bench = pair.linkoping.bench
    asta, gun = await bench.case_worker(), await bench.leader()
    for area, text in (("family", "Behovskanarie"), ("health_care", "Vårdkanarie")):
        await cases.record_need(bench.node, asta, cases.RecordNeed(case_id, 1, area, text))
    note = cases.WriteNote(case_id, 1, "fact", "Anteckningskanarie", "samtal", bench.today)
    await cases.write_note(bench.node, asta, note)
    content = cases.VaultContent(address="Hemliga gatan 1", phone="070-0000000")
    await cases.set_vault(bench.node, asta, cases.SetVault(case_id, 1, content))
    await cases.approve_reveal(
        bench.node, gun, cases.ApproveReveal(case_id, 1, asta.staff_id, "ringa")
    )
    command = cases.AddDocument(case_id, 1, "needs.family", "Handlingskanarie", bench.today)
    content = "Innehållskanarie".encode()
    await cases.add_document(bench.node, asta, command, in_one(content))
    exclusion = cases.SetExclusion(case_id, 1, "authority", "0581", "Undantagskanarie")
    await cases.set_exclusion(bench.node, asta, exclusion)
    return case_id, handover_id


async def _target(town: Town, name: str, case_id: Any, handover_id: Any) -> Target:
    """Every id that a member of the case could have seen."""
    member = await town.bench.case_worker()
    file = await cases.read_case(town.node, member, case_id, "prov")
    papers = await cases.list_documents(town.node, member, case_id)
    room = protection.room_of(SubjectId(case_id))
    return Target(
        name,
        {
            "case_id": case_id,
            "handover_id": handover_id,
            "room_id": room,
            "finding_id": file.residence.finding_id if file.residence else uuid4(),
            "consent_id": file.consents[0].consent_id if file.consents else uuid4(),
            "staff_id": file.members[0].staff_id,
            "question_id": file.questions[0].question_id if file.questions else uuid4(),
            "document_id": papers[0].document_id if papers else uuid4(),
            "card_id": uuid4(),
            "aid_id": uuid4(),
            "measure_id": uuid4(),
            "entry_id": uuid4(),
            "proposal_id": uuid4(),
            "protection_id": uuid4(),
            "review_id": uuid4(),
            "paper_id": uuid4(),
            "alarm_id": file.alarms[0].alarm_id if file.alarms else uuid4(),
        },
    )


def nothing(like: Target) -> Target:
    """Ids of the same form that stand for nothing."""
    return Target("random", {name: uuid4() for name in like.ids})


async def _people(town: Town, protection_unit: str, area_unit: str) -> dict[str, Actor]:
    """Members and strangers of every role, and the police of other units."""
    bench = town.bench
    return {
        "member": await bench.case_worker(),
        "leading-member": await bench.leader(),
        "case_worker": await bench.person("Stig", "case_worker"),
        "exit_coordinator": await bench.person("Sam", "exit_coordinator"),
        "team_leader": await bench.person("Gerd", "team_leader"),
        "social_director": await bench.person("Disa", "social_director"),
        "security_chief": await bench.person("Sixten", "security_chief"),
        "log_reviewer": await bench.person("Logga", "log_reviewer"),
        "system_admin": await bench.person("Ada", "system_admin"),
        "police-attached": await bench.officer(protection_unit),
        "police-other": await bench.officer(area_unit, "Polis i annan enhet"),
        "api_monitor": await bench.person("api", "api_monitor"),
    }


# -- searching -------------------------------------------------------------------------------------


def canaries_in(text: str) -> set[str]:
    """Which kinds of canaries stand in a text."""
    return {kind for kind, words in CANARIES.items() for word in words if word in text}


def everything_of(response: httpx.Response) -> str:
    """Status line, headers and body, as one text."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{response.status_code}\n{headers}\n{_text(response)}"


def _text(response: httpx.Response) -> str:
    """The body; of a PDF what a reader would see, without the line breaks that split a word."""
    if not response.content.startswith(b"%PDF"):
        return response.text
    pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
    said = "".join(page.extract_text() for page in pages)
    return said + "".join(said.split())


def shape(response: httpx.Response, target: Target) -> str:
    """What a stranger can compare: all of the answer, but fresh numbers and what was asked for."""
    text = everything_of(response)
    for value in target.ids.values():
        text = text.replace(str(value), "ID")
    if "urn:uuid:" in text:
        head, _, rest = text.partition("urn:uuid:")
        text = head + "urn:uuid:" + rest[36:]
    return text


class Records(logging.Handler):
    """Keeps every log record's text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def fill(path: str, target: Target, fixed: Mapping[str, Any]) -> str:
    """The address for this target."""
    parts = []
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}").partition(":")[0]
            value = target.ids.get(name, fixed.get(name))
            if value is None:
                raise LookupError(f"no value for {name} in {path}")
            parts.append(str(value))
        else:
            parts.append(part)
    return "/".join(parts)
