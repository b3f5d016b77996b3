"""The programme's tables: migration 0015."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from shared.db import conflict_when, metadata


def _at(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _case() -> Column[object]:
    return Column("case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False)


def _sealed() -> Column[bytes]:
    return Column("sealed", LargeBinary, nullable=False)


agreement = Table(
    "case_agreement",
    metadata,
    Column("agreement_id", Uuid, primary_key=True),
    _case(),
    _sealed(),
    Column("signed_on", Date, nullable=False),
    Column("paper", Uuid),
    _at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    _at("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid),
)
aid = Table(
    "case_aid",
    metadata,
    Column("aid_id", Uuid, primary_key=True),
    _case(),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    _sealed(),
    Column("granted_from", Date),
    Column("granted_until", Date),
    Column("ends", Uuid),
    _at("decided_at"),
    Column("told_on", Date),
    Column("told_by", Uuid),
    UniqueConstraint("case_id", "aid_id", name="case_aid_of_case"),
    UniqueConstraint("case_id", "aid_id", "kind", name="case_aid_of_kind"),
    UniqueConstraint("case_id", "ends", name="case_aid_ended_once"),
    ForeignKeyConstraint(
        ["case_id", "ends", "kind"],
        ["case_aid.case_id", "case_aid.aid_id", "case_aid.kind"],
        name="case_aid_ends_fkey",
    ),
)
goal = Table(
    "case_goal",
    metadata,
    Column("goal_id", Uuid, primary_key=True),
    _case(),
    Column("area", Text, nullable=False),
    _sealed(),
    Column("due_on", Date, nullable=False),
    _at("set_at"),
    Column("set_by", Uuid, nullable=False),
)
measure = Table(
    "case_measure",
    metadata,
    Column("measure_id", Uuid, primary_key=True),
    _case(),
    Column("aid_id", Uuid, nullable=False),
    Column("is_bought", Boolean, nullable=False),
    _sealed(),
    Column("started_on", Date, nullable=False),
    Column("started_by", Uuid, nullable=False),
    Column("ended_on", Date),
    Column("ended_by", Uuid),
    ForeignKeyConstraint(
        ["case_id", "aid_id"],
        ["case_aid.case_id", "case_aid.aid_id"],
        name="case_measure_decision_fkey",
    ),
)
follow_up = Table(
    "case_follow_up",
    metadata,
    Column("follow_up_id", Uuid, primary_key=True),
    _case(),
    Column("held_on", Date, nullable=False),
    Column("next_on", Date, nullable=False),
    _sealed(),
    _at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
)
programme = Table(
    "case_programme",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), primary_key=True),
    _at("started_at"),
    Column("follow_up_on", Date, nullable=False),
    Column("review_on", Date),
    Column("paused", LargeBinary),
)
closing = Table(
    "case_closing",
    metadata,
    Column("closing_id", Uuid, primary_key=True),
    _case(),
    Column("reason", Text, nullable=False),
    Column("threat_level", Text),
    Column("register_check", Text, nullable=False),
    Column("goals_met", Integer, nullable=False),
    _sealed(),
    _at("closed_at"),
    Column("closed_by", Uuid, nullable=False),
)

conflict_when("case_aid_ended_once", "aid.ended_already")
