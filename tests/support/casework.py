"""One municipality's node without an exchange, and the people who work in it: for casework tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from gateway.policies import load_federation
from infra.people import hold_what_is_demanded
from services.cases import api as cases
from services.cases.api import (
    AlarmListener,
    AssignMember,
    ConfirmResidence,
    Counterparty,
    GiveConsent,
    RecordResidence,
    RequestThreat,
)
from services.cases.store import headers, immediate, plan_tables, relapse
from services.intake.api import RegisterContact, register_contact
from services.protection import api as protection
from services.protection.api import GiveThreat, PoliceFolder, PoliceRegister, ThreatEvents
from services.staff.api import sign_in
from shared.actor import Actor, worker
from shared.clock import FixedClock, local_date
from shared.crypto import BlindIndex, KeyRing, MemoryCaseKeys
from shared.db import Database, add_row
from shared.ids import POLICE, AuthorityCode, SubjectId
from shared.messages import Registry
from shared.node import Node
from tests.support.entry import admitted
from tests.support.trust import StaticDirectory

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LINKOPING = AuthorityCode("0580")
GOTEBORG = AuthorityCode("1480")
NUMBER = "19950314-9800"  # scenario 2
CANARY = "Kanariefågel"
"""The invented person's family name: to be found in the file and nowhere else."""

_FEDERATION = load_federation()


@dataclass
class Bench:
    """A node, the same node under the worker's database role, and its people by name."""

    node: Node
    worker_node: Node
    clock: FixedClock
    people: dict[str, Actor] = field(default_factory=dict)
    records_competence: bool = True
    """Whoever signs in has what the town's policy demands; False where that is what is tried."""

    @property
    def worker(self) -> Actor:
        return worker(self.node.authority)

    async def person(self, name, *roles, unit=None, home=None) -> Actor:
        """Sign in, as the gateway does; asked again, the same account."""
        if name not in self.people:
            self.people[name] = await sign_in(
                self.node,
                issuer=f"https://id.example/realms/{home or self.node.authority}",
                subject=name,
                display_name=name,
                roles=frozenset(roles),
                unit=unit,
                home=home or self.node.authority,
            )
            if self.records_competence:
                here = self.node.authority
                leader = Actor(uuid4(), here, here, frozenset({"team_leader"}))
                await hold_what_is_demanded(self.node, leader, self.people[name])
        return self.people[name]

    async def case_worker(self, name="Asta") -> Actor:
        return await self.person(name, "case_worker")

    async def leader(self, name="Gun") -> Actor:
        return await self.person(name, "team_leader")

    async def officer(self, unit="lpo-linkoping", name=None) -> Actor:
        return await self.person(name or unit, "police_partner", unit=unit, home=POLICE)

    async def register(self, actor=None, **changes):
        """A case in INTAKE of an invented person."""
        return await register_contact(
            self.node, actor or await self.case_worker(), contact(**changes)
        )

    async def investigated(self, **changes):
        """A case in INVESTIGATION with a case worker and a team leader as members."""
        asta, gun = await self.case_worker(), await self.leader()
        case_id = await self.register(asta, **changes)
        await self.assign(case_id, gun, gun, "team_leader")
        bo = await self.case_worker("Bo")
        await self.assign(case_id, gun, bo, "case_worker")
        return case_id

    async def admitted(self, **changes):
        """A case in AGREEMENT_PENDING, as after a joint assessment."""
        case_id = await self.investigated(**changes)
        async with self.node.db.begin(await self.case_worker(), term=1) as uow:
            header = await headers.load(uow, case_id, lock=True)
            await headers.change_state(uow, header, "AGREEMENT_PENDING")
            await uow.commit()
        return case_id

    async def assign(self, case_id, by, whom, role, term=1):
        command = AssignMember(case_id, term, whom.staff_id, role, "behövs i ärendet", True)
        await cases.assign_member(self.node, by, command)

    async def found_elsewhere(self, case_id, municipality=GOTEBORG):
        """A confirmed finding that the person belongs to another municipality."""
        finding = await cases.record_residence(
            self.node,
            await self.case_worker(),
            RecordResidence(
                case_id, 1, "OTHER", municipality, "nights_rest", "Sover där de flesta nätter."
            ),
        )
        await cases.confirm_residence(
            self.node, await self.leader(), ConfirmResidence(case_id, 1, finding)
        )
        return finding

    async def consent(self, case_id, **changes):
        return await cases.give_consent(
            self.node, await self.case_worker(), consent(case_id, self.today, **changes)
        )

    async def document(self, case_id, content=b"%PDF-1.7 prov", actor=None, **changes):
        """A file in the case."""
        given = {"section": "needs.housing", "title": "Hyreskontrakt", "received_on": self.today}
        command = cases.AddDocument(case_id, **{"term": 1, **given, **changes})
        actor = actor or await self.case_worker()
        return await cases.add_document(self.node, actor, command, in_one(content))

    async def threat_asked(self, case_id, unit="lpo-linkoping"):
        return await cases.request_threat(
            self.node, await self.case_worker(), RequestThreat(case_id, 1, unit)
        )

    async def assessed(self, case_id, level, unit="bops-ost", *, days=7, term=1):
        """A unit that is attached to the room gives a level."""
        room = protection.room_of(SubjectId(case_id))
        review = self.today + timedelta(days=days)
        command = GiveThreat(room, term, level, "structured", review)
        await protection.give_threat(self.node, await self.officer(unit), command)

    def hears_alarms(self) -> None:
        """As the composition root does it; a test may have a listener of its own instead."""
        self.node.provide(ThreatEvents, AlarmListener(self.node))

    @property
    def today(self):
        return local_date(self.clock.now())


def contact(**changes) -> RegisterContact:
    given = {
        "channel": "referral",
        "person_kind": "exiter",
        "on_behalf": "self",
        "personal_number": NUMBER,
        "given_name": "Ture",
        "family_name": CANARY,
        "registered_municipality": GOTEBORG,
        "protected_identity": "EXIT_THREAT",
        "wants_to_apply": True,
        "note": "Vill lämna ett nätverk.",
    }
    return RegisterContact(**{**given, **changes})


def consent(case_id, today, **changes) -> GiveConsent:
    given = {
        "case_id": case_id,
        "term": 1,
        "counterparties": (
            Counterparty(POLICE, "police"),
            Counterparty(LINKOPING, "social_services"),
            Counterparty(GOTEBORG, "social_services"),
        ),
        "purposes": ("handover", "threat_assessment", "placement"),
        "kinds": ("identity", "residence", "threat_level", "needs.housing"),
        "valid_until": today.replace(year=today.year + 1, month=3, day=1),
    }
    return GiveConsent(**{**given, **changes})


async def open_bench(dsns, code=LINKOPING, *, rings=None, now=NOW) -> Bench:
    """A node on fresh databases."""
    clock = FixedClock(now)
    rings = rings or {code: KeyRing.in_memory(code, now)}
    keys = MemoryCaseKeys()
    index = BlindIndex(bytes(32))
    nodes = [
        Node(
            authority=code,
            clock=clock,
            wall=clock,
            db=Database.open(dsn, clock=clock, wall=clock, pool_size=4),
            case_keys=keys,
            keyring=rings[code],
            directory=StaticDirectory(rings.values()),
            policies=_FEDERATION[code].policies,
            registry=Registry(),
            index=index,
        )
        for dsn in (dsns.web, dsns.worker)
    ]
    for node in nodes:
        node.provide(PoliceRegister, PoliceFolder(_FEDERATION[POLICE].authority))
    return Bench(*nodes, clock)


async def started(bench, case_id):
    """Agreement, decision, start; the decision's id."""
    asta, soon = await bench.case_worker(), bench.today + timedelta(days=60)
    agreement = cases.SignAgreement(case_id, 1, ("no_crime",), bench.today)
    await cases.sign_agreement(bench.node, asta, agreement)
    aid = cases.DecideAid(
        case_id,
        1,
        "aid.counselling",
        "GRANTED",
        "occupation",
        "Kontaktperson två gånger i veckan.",
        "Behovet kan inte tillgodoses på annat sätt.",
        bench.today,
    )
    aid_id = await cases.decide_aid(bench.node, asta, aid)
    await cases.start_programme(bench.node, asta, cases.StartProgramme(case_id, 1, soon))
    return aid_id


async def in_programme(bench, case_id):
    """As `started`; goal, measure, follow-up, and a closing and a review of an earlier time."""
    aid_id = await started(bench, case_id)
    asta, soon = await bench.case_worker(), bench.today + timedelta(days=60)
    goal = cases.SetGoal(case_id, 1, "housing", "Egen bostad.", soon)
    goal_id = await cases.set_goal(bench.node, asta, goal)
    measure = cases.StartMeasure(case_id, 1, aid_id, "Kontaktperson", bench.today, "Stöd AB")
    await cases.start_measure(bench.node, asta, measure)
    scores = (cases.GoalScore(goal_id, "PARTLY"),)
    held = cases.RecordFollowUp(case_id, 1, bench.today, scores, "Framåt.", "Vill fortsätta.", soon)
    await cases.record_follow_up(bench.node, asta, held)
    async with bench.node.db.begin(asta, term=1) as uow:
        await add_row(
            uow,
            plan_tables.closing,
            closing_id=uuid4(),
            case_id=case_id,
            reason="COMPLETED",
            register_check="NOT_ASKED",
            goals_met=1,
            sealed=b"x",
            closed_at=uow.now,
            closed_by=asta.staff_id,
        )
        await _reviewed(uow, case_id, aid_id)
        await uow.commit()
    return aid_id


async def _reviewed(uow, case_id, aid_id):
    """A row in each table of a review after a relapse."""
    review_id, by, at = uuid4(), uow.actor.staff_id, uow.now
    own = {"case_id": case_id, "review_id": review_id, "sealed": b"x"}
    done = {"outcome": "EXCLUDED", "decided": b"x", "ended_at": at, "ended_by": by}
    await add_row(uow, relapse.review, **own, opened_at=at, opened_by=by, **done)
    said = {"hearing_id": uuid4(), "heard_on": local_date(at), "is_refused": False}
    await add_row(uow, relapse.hearing, **own, **said, recorded_at=at, recorded_by=by)
    tried = {"retry_id": uuid4(), "aid_id": aid_id, "outcome": "CONTINUES"}
    await add_row(uow, relapse.retry, **own, **tried, tried_at=at, tried_by=by)
    made = {"proposal_id": uuid4(), "number": 1, "proposed_at": at, "proposed_by": by}
    await add_row(uow, relapse.proposal, **own, **made)
    of = {"case_id": case_id, "review_id": review_id, "told_on": local_date(at)}
    await add_row(uow, relapse.told, **of, recorded_at=at, recorded_by=by)


async def rich_case(bench):
    """A case with a row in every table that a case which began here can have."""
    asta, gun = await bench.case_worker(), await bench.leader()
    case_id = await admitted(bench)
    await in_programme(bench, case_id)
    need = cases.RecordNeed(case_id, 1, "housing", "Behöver bostad.", "Boendestöd")
    await cases.record_need(bench.node, asta, need)
    note = cases.WriteNote(case_id, 1, "fact", "Berättade allt.", "samtal", bench.today)
    await cases.write_note(bench.node, asta, note)
    content = cases.VaultContent(address="Hemliga gatan 1", phone="070-0000000")
    await cases.set_vault(bench.node, asta, cases.SetVault(case_id, 1, content))
    money = cases.ApplyForMoney(case_id, 1, bench.today, 150_000)
    await cases.apply_for_money(bench.node, asta, money)
    approval = cases.ApproveReveal(case_id, 1, asta.staff_id, "ska ringa")
    await cases.approve_reveal(bench.node, gun, approval)
    exclusion = cases.SetExclusion(case_id, 1, "staff", str(uuid4()), "granne")
    await cases.set_exclusion(bench.node, asta, exclusion)
    await bench.threat_asked(case_id, "bops-ost")
    bench.hears_alarms()
    await bench.assessed(case_id, "HIGH")
    (alarm,) = await cases.open_alarms(bench.node, asta)
    await cases.read_alarm(bench.node, asta, cases.ReadAlarm(case_id, 1, alarm.alarm_id))
    await bench.threat_asked(case_id)
    async with bench.node.db.begin(asta, term=1) as uow:
        # Linköping's policy lets nothing be decided at once: the row as Göteborg's would have it.
        (made, *_) = (await uow.execute(select(plan_tables.aid))).all()
        await immediate.add(
            uow, aid_id=made.aid_id, case_id=case_id, kind=made.kind, review_by=bench.today
        )
        await cases.mark_open_handover(uow, case_id, uuid4())
        await uow.commit()
    return case_id


async def in_one(content):
    """A file that comes all at once."""
    yield content


def nobody(*roles, home=LINKOPING, unit=None) -> Actor:
    """Somebody with these roles who is no member of anything."""
    return Actor(uuid4(), LINKOPING, home, frozenset(roles), unit)
