"""Special suitability is recorded as a competence is: by a leader, of somebody else, with a last day."""

from alembic import op

from infra.postgres.migrations.ops import in_time

revision = "0038"
down_revision = "0037"

KINDS = "'radicalisation', 'threat_conversation', 'exit_work', 'special_suitability'"


def upgrade() -> None:
    in_time()
    op.execute("alter table staff_competence drop constraint staff_competence_kind_check")
    op.execute(
        "alter table staff_competence"
        f" add constraint staff_competence_kind_check check (kind in ({KINDS}))"
    )
