"""The two ends: loading and compare-and-set."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, insert, select, update

from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import (
    OPEN_AT_SENDER,
    RECEIVER_ENDS,
    SENDER_ENDS,
    ReceiverState,
    SenderState,
)
from services.handover.store.tables import handover, incoming
from shared.crypto import SubjectKey
from shared.db import UnitOfWork, changed_one
from shared.db.sql import IDS, sql
from shared.errors import AccessDenied
from shared.ids import AuthorityCode, CaseId, ConversationId, StaffId

_OUT = [handover.c[field.name] for field in fields(Outgoing)]
_IN = [incoming.c[field.name] for field in fields(Incoming)]


def _outgoing(row: RowMapping) -> Outgoing:
    return Outgoing(**{**row, "state": SenderState(row["state"])})


def _incoming(row: RowMapping) -> Incoming:
    return Incoming(
        **{
            **row,
            "state": ReceiverState(row["state"]),
            "roles": frozenset(row["roles"]),
            "dispute_roles": frozenset(row["dispute_roles"]),
            "readers": frozenset(row["readers"]),
        }
    )


def content_place(handover_id: UUID) -> str:
    """Where the draft or the proposal is kept: what its sealing is bound to."""
    return f"handover.sealed:{handover_id}"


def seal_content(handover_id: ConversationId, content: bytes, key: SubjectKey) -> bytes:
    """The draft's or proposal's JSON, as the column holds it."""
    return key.seal(content, content_place(handover_id))


# -- the sender's end ----------------------------------------------------------------------------
async def find_outgoing(
    uow: UnitOfWork, handover_id: ConversationId, *, lock: bool = False
) -> Outgoing | None:
    """The row, unless there is none or row security hides it."""
    statement = select(*_OUT).where(handover.c.handover_id == handover_id)
    statement = statement.with_for_update() if lock else statement
    row = (await uow.execute(statement)).mappings().one_or_none()
    return None if row is None else _outgoing(row)


async def outgoing(uow: UnitOfWork, handover_id: ConversationId, *, lock: bool = False) -> Outgoing:
    """The row.

    Raises:
        AccessDenied: none, or hidden.
    """
    found = await find_outgoing(uow, handover_id, lock=lock)
    if found is None:
        raise AccessDenied
    return found


async def outgoing_of_case(uow: UnitOfWork, case_id: CaseId) -> list[Outgoing]:
    """All handovers of a case, newest first."""
    statement = select(*_OUT).where(handover.c.case_id == case_id)
    rows = await uow.execute(statement.order_by(handover.c.created_at.desc()))
    return [_outgoing(row) for row in rows.mappings()]


async def add_outgoing(uow: UnitOfWork, row: Outgoing, content: bytes, key: SubjectKey) -> None:
    """A new draft.

    Raises:
        Conflict: `handover.draft_exists`.
    """
    values = {field.name: getattr(row, field.name) for field in fields(Outgoing)}
    values["state"] = row.state.value
    sealed = seal_content(row.handover_id, content, key)
    await uow.execute(insert(handover).values(**values, sealed=sealed).inline())


async def change_outgoing(uow: UnitOfWork, before: Outgoing, **values: object) -> None:
    """Compare and set; a new state starts its clock.

    Raises:
        Conflict: `db.changed_meanwhile`, `handover.already_open`.
    """
    await changed_one(
        uow,
        update(handover)
        .where(handover.c.handover_id == before.handover_id, handover.c.revision == before.revision)
        .values(revision=before.revision + 1, **_moved(values, before.state, uow.now)),
    )


async def is_on_its_way(uow: UnitOfWork, case_id: CaseId) -> bool:
    """Whether the case has an open handover, seen or not."""
    return bool((await uow.execute(select(func.app_is_on_its_way(case_id)))).scalar_one())


def _vault_due() -> tuple[Any, ...]:
    return handover.c.state == SenderState.COMPLETED.value, handover.c.vault.is_(None)


async def vaults_to_see_to(uow: UnitOfWork) -> list[Outgoing]:
    """Handovers whose case has been taken over, and whose vault nobody has seen to."""
    statement = select(*_OUT).where(*_vault_due()).order_by(handover.c.since).limit(20)
    return [_outgoing(row) for row in (await uow.execute(statement)).mappings()]


async def is_vault_due(uow: UnitOfWork, handover_id: ConversationId) -> bool:
    """Whether it still is; the row is locked, so that only one worker sees to it."""
    statement = select(handover.c.handover_id).where(
        handover.c.handover_id == handover_id, *_vault_due()
    )
    found = await uow.execute(statement.with_for_update(skip_locked=True))
    return found.one_or_none() is not None


async def note_vault(uow: UnitOfWork, handover_id: ConversationId, outcome: str) -> None:
    """What became of it; no step of the handover, so its revision stays."""
    await changed_one(
        uow, update(handover).where(handover.c.handover_id == handover_id).values(vault=outcome)
    )


async def note_dossier_sent(uow: UnitOfWork, handover_id: ConversationId) -> None:
    """When the last dossier left; part of a step, which has set the revision."""
    await changed_one(
        uow,
        update(handover).where(handover.c.handover_id == handover_id).values(dossier_at=uow.now),
    )


async def note_receipt(
    uow: UnitOfWork, handover_id: ConversationId, at: datetime | None = None
) -> None:
    """The receiver's receipt of the proposal is in: the month begins.

    Not a step: a form that a person has open still counts.

    Args:
        at: when it arrived, by a paper that says so; now for a signed receipt.
    """
    await changed_one(
        uow,
        update(handover)
        .where(handover.c.handover_id == handover_id)
        .values(receipt_at=at or uow.now),
    )


async def note_consent_withdrawn(uow: UnitOfWork, row: Outgoing) -> None:
    """The consent that it rests on is taken back; part of a step, or of none."""
    await changed_one(
        uow,
        update(handover)
        .where(handover.c.handover_id == row.handover_id)
        .values(consent_withdrawn_at=uow.now),
    )


async def save_draft(
    uow: UnitOfWork, before: Outgoing, content: bytes, key: SubjectKey, **values: object
) -> None:
    """Compare and set the draft's content and what of it stands in columns."""
    sealed = seal_content(before.handover_id, content, key)
    await change_outgoing(uow, before, sealed=sealed, **values)


async def lock_incoming(uow: UnitOfWork, row: Incoming) -> None:
    """After a month of silence: for those who answer disputes alone."""
    await changed_one(
        uow,
        update(incoming).where(incoming.c.handover_id == row.handover_id).values(is_locked=True),
    )


async def set_readers(uow: UnitOfWork, row: Incoming, readers: Collection[StaffId]) -> None:
    """Who reads it until the take-over; no step, so a signature that waits still counts."""
    await changed_one(
        uow,
        update(incoming)
        .where(incoming.c.handover_id == row.handover_id)
        .values(readers=sorted(readers)),
    )


async def note_key_destroyed(uow: UnitOfWork, handover_id: ConversationId) -> None:
    """Nothing of the content can be read any more, in no backup either."""
    await changed_one(
        uow,
        update(incoming)
        .where(incoming.c.handover_id == handover_id)
        .values(key_destroyed_at=uow.now),
    )


async def outgoing_content(uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey) -> bytes:
    """The draft's or proposal's JSON."""
    statement = select(handover.c.sealed).where(handover.c.handover_id == handover_id)
    sealed: bytes = (await uow.execute(statement)).scalar_one()
    return key.open(sealed, content_place(handover_id))


async def board_outgoing(uow: UnitOfWork) -> list[Outgoing]:
    """What the actor sees on its way out: drafts and what is not over."""
    over = [state.value for state in SENDER_ENDS]
    statement = select(*_OUT).where(handover.c.state.not_in(over)).order_by(handover.c.since)
    return [_outgoing(row) for row in (await uow.execute(statement)).mappings()]


# -- the receiver's end --------------------------------------------------------------------------
async def find_incoming(
    uow: UnitOfWork, handover_id: ConversationId, *, lock: bool = False
) -> Incoming | None:
    """The row, unless there is none or row security hides it."""
    statement = select(*_IN).where(incoming.c.handover_id == handover_id)
    statement = statement.with_for_update() if lock else statement
    row = (await uow.execute(statement)).mappings().one_or_none()
    return None if row is None else _incoming(row)


async def incoming_row(
    uow: UnitOfWork, handover_id: ConversationId, *, lock: bool = False
) -> Incoming:
    """The row.

    Raises:
        AccessDenied: none, or hidden.
    """
    found = await find_incoming(uow, handover_id, lock=lock)
    if found is None:
        raise AccessDenied
    return found


async def incoming_of_case(uow: UnitOfWork, case_id: CaseId) -> Incoming | None:
    """The handover that a case of ours came by; None where it began here."""
    statement = select(*_IN).where(incoming.c.case_id == case_id)
    row = (await uow.execute(statement)).mappings().one_or_none()
    return None if row is None else _incoming(row)


async def add_incoming(
    uow: UnitOfWork, row: Incoming, content: bytes | None, key: SubjectKey | None
) -> None:
    """A proposal that has come; without content where it was refused."""
    values = {field.name: getattr(row, field.name) for field in fields(Incoming)}
    values |= {
        "state": row.state.value,
        "roles": sorted(row.roles),
        "dispute_roles": sorted(row.dispute_roles),
        "readers": sorted(row.readers),
    }
    sealed = None
    if content is not None and key is not None:
        sealed = seal_content(row.handover_id, content, key)
    await uow.execute(insert(incoming).values(**values, sealed=sealed).inline())


async def change_incoming(uow: UnitOfWork, before: Incoming, **values: object) -> None:
    """Compare and set; a new state starts its clock."""
    await changed_one(
        uow,
        update(incoming)
        .where(incoming.c.handover_id == before.handover_id, incoming.c.revision == before.revision)
        .values(revision=before.revision + 1, **_moved(values, before.state, uow.now)),
    )


async def incoming_content(
    uow: UnitOfWork, handover_id: ConversationId, key: SubjectKey
) -> bytes | None:
    """The proposal's JSON; None once erased."""
    statement = select(incoming.c.sealed).where(incoming.c.handover_id == handover_id)
    sealed: bytes | None = (await uow.execute(statement)).scalar_one()
    return None if sealed is None else key.open(sealed, content_place(handover_id))


async def board_incoming(uow: UnitOfWork) -> list[Incoming]:
    """What the actor sees on its way in, and not over."""
    over = [state.value for state in RECEIVER_ENDS]
    statement = select(*_IN).where(incoming.c.state.not_in(over))
    rows = await uow.execute(statement.order_by(incoming.c.answer_on, incoming.c.received_at))
    return [_incoming(row) for row in rows.mappings()]


_SHOWN = 200


async def finished_outgoing(uow: UnitOfWork) -> list[Outgoing]:
    """What the actor sees that is over, newest first; dropped drafts are nothing to show."""
    over = [state.value for state in SENDER_ENDS - {SenderState.DROPPED}]
    statement = select(*_OUT).where(handover.c.state.in_(over))
    rows = await uow.execute(statement.order_by(handover.c.since.desc()).limit(_SHOWN))
    return [_outgoing(row) for row in rows.mappings()]


async def finished_incoming(uow: UnitOfWork) -> list[Incoming]:
    """Likewise, of what came."""
    over = [state.value for state in RECEIVER_ENDS]
    statement = select(*_IN).where(incoming.c.state.in_(over))
    rows = await uow.execute(statement.order_by(incoming.c.since.desc()).limit(_SHOWN))
    return [_incoming(row) for row in rows.mappings()]


async def open_conversations(uow: UnitOfWork) -> list[UUID]:
    """Handovers that neither end has finished, in either direction; a draft is nobody else's yet."""
    out = [state.value for state in (*SENDER_ENDS, SenderState.DRAFT)]
    over = [state.value for state in RECEIVER_ENDS]
    statement = (
        select(handover.c.handover_id)
        .where(handover.c.state.not_in(out))
        .union_all(select(incoming.c.handover_id).where(incoming.c.state.not_in(over)))
    )
    return list((await uow.execute(statement)).scalars())


_UNACCOUNTED = sql(
    """
    select h.handover_id from handover h where h.state not in ('draft', 'dropped')
        and not exists (select from outbox o where o.conversation_id = h.handover_id
                        and o.kind = 'proposed' and o.number > 0)
        and not exists (select from handover_paper p where p.handover_id = h.handover_id
                        and p.what = 'message' and p.kind = 'proposed')
    union select h.handover_id from handover h
        where h.state not in ('draft', 'dropped', 'withdrawn', 'kept', 'completed')
        and h.handover_id <> all(:marked)
    union select m.handover_id from unnest(cast(:marked as uuid[])) as m (handover_id)
        where not exists (select from handover h where h.handover_id = m.handover_id
            and h.state not in ('draft', 'dropped', 'withdrawn', 'kept', 'completed'))
    union select i.conversation_id from inbox i
        where i.kind = 'proposed' and i.outcome = 'applied'
        and not exists (select from incoming_handover n where n.handover_id = i.conversation_id)
    """,
    marked=IDS,
)


async def unaccounted(uow: UnitOfWork, marked: Collection[UUID]) -> set[ConversationId]:
    """Handovers of which a part is gone: its first message, its row, or the mark on its case.

    Args:
        marked: what the cases say is open.
    """
    rows = await uow.execute(_UNACCOUNTED, {"marked": list(marked)})
    return {ConversationId(row.handover_id) for row in rows}


async def keys_to_destroy(uow: UnitOfWork) -> list[Incoming]:
    """Erased ends whose key is still there."""
    statement: Select[Any] = select(*_IN).where(
        incoming.c.erased_at.is_not(None), incoming.c.key_destroyed_at.is_(None)
    )
    return [_incoming(row) for row in (await uow.execute(statement)).mappings()]


def _moved(
    values: dict[str, object], before: SenderState | ReceiverState, now: datetime
) -> dict[str, object]:
    """Column values; the state as its word, and since when, if it is another than before."""
    state = values.get("state")
    if isinstance(state, (SenderState, ReceiverState)):
        values = {**values, "state": state.value}
        if state is not before:
            values["since"] = now
    return values


async def count_open(uow: UnitOfWork, other: AuthorityCode | None) -> int:
    """How many handovers are open with another authority, at either end; None asks of all."""
    out = select(func.count()).where(handover.c.state.in_([s.value for s in OPEN_AT_SENDER]))
    into = select(func.count()).where(incoming.c.state.not_in([s.value for s in RECEIVER_ENDS]))
    if other is not None:
        out, into = out.where(handover.c.receiver == other), into.where(incoming.c.sender == other)
    sent = (await uow.execute(out)).scalar_one()
    received = (await uow.execute(into)).scalar_one()
    return int(sent) + int(received)
