"""Residence, needs, journal: what case workers write in an open case."""

from datetime import date
from uuid import UUID

from services.cases.domain.commands import (
    Apply,
    ConfirmResidence,
    EndAtPersonsWish,
    NoteKind,
    RecordNeed,
    RecordResidence,
    WriteNote,
)
from services.cases.domain.rules import check_confirmation, check_residence
from services.cases.domain.states import after
from services.cases.domain.text import optional, required
from services.cases.handlers import sealing
from services.cases.handlers.work import AtCase, writing
from services.cases.store import files, headers, relapse, tables
from services.decisions import api as decisions
from services.protection import api as protection
from shared.actor import Actor
from shared.clock import local_date
from shared.db import add_row
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId, row_id
from shared.node import Node
from shared.policy import municipalities

SHORT = 500
"""Characters of what is said in a few words."""


async def apply(node: Node, actor: Actor, command: Apply) -> None:
    """The person applies: the contact becomes an intake, an investigation must follow."""
    async with writing(node, actor, command.case_id, command.term, "apply") as at:
        await headers.change_state(at.uow, at.header, after(at.header.state, "apply"))
        await headers.insert_event(at.uow, command.case_id, "case.applied", {})
        at.uow.audit("case.applied", case_id=command.case_id)
        await at.uow.commit()


async def end_at_persons_wish(node: Node, actor: Actor, command: EndAtPersonsWish) -> None:
    """End the case because the person wants it: wish in the journal, joint room closed.

    Raises:
        Conflict: `case.handover_open`: a case on its way is not closed under the receiver's feet.
        DomainError: `note.text_missing`, `note.source_missing`.
    """
    wish = required(command.wish, "note.text_missing")
    source = required(command.source, "note.source_missing", SHORT)
    async with writing(node, actor, command.case_id, command.term, "end_at_persons_wish") as at:
        has_open_handover = at.header.open_handover is not None
        state = after(at.header.state, "withdraw", has_open_handover=has_open_handover)
        await add_note(at, "fact", wish, source, local_date(at.uow.now), None)
        await relapse.end_otherwise(at.uow, command.case_id)
        await protection.close_room(at.uow, SubjectId(command.case_id))
        await headers.insert_event(at.uow, command.case_id, "case.ended", {"reason": "WITHDRAWN"})
        at.uow.audit("case.ended", case_id=command.case_id, ended="WITHDRAWN")
        await headers.change_state(at.uow, at.header, state, "WITHDRAWN")
        await at.uow.commit()


async def record_residence(node: Node, actor: Actor, command: RecordResidence) -> UUID:
    """Write the residence finding; it counts when a second person has confirmed it.

    Raises:
        DomainError: `residence.*`, `municipality.unknown`, `decision.not_delegate`.
    """
    facts = required(command.facts, "residence.facts_missing")
    async with writing(node, actor, command.case_id, command.term, "find_residence") as at:
        policy = node.policies.on(local_date(at.uow.now))
        decisions.require_delegate(policy, "residence.find", actor)
        row = await files.person_row(at.uow, command.case_id)
        if row is None:
            raise AccessDenied
        person = sealing.person(at.key, row)
        check_residence(command, person, node.authority, municipalities())
        finding_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            tables.residence,
            finding_id=finding_id,
            case_id=command.case_id,
            finding=command.finding,
            ground=command.ground,
            sealed=sealing.close(
                at.key,
                "case_residence",
                finding_id,
                sealing.ResidenceBody(command.municipality, facts),
            ),
            found_at=at.uow.now,
            found_by=actor.staff_id,
        )
        await _moved(at, "case.residence_found", finding=command.finding)
        await at.uow.commit()
    return finding_id


async def confirm_residence(node: Node, actor: Actor, command: ConfirmResidence) -> None:
    """The second reader agrees: the finding is a decision from now on.

    Raises:
        DomainError: `residence.superseded`, `residence.already_confirmed`,
            `residence.same_reader`, `decision.not_second`.
    """
    async with writing(node, actor, command.case_id, command.term, "confirm_residence") as at:
        finding = sealing.residence(at.key, await files.newest_residence(at.uow, command.case_id))
        check_confirmation(finding, command.finding_id, actor.staff_id)
        assert finding is not None
        policy = node.policies.on(local_date(at.uow.now))
        decisions.require_second(policy, "residence.find", finding.found_by, actor)
        await files.confirm_residence(at.uow, finding.finding_id)
        await decisions.record_decision(
            at.uow,
            at.key,
            policy,
            kind="residence.find",
            case_id=command.case_id,
            subject=finding.finding_id,
            decided_by=finding.found_by,
            second=actor.staff_id,
            law_ref="",
            reasons=finding.facts,
            outcome=finding.finding,
        )
        await _moved(at, "case.residence_confirmed", finding=finding.finding)
        await at.uow.commit()


async def record_need(node: Node, actor: Actor, command: RecordNeed) -> None:
    """Write what the person needs in one area; earlier texts stay in the file."""
    body = sealing.NeedBody(
        required(command.text, "need.text_missing"), optional(command.running_measure, SHORT)
    )
    async with writing(
        node, actor, command.case_id, command.term, "record_needs", lock=False
    ) as at:
        need_id = row_id(at.uow.now)
        await add_row(
            at.uow,
            tables.need,
            need_id=need_id,
            case_id=command.case_id,
            area=command.area,
            sealed=sealing.close(at.key, "case_need", need_id, body),
            recorded_at=at.uow.now,
            recorded_by=actor.staff_id,
        )
        # The area is not told: which help somebody needs is for the file's readers.
        await headers.insert_event(at.uow, command.case_id, "case.need_recorded", {})
        at.uow.audit("case.need_recorded", case_id=command.case_id)
        await at.uow.commit()


async def write_note(node: Node, actor: Actor, command: WriteNote) -> UUID:
    """Add a note to the journal; two authors at once lose nothing, since nothing is overwritten.

    Raises:
        DomainError: `note.text_missing`, `note.source_missing`, `note.in_future`,
            `note.corrects_unknown`, `text.too_long`.
    """
    text = required(command.text, "note.text_missing")
    if command.kind == "fact":
        source = required(command.source, "note.source_missing", SHORT)
    else:
        source = optional(command.source, SHORT)
    async with writing(
        node, actor, command.case_id, command.term, "write_journal", even_aided=True, lock=False
    ) as at:
        if command.happened_on > local_date(at.uow.now):
            raise DomainError("note.in_future")
        if command.corrects is not None and not await files.has_note(
            at.uow, command.case_id, command.corrects
        ):
            raise DomainError("note.corrects_unknown")
        note_id = await add_note(
            at, command.kind, text, source, command.happened_on, command.corrects
        )
        at.uow.audit(
            "case.note_written",
            case_id=command.case_id,
            note=str(note_id),
            is_correction=command.corrects is not None,
        )
        await at.uow.commit()
    return note_id


async def add_note(
    at: AtCase, kind: NoteKind, text: str, source: str, happened_on: date, corrects: UUID | None
) -> UUID:
    """One more note in the journal; the caller has checked what it says."""
    note_id = row_id(at.uow.now)
    await add_row(
        at.uow,
        tables.note,
        note_id=note_id,
        case_id=at.header.case_id,
        kind=kind,
        sealed=sealing.close(at.key, "case_note", note_id, sealing.NoteBody(text, source)),
        happened_on=happened_on,
        written_at=at.uow.now,
        written_by=at.uow.actor.staff_id,
        corrects=corrects,
    )
    return note_id


async def _moved(at: AtCase, code: str, **facts: str) -> None:
    """The file's tracks have moved: revision, history and log together."""
    await headers.touch(at.uow, at.header)
    await headers.insert_event(at.uow, at.header.case_id, code, dict(facts))
    at.uow.audit(code, case_id=at.header.case_id, **facts)
