"""Cases: the day on which somebody who is excluded was told of it; the time to appeal runs from it."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0044"
down_revision = "0043"

MEMBER = "app_is_member(case_id)"


def upgrade() -> None:
    in_time()
    create_table(
        "case_exclusion_told",
        "When the person was told that they are excluded: once.",
        {
            "review_id": ("uuid primary key", "The review that ended in exclusion."),
            "case_id": ("uuid not null references case_header", "Which case."),
            "told_on": ("date not null", "Local day."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "By whom."),
        },
        "case_exclusion_told_of foreign key (case_id, review_id)"
        " references case_relapse (case_id, review_id)",
    )
    grant("case_exclusion_told", web="select, insert", worker="select")
    enable_rls(
        "case_exclusion_told",
        Policy("member", to="web", command="select", using=MEMBER),
        Policy(
            "write",
            to="web",
            command="insert",
            check=f"recorded_by = app_actor() and {MEMBER} and exists (select from case_relapse r"
            " where r.review_id = case_exclusion_told.review_id and r.outcome = 'EXCLUDED')",
        ),
        Policy("all", to="worker", using="true"),
    )
    append_only("case_exclusion_told")
    # The case is closed when the person is told: that is the last of the decision.
    op.execute(
        "create trigger case_exclusion_told_fence before insert on case_exclusion_told"
        " for each row execute function app_fence('even_closed')"
    )
    op.execute("create index case_exclusion_told_case_idx on case_exclusion_told (case_id)")
