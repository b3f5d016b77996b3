"""Decisions: who, by which delegation, under which policy and law."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0006"
down_revision = "0005"

MINE = "app_is_member(subject_id) or app_receives(subject_id)"


def upgrade() -> None:
    in_time()
    create_table(
        "decision",
        "A decision as it was made; never changed.",
        {
            "decision_id": ("uuid primary key", "UUIDv7."),
            "subject_id": ("uuid not null", "The case, or the incoming handover: whose key seals."),
            "about": ("uuid not null", "What it decides: a finding, a handover."),
            "kind": ("text not null", "Kind in the delegation order."),
            "outcome": ("text not null", "Code of what was decided."),
            "decided_by": ("uuid not null", "First person."),
            "second": ("uuid", "Second person, where one is demanded."),
            "decided_at": ("timestamptz not null", "Domain clock."),
            "document": ("text not null", "Delegation order."),
            "section": ("text not null", "Its row."),
            "law_ref": ("text not null", "Key of the law reference; may be empty."),
            "policy_from": ("date not null", "The policy block's first day."),
            "policy_sha256": (
                "text not null check (policy_sha256 ~ '^[0-9a-f]{64}$')",
                "Its hash.",
            ),
            "sealed": ("bytea not null", "Reasons, under the subject's key."),
        },
        "decision_two check (second <> decided_by)",
    )
    op.execute("create index decision_subject_idx on decision (subject_id, decided_at)")
    grant("decision", web="select, insert", worker="select, insert")
    enable_rls(
        "decision",
        Policy("ours", to="web", command="select", using=MINE),
        Policy("decide", to="web", command="insert", check=MINE),
        Policy("all", to="worker", using="true"),
    )
    append_only("decision")
    op.execute(
        "create trigger decision_fence before insert on decision"
        " for each row execute function app_fence_room()"
    )
