"""Intake and staff: reported concerns with their route, and what colleagues have learnt."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0019"
down_revision = "0018"

CASE = "uuid not null references case_header"
SEALED = ("bytea not null", "Under the case's key.")
KINDS = "'radicalisation','criminal_network','threat','other'"
REPORTERS = (
    "'school','police','prison_and_probation','national_care_board','health_care',"
    "'other_municipality','private_person'"
)
STEPS = "'safety_check','extremism_coordinator','police','guardians','reporter'"
COMPETENCES = "'radicalisation','threat_conversation','exit_work'"


def upgrade() -> None:
    in_time()
    _competence()
    _member_table(
        "intake_concern",
        "What somebody else reported of the person; a case that began so has one.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "kind": (f"text not null check (kind in ({KINDS}))", "What the concern is about."),
            "reporter": (f"text not null check (reporter in ({REPORTERS}))", "What kind of body."),
            "received_on": ("date not null", "Local day; day 0 of the clocks."),
            "sealed": SEALED,
            "registered_at": ("timestamptz not null", "Domain clock."),
            "registered_by": ("uuid not null", "By whom."),
        },
    )
    _member_table(
        "intake_step",
        "A step of the route that was taken, or left with a reason.",
        {
            "case_id": (CASE, "Which case."),
            "step": (f"text not null check (step in ({STEPS}))", "Which step."),
            "outcome": ("text not null check (outcome in ('taken','left'))", "How."),
            "ground": ("text", "Key of the law book, or the board's own task; none when left."),
            "sealed": SEALED,
            "settled_at": ("timestamptz not null", "Domain clock."),
            "settled_by": ("uuid not null", "By whom."),
        },
        "intake_step_pkey primary key (case_id, step)",
        "intake_step_ground check ((ground is null) = (outcome = 'left'))",
    )
    _member_table(
        "intake_assessment",
        "What somebody with the competence for it judged.",
        {
            "assessment_id": ("uuid not null", "UUIDv7; decisions point at it."),
            "case_id": ("uuid primary key references case_header", "Which case."),
            "opinion": ("text not null check (opinion in ('open','not_open'))", "What."),
            "competence": (
                f"text not null check (competence in ({COMPETENCES}))",
                "Which competence it rests on.",
            ),
            "sealed": SEALED,
            "assessed_at": ("timestamptz not null", "Domain clock."),
            "assessed_by": ("uuid not null", "By whom."),
        },
    )


def _member_table(
    table: str, about: str, columns: dict[str, tuple[str, str]], *constraints: str
) -> None:
    create_table(table, about, columns, *constraints)
    grant(table, web="select, insert", worker="select")
    enable_rls(
        table,
        Policy("member", to="web", using="app_is_member(case_id)"),
        Policy("all", to="worker", using="true"),
    )
    op.execute(
        f"create trigger {table}_fence before insert or update or delete on {table}"
        " for each row execute function app_fence()"
    )
    append_only(table)


def _competence() -> None:
    create_table(
        "staff_competence",
        "What a colleague has learnt; never changed, a newer record is added.",
        {
            "competence_id": ("uuid primary key", "UUIDv7."),
            "staff_id": ("uuid not null references staff_account", "Whose."),
            "kind": (f"text not null check (kind in ({COMPETENCES}))", "What."),
            "course": ("text not null check (length(course) between 1 and 200)", "Where learnt."),
            "obtained_on": ("date not null", "Local day."),
            "valid_until": ("date not null", "Last local day it counts."),
            "recorded_by": ("uuid not null", "A team leader."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
        },
        "staff_competence_not_own check (recorded_by <> staff_id)",
        "staff_competence_days check (valid_until >= obtained_on)",
    )
    grant("staff_competence", web="select, insert", worker="select")
    enable_rls(
        "staff_competence",
        Policy("at_home", to="web", command="select", using="app_home() = app_authority()"),
        Policy(
            "leader",
            to="web",
            command="insert",
            check="app_home() = app_authority() and app_has_role('team_leader')"
            " and recorded_by = app_actor()",
        ),
        Policy("all", to="worker", using="true"),
    )
    append_only("staff_competence")
    op.execute("create index staff_competence_staff_idx on staff_competence (staff_id)")
