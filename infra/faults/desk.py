"""The people of one node, in a process of their own: what the brain tells them to do, they do.

They work as the web process does: its database role, its pools, the key store, the services' use
cases, each decision by one person or two. Nothing is remembered here; a desk that was killed is
followed by one that knows as little.
"""

import asyncio
import logging
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import msgspec

from gateway.log import start_log
from gateway.node import open_node
from gateway.policies import load_federation
from gateway.settings import load_settings
from infra.faults.labour import begin
from infra.people import hold_what_is_demanded
from services.cases import api as cases
from services.handover import api as handover
from services.intake import api as intake
from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.db import StorageUnavailableError
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import AuthorityCode, CaseId, ConversationId
from shared.node import Node
from shared.trace import trace_of

logger = logging.getLogger(__name__)

_LEADERS_ACTS = (handover.Keep, handover.ApplyToIVO, handover.RecordRuling, handover.Agree)
_AT_ONCE = 3
KINDS: tuple[cases.InformationKind, ...] = ("identity", "residence", "needs.housing")


class Begin(msgspec.Struct, tag="begin", frozen=True):
    """Propose to hand somebody over.

    Args:
        case_id: of somebody whom the municipality kept after an earlier try; a new contact is
            registered where there is none.
    """

    receiver: str
    by_consent: bool
    case_id: UUID | None = None


class Decide(msgspec.Struct, tag="decide", frozen=True):
    """Decide on a handover.

    Args:
        act: what; its fields are filled in here.
        revision: of the row that the decision is about.
    """

    act: str
    handover_id: UUID
    revision: int


class TakeConsentBack(msgspec.Struct, tag="consent", frozen=True):
    """The person withdraws the consent that the handover rests on."""

    case_id: UUID
    consent_id: UUID


class Prove(msgspec.Struct, tag="prove", frozen=True):
    """Export the evidence."""

    handover_id: UUID


Task = Begin | Decide | TakeConsentBack | Prove


class Order(msgspec.Struct, frozen=True):
    """A task with a number for its answer."""

    number: int
    task: Task


class Done(msgspec.Struct, frozen=True):
    """What came of it: `code` is empty when it was done.

    Args:
        is_unclear: the database went away in the midst of it.
    """

    number: int
    code: str = ""
    is_unclear: bool = False
    handover_id: UUID | None = None
    content: bytes = b""


def sit(settings_file: Path, pipe: Connection) -> None:
    """Work until killed, or until the pipe ends."""
    begin("desk", settings_file)
    asyncio.run(_sit(settings_file, pipe))


async def _sit(settings_file: Path, pipe: Connection) -> None:
    settings = load_settings(settings_file)
    start_log(settings.code, "desk")
    tenants = load_federation(settings.tenants_dir)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    async with open_node(settings, "web", tenants) as node:
        desk = _Desk(node)
        await desk.arrive()
        tasks: set[asyncio.Task[None]] = set()
        room = asyncio.Semaphore(_AT_ONCE)

        async def serve(order: Order) -> None:
            async with room:
                done = await desk.do(order)
            pipe.send_bytes(msgspec.msgpack.encode(done))

        def take() -> None:
            try:
                while pipe.poll():
                    order = msgspec.msgpack.decode(pipe.recv_bytes(), type=Order)
                    task = asyncio.create_task(serve(order))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            except (EOFError, OSError):
                ended.set()

        loop.add_reader(pipe.fileno(), take)
        pipe.send_bytes(msgspec.msgpack.encode(Done(0)))
        await ended.wait()


class _Desk:
    """Asta, Gun and Dag."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._people: dict[str, Actor] = {}

    async def arrive(self) -> None:
        """Sign in."""
        roles = {
            "Asta": ("case_worker",),
            "Gun": ("team_leader",),
            "Dag": ("social_director", "team_leader", "exit_coordinator"),
        }
        for name, held in roles.items():
            self._people[name] = await staff.sign_in(
                self._node,
                issuer=f"https://id.example/realms/{self._node.authority}",
                subject=name,
                display_name=name,
                roles=frozenset(held),
                unit=None,
                home=self._node.authority,
            )
        await hold_what_is_demanded(self._node, self._people["Gun"], self._people["Asta"])

    async def do(self, order: Order) -> Done:
        """One task; what is refused, or cannot be done now, is an answer."""
        try:
            return await self._do(order)
        except (DomainError, AccessDenied) as error:
            return Done(order.number, getattr(error, "code", "not_found"))
        except (StorageUnavailableError, OSError) as error:
            return Done(order.number, f"away.{type(error).__name__}", is_unclear=True)
        except Exception as error:  # noqa: BLE001 - as the web process answers 500 and lives on
            logger.error("%s", trace_of(error))  # noqa: TRY400 - where, never what
            return Done(order.number, f"bug.{type(error).__name__}", is_unclear=True)

    async def _do(self, order: Order) -> Done:
        match order.task:
            case Begin() as task:
                return Done(order.number, handover_id=await self._begin(task))
            case Decide(act, handover_id, revision):
                payload = self._payload(act)
                if act == "take_over":
                    await self._name_reader(ConversationId(handover_id))
                await self._decide(ConversationId(handover_id), revision, payload)
            case TakeConsentBack(case_id, consent_id):
                command = cases.WithdrawConsent(CaseId(case_id), 1, consent_id)
                await cases.withdraw_consent(self._node, self._people["Asta"], command)
            case Prove(handover_id):
                content = await handover.export_evidence(
                    self._node, self._people["Gun"], ConversationId(handover_id)
                )
                return Done(order.number, content=content)
        return Done(order.number)

    async def _begin(self, task: Begin) -> ConversationId:
        node, asta = self._node, self._people["Asta"]
        case_id = await self._register() if task.case_id is None else CaseId(task.case_id)
        start = handover.StartDraft(case_id, 1, AuthorityCode(task.receiver))
        handover_id = await handover.start_draft(node, asta, start)
        draft = handover.Draft(
            receiving_function="avhoppare",
            connection="Familjen bor där.",
            duration="Tills vidare.",
            circumstances="Söker skydd.",
            wish="Vill flytta dit.",
            need="Bostad och sysselsättning.",
            kinds=frozenset(KINDS),
            answer_on=self._today() + timedelta(days=21),
        )
        if task.by_consent:
            consent_id = await cases.give_consent(node, asta, self._consent(case_id, task.receiver))
            draft = msgspec.structs.replace(draft, ground="consent", consent_id=consent_id)
        else:
            draft = msgspec.structs.replace(draft, ground="statute", statute="transfer.request")
        await handover.update_draft(node, asta, handover.UpdateDraft(handover_id, 1, draft))
        await self._decide(handover_id, 2, handover.Propose())
        return handover_id

    async def _register(self) -> CaseId:
        case_id = await intake.register_contact(self._node, self._people["Asta"], _SOMEBODY)
        for name in ("Gun", "Dag"):
            command = cases.AssignMember(
                case_id,
                1,
                self._people[name].staff_id,
                "team_leader",
                "behövs i ärendet",
                no_conflict_of_interest=True,
            )
            await cases.assign_member(self._node, self._people["Gun"], command)
        return case_id

    async def _decide(
        self, handover_id: ConversationId, revision: int, payload: handover.Payload
    ) -> None:
        """Sign, and let the second confirm; a signature that waits already is confirmed."""
        is_leaders = isinstance(payload, _LEADERS_ACTS)
        first, second = ("Gun", "Dag") if is_leaders else ("Asta", "Gun")
        sign = handover.Sign(handover_id, revision, payload)
        try:
            signed = await handover.sign(self._node, self._people[first], sign)
            if signed.is_done:
                return
        except Conflict as conflict:
            if conflict.code != "handover.already_signed":
                raise
        confirm = handover.Confirm(handover_id, revision)
        await handover.confirm(self._node, self._people[second], confirm)

    async def _name_reader(self, handover_id: ConversationId) -> None:
        """Whoever will work with the person reads too, whoever it was that agreed."""
        asta = self._people["Asta"].staff_id
        command = handover.AddReader(handover_id, asta, "works_with_it")
        try:
            await handover.add_reader(self._node, self._people["Gun"], command)
        except Conflict as conflict:
            if conflict.code != "handover.already_reader":
                raise

    def _payload(self, act: str) -> handover.Payload:
        today = self._today()
        asta, meeting = self._people["Asta"].staff_id, self._node.clock.now() + timedelta(days=2)
        payloads: dict[str, handover.Payload] = {
            "accept": handover.Accept(today),
            "decline": handover.Decline("connection_not_here", "Bor inte här."),
            "return_it": handover.ReturnIt("facts_differ", "Stämmer inte."),
            "take_over": handover.TakeOver(today, asta, meeting),
            "agree": handover.Agree(today),
            "keep": handover.Keep("Vi behåller."),
            "withdraw": handover.Withdraw("Flyttar inte."),
            "apply_to_ivo": handover.ApplyToIVO(today, "Vi delar inte bedömningen."),
            "rule_sender": handover.RecordRuling("sender", "IVO 2026-123", today, today),
            "rule_receiver": handover.RecordRuling("receiver", "IVO 2026-123", today, today),
        }
        return payloads[act]

    def _consent(self, case_id: CaseId, receiver: str) -> cases.GiveConsent:
        return cases.GiveConsent(
            case_id=case_id,
            term=1,
            counterparties=(cases.Counterparty(AuthorityCode(receiver), "social_services"),),
            purposes=("handover",),
            kinds=KINDS,
            valid_until=self._today() + timedelta(days=60),
        )

    def _today(self) -> date:
        return local_date(self._node.clock.now())


_SOMEBODY = intake.RegisterContact(
    channel="referral",
    person_kind="exiter",
    on_behalf="self",
    personal_number=None,
    given_name="Ture",
    family_name="Påhittad",
    registered_municipality=None,
    protected_identity="EXIT_THREAT",
    wants_to_apply=True,
    note="",
)
