"""Staff: who is on call, from when until when."""

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time

revision = "0014"
down_revision = "0013"

OF_HERE = (
    "app_home() = app_authority() and (app_has_role('case_worker')"
    " or app_has_role('exit_coordinator') or app_has_role('team_leader'))"
)
KEEPER = (
    "app_home() = app_authority() and app_has_role('team_leader')"
    " and unit is not distinct from app_unit()"
)


def upgrade() -> None:
    in_time()
    create_table(
        "staff_duty",
        "Who is on call; a duty that was taken back stays as such.",
        {
            "duty_id": ("uuid primary key", "UUIDv7."),
            "unit": ("text", "Whose cases it covers; NULL: the whole municipality."),
            "staff_id": ("uuid not null references staff_account", "Who."),
            "from_at": ("timestamptz not null", "Domain clock."),
            "until_at": ("timestamptz not null", "Domain clock; not included."),
            "set_by": ("uuid not null", "The team leader."),
            "set_at": ("timestamptz not null", "Domain clock."),
            "taken_off_at": ("timestamptz", "Domain clock; it ended then, or never began."),
            "taken_off_by": ("uuid", "By whom."),
        },
        "staff_duty_span check (from_at < until_at)",
        "staff_duty_taken_off check ((taken_off_at is null) = (taken_off_by is null))",
    )
    grant(
        "staff_duty",
        web="select, insert, update (taken_off_at, taken_off_by)",
        worker="select",
        guard="select",
    )
    enable_rls(
        "staff_duty",
        Policy("of_here", to="web", command="select", using=OF_HERE),
        Policy("keep", to="web", command="insert", check=f"set_by = app_actor() and {KEEPER}"),
        Policy("take_off", to="web", command="update", using=KEEPER),
        Policy("all", to="worker", using="true"),
    )
