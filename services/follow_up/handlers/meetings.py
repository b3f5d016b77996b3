"""The joint follow-up of the agreement: what is due, the minutes, the two signatures, the seal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from services.follow_up.domain.agreements import (
    Agreement,
    Due,
    Held,
    LawChange,
    Obligation,
    Party,
    due,
)
from services.follow_up.domain.minutes import (
    Answer,
    Minutes,
    Outcome,
    Signature,
    check_may_sign,
    decode,
    encode,
    sha256,
    sign,
)
from services.follow_up.handlers.texts import checked, checked_line
from services.follow_up.policy import FollowUpPolicy, agreement_of, law_ids
from services.follow_up.store import meetings as store
from services.staff import api as staff
from shared.actor import Actor, worker
from shared.clock import local_date
from shared.db import UnitOfWork, add_row
from shared.db.cards import add_cards, finish_cards_about
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import StaffId, random_id, row_id
from shared.node import Node
from shared.policy import LawBook

WRITERS = ("exit_coordinator", "team_leader", "social_director")
READERS = (*WRITERS, "security_chief")
POLICE_ROLE = "police_partner"
EVERYBODY = (*READERS, POLICE_ROLE)


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    """Begin the joint follow-up of a year."""

    year: int


@dataclass(frozen=True, slots=True)
class ObligationAnswer:
    """How one obligation has been met, as somebody writes it."""

    code: str
    outcome: Outcome | None = None
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class WriteMinutes:
    """A new version of the minutes, whole or not.

    Args:
        number: of the version that the writer has read; somebody may have been faster.
        answers: of those obligations that something is said of.
    """

    meeting_id: UUID
    number: int
    held_on: date | None = None
    present: str = ""
    answers: tuple[ObligationAnswer, ...] = ()
    law: str = ""
    development: str = ""


@dataclass(frozen=True, slots=True)
class SignMinutes:
    """Sign the version that one has read, for one's own party."""

    meeting_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class RecordLawChange:
    """Enter a change in the law of one of the parties."""

    what: str
    in_force_on: date


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One joint follow-up in a list."""

    meeting_id: UUID
    year: int
    opened_at: datetime
    held_on: date | None
    sealed_at: datetime | None
    sealed_sha256: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The agreement and how it is followed up.

    Args:
        agreement: None where no document names one.
        dues: what is to be done, the most urgent first.
        may_open: the actor may begin one now.
        is_police: the actor is the other party.
    """

    agreement: Agreement | None
    dues: Sequence[Due]
    meetings: Sequence[MeetingRow]
    law_changes: Sequence[LawChange]
    may_open: bool
    may_record: bool
    is_police: bool


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed which version for whom."""

    party: Party
    number: int
    signed_at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """One joint follow-up as the parties see it.

    Args:
        number: of the newest version, or of the sealed one.
        dues: what it answers to, while it is open.
        signatures: under that version.
        voided: under earlier versions.
        party: the actor's own; None for who only reads.
        may_write, may_sign: now.
    """

    meeting_id: UUID
    year: int
    agreement: Agreement
    dues: Sequence[Due]
    number: int
    minutes: Minutes
    sha256: str
    written_at: datetime
    written_by: str
    signatures: Sequence[SignatureRow]
    voided: Sequence[SignatureRow]
    sealed_at: datetime | None
    sealed_sha256: str | None
    party: Party | None
    may_write: bool
    may_sign: bool


async def overview(node: Node, actor: Actor, *, law: LawBook) -> Overview:
    """What was agreed, what is due and what has been held.

    Raises:
        AccessDenied: no part in the follow-up.
    """
    agreement = _agreement(node, local_date(node.clock.now()))
    _require_reader(actor, agreement)
    async with node.db.begin(actor) as uow:
        rows = await store.meetings(uow)
        entered = await _entered(uow)
        dues = _dues(node, agreement, rows, entered, law, local_date(uow.now))
        uow.audit("follow_up.read", rows=len(rows))
        await uow.commit()
    is_ours = actor.home == actor.authority
    writes = is_ours and actor.has_any(*WRITERS)
    return Overview(
        agreement=agreement,
        dues=dues,
        meetings=[_row(row) for row in rows],
        law_changes=entered,
        may_open=writes and agreement is not None and all(row.sealed_at for row in rows),
        may_record=writes and agreement is not None,
        is_police=not is_ours,
    )


async def dues_for(node: Node, actor: Actor, *, law: LawBook) -> list[Due]:
    """What stands in the actor's list of things to do; nothing for who has no part in it."""
    agreement = _agreement(node, local_date(node.clock.now()))
    if agreement is None or not _may_read(actor, agreement):
        return []
    async with node.db.begin(actor) as uow:
        rows = await store.meetings(uow)
        entered = await _entered(uow)
        await uow.commit()
    found = _dues(node, agreement, rows, entered, law, local_date(node.clock.now()))
    return [each for each in found if each.stage != "later"]


async def open_meeting(node: Node, actor: Actor, command: OpenMeeting) -> UUID:
    """Begin one; there is one open at a time.

    Raises:
        AccessDenied: no writer of this municipality.
        DomainError: `follow_up.no_agreement`, `follow_up.year_wrong`.
        Conflict: `follow_up.open_already`.
    """
    _require_writer(actor)
    today = local_date(node.clock.now())
    agreement = _agreement(node, today)
    if agreement is None:
        raise DomainError("follow_up.no_agreement")
    if not agreement.in_force_from.year <= command.year <= today.year:
        raise DomainError("follow_up.year_wrong", year=command.year)
    policy = node.policies.on(today)
    meeting_id = random_id()
    async with node.db.begin(actor) as uow:
        await add_row(
            uow,
            store.meeting,
            meeting_id=meeting_id,
            year=command.year,
            police_unit=agreement.police_unit,
            policy_from=policy.valid_from,
            policy_sha256=policy.sha256,
            opened_at=uow.now,
            opened_by=actor.staff_id,
        )
        await _add_version(uow, meeting_id, 1, Minutes())
        uow.audit("follow_up.opened", meeting=str(meeting_id), year=command.year)
        await uow.commit()
    return meeting_id


async def read_meeting(node: Node, actor: Actor, meeting_id: UUID, *, law: LawBook) -> Meeting:
    """One, with the version that counts.

    Raises:
        AccessDenied: there is none that the actor may see.
    """
    async with node.db.begin(actor) as uow:
        row = await store.find(uow, meeting_id)
        if row is None:
            raise AccessDenied
        agreement = _agreement_of_row(node, row)
        newest = await store.newest_minutes(uow, meeting_id)
        signed = await store.signatures(uow, meeting_id)
        people = {newest.written_by, *(each.signed_by for each in signed)}
        names = await staff.names(uow, people)
        today = local_date(uow.now)
        others = await store.meetings(uow)
        entered = await _entered(uow)
        dues = _dues(node, agreement, others, entered, law, today)
        uow.audit("follow_up.minutes_read", meeting=str(meeting_id))
        await uow.commit()
    rows = [
        SignatureRow(e.party, e.number, e.signed_at, names.get(e.signed_by, "")) for e in signed
    ]
    here = [each for each in rows if each.number == newest.number]
    party = _party(actor, agreement)
    is_open = row.sealed_at is None
    return Meeting(
        meeting_id=meeting_id,
        year=row.year,
        agreement=agreement,
        dues=[each for each in dues if _is_answered(each, row.year)] if is_open else [],
        number=newest.number,
        minutes=decode(newest.content),
        sha256=newest.sha256,
        written_at=newest.written_at,
        written_by=names.get(newest.written_by, ""),
        signatures=here,
        voided=[each for each in rows if each.number != newest.number],
        sealed_at=row.sealed_at,
        sealed_sha256=row.sealed_sha256,
        party=party,
        may_write=is_open and (party == "police" or actor.has_any(*WRITERS)),
        may_sign=is_open and party is not None and party not in {each.party for each in here},
    )


async def write_minutes(node: Node, actor: Actor, command: WriteMinutes) -> None:
    """A new version, by either party; it has nobody's signature.

    Raises:
        AccessDenied: there is none that the actor may write in.
        Conflict: `db.changed_meanwhile`, `minutes.sealed`.
        DomainError: `minutes.unknown_obligation`, and as `checked`.
    """
    async with node.db.begin(actor) as uow:
        row = await store.find(uow, command.meeting_id)
        if row is None:
            raise AccessDenied
        agreement = _agreement_of_row(node, row)
        if _party(actor, agreement) != "police" and not actor.has_any(*WRITERS):
            raise AccessDenied
        if row.sealed_at is not None or (
            await store.find(uow, command.meeting_id, lock=True) is None
        ):
            raise Conflict("minutes.sealed")
        newest = await store.newest_minutes(uow, command.meeting_id)
        if newest.number != command.number:
            raise Conflict("db.changed_meanwhile")
        written = _minutes(command, agreement.obligations)
        if encode(written) != newest.content:  # the same text again voids nobody's signature
            await _add_version(uow, command.meeting_id, newest.number + 1, written)
            uow.audit(
                "follow_up.minutes_written",
                meeting=str(command.meeting_id),
                number=newest.number + 1,
            )
        await uow.commit()


async def sign_minutes(node: Node, actor: Actor, command: SignMinutes, *, law: LawBook) -> None:
    """Sign for one's own party; the second signature seals.

    Raises:
        AccessDenied: there is none that the actor may see.
        Conflict: `db.changed_meanwhile`: the text has changed since; `minutes.sealed`.
        DomainError: `minutes.not_signer`, and as `check_may_sign` and `sign`.
    """
    async with node.db.begin(actor) as uow:
        row = await store.find(uow, command.meeting_id)
        if row is None:
            raise AccessDenied
        agreement = _agreement_of_row(node, row)
        party = _party(actor, agreement)
        if party is None:
            raise DomainError("minutes.not_signer", roles=",".join(agreement.signed_by))
        if row.sealed_at is not None or (
            await store.find(uow, command.meeting_id, lock=True) is None
        ):
            raise Conflict("minutes.sealed")
        newest = await store.newest_minutes(uow, command.meeting_id)
        rows = await store.signatures(uow, command.meeting_id)
        known = [
            Signature(each.party, StaffId(each.signed_by))
            for each in rows
            if each.number == newest.number
        ]
        is_whole = sign(known, party, actor.staff_id, number=command.number, newest=newest.number)
        minutes = decode(newest.content)
        today = local_date(uow.now)
        entered = await _entered(uow)
        dues = _dues(node, agreement, await store.meetings(uow), entered, law, today)
        check_may_sign(
            minutes,
            agreement.obligations,
            today,
            is_law_due=any(each.occasion == "law_change" for each in dues),
        )
        await add_row(
            uow,
            store.signature,
            meeting_id=command.meeting_id,
            number=newest.number,
            party=party,
            signed_at=uow.now,
            signed_by=actor.staff_id,
        )
        uow.audit(
            "follow_up.signed",
            meeting=str(command.meeting_id),
            number=newest.number,
            party=party,
            sha256=newest.sha256,
        )
        if is_whole:
            await _seal(node, uow, command.meeting_id, newest, minutes, row)
        await uow.commit()


async def record_law_change(node: Node, actor: Actor, command: RecordLawChange) -> UUID:
    """Enter a change that the book of references does not know.

    Raises:
        AccessDenied: no writer of this municipality.
        DomainError: `follow_up.no_agreement`, `law_change.what_missing`, and as `checked`.
    """
    _require_writer(actor)
    if _agreement(node, local_date(node.clock.now())) is None:
        raise DomainError("follow_up.no_agreement")
    what = checked_line(command.what)
    if not what:
        raise DomainError("law_change.what_missing")
    async with node.db.begin(actor) as uow:
        change_id = row_id(uow.now)
        await add_row(
            uow,
            store.law_change,
            change_id=change_id,
            what=what,
            in_force_on=command.in_force_on,
            recorded_at=uow.now,
            recorded_by=actor.staff_id,
        )
        uow.audit("follow_up.law_change_recorded", change=str(change_id))
        await uow.commit()
    return change_id


async def remind(node: Node, *, law: LawBook) -> int:
    """Tell those responsible what is due, once when it comes near and once when it is late."""
    today = local_date(node.clock.now())
    agreement = _agreement(node, today)
    if agreement is None:
        return 0
    told = 0
    async with node.db.begin(worker(node.authority)) as uow:
        rows = await store.meetings(uow)
        entered = await _entered(uow)
        dues = _dues(node, agreement, rows, entered, law, today)
        for each in dues:
            if each.stage == "later" or not await store.remind(uow, each.key, each.stage):
                continue
            await add_cards(
                uow,
                f"follow_up.{each.stage}",
                {*agreement.signed_by, "exit_coordinator"},
                subject=_card_subject(each.key),
                facts={"occasion": each.occasion, "due_on": each.due_on.isoformat()},
            )
            uow.audit("follow_up.reminded", occasion=each.occasion, stage=each.stage)
            told += 1
        for key in await store.reminded_keys(uow) - {each.key for each in dues}:
            for stage in ("soon", "overdue"):
                await finish_cards_about(uow, f"follow_up.{stage}", _card_subject(key))
        await uow.commit()
    return told


def _card_subject(key: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"follow_up:{key}")


def _agreement(node: Node, day: date) -> Agreement | None:
    policy = node.policies.on(day)
    return agreement_of(policy, policy.section("follow_up", FollowUpPolicy))


def _agreement_of_row(node: Node, row: store.Record) -> Agreement:
    """The one that the meeting follows; a policy is never edited after its day."""
    found = _agreement(node, row.policy_from)
    if found is None:
        raise DomainError("follow_up.no_agreement")
    return found


def _dues(
    node: Node,
    agreement: Agreement | None,
    rows: Sequence[store.Record],
    entered: Sequence[LawChange],
    law: LawBook,
    today: date,
) -> list[Due]:
    if agreement is None:
        return []
    policy = node.policies.on(today).section("follow_up", FollowUpPolicy)
    known = [LawChange(each.citation, each.valid_from) for each in law.changes(law_ids(policy))]
    held = [Held(row.year, row.held_on, row.sealed_at) for row in rows if row.sealed_at is not None]
    return due(agreement, held, [*known, *entered], today)


async def _entered(uow: UnitOfWork) -> list[LawChange]:
    """The changes that somebody has entered."""
    return [
        LawChange(row.what, row.in_force_on, row.recorded_at)
        for row in await store.law_changes(uow)
    ]


def _is_answered(each: Due, year: int) -> bool:
    return each.occasion == "law_change" or each.about == str(year)


def _may_read(actor: Actor, agreement: Agreement | None) -> bool:
    if actor.home == actor.authority:
        return actor.has_any(*READERS)
    return (
        agreement is not None and actor.has_any(POLICE_ROLE) and actor.unit == agreement.police_unit
    )


def _require_reader(actor: Actor, agreement: Agreement | None) -> None:
    if not _may_read(actor, agreement):
        raise AccessDenied


def _require_writer(actor: Actor) -> None:
    if actor.home != actor.authority or not actor.has_any(*WRITERS):
        raise AccessDenied


def _party(actor: Actor, agreement: Agreement) -> Party | None:
    """For whom the actor may sign."""
    if actor.home != actor.authority:
        return "police" if _may_read(actor, agreement) else None
    return "municipality" if actor.has_any(*agreement.signed_by) else None


def _minutes(command: WriteMinutes, obligations: Sequence[Obligation]) -> Minutes:
    given = {each.code: Answer(each.outcome, checked(each.reasons)) for each in command.answers}
    if not given.keys() <= {each.code for each in obligations}:
        raise DomainError("minutes.unknown_obligation")
    return Minutes(
        held_on=command.held_on,
        present=checked(command.present),
        answers={
            each.code: given[each.code]
            for each in obligations
            if given.get(each.code, Answer()) != Answer()
        },
        law=checked(command.law),
        development=checked(command.development),
    )


async def _add_version(uow: UnitOfWork, meeting_id: UUID, number: int, written: Minutes) -> None:
    content = encode(written)
    await add_row(
        uow,
        store.minutes,
        meeting_id=meeting_id,
        number=number,
        content=content,
        sha256=sha256(content),
        written_at=uow.now,
        written_by=uow.actor.staff_id,
    )


async def _seal(
    node: Node,
    uow: UnitOfWork,
    meeting_id: UUID,
    newest: store.Record,
    minutes: Minutes,
    row: store.Record,
) -> None:
    """Freeze the version with both signatures, under the authority's own key."""
    signed: Collection[Any] = [
        {"party": each.party, "by": each.signed_by, "at": each.signed_at}
        for each in await store.signatures(uow, meeting_id)
        if each.number == newest.number
    ]
    sealed = msgspec.json.encode(
        {
            "meeting": meeting_id,
            "year": row.year,
            "policy_sha256": row.policy_sha256,
            "number": newest.number,
            "minutes_sha256": newest.sha256,
            "signatures": signed,
        },
        order="sorted",
    )
    assert minutes.held_on is not None, "it was judged whole"
    await store.seal(
        uow,
        meeting_id,
        number=newest.number,
        held_on=minutes.held_on,
        sealed_at=uow.now,
        sha256=sha256(sealed),
        jws=node.keyring.signing(uow.wall).sign(sealed),
    )
    uow.audit("follow_up.sealed", meeting=str(meeting_id), sha256=sha256(sealed))


def _row(row: store.Record) -> MeetingRow:
    return MeetingRow(
        row.meeting_id, row.year, row.opened_at, row.held_on, row.sealed_at, row.sealed_sha256
    )
