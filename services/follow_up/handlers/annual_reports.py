"""The yearly report: written, reviewed by the parties, checked, put before the board, published."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.follow_up.domain.agreements import Agreement, Party
from services.follow_up.domain.annual_report import (
    SECTIONS,
    Event,
    State,
    Who,
    after_signature,
    check_safe,
    events_now,
    step,
)
from services.follow_up.domain.minutes import Minutes, decode
from services.follow_up.handlers.meetings import POLICE_ROLE, READERS, WRITERS
from services.follow_up.handlers.texts import checked, checked_line
from services.follow_up.policy import FollowUpPolicy, agreement_of
from services.follow_up.store import annual_reports as store
from services.follow_up.store import meetings
from services.staff import api as staff
from services.statistics import api as statistics
from shared.actor import Actor, worker
from shared.clock import local_date
from shared.db import UnitOfWork, add_row
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import random_id
from shared.node import Node
from shared.report import Report, texts

Act = Literal["sign", "pass_check"]
_FIGURES = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class OpenReport:
    """Begin the report of a year."""

    year: int


@dataclass(frozen=True, slots=True)
class ReportText:
    """One free text, by its section."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class WriteReport:
    """New versions of those texts that differ from what is kept."""

    report_id: UUID
    revision: int
    texts: tuple[ReportText, ...]


@dataclass(frozen=True, slots=True)
class ActOnReport:
    """One of the steps that need nothing said."""

    report_id: UUID
    revision: int
    act: Act


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """Send it to the parties: what they review is what is published."""

    report_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class SendBackReport:
    """Back to draft, and why."""

    report_id: UUID
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The board has decided.

    Args:
        decision: day and paragraph of its minutes.
    """

    report_id: UUID
    revision: int
    decision: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One yearly report in a list."""

    report_id: UUID
    year: int
    state: State
    published_at: datetime | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """What was done with a report."""

    event: Event
    then: State
    party: Party | None
    reason: str | None
    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """One yearly report, as the actor may see it.

    Args:
        texts: the newest version of each; none for the other party.
        figures: rounded; None for the other party, while they are not counted, or where nothing
            may be told.
        counted_at: None until the year is over and the worker has counted it, once.
        agreement, minutes: what the parties have signed of the year's joint follow-up, if anything.
        policy: first day and SHA-256 of the policy that is in force.
        competences: records by kind that count today: kind and number.
        content: as it was sent to the parties; None in a draft.
        signed: parties that have signed it.
        events: what the actor may do now.
    """

    report_id: UUID
    year: int
    state: State
    revision: int
    texts: Mapping[str, str]
    figures: statistics.OwnYear | None
    counted_at: datetime | None
    agreement: Agreement | None
    minutes: Minutes | None
    minutes_sha256: str | None
    policy: tuple[str, str]
    competences: Sequence[tuple[str, int]]
    content: Report | None
    sha256: str | None
    signed: Sequence[Party]
    decision: str | None
    published_at: datetime | None
    history: Sequence[ReportEvent]
    events: Sequence[Event]


Compose = Callable[[AnnualReport], Awaitable[Report]]
"""Puts a draft into words; the gateway's, since the words are its own."""


async def annual_reports(node: Node, actor: Actor) -> list[ReportRow]:
    """All that the actor may see, newest first.

    Raises:
        AccessDenied: no part in the follow-up.
    """
    _require_reader(node, actor)
    async with node.db.begin(actor) as uow:
        rows = await store.reports(uow)
        uow.audit("report.listed", rows=len(rows))
        await uow.commit()
    return [
        ReportRow(r.report_id, r.year, r.state, r.published_at, r.sha256)
        for r in rows
        if actor.home == actor.authority or r.state != "DRAFT"
    ]


def may_open_report(node: Node, actor: Actor) -> bool:
    """Whether the actor is one of those who write it."""
    return "drafter" in _who(node, actor)


async def open_report(node: Node, actor: Actor, command: OpenReport) -> UUID:
    """Begin the report of a year; there is one for each.

    Raises:
        AccessDenied: nobody who writes it.
        DomainError: `report.year_wrong`.
        Conflict: `report.year_exists`.
    """
    if not may_open_report(node, actor):
        raise AccessDenied
    today = local_date(node.clock.now())
    if not node.policies.policies[0].valid_from.year <= command.year <= today.year:
        raise DomainError("report.year_wrong", year=command.year)
    agreement = _agreement(node)
    report_id = random_id()
    async with node.db.begin(actor) as uow:
        await add_row(
            uow,
            store.report,
            report_id=report_id,
            year=command.year,
            state="DRAFT",
            revision=1,
            police_unit=agreement.police_unit if agreement else None,
            opened_at=uow.now,
            opened_by=actor.staff_id,
        )
        uow.audit("report.opened", report=str(report_id), year=command.year)
        await uow.commit()
    return report_id


async def read_report(node: Node, actor: Actor, report_id: UUID) -> AnnualReport:
    """One.

    Raises:
        AccessDenied: there is none that the actor may see.
    """
    competences = await _competences(node, actor)
    async with node.db.begin(actor) as uow:
        row = await _row(node, uow, actor, report_id)
        found = await _view(node, uow, actor, row, competences)
        uow.audit("report.read", report=str(report_id))
        await uow.commit()
    return found


async def write_report(node: Node, actor: Actor, command: WriteReport) -> None:
    """Save the texts; each that differs is a new version.

    Raises:
        AccessDenied: there is none that the actor may see.
        Conflict: `db.changed_meanwhile`.
        DomainError: as `step` and `checked`, `report.section_unknown`.
    """
    async with node.db.begin(actor) as uow:
        row = await _row(node, uow, actor, command.report_id)
        _step(node, actor, row, command.revision, "write")
        known = await store.texts(uow, command.report_id)
        for each in command.texts:
            if each.section not in SECTIONS:
                raise DomainError("report.section_unknown")
            said, before = checked(each.text), known.get(each.section)
            if said == (before.text if before else ""):
                continue
            await add_row(
                uow,
                store.text,
                report_id=command.report_id,
                section=each.section,
                number=before.number + 1 if before else 1,
                text=said,
                written_at=uow.now,
                written_by=actor.staff_id,
            )
        await _moved(uow, row, "write", row.state)
        await uow.commit()


async def act_on_report(node: Node, actor: Actor, command: ActOnReport) -> None:
    """Sign for one's party, or pass the disclosure check.

    Raises:
        AccessDenied: there is none that the actor may see.
        Conflict: `db.changed_meanwhile`.
        DomainError: as `step` and `check_safe`, `report.party_has_signed`, `report.same_person`.
    """
    async with node.db.begin(actor) as uow:
        row = await _row(node, uow, actor, command.report_id)
        then = _step(node, actor, row, command.revision, command.act)
        party: Party | None = None
        if command.act == "sign":
            party = "municipality" if actor.home == actor.authority else "police"
            then = await _signed(uow, row, party)
        else:
            # Two persons: who sent it to the parties does not let it through as well.
            if row.submitted_by == actor.staff_id:
                raise DomainError("report.same_person")
            await _check(uow, row)
        await _moved(uow, row, command.act, then, party=party)
        await uow.commit()


async def submit_report(
    node: Node, actor: Actor, command: SubmitReport, *, compose: Compose
) -> None:
    """Freeze it and send it to the parties.

    Raises:
        AccessDenied: there is none that the actor may see.
        Conflict: `db.changed_meanwhile`.
        DomainError: as `step`, `report.not_counted`, `report.summary_missing`.
    """
    draft = await read_report(node, actor, command.report_id)
    if draft.state == "DRAFT":
        if draft.counted_at is None:
            raise DomainError("report.not_counted")
        if not draft.texts.get("summary") or not draft.texts.get("proposal"):
            raise DomainError("report.summary_missing")
    content = msgspec.json.encode(await compose(draft))
    async with node.db.begin(actor) as uow:
        row = await _row(node, uow, actor, command.report_id)
        then = _step(node, actor, row, command.revision, "submit")
        if draft.revision != row.revision:
            raise Conflict("db.changed_meanwhile")
        await _moved(
            uow,
            row,
            "submit",
            then,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            submitted_by=actor.staff_id,
        )
        await uow.commit()


async def send_back_report(node: Node, actor: Actor, command: SendBackReport) -> None:
    """To draft again; signatures go, since what they were under goes.

    Raises:
        AccessDenied: there is none that the actor may see.
        Conflict: `db.changed_meanwhile`.
        DomainError: as `step` and `checked_line`, `reason.missing`.
    """
    reason = checked_line(command.reason)
    if not reason:
        raise DomainError("reason.missing")
    async with node.db.begin(actor) as uow:
        row = await _row(node, uow, actor, command.report_id)
        then = _step(node, actor, row, command.revision, "send_back")
        await _moved(uow, row, "send_back", then, reason=reason, content=None, sha256=None)
        await uow.commit()


async def publish_report(node: Node, actor: Actor, command: PublishReport) -> None:
    """The board has decided: what the parties signed is published, byte for byte, for ever.

    Raises:
        AccessDenied: there is none that the actor may see.
        Conflict: `db.changed_meanwhile`.
        DomainError: as `step`, `check_safe` and `checked_line`, `report.decision_missing`.
    """
    decision = checked_line(command.decision)
    if not decision:
        raise DomainError("report.decision_missing")
    async with node.db.begin(actor) as uow:
        row = await _row(node, uow, actor, command.report_id)
        then = _step(node, actor, row, command.revision, "publish")
        await _check(uow, row)
        await _moved(
            uow,
            row,
            "publish",
            then,
            decision=decision,
            published_at=uow.now,
            jws=node.keyring.signing(uow.wall).sign(row.content),
        )
        await uow.commit()


async def count_reports(node: Node) -> int:
    """Count each year once, when it is over; what is too small is dropped before it is written.

    The worker's. On the day on which the year's last half is counted for the nation: a count of a
    year that runs, or a second one, would name by its difference who came in between.

    Returns:
        How many reports got figures, or the word that there are none.
    """
    actor = worker(node.authority)
    async with node.db.begin(actor) as uow:
        found = await store.to_count(uow)
    today = local_date(node.clock.now())
    waiting = [row for row in found if today >= statistics.own_year_counted_on(row.year)]
    for row in waiting:
        began_at = node.clock.now()
        async with node.db.begin(actor) as uow:
            before = await store.counted(uow, row.year - 1)
            after = await store.counted(uow, row.year + 1)
        told: bytes | None = None
        # What is told of a year leans on the year before: after the later one nothing more is told.
        if after is None:
            with suppress(statistics.NothingToTell):
                told = _FIGURES.encode(
                    await statistics.count_own_year(node, row.year, _figures(before))
                )
        async with node.db.begin(actor) as uow:
            if await store.keep_figures(uow, row.report_id, told, began_at):
                uow.audit("report.counted", report=str(row.report_id), is_told=told is not None)
            await uow.commit()
    return len(waiting)


def _agreement(node: Node) -> Agreement | None:
    policy = node.policies.on(local_date(node.clock.now()))
    return agreement_of(policy, policy.section("follow_up", FollowUpPolicy))


def _who(node: Node, actor: Actor) -> frozenset[Who]:
    policy = node.policies.on(local_date(node.clock.now()))
    rules = policy.section("follow_up", FollowUpPolicy)
    if actor.home != actor.authority:
        agreement = agreement_of(policy, rules)
        is_party = agreement is not None and actor.unit == agreement.police_unit
        return frozenset({"police"} if is_party and actor.has_any(POLICE_ROLE) else ())
    found: set[Who] = set()
    if actor.has_any(*rules.report_drafted_by.value) and actor.has_any(*WRITERS):
        found.add("drafter")
    if actor.has_any(*rules.report_approved_by.value) and actor.has_any(*WRITERS):
        found.add("approver")
    return frozenset(found)


def _require_reader(node: Node, actor: Actor) -> None:
    is_here = actor.home == actor.authority and actor.has_any(*READERS)
    if not is_here and "police" not in _who(node, actor):
        raise AccessDenied


async def _row(node: Node, uow: UnitOfWork, actor: Actor, report_id: UUID) -> store.Record:
    _require_reader(node, actor)
    row = await store.find(uow, report_id)
    # What has gone back to draft is the municipality's again.
    if row is None or (actor.home != actor.authority and row.state == "DRAFT"):
        raise AccessDenied
    return row


def _step(node: Node, actor: Actor, row: store.Record, revision: int, event: Event) -> State:
    if row.revision != revision:  # first: what was typed meanwhile is shown by a conflict alone
        raise Conflict("db.changed_meanwhile")
    return step(row.state, event, _who(node, actor))


async def _moved(
    uow: UnitOfWork,
    row: store.Record,
    event: Event,
    then: State,
    *,
    party: Party | None = None,
    reason: str | None = None,
    **values: object,
) -> None:
    await add_row(
        uow,
        store.event,
        report_id=row.report_id,
        number=row.revision + 1,
        event=event,
        leads_to=then,
        party=party,
        reason=reason,
        done_at=uow.now,
        done_by=uow.actor.staff_id,
    )
    await store.change(uow, row, state=then, **values)
    uow.audit("report.moved", report=str(row.report_id), event=event, then=then)


async def _signed(uow: UnitOfWork, row: store.Record, party: Party) -> State:
    """Where this party's signature leads; nobody signs twice, or for both."""
    known = _signatures(await store.events(uow, row.report_id))
    if party in {each.party for each in known}:
        raise DomainError("report.party_has_signed")
    if any(each.done_by == uow.actor.staff_id for each in known):
        raise DomainError("report.same_person")
    parties: tuple[Party, ...] = (
        ("municipality", "police") if row.police_unit else ("municipality",)
    )
    return after_signature([*(each.party for each in known), party], parties)


def _signatures(events: Sequence[store.Record]) -> list[store.Record]:
    """Those under what was sent to the parties last."""
    last = max((each.number for each in events if each.event == "submit"), default=0)
    return [each for each in events if each.event == "sign" and each.number > last]


async def _check(uow: UnitOfWork, row: store.Record) -> None:
    """Every figure and every text of what was reviewed, once more."""
    figures = _figures(await store.counted(uow, row.year))
    before = _figures(await store.counted(uow, row.year - 1))
    unsafe = statistics.own_year_faults(figures, before) if figures else []
    said = list(texts(msgspec.json.decode(row.content, type=Report)))
    check_safe(said, unsafe, cases.mentions_code_name)


def _figures(row: store.Record | None) -> statistics.OwnYear | None:
    if row is None or row.figures is None:
        return None
    return msgspec.json.decode(row.figures, type=statistics.OwnYear)


async def _competences(node: Node, actor: Actor) -> list[tuple[str, int]]:
    """How many colleagues hold each kind today; no names."""
    held: dict[str, set[UUID]] = {}
    for each in await staff.competences(node, actor):
        if each.counts:
            held.setdefault(each.competence.kind, set()).add(each.competence.staff_id)
    return sorted((kind, len(people)) for kind, people in held.items())


async def _view(
    node: Node,
    uow: UnitOfWork,
    actor: Actor,
    row: store.Record,
    competences: Sequence[tuple[str, int]],
) -> AnnualReport:
    events = await store.events(uow, row.report_id)
    names = await staff.names(uow, {each.done_by for each in events})
    policy = node.policies.on(local_date(uow.now))
    met = [each for each in await meetings.meetings(uow) if each.year == row.year]
    sealed = next((each for each in met if each.sealed_at is not None), None)
    minutes = await meetings.newest_minutes(uow, sealed.meeting_id) if sealed else None
    counted = await store.counted(uow, row.year)
    figures = _figures(counted)
    written = await store.texts(uow, row.report_id)
    return AnnualReport(
        report_id=row.report_id,
        year=row.year,
        state=row.state,
        revision=row.revision,
        texts={section: each.text for section, each in written.items()},
        figures=statistics.rounded(figures) if figures else None,
        counted_at=counted.counted_at if counted else None,
        agreement=_agreement(node),
        minutes=decode(minutes.content) if minutes else None,
        minutes_sha256=sealed.sealed_sha256 if sealed else None,
        policy=(policy.valid_from.isoformat(), policy.sha256),
        competences=competences,
        content=msgspec.json.decode(row.content, type=Report) if row.content else None,
        sha256=row.sha256,
        signed=[each.party for each in _signatures(events)] if row.content else [],
        decision=row.decision,
        published_at=row.published_at,
        history=[
            ReportEvent(
                each.event,
                each.leads_to,
                each.party,
                each.reason,
                each.done_at,
                names.get(each.done_by, ""),
            )
            for each in events
        ],
        events=events_now(row.state, _who(node, actor)),
    )
