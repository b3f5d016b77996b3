"""Cases: state money that a case has applied for, what was answered and what was paid."""

from alembic import op

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time

revision = "0040"
down_revision = "0039"

MEMBER = "app_is_member(case_id)"
KRONOR = "integer check ({name} between 1 and 10000000)"


def upgrade() -> None:
    in_time()
    create_table(
        "case_money",
        "An application for state money; nothing of what it says of the person.",
        {
            "money_id": ("uuid primary key", "UUIDv7."),
            "case_id": ("uuid not null references case_header", "Which case."),
            "applied_on": ("date not null", "Local day."),
            "kronor": (
                "integer not null check (kronor between 1 and 10000000)",
                "Applied for.",
            ),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "Who wrote it down."),
            "outcome": ("text check (outcome in ('GRANTED','REFUSED'))", "NULL: it waits."),
            "answered_on": ("date", "Local day of the answer."),
            "answered_at": ("timestamptz", "When that was written down; domain clock."),
            "answered_by": ("uuid", "Who wrote that down."),
            "granted": (KRONOR.format(name="granted"), "In kronor."),
            "paid_on": ("date", "Local day."),
            "paid": (KRONOR.format(name="paid"), "In kronor."),
            "paid_by": ("uuid", "Who wrote that down."),
        },
        "case_money_answered check ((outcome is null) = (answered_on is null)"
        " and (outcome is null) = (answered_at is null)"
        " and (outcome is null) = (answered_by is null)"
        " and coalesce(outcome = 'GRANTED', false) = (granted is not null))",
        "case_money_paid check ((paid_on is null) = (paid is null)"
        " and (paid_on is null) = (paid_by is null) and (paid is null or paid <= granted))",
    )
    grant(
        "case_money",
        web="select, insert, update (outcome, answered_on, answered_at, answered_by, granted,"
        " paid_on, paid, paid_by)",
        worker="select",
    )
    enable_rls(
        "case_money",
        Policy("member", to="web", using=MEMBER),
        Policy("all", to="worker", command="select", using="true"),
    )
    op.execute(
        "create trigger case_money_fence before insert or update or delete on case_money"
        " for each row execute function app_fence('even_closed')"
    )
    op.execute("create index case_money_case_idx on case_money (case_id)")
