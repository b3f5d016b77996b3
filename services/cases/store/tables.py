"""The tables of migrations 0004 and 0021, and which conflict each constraint means."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.cases.store.columns import at, of_case, sealed
from shared.db import conflict_when, metadata


def _whole_case() -> Column[object]:
    return Column("case_id", Uuid, ForeignKey("case_header.case_id"), primary_key=True)


header = Table(
    "case_header",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("federation_case_id", Uuid, nullable=False),
    Column("code_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended_reason", Text),
    Column("term", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("unit", Text),
    Column("created_by", Uuid, nullable=False),
    # `created_in xid8` is the database's own, by default.
    at("opened_at"),
    at("changed_at"),
    UniqueConstraint("code_name", name="case_header_code_name_key"),
)
open_handover = Table(
    "case_open_handover",
    metadata,
    _whole_case(),
    Column("handover_id", Uuid, nullable=False, unique=True),
    at("since"),
)
member = Table(
    "case_member",
    metadata,
    Column("member_id", Uuid, primary_key=True),
    of_case(),
    Column("staff_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("given_by", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    at("started_at"),
    at("ended_at", nullable=True),
    Column("ended_by", Uuid),
    Column("end_reason", Text),
    at("until_at", nullable=True),
)
alarm = Table(
    "case_alarm",
    metadata,
    Column("alarm_id", Uuid, primary_key=True),
    of_case(),
    Column("level_before", Text),
    Column("level", Text, nullable=False),
    at("raised_at"),
    Column("confirm_by", Date, nullable=False),
    at("escalated_at", nullable=True),
    at("overdue_at", nullable=True),
    UniqueConstraint("case_id", "alarm_id", name="case_alarm_of_case"),
)
alarm_reading = Table(
    "case_alarm_reading",
    metadata,
    Column("alarm_id", Uuid, nullable=False),
    of_case(),
    Column("staff_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    at("read_at"),
    PrimaryKeyConstraint("alarm_id", "staff_id", name="case_alarm_reading_pkey"),
    ForeignKeyConstraint(
        ["case_id", "alarm_id"],
        ["case_alarm.case_id", "case_alarm.alarm_id"],
        name="case_alarm_reading_of_alarm",
    ),
)
exclusion = Table(
    "case_exclusion",
    metadata,
    Column("exclusion_id", Uuid, primary_key=True),
    of_case(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    sealed(),
    at("set_at"),
    Column("set_by", Uuid, nullable=False),
    UniqueConstraint("case_id", "kind", "value", name="case_exclusion_once"),
)
person = Table(
    "case_person",
    metadata,
    _whole_case(),
    sealed(),
    Column("number_index", LargeBinary),
)
contact = Table("case_contact", metadata, _whole_case(), sealed(), at("registered_at"))
residence = Table(
    "case_residence",
    metadata,
    Column("finding_id", Uuid, primary_key=True),
    of_case(),
    Column("finding", Text, nullable=False),
    Column("ground", Text),
    sealed(),
    at("found_at"),
    Column("found_by", Uuid, nullable=False),
    at("confirmed_at", nullable=True),
    Column("confirmed_by", Uuid),
)
consent = Table(
    "case_consent",
    metadata,
    Column("consent_id", Uuid, nullable=False),
    of_case(),
    sealed(),
    at("given_at"),
    Column("recorded_by", Uuid, nullable=False),
    Column("valid_until", Date, nullable=False),
    at("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid),
    PrimaryKeyConstraint("case_id", "consent_id", name="case_consent_pkey"),
)
need = Table(
    "case_need",
    metadata,
    Column("need_id", Uuid, primary_key=True),
    of_case(),
    Column("area", Text, nullable=False),
    sealed(),
    at("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
)
redecision = Table(
    "case_redecision",
    metadata,
    Column("redecision_id", Uuid, primary_key=True),
    of_case(),
    Column("area", Text, nullable=False),
    sealed(),
    at("listed_at"),
    at("decided_at", nullable=True),
)
dossier = Table(
    "case_dossier",
    metadata,
    _whole_case(),
    Column("handover_id", Uuid, nullable=False),
    Column("sender", Text, nullable=False),
    sealed(),
    at("received_at"),
)
note = Table(
    "case_note",
    metadata,
    Column("note_id", Uuid, primary_key=True),
    of_case(),
    Column("kind", Text, nullable=False),
    sealed(),
    Column("happened_on", Date, nullable=False),
    at("written_at"),
    Column("written_by", Uuid, nullable=False),
    Column("corrects", Uuid),
    UniqueConstraint("case_id", "note_id", name="case_note_of_case"),
    ForeignKeyConstraint(
        ["case_id", "corrects"],
        ["case_note.case_id", "case_note.note_id"],
        name="case_note_corrects_fkey",
    ),
)
event = Table(
    "case_event",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    of_case(),
    Column("code", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("actor_id", Uuid, nullable=False),
    at("at"),
)
vault = Table(
    "case_vault",
    metadata,
    _whole_case(),
    sealed(),
    at("set_at"),
    Column("set_by", Uuid, nullable=False),
)
reveal = Table(
    "case_reveal",
    metadata,
    Column("approval_id", Uuid, primary_key=True),
    of_case(),
    Column("approved_by", Uuid, nullable=False),
    Column("staff_id", Uuid, nullable=False),
    at("approved_at"),
    at("used_at", nullable=True),
)
link = Table(
    "case_link",
    metadata,
    of_case(),
    Column("number", Integer, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    at("kept_at"),
    PrimaryKeyConstraint("case_id", "number", name="case_link_pkey"),
)
entry = Table(
    "case_entry",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    of_case(),
    Column("number", Integer, nullable=False),
    sealed(),
    Column("policy_from", Date, nullable=False),
    Column("policy_sha256", Text, nullable=False),
    at("made_at"),
    Column("made_by", Uuid, nullable=False),
    UniqueConstraint("case_id", "entry_id", name="case_entry_of_case"),
    UniqueConstraint("case_id", "number", name="case_entry_once"),
)
entry_signature = Table(
    "case_entry_signature",
    metadata,
    of_case(),
    Column("entry_id", Uuid, nullable=False),
    Column("party", Text, nullable=False),
    Column("signed_by", Uuid, nullable=False),
    at("signed_at"),
    PrimaryKeyConstraint("entry_id", "party", name="case_entry_signature_pkey"),
    UniqueConstraint("entry_id", "signed_by", name="case_entry_signature_two"),
    ForeignKeyConstraint(
        ["case_id", "entry_id"],
        ["case_entry.case_id", "case_entry.entry_id"],
        name="case_entry_signature_of",
    ),
)
duplicate = Table(
    "case_duplicate",
    metadata,
    of_case(),
    Column("other_case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False),
    at("found_at"),
    PrimaryKeyConstraint("case_id", "other_case_id", name="case_duplicate_pkey"),
)

conflict_when("case_open_handover_pkey", "case.handover_open")
conflict_when("case_member_once_idx", "assignment.already_member")
conflict_when("case_exclusion_once", "exclusion.known_already")
conflict_when("case_entry_once", "db.changed_meanwhile")
conflict_when("case_entry_signature_pkey", "entry.signed_already")
conflict_when("case_header_code_name_key", "db.changed_meanwhile")
conflict_when("case_header_one_open_idx", "case.open_already")
conflict_when("case_link_pkey", "db.changed_meanwhile")
