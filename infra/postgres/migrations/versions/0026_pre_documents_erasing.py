"""Documents and vault: what came with a case can be erased when its consent is taken back."""

from infra.postgres.migrations.ops import grant, in_time

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    in_time()
    # Only members, as for every command (0004, 0009), and only under the case's term: the fence.
    for table in ("document", "document_piece", "case_vault"):
        grant(table, web="delete")
