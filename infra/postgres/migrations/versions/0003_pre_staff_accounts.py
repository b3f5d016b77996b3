"""Accounts as sign-in makes them."""

from infra.postgres.migrations.ops import create_table, grant, in_time

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    in_time()
    create_table(
        "staff_account",
        "Somebody who has signed in to this node; the right to act is the token's every time.",
        {
            "staff_id": ("uuid primary key", "Random; the actor of everything the person does."),
            "issuer": ("text not null", "The realm that vouches for the person."),
            "subject": ("text not null", "The realm's own id of the person."),
            "home": (
                "text not null check (home ~ '^[0-9]{4}$')",
                "The authority the person belongs to; 9001 for police.",
            ),
            "display_name": ("text not null", "Shown to colleagues; never logged."),
            "roles": ("text[] not null", "As in the latest token: for choosing colleagues only."),
            "unit": ("text", "As in the latest token: for choosing colleagues only."),
            "first_seen_at": ("timestamptz not null", "Wall clock."),
            "last_seen_at": ("timestamptz not null", "Wall clock."),
        },
        "staff_account_issuer_subject_key unique (issuer, subject)",
    )
    grant("staff_account", web="select, insert, update", worker="select")
