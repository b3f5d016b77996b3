"""What is kept of digests and gaps; explained column by column in the migration `kernel_digest`."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from shared.db import metadata

_MOMENT = DateTime(timezone=True)
NEVER = date.min
"""The day of a digest that has not been sent."""

gap = Table(
    "exchange_gap",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("peer", Text, nullable=False),
    Column("conversation_id", Uuid, nullable=False),
    Column("direction", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("first_number", BigInteger, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    Column("named_at", _MOMENT, nullable=False),
    Column("healed_at", _MOMENT),
)
Index(
    "exchange_gap_once_idx",
    gap.c.conversation_id,
    gap.c.direction,
    gap.c.code,
    unique=True,
    postgresql_where=gap.c.healed_at.is_(None),
)

peer = Table(
    "exchange_peer",
    metadata,
    Column("peer", Text, primary_key=True),
    Column("owed_since", Date, nullable=False),
    Column("sent_on", Date, nullable=False),
    Column("came_on", Date),
    Column("came_at", _MOMENT),
    Column("flows", Integer, nullable=False, server_default=text("0")),
    Column("differing", Integer, nullable=False, server_default=text("0")),
)

watch = Table(
    "exchange_watch",
    metadata,
    Column("is_row", Boolean, primary_key=True, server_default=text("true")),
    Column("looked_at", _MOMENT),
)
