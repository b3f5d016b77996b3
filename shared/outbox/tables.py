"""Conversations and what is on its way; explained column by column in migration 0001."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from shared.db import metadata

_MOMENT = DateTime(timezone=True)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("peer", Text, nullable=False),
)

flow = Table(
    "conversation_flow",
    metadata,
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("sent", BigInteger, nullable=False, server_default=text("0")),
    Column("applied", BigInteger, nullable=False, server_default=text("0")),
    Column("gap_since", _MOMENT),
    Column("asked_at", _MOMENT),
    Column("asked", Integer, nullable=False, server_default=text("0")),
)
Index("conversation_flow_gap_idx", flow.c.gap_since, postgresql_where=flow.c.gap_since.is_not(None))

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("direction", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("refers_to", Uuid),
    Column("content_hash", Text, nullable=False),
    Column("jws", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("not_before", _MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("attempted_at", _MOMENT),
    Column("sends", Integer, nullable=False, server_default=text("0")),
    Column("sent_at", _MOMENT),
    Column("done_at", _MOMENT),
    Column("outcome", Text),
    Column("refusal_code", Text),
    Column("answer_jws", Text),
    Column("answer_body", LargeBinary),
    Column("answer_salt", LargeBinary),
)
_is_open = outbox.c.done_at.is_(None)
Index(
    "outbox_number_idx",
    outbox.c.conversation_id,
    outbox.c.direction,
    outbox.c.number,
    unique=True,
    postgresql_where=outbox.c.number > 0,
)
Index("outbox_due_idx", outbox.c.not_before, postgresql_where=_is_open)
Index("outbox_receiver_idx", outbox.c.receiver, postgresql_where=_is_open)
Index(
    "outbox_unsent_idx",
    outbox.c.conversation_id,
    outbox.c.direction,
    outbox.c.number,
    postgresql_where=_is_open & outbox.c.sent_at.is_(None) & (outbox.c.number > 0),
)

attachment_out = Table(
    "attachment_out",
    metadata,
    Column("attachment_id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("receiver", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("not_before", _MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("done_at", _MOMENT),
    Column("outcome", Text),
)
Index(
    "attachment_out_due_idx",
    attachment_out.c.not_before,
    postgresql_where=attachment_out.c.done_at.is_(None),
)

attachment_out_chunk = Table(
    "attachment_out_chunk",
    metadata,
    Column("attachment_id", Uuid, ForeignKey("attachment_out.attachment_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("is_wanted", Boolean, nullable=False, server_default=text("true")),
)
