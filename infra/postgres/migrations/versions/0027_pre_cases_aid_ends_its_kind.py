"""Cases: a decision ends only what is of its own kind, as the delegation order goes by the kind."""

from alembic import op

from infra.postgres.migrations.ops import in_time

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    in_time()
    op.execute(
        "alter table case_aid add constraint case_aid_of_kind unique (case_id, aid_id, kind)"
    )
    op.execute("alter table case_aid drop constraint case_aid_ends_fkey")
    op.execute(
        "alter table case_aid add constraint case_aid_ends_fkey"
        " foreign key (case_id, ends, kind) references case_aid (case_id, aid_id, kind)"
    )
