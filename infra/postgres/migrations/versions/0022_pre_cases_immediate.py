"""Cases: aid decided at once by who is on call, until the ordinary delegate has read it."""

from alembic import op

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time, role

revision = "0022"
down_revision = "0021"

MEMBER = "app_is_member(case_id)"


def upgrade() -> None:
    in_time()
    create_table(
        "case_immediate",
        "Aid that was decided at once, and whether the ordinary delegate confirmed it.",
        {
            "aid_id": ("uuid primary key", "Which decision about aid."),
            "case_id": ("uuid not null references case_header", "Which case."),
            "kind": ("text not null", "Kind in the delegation order: who reviews it."),
            "decided_by": ("uuid not null", "Who was on call."),
            "decided_at": ("timestamptz not null", "Domain clock."),
            "review_by": ("date not null", "Last local day to confirm it or set it aside."),
            "reviewed_at": ("timestamptz", "Domain clock."),
            "reviewed_by": ("uuid", "The ordinary delegate, always another person."),
            "outcome": ("text check (outcome in ('CONFIRMED','SET_ASIDE'))", "What came of it."),
            "overdue_at": ("timestamptz", "Domain clock; the delegates were called."),
        },
        "case_immediate_two check (reviewed_by <> decided_by)",
        "case_immediate_reviewed check ((reviewed_at is null) = (reviewed_by is null)"
        " and (reviewed_at is null) = (outcome is null))",
        "case_immediate_of_aid foreign key (case_id, aid_id) references case_aid (case_id, aid_id)",
    )
    op.execute("create index case_immediate_case_idx on case_immediate (case_id)")
    grant(
        "case_immediate",
        web="select, insert, update (reviewed_at, reviewed_by, outcome)",
        worker="select, update (overdue_at)",
    )
    enable_rls(
        "case_immediate",
        Policy("member", to="web", command="select", using=MEMBER),
        # A leader who is no member sees that something waits, and where; what it is, no.
        Policy("leader", to="web", command="select", using="app_leads_unit_of(case_id)"),
        Policy(
            "decide", to="web", command="insert", check=f"decided_by = app_actor() and {MEMBER}"
        ),
        Policy("review", to="web", command="update", using=MEMBER),
        Policy("all", to="worker", using="true"),
    )
    op.execute(
        "create trigger case_immediate_fence before insert or update or delete on case_immediate"
        " for each row execute function app_fence()"
    )
    op.execute(
        "create trigger case_aid_on_call before update on case_aid"
        " for each row execute function app_fence_on_call()"
    )
    # Being on call grants help; it refuses nothing and ends nothing.
    op.execute(
        f"create policy case_aid_web_on_call on case_aid as restrictive for insert to {role('web')}"
        " with check (not app_is_on_call_in(case_id) or outcome = 'GRANTED')"
    )
