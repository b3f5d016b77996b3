"""Protection: the police end the acute protection; it is theirs until the municipality confirms."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    add_policy,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0041"
down_revision = "0040"

MEMBER = "app_is_member(subject_id)"
ATTACHED = "app_is_attached(room_id)"


def upgrade() -> None:
    in_time()
    create_table(
        "protection_handover",
        "The acute protection, ended by the police, and who has it now; confirmed once.",
        {
            "protection_id": ("uuid primary key", "UUIDv7."),
            "threat_id": ("uuid not null references threat", "The assessment that ended it."),
            "room_id": ("uuid not null references joint_room", "Which room."),
            "subject_id": ("uuid not null", "As in the room."),
            "unit": ("text not null", "The police unit that protected."),
            "offered_at": ("timestamptz not null", "Domain clock."),
            "offered_by": ("uuid not null", "The officer's account."),
            "confirmed_at": ("timestamptz", "Domain clock; from then on the municipality has it."),
            "confirmed_by": ("uuid", "Who confirmed it here; never the officer."),
            "responsible": ("uuid", "Who answers for the long-term protection."),
        },
        "protection_handover_once unique (threat_id)",
        "protection_handover_two check (confirmed_by <> offered_by)",
        "protection_handover_confirmed check ((confirmed_at is null) = (confirmed_by is null)"
        " and (confirmed_at is null) = (responsible is null))",
    )
    op.execute(
        "create index protection_handover_subject_idx on protection_handover (subject_id, offered_at)"
    )
    grant(
        "protection_handover",
        web="select, insert, update (confirmed_at, confirmed_by, responsible)",
        worker="select",
    )
    enable_rls(
        "protection_handover",
        Policy("ours", to="web", command="select", using=MEMBER),
        Policy("police", to="web", command="select", using=ATTACHED),
        Policy(
            "offer",
            to="web",
            command="insert",
            check=f"offered_by = app_actor() and confirmed_at is null and {ATTACHED}",
        ),
        Policy(
            "confirm",
            to="web",
            command="update",
            using=f"{MEMBER} and confirmed_at is null",
            check=f"confirmed_by = app_actor() and {MEMBER}",
        ),
        Policy("all", to="worker", using="true"),
    )
    op.execute(
        "create trigger protection_handover_fence before insert or update on protection_handover"
        " for each row execute function app_fence_room()"
    )
    # A member moves the protection to the municipality, by a confirmation of their own and no other
    # way; every other move is the police's.
    add_policy(
        "acute_protection",
        Policy(
            "take",
            to="web",
            command="insert",
            check=f"holder = 'municipality' and {MEMBER} and exists (select from"
            " protection_handover h where h.threat_id = acute_protection.threat_id"
            " and h.subject_id = acute_protection.subject_id and h.confirmed_by = app_actor())",
        ),
    )
