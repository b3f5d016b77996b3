"""Audit: that log reviews are done, and what came of them; nothing of whom they were about."""

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0035"
down_revision = "0034"

OWN = "app_home() = app_authority()"
SEEN_BY = (
    f"{OWN} and (app_has_role('log_reviewer') or app_has_role('team_leader')"
    " or app_has_role('social_director'))"
)
KNOWN_BY = f"{OWN} and (app_has_role('log_reviewer') or app_has_role('social_director'))"
BY_SELF = f"{OWN} and app_has_role('log_reviewer') and reviewed_by = app_actor()"


def upgrade() -> None:
    in_time()
    create_table(
        "audit_review",
        "A log review that was done.",
        {
            "review_id": ("uuid primary key", "UUIDv7."),
            "from_on": ("date not null", "First local day of the rows read."),
            "until_on": ("date not null", "Last local day."),
            "entries": ("integer not null check (entries > 0)", "How many rows were read."),
            "reviewed_by": ("uuid not null", "Who."),
            "reviewed_at": ("timestamptz not null", "Domain clock."),
        },
        "audit_review_days check (until_on >= from_on)",
    )
    grant("audit_review", web="select, insert", worker="select")
    enable_rls(
        "audit_review",
        Policy("seen", to="web", command="select", using=SEEN_BY),
        Policy("done", to="web", command="insert", check=BY_SELF),
        Policy("all", to="worker", command="select", using="true"),
    )
    append_only("audit_review")
    # Apart: a leader sees that it was done. That something was reported the director hears first.
    create_table(
        "audit_review_outcome",
        "What came of a log review.",
        {
            "review_id": ("uuid primary key references audit_review", "Of which."),
            "outcome": (
                "text not null check (outcome in ('nothing_found','asked','reported'))",
                "What came of it.",
            ),
        },
    )
    grant("audit_review_outcome", web="select, insert", worker="select")
    of_self = "exists (select from audit_review r where r.review_id = {}.review_id and {})"
    enable_rls(
        "audit_review_outcome",
        Policy("seen", to="web", command="select", using=KNOWN_BY),
        Policy(
            "done",
            to="web",
            command="insert",
            check=of_self.format("audit_review_outcome", BY_SELF),
        ),
        Policy("all", to="worker", command="select", using="true"),
    )
    append_only("audit_review_outcome")
