"""Cases: a review after a relapse ends with its case, also where nobody has decided it."""

from alembic import op

from infra.postgres.migrations.ops import grant, in_time, role

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    in_time()
    op.execute("alter table case_relapse drop constraint case_relapse_outcome_check")
    op.execute(
        "alter table case_relapse add constraint case_relapse_outcome_check"
        " check (outcome in ('CONTINUED','EXCLUDED','ENDED_OTHERWISE'))"
    )
    op.execute("alter table case_relapse drop constraint case_relapse_ended")
    op.execute(
        "alter table case_relapse add constraint case_relapse_ended"
        " check ((outcome is null) = (ended_at is null) and (outcome is null) = (ended_by is null)"
        " and (decided is null) = (outcome is null or outcome = 'ENDED_OTHERWISE'))"
    )
    op.execute("comment on column case_relapse.outcome is 'What was decided, or that nothing was.'")
    # A case leaves by the other's message, which the worker takes.
    grant("case_relapse", worker="update (outcome, ended_at, ended_by)")
    _end_strays()


def _end_strays() -> None:
    """Reviews whose case went on to something else: open, they kept every later one out."""
    op.execute("alter table case_relapse disable trigger case_relapse_fence")
    op.execute(f"grant select, update on case_relapse to {role('guard')}")
    op.execute(f"set local role {role('guard')}")  # sees every case
    op.execute(
        "update case_relapse r set outcome = 'ENDED_OTHERWISE', ended_at = h.changed_at,"
        " ended_by = r.opened_by from case_header h"
        " where h.case_id = r.case_id and h.state <> 'RELAPSE_REVIEW' and r.ended_at is null"
    )
    op.execute("reset role")
    op.execute(f"revoke select, update on case_relapse from {role('guard')}")
    op.execute("alter table case_relapse enable trigger case_relapse_fence")
