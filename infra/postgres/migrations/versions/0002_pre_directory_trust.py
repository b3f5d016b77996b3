"""The directory: the operator's lists as they came, and what people here established themselves."""

from infra.postgres.migrations.ops import append_only, create_table, grant, in_time

revision = "0002"
down_revision = "0001"

AUTHORITY = "text not null check (authority ~ '^[0-9]{4}$')"
FINGERPRINT = "text not null check (fingerprint ~ '^[A-Za-z0-9_-]{43}$')"


def upgrade() -> None:
    in_time()
    create_table(
        "directory_version",
        "A list that was accepted; every load checks it again, so that no row here is believed.",
        {
            "version": ("integer primary key check (version > 0)", "The operator's number."),
            "root": ("text not null", "The list under the operator's signature."),
            "accepted_at": ("timestamptz not null", "Wall clock."),
        },
    )
    create_table(
        "directory_entry",
        "An authority's entry, by the hash that a list names it by; several lists share one.",
        {
            "sha256": ("text primary key check (sha256 ~ '^[0-9a-f]{64}$')", "Of the content."),
            "authority": (AUTHORITY, "Whose."),
            "content": ("bytea not null", "Canonical JSON."),
        },
    )
    create_table(
        "directory_confirmation",
        "A person heard an authority read its fingerprint by telephone; proposals may go there.",
        {
            "authority": (AUTHORITY, "Whose key."),
            "fingerprint": (FINGERPRINT, "Name of the key that its others rest on."),
            "confirmed_on": ("date not null", "Local day of the call."),
            "confirmed_by": ("uuid not null", "The account that called."),
            "spoken_with": (
                "text not null check (length(spoken_with) between 1 and 200)",
                "The function at the other end; not a person.",
            ),
        },
        "directory_confirmation_pkey primary key (authority, fingerprint)",
    )
    create_table(
        "directory_meeting",
        "Two persons met the authority and compared a key that its old keys do not vouch for.",
        {
            "authority": (AUTHORITY, "Whose key."),
            "fingerprint": (FINGERPRINT, "Name of the new key."),
            "held_on": ("date not null", "Local day of the meeting."),
            "recorded_by": ("uuid not null", "The first person's account."),
            "confirmed_by": ("uuid", "The second's; nothing is believed before."),
        },
        "directory_meeting_pkey primary key (authority, fingerprint)",
        "directory_meeting_two_persons check (recorded_by <> confirmed_by)",
    )
    for table in ("directory_version", "directory_entry"):
        grant(table, web="select", worker="select, insert")
        append_only(table)
    grant("directory_confirmation", web="select, insert", worker="select")
    append_only("directory_confirmation")
    grant("directory_meeting", web="select, insert, update (confirmed_by)", worker="select")
