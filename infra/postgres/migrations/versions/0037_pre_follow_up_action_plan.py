"""Follow-up: the action plan's entries, every version of each."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0037"
down_revision = "0036"

HERE = (
    "app_home() = app_authority() and app_has_any_role("
    "array['exit_coordinator','team_leader','social_director','security_chief'])"
)


def upgrade() -> None:
    in_time()
    create_table(
        "follow_up_entry",
        "One version of a plan, an activity, a pledge, a line of a meeting or a report; the last counts.",
        {
            "entry_id": ("uuid not null", "Random: it stands in addresses."),
            "number": ("integer not null check (number >= 1)", "Of the version, from 1."),
            "kind": (
                "text not null check (kind in ('plan','activity','pledge','line','report'))",
                "Which of them.",
            ),
            "plan_id": ("uuid not null", "The plan's entry; its own where it is the plan."),
            "content": ("bytea not null", "JSON; no person."),
            "written_at": ("timestamptz not null", "Domain clock."),
            "written_by": ("uuid not null", "By whom."),
            "row_number": ("bigint generated always as identity", "Order of writing."),
        },
        "follow_up_entry_pkey primary key (entry_id, number)",
        "follow_up_entry_plan_itself check ((kind = 'plan') = (entry_id = plan_id))",
    )
    op.execute("create index follow_up_entry_plan on follow_up_entry (plan_id, kind)")
    grant("follow_up_entry", web="select, insert", worker="select")
    enable_rls(
        "follow_up_entry",
        Policy("here", to="web", command="select", using=HERE),
        Policy("write", to="web", command="insert", check=f"written_by = app_actor() and {HERE}"),
        Policy("all", to="worker", command="select", using="true"),
    )
    append_only("follow_up_entry")
