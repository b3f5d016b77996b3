"""The tables of a review after a relapse, and what stands in them: migrations 0034, 0043, 0044."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    select,
    update,
)

from services.cases.store.columns import at, of_case, sealed
from shared.db import UnitOfWork, changed_one, conflict_when, metadata
from shared.ids import CaseId

Rows = Sequence[Row[Any]]
_OF_REVIEW = ["case_relapse.case_id", "case_relapse.review_id"]

review = Table(
    "case_relapse",
    metadata,
    Column("review_id", Uuid, primary_key=True),
    of_case(),
    sealed(),
    at("opened_at"),
    Column("opened_by", Uuid, nullable=False),
    Column("outcome", Text),
    Column("decided", LargeBinary),
    at("ended_at", nullable=True),
    Column("ended_by", Uuid),
    UniqueConstraint("case_id", "review_id", name="case_relapse_of_case"),
)
hearing = Table(
    "case_relapse_hearing",
    metadata,
    Column("hearing_id", Uuid, primary_key=True),
    of_case(),
    Column("review_id", Uuid, nullable=False),
    Column("heard_on", Date, nullable=False),
    Column("is_refused", Boolean, nullable=False),
    sealed(),
    at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    ForeignKeyConstraint(["case_id", "review_id"], _OF_REVIEW, name="case_relapse_hearing_of"),
)
retry = Table(
    "case_relapse_aid",
    metadata,
    Column("retry_id", Uuid, primary_key=True),
    of_case(),
    Column("review_id", Uuid, nullable=False),
    Column("aid_id", Uuid, nullable=False),
    Column("outcome", Text, nullable=False),
    sealed(),
    at("tried_at"),
    Column("tried_by", Uuid, nullable=False),
    UniqueConstraint("review_id", "aid_id", name="case_relapse_aid_once"),
    ForeignKeyConstraint(["case_id", "review_id"], _OF_REVIEW, name="case_relapse_aid_of"),
    ForeignKeyConstraint(
        ["case_id", "aid_id"],
        ["case_aid.case_id", "case_aid.aid_id"],
        name="case_relapse_aid_decision",
    ),
)
proposal = Table(
    "case_relapse_proposal",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    of_case(),
    Column("review_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    sealed(),
    at("proposed_at"),
    Column("proposed_by", Uuid, nullable=False),
    at("supported_at", nullable=True),
    Column("supported_by", Uuid),
    UniqueConstraint("review_id", "number", name="case_relapse_proposal_once"),
    ForeignKeyConstraint(["case_id", "review_id"], _OF_REVIEW, name="case_relapse_proposal_of"),
)

told = Table(
    "case_exclusion_told",
    metadata,
    Column("review_id", Uuid, primary_key=True),
    of_case(),
    Column("told_on", Date, nullable=False),
    at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    ForeignKeyConstraint(["case_id", "review_id"], _OF_REVIEW, name="case_exclusion_told_of"),
)

conflict_when("case_exclusion_told_pkey", "db.changed_meanwhile")
conflict_when("case_relapse_aid_once", "relapse.aid_tried_already")
conflict_when("case_relapse_proposal_once", "db.changed_meanwhile")
conflict_when("case_relapse_open", "db.changed_meanwhile")


async def reviews(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Newest first."""
    newest = (review.c.opened_at.desc(), review.c.review_id.desc())
    return await _all(uow, review, case_id, *newest)


async def hearings(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Of all reviews, newest first."""
    newest = (hearing.c.recorded_at.desc(), hearing.c.hearing_id.desc())
    return await _all(uow, hearing, case_id, *newest)


async def retried(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Of all reviews, oldest first."""
    return await _all(uow, retry, case_id, retry.c.tried_at, retry.c.aid_id)


async def proposals(uow: UnitOfWork, case_id: CaseId) -> Rows:
    """Of all reviews, newest first."""
    return await _all(uow, proposal, case_id, proposal.c.number.desc(), proposal.c.proposal_id)


async def days_told(uow: UnitOfWork, case_id: CaseId) -> dict[UUID, date]:
    """When the person was told of an exclusion, by review."""
    rows = await _all(uow, told, case_id, told.c.review_id)
    return {row.review_id: row.told_on for row in rows}


async def support(uow: UnitOfWork, proposal_id: UUID) -> None:
    """Once."""
    await changed_one(
        uow,
        update(proposal)
        .where(proposal.c.proposal_id == proposal_id, proposal.c.supported_at.is_(None))
        .values(supported_at=uow.now, supported_by=uow.actor.staff_id),
    )


async def end(uow: UnitOfWork, review_id: UUID, outcome: str, decided: bytes) -> None:
    """Once."""
    await changed_one(
        uow,
        update(review)
        .where(review.c.review_id == review_id, review.c.ended_at.is_(None))
        .values(outcome=outcome, decided=decided, ended_at=uow.now, ended_by=uow.actor.staff_id),
    )


async def end_otherwise(uow: UnitOfWork, case_id: CaseId) -> None:
    """The review that is open, if any: its case ends or leaves. Before the file is closed."""
    ended = {"outcome": "ENDED_OTHERWISE", "ended_at": uow.now, "ended_by": uow.actor.staff_id}
    await uow.execute(
        update(review).where(review.c.case_id == case_id, review.c.ended_at.is_(None)).values(ended)
    )


async def _all(uow: UnitOfWork, table: Table, case_id: CaseId, *order: Any) -> Rows:
    statement = select(table).where(table.c.case_id == case_id).order_by(*order)
    return (await uow.execute(statement)).all()
