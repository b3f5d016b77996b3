"""Sign-ins under way, and sessions."""

from alembic import op

from infra.postgres.migrations.ops import create_table, grant, in_time

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    in_time()
    create_table(
        "web_sign_in",
        "A sign-in that left for Keycloak and has not come back; used once, for ten minutes.",
        {
            "state_hash": ("bytea primary key", "SHA-256 of the state parameter."),
            "browser_hash": ("bytea not null", "SHA-256 of the browser's sign-in cookie."),
            "sealed": (
                "bytea not null",
                "PKCE verifier, nonce and where to go then; AES-GCM under the cookie's value.",
            ),
            "began_at": ("timestamptz not null", "Wall clock."),
        },
    )
    op.execute("create index web_sign_in_began_at_idx on web_sign_in (began_at)")
    create_table(
        "web_session",
        "Somebody signed in to the pages; the cookie's value is stored nowhere.",
        {
            "id_hash": ("bytea primary key", "SHA-256 of the session cookie's value."),
            "sid": ("text not null", "The realm's session, which back-channel sign-out names."),
            "subject": ("text not null", "The realm's own id of the person."),
            "staff_id": ("uuid not null", "The account in this node."),
            "home": ("text not null", "The authority the person belongs to; 9001 for police."),
            "display_name": ("text not null", "Shown in the header; never logged."),
            "roles": ("text[] not null", "As in the latest token."),
            "unit": ("text", "As in the latest token."),
            "sealed": ("bytea not null", "Refresh token; AES-GCM under the cookie's value."),
            "began_at": ("timestamptz not null", "Wall clock, as all times here."),
            "seen_at": ("timestamptz not null", "Latest request, to the minute."),
            "checked_at": ("timestamptz not null", "When the realm last confirmed the rights."),
            "asking_until": (
                "timestamptz",
                "One request asks the realm at a time; after this, another may.",
            ),
        },
    )
    op.execute("create index web_session_sid_idx on web_session (sid)")
    op.execute("create index web_session_staff_id_idx on web_session (staff_id)")
    op.execute("create index web_session_began_at_idx on web_session (began_at)")
    for table in ("web_sign_in", "web_session"):
        grant(table, web="select, insert, update, delete", worker="select, delete")
