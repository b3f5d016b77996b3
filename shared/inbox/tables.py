"""What has come; explained column by column in migration 0001."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from shared.db import metadata

_MOMENT = DateTime(timezone=True)

inbox = Table(
    "inbox",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("direction", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("refers_to", Uuid),
    Column("content_hash", Text, nullable=False),
    Column("jws", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sealed", LargeBinary),
    Column("received_at", _MOMENT, nullable=False),
    Column("not_before", _MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("done_at", _MOMENT),
    Column("outcome", Text),
    Column("refusal_code", Text),
    Column("answer_id", Uuid),
)
Index(
    "inbox_number_idx",
    inbox.c.conversation_id,
    inbox.c.direction,
    inbox.c.number,
    unique=True,
    postgresql_where=inbox.c.number > 0,
)
Index("inbox_due_idx", inbox.c.not_before, postgresql_where=inbox.c.done_at.is_(None))

equivocation = Table(
    "inbox_equivocation",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("content_hash", Text, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("direction", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("jws", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sealed", LargeBinary),
    Column("received_at", _MOMENT, nullable=False),
    Column("answer_id", Uuid, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("claimed_id", Uuid),
    Column("code", Text, nullable=False),
    Column("frame", LargeBinary, nullable=False),
    Column("frame_hash", LargeBinary, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    UniqueConstraint("sender", "frame_hash", name="quarantine_frame"),
)
Index("quarantine_claimed_idx", quarantine.c.sender, quarantine.c.claimed_id)

attachment_in = Table(
    "attachment_in",
    metadata,
    Column("attachment_id", Uuid, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    Column("asked_at", _MOMENT),
    Column("completed_at", _MOMENT),
    Column("answer_id", Uuid),
)

attachment_in_chunk = Table(
    "attachment_in_chunk",
    metadata,
    Column("attachment_id", Uuid, ForeignKey("attachment_in.attachment_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
