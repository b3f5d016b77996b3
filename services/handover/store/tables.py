"""Both ends' tables; explained column by column in migration 0007."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db import conflict_when, metadata

_MOMENT = DateTime(timezone=True)
_NOT_ENDED = "state not in ('draft','dropped','withdrawn','kept','completed')"


handover = Table(
    "handover",
    metadata,
    Column("handover_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False),
    Column("term", Integer, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("since", _MOMENT, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("ground", Text),
    Column("consent_id", Uuid),
    Column("consent_withdrawn_at", _MOMENT),
    Column("answer_on", Date),
    Column("proposed_at", _MOMENT),
    Column("receipt_at", _MOMENT),
    Column("take_over_on", Date),
    Column("answer_code", Text),
    Column("withdrawn_because", Text),
    Column("ruled_for", Text),
    Column("withdrawal_agreed_at", _MOMENT),
    Column("dossier_at", _MOMENT),
    Column("is_on_paper", Boolean, nullable=False, server_default=text("false")),
    Column("vault", Text),
    Column("sealed", LargeBinary, nullable=False),
)
Index("handover_one_open_idx", handover.c.case_id, unique=True, postgresql_where=text(_NOT_ENDED))
Index(
    "handover_one_draft_idx",
    handover.c.case_id,
    unique=True,
    postgresql_where=text("state = 'draft'"),
)
Index("handover_case_idx", handover.c.case_id)
conflict_when("handover_one_open_idx", "handover.already_open")
conflict_when("handover_one_draft_idx", "handover.draft_exists")

incoming = Table(
    "incoming_handover",
    metadata,
    Column("handover_id", Uuid, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("sending_function", Text, nullable=False),
    Column("receiving_function", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("dispute_roles", ARRAY(Text), nullable=False),
    Column("readers", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("is_protected", Boolean, nullable=False, server_default=text("true")),
    Column("is_locked", Boolean, nullable=False, server_default=text("false")),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("since", _MOMENT, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    Column("answer_on", Date),
    Column("urgency", Text),
    Column("is_threat_high", Boolean),
    Column("was_refused", Boolean, nullable=False, server_default=text("false")),
    Column("take_over_on", Date),
    Column("dossier", JSONB(none_as_null=True)),
    Column("files", JSONB, nullable=False, server_default=text("'[]'")),
    Column("dossier_at", _MOMENT),
    Column("withdrawal_agreed_at", _MOMENT),
    Column("case_id", Uuid, ForeignKey("case_header.case_id")),
    Column("sealed", LargeBinary),
    Column("erased_at", _MOMENT),
    Column("key_destroyed_at", _MOMENT),
)
Index("incoming_handover_state_idx", incoming.c.state)

message = Table(
    "handover_message",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("handover_id", Uuid, nullable=False),
    Column("is_ours", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False, server_default=text("0")),
    Column("at", _MOMENT, nullable=False),
    Column("sealed", LargeBinary),
    Column("refusal_code", Text),
    Column("refused_at", _MOMENT),
    Column("sent_again_at", _MOMENT),
)
Index("handover_message_idx", message.c.handover_id, message.c.place)

event = Table(
    "handover_event",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("handover_id", Uuid, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("actor", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
)
Index("handover_event_idx", event.c.handover_id, event.c.place)

pending = Table(
    "handover_pending",
    metadata,
    Column("handover_id", Uuid, primary_key=True),
    Column("act", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("first", Uuid, nullable=False),
    Column("signed_at", _MOMENT, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
conflict_when("handover_pending_pkey", "handover.already_signed")

question = Table(
    "handover_question",
    metadata,
    Column("question_id", Uuid, primary_key=True),
    Column("handover_id", Uuid, nullable=False),
    Column("is_ours", Boolean, nullable=False),
    Column("asked_at", _MOMENT, nullable=False),
    Column("answered_at", _MOMENT),
    Column("question", LargeBinary),
    Column("answer", LargeBinary),
)
Index("handover_question_idx", question.c.handover_id, question.c.asked_at)

paper = Table(
    "handover_paper",
    metadata,
    Column("paper_id", Uuid, primary_key=True),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("handover_id", Uuid, nullable=False),
    Column("is_ours", Boolean, nullable=False),
    Column("what", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("refers_to", Uuid),
    Column("paper_on", Date),
    Column("means", Text),
    Column("sha256", Text),
    Column("document_id", Uuid),
    Column("recorded_at", _MOMENT, nullable=False),
    Column("first", Uuid, nullable=False),
    Column("second", Uuid),
    Column("jws", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("content", LargeBinary),
)
Index("handover_paper_idx", paper.c.handover_id, paper.c.place)
Index(
    "handover_paper_sent_once_idx",
    paper.c.refers_to,
    unique=True,
    postgresql_where=text("what = 'sent'"),
)
conflict_when("handover_paper_sent_once_idx", "handover.letter_already_sent")

reminder = Table(
    "handover_reminder",
    metadata,
    Column("handover_id", Uuid, primary_key=True),
    Column("reminder", Text, primary_key=True),
    Column("since", _MOMENT, primary_key=True),
    Column("times", Integer, primary_key=True),
)
