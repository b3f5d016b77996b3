"""The tables; explained column by column in the migration `statistics_shares_and_sums`."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db import metadata

_MOMENT = DateTime(timezone=True)

contribution = Table(
    "statistics_contribution",
    metadata,
    Column("half_year", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("tried_on", Date, nullable=False),
    Column("known_until", _MOMENT, nullable=False),
    Column("faults", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("layout", Text, nullable=False),
    Column("split_id", Uuid),
    Column("first", LargeBinary),
    Column("second", LargeBinary),
    Column("collectors", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("sent_at", _MOMENT),
    Column("settled_at", _MOMENT),
)

share = Table(
    "statistics_share",
    metadata,
    Column("half_year", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("split_id", Uuid, nullable=False),
    Column("share", LargeBinary),
    Column("share_sha256", LargeBinary, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    PrimaryKeyConstraint("half_year", "authority", name="statistics_share_pkey"),
)

collection = Table(
    "statistics_collection",
    metadata,
    Column("half_year", Text, primary_key=True),
    Column("asked_at", _MOMENT),
    Column("closed_at", _MOMENT),
    Column("theirs", JSONB(none_as_null=True)),
    Column("order_jws", Text),
    Column("is_refused", Boolean, nullable=False, server_default=text("false")),
    Column("summed_at", _MOMENT),
    Column("ended_at", _MOMENT),
)

release = Table(
    "statistics_release",
    metadata,
    Column("half_year", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("called_at", _MOMENT, nullable=False),
    Column("order_jws", Text),
    Column("ordered_at", _MOMENT),
    Column("nation", LargeBinary),
    Column("groups", JSONB(none_as_null=True)),
    Column("added_at", _MOMENT),
    Column("faults", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("settled_at", _MOMENT),
    Column("content", LargeBinary),
    Column("jws", Text),
    Column("released_at", _MOMENT),
    Column("kept", LargeBinary),
)

given = Table(
    "statistics_given",
    metadata,
    Column("half_year", Text, nullable=False),
    Column("collector", Text, nullable=False),
    Column("contributors", JSONB(none_as_null=True)),
    Column("nation", LargeBinary),
    Column("groups", JSONB(none_as_null=True)),
    PrimaryKeyConstraint("half_year", "collector", name="statistics_given_pkey"),
)
