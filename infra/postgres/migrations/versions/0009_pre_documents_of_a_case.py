"""Documents: the files of a case, in pieces under its key; its members see them, its term fences."""

from alembic import op

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time

revision = "0009"
down_revision = "0008"

MEMBER = "app_is_member(case_id)"
SECTIONS = (
    "'identity','residence','needs.housing','needs.economy','needs.occupation',"
    "'needs.health_care','needs.addiction','needs.family','needs.safety','journal',"
    "'police_material','third_parties'"
)
TYPES = "'application/pdf','image/png','image/jpeg','text/plain'"


def upgrade() -> None:
    in_time()
    create_table(
        "document",
        "A file of a case: what it is and how its content can be known again.",
        {
            "document_id": ("uuid primary key", "Random."),
            "case_id": ("uuid not null references case_header", "Which case."),
            "section": (
                f"text not null check (section in ({SECTIONS}))",
                "What kind of information it holds: decides whether it may travel.",
            ),
            "media_type": (f"text not null check (media_type in ({TYPES}))", "By its content."),
            "sha256": ("text not null check (sha256 ~ '^[0-9a-f]{64}$')", "Of the content."),
            "size_bytes": (
                "integer not null check (size_bytes between 1 and 26214400)",
                "25 MiB at most.",
            ),
            "pieces": ("integer not null check (pieces between 1 and 100)", "How many."),
            "sealed": ("bytea not null", "The title, under the case's key."),
            "received_on": ("date not null", "Local day it came to the authority."),
            "added_at": ("timestamptz not null", "Domain clock."),
            "added_by": ("uuid not null", "Who put it there."),
            "came_from": (
                "text check (came_from ~ '^[0-9]{4}$')",
                "The municipality it came from at a take-over.",
            ),
        },
        "document_of_case unique (case_id, document_id)",
    )
    create_table(
        "document_piece",
        "256 KiB of a document's content.",
        {
            "document_id": ("uuid not null", "Of which."),
            "case_id": ("uuid not null", "Of which case: for row security and the fence."),
            "number": ("integer not null check (number >= 0)", "From 0."),
            "sealed": ("bytea not null", "Under the case's key."),
        },
        "document_piece_pkey primary key (document_id, number)",
        "document_piece_of_document foreign key (case_id, document_id)"
        " references document (case_id, document_id)",
    )
    for table in ("document", "document_piece"):
        grant(table, web="select, insert", worker="select")
        enable_rls(
            table,
            Policy("member", to="web", using=MEMBER),
            Policy("all", to="worker", using="true"),
        )
        op.execute(
            f"create trigger {table}_fence before insert or update or delete on {table}"
            " for each row execute function app_fence()"
        )
    op.execute("create index document_case_idx on document (case_id, added_at)")
