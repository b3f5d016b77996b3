"""Statistics: a collector ends a half-year that gets no sum, and gives its shares up."""

from alembic import op

from infra.postgres.migrations.ops import in_time

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    in_time()
    op.execute("alter table statistics_collection add column ended_at timestamptz")
    op.execute(
        "comment on column statistics_collection.ended_at is"
        " 'When the shares were erased without a sum: too few, or no order in time; wall clock.'"
    )
    op.execute(
        "comment on column inbox.sealed is 'Salt and body; NULL if the key was destroyed before it"
        " came, or once it is done and its kind keeps no body.'"
    )
