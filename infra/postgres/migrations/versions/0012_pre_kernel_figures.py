"""The kernel: figures that the worker counts for whoever watches the node."""

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time

revision = "0012"
down_revision = "0011"

STAFF = "app_actor() is not null and not app_has_role('police_partner')"
ALL_OF_IT = Policy("all", to="worker", using="true")


def upgrade() -> None:
    in_time()
    create_table(
        "figure",
        "A count of this node for its monitor; the newest only, of things and never of persons.",
        {
            "name": ("text primary key check (name ~ '^[a-z_]+([.][a-z_]+)+$')", "Dotted."),
            "value": ("bigint not null", "So many."),
            "at": ("timestamptz not null", "Counted then; wall clock."),
        },
    )
    grant("figure", web="select", worker="select, insert, update")
    enable_rls("figure", Policy("staff", to="web", command="select", using=STAFF), ALL_OF_IT)
