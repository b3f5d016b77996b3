"""The programme's tables: migration 0015."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.cases.store.columns import at, of_case, sealed
from shared.db import conflict_when, metadata

agreement = Table(
    "case_agreement",
    metadata,
    Column("agreement_id", Uuid, primary_key=True),
    of_case(),
    sealed(),
    Column("signed_on", Date, nullable=False),
    Column("paper", Uuid),
    at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    at("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid),
)
aid = Table(
    "case_aid",
    metadata,
    Column("aid_id", Uuid, primary_key=True),
    of_case(),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    sealed(),
    Column("granted_from", Date),
    Column("granted_until", Date),
    Column("ends", Uuid),
    at("decided_at"),
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
    of_case(),
    Column("area", Text, nullable=False),
    sealed(),
    Column("due_on", Date, nullable=False),
    at("set_at"),
    Column("set_by", Uuid, nullable=False),
)
measure = Table(
    "case_measure",
    metadata,
    Column("measure_id", Uuid, primary_key=True),
    of_case(),
    Column("aid_id", Uuid, nullable=False),
    Column("is_bought", Boolean, nullable=False),
    sealed(),
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
    of_case(),
    Column("held_on", Date, nullable=False),
    Column("next_on", Date, nullable=False),
    sealed(),
    at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
)
programme = Table(
    "case_programme",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), primary_key=True),
    at("started_at"),
    Column("follow_up_on", Date, nullable=False),
    Column("review_on", Date),
    Column("paused", LargeBinary),
)
closing = Table(
    "case_closing",
    metadata,
    Column("closing_id", Uuid, primary_key=True),
    of_case(),
    Column("reason", Text, nullable=False),
    Column("threat_level", Text),
    Column("register_check", Text, nullable=False),
    Column("goals_met", Integer, nullable=False),
    sealed(),
    at("closed_at"),
    Column("closed_by", Uuid, nullable=False),
)

conflict_when("case_aid_ended_once", "aid.ended_already")
