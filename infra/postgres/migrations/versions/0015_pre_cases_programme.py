"""Cases: the programme — agreement, aid, plan, measures, follow-ups, closing; register checks."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0015"
down_revision = "0014"

CASE = "uuid not null references case_header"
SEALED = "bytea not null"
AREAS = "'housing','economy','occupation','health_care','addiction','family','safety'"
KINDS = (
    "'aid.counselling','aid.emergency_housing','aid.protected_housing',"
    "'aid.financial_within_norm','aid.financial_above_norm'"
)
QUESTIONS = "'threat','placement','level_passing','acute_protection','register_check'"
OUTCOMES = "'NOTHING_TO_REPORT','CONTACT_US','NOT_ASKED'"
NAMELESS = "'threat','acute_protection','register_check'"


def upgrade() -> None:
    in_time()
    _agreement()
    _aid()
    _plan()
    _programme()
    _register_checks()


def _member_table(
    table: str,
    about: str,
    columns: dict[str, tuple[str, str]],
    *constraints: str,
    web: str,
) -> None:
    """For members, fenced on the term, closed with the case: as every table of the file."""
    create_table(table, about, columns, *constraints)
    grant(table, web=web, worker="select")
    enable_rls(
        table,
        Policy("member", to="web", using="app_is_member(case_id)"),
        Policy("all", to="worker", using="true"),
    )
    op.execute(
        f"create trigger {table}_fence before insert or update or delete on {table}"
        " for each row execute function app_fence()"
    )
    if table != "case_programme":
        op.execute(f"create index {table}_case_idx on {table} (case_id)")


def _agreement() -> None:
    _member_table(
        "case_agreement",
        "The person's signed agreement to the programme's conditions; the newest counts.",
        {
            "agreement_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "sealed": (SEALED, "The conditions, under the case's key."),
            "signed_on": ("date not null", "Local day on the paper."),
            "paper": ("uuid", "The signed paper among the case's documents."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "By whom."),
            "withdrawn_at": ("timestamptz", "Domain clock; the person took it back."),
            "withdrawn_by": ("uuid", "Who wrote it down."),
        },
        "case_agreement_withdrawn check ((withdrawn_at is null) = (withdrawn_by is null))",
        web="select, insert, update (withdrawn_at, withdrawn_by)",
    )


def _aid() -> None:
    _member_table(
        "case_aid",
        "A decision about aid: what was granted, refused or ended; who decided is in `decision`.",
        {
            "aid_id": ("uuid primary key", "UUIDv7; what `decision.about` names."),
            "case_id": (CASE, "Which case."),
            "kind": (f"text not null check (kind in ({KINDS}))", "As in the delegation order."),
            "outcome": (
                "text not null check (outcome in ('GRANTED','REFUSED','ENDED'))",
                "What came of it.",
            ),
            "sealed": (SEALED, "The matter, its area, the committee's minutes."),
            "granted_from": ("date", "First local day."),
            "granted_until": ("date", "Last local day; NULL until further notice."),
            "ends": ("uuid", "The earlier decision that this one ends."),
            "decided_at": ("timestamptz not null", "Domain clock."),
            "told_on": ("date", "Local day when the person was told; the appeal's day 0."),
            "told_by": ("uuid", "Who wrote that down."),
        },
        "case_aid_of_case unique (case_id, aid_id)",
        "case_aid_ended_once unique (case_id, ends)",
        "case_aid_ends_fkey foreign key (case_id, ends) references case_aid (case_id, aid_id)",
        "case_aid_days check ((granted_from is null) = (outcome <> 'GRANTED')"
        " and (granted_until is null or granted_until >= granted_from))",
        "case_aid_end check ((ends is null) = (outcome <> 'ENDED'))",
        "case_aid_told check ((told_on is null) = (told_by is null))",
        web="select, insert, update (told_on, told_by)",
    )


def _plan() -> None:
    _member_table(
        "case_goal",
        "A goal of the plan; how far it has come is in the follow-ups.",
        {
            "goal_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "area": (f"text not null check (area in ({AREAS}))", "Area of life."),
            "sealed": (SEALED, "The goal, in words."),
            "due_on": ("date not null", "By when, local day."),
            "set_at": ("timestamptz not null", "Domain clock."),
            "set_by": ("uuid not null", "By whom."),
        },
        web="select, insert",
    )
    append_only("case_goal")
    _member_table(
        "case_measure",
        "What is done under a decision, from when to when.",
        {
            "measure_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "aid_id": ("uuid not null", "Under which decision."),
            "is_bought": ("boolean not null", "Somebody outside the municipality does it."),
            "sealed": (SEALED, "What, and by which firm."),
            "started_on": ("date not null", "Local day."),
            "started_by": ("uuid not null", "Who wrote it down."),
            "ended_on": ("date", "Local day."),
            "ended_by": ("uuid", "Who wrote it down."),
        },
        "case_measure_decision_fkey foreign key (case_id, aid_id)"
        " references case_aid (case_id, aid_id)",
        "case_measure_ended check ((ended_on is null) = (ended_by is null)"
        " and (ended_on is null or ended_on >= started_on))",
        web="select, insert, update (ended_on, ended_by)",
    )
    _member_table(
        "case_follow_up",
        "The plan gone through with the person; never changed.",
        {
            "follow_up_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "held_on": ("date not null", "Local day."),
            "next_on": ("date not null", "Latest local day of the next."),
            "sealed": (SEALED, "Scores, summary, the person's own view."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "By whom."),
        },
        web="select, insert",
    )
    append_only("case_follow_up")


def _programme() -> None:
    _member_table(
        "case_programme",
        "Where the programme stands: days that lists and reminders go by.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "started_at": ("timestamptz not null", "Domain clock; anew when begun again."),
            "follow_up_on": ("date not null", "Latest local day of the next follow-up."),
            "review_on": ("date", "When the pause is looked at; NULL: none."),
            "paused": ("bytea", "Why it rests, under the case's key."),
        },
        "case_programme_pause check ((review_on is null) = (paused is null))",
        web="select, insert, update",
    )
    _member_table(
        "case_closing",
        "How the case ended, in codes that statistics count and words that members read.",
        {
            "closing_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "reason": ("text not null check (reason in ('COMPLETED'))", "As in the header."),
            "threat_level": (
                "text check (threat_level in ('LOW','MEDIUM'))",
                "The police's last; NULL: none was given.",
            ),
            "register_check": (
                f"text not null check (register_check in ({OUTCOMES}))",
                "The police's last answer in the programme.",
            ),
            "goals_met": ("integer not null check (goals_met >= 0)", "How many."),
            "sealed": (SEALED, "Summary and continued support."),
            "closed_at": ("timestamptz not null", "Domain clock."),
            "closed_by": ("uuid not null", "By whom."),
        },
        web="select, insert",
    )
    append_only("case_closing")


def _register_checks() -> None:
    """One more question to the police; its answer is a code of its own."""
    for name in ("kind_check", "answer_check", "place"):
        op.execute(f"alter table room_question drop constraint room_question_{name}")
    op.execute(
        "alter table room_question add constraint room_question_kind_check"
        f" check (kind in ({QUESTIONS}))"
    )
    op.execute(
        "alter table room_question add constraint room_question_answer_check check (answer in"
        " ('CLEAR','NOT_CLEAR','NOTHING_TO_REPORT','CONTACT_US'))"
    )
    op.execute(
        "alter table room_question add constraint room_question_place"
        f" check ((authority is null) = (kind in ({NAMELESS})))"
    )
    op.execute(
        "alter table room_question add constraint room_question_fits check (answer is null or"
        " (answer in ('NOTHING_TO_REPORT','CONTACT_US')) = (kind = 'register_check'))"
    )
