"""Decisions: which have been reported to the board; the unit's leader lists those that have not."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    add_policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0020"
down_revision = "0019"

LED = (
    "exists (select from decision d where d.decision_id = decision_report.decision_id"
    " and app_leads_unit_of(d.subject_id))"
)


def upgrade() -> None:
    in_time()
    # The leader of a unit that has the case sees that and by whom it was decided; reasons are sealed
    # under the case's key, which only a member's use cases ask for.
    add_policy(
        "decision",
        Policy("leader", to="web", command="select", using="app_leads_unit_of(subject_id)"),
    )
    create_table(
        "decision_report",
        "A delegated decision that the board has been told of; once.",
        {
            "decision_id": ("uuid primary key references decision", "Which."),
            "meeting_on": ("date not null", "The meeting's local day."),
            "reported_at": ("timestamptz not null", "Domain clock."),
            "reported_by": ("uuid not null", "By whom."),
        },
    )
    grant("decision_report", web="select, insert", worker="select")
    enable_rls(
        "decision_report",
        Policy("leader", to="web", command="select", using=LED),
        Policy("report", to="web", command="insert", check=f"reported_by = app_actor() and {LED}"),
        Policy("all", to="worker", using="true"),
    )
    append_only("decision_report")
    op.execute("create index decision_report_meeting_idx on decision_report (meeting_on)")
