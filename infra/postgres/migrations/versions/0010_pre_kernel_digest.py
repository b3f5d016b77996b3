"""The kernel: gaps that were named, when each authority last compared, and resending by hand."""

from alembic import op

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time, role

revision = "0010"
down_revision = "0009"

STAFF = "app_actor() is not null and not app_has_role('police_partner')"
ALL_OF_IT = Policy("all", to="worker", using="true")
AUTHORITY = "text {} check ({} ~ '^[0-9]{{4}}$')"
CODES = (
    "'lost_here', 'lost_there', 'numbers_lost', 'not_arrived', 'content', 'unanswered',"
    " 'held_back', 'hole', 'silent'"
)
ADMIN = "app_has_role('system_admin')"


def upgrade() -> None:
    in_time()
    _gaps()
    _peers()
    _resend()


def _gaps() -> None:
    create_table(
        "exchange_gap",
        "A difference between two ends, or something that has waited too long here: which numbers.",
        {
            "id": ("uuid primary key", "UUIDv7."),
            "peer": (AUTHORITY.format("not null", "peer"), "With whom."),
            "conversation_id": ("uuid not null", "Which; it may be unknown here. Never a person."),
            "direction": (
                "text not null check (direction in ('forward', 'back'))",
                "As in the flow.",
            ),
            "code": (
                f"text not null check (code in ({CODES}))",
                "What is wrong: shared/digest.",
            ),
            "first_number": ("bigint not null", "From."),
            "last_number": ("bigint not null", "To, included."),
            "named_at": ("timestamptz not null", "Wall clock, as all times here."),
            "healed_at": ("timestamptz", "When it was no more; the row is kept."),
        },
        "exchange_gap_span check (first_number <= last_number)",
    )
    op.execute(
        "create unique index exchange_gap_once_idx on exchange_gap"
        " (conversation_id, direction, code) where healed_at is null"
    )
    grant("exchange_gap", web="select, update (healed_at)", worker="select, insert, update")
    enable_rls(
        "exchange_gap",
        Policy("staff", to="web", command="select", using=STAFF),
        Policy("close", to="web", command="update", using=ADMIN),
        ALL_OF_IT,
    )


def _peers() -> None:
    create_table(
        "exchange_peer",
        "When this node and another last told each other what is open between them.",
        {
            "peer": (AUTHORITY.format("primary key", "peer"), "The other."),
            "owed_since": ("date not null", "Since when it owes a digest every day."),
            "sent_on": ("date not null", "Day of our last one, by the domain clock."),
            "came_on": ("date", "Day of its last one, by ours."),
            "came_at": ("timestamptz", "The same, wall clock."),
            "flows": ("integer not null default 0 check (flows >= 0)", "Named in its last one."),
            "differing": (
                "integer not null default 0 check (differing >= 0)",
                "Of those, how many differed from what is here.",
            ),
        },
    )
    grant("exchange_peer", web="select", worker="select, insert, update")
    enable_rls("exchange_peer", Policy("staff", to="web", command="select", using=STAFF), ALL_OF_IT)
    create_table(
        "exchange_watch",
        "When this node last looked after its digests; one row. A long pause: it was away.",
        {
            "is_row": ("boolean primary key default true check (is_row)", "Makes it one row."),
            "looked_at": ("timestamptz", "Wall clock."),
        },
    )
    op.execute("insert into exchange_watch default values")
    grant("exchange_watch", worker="select, update")


def _resend() -> None:
    """Who runs the node may ask that what waits is sent now; nothing else of a row is theirs."""
    op.execute(f"grant update (not_before) on outbox to {role('web')}")
    op.execute(
        f"create policy outbox_web_resend on outbox for update to {role('web')}"
        f" using ({ADMIN} and done_at is null) with check ({ADMIN})"
    )
