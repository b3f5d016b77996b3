"""Protection: the joint room, who is attached to it, threat levels, questions and answers."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    guarded_function,
    in_time,
    role,
)

revision = "0005"
down_revision = "0004"

ROOM = "uuid not null references joint_room"
ALL_OF_IT = Policy("all", to="worker", using="true")
POLICE = "app_home() = '9001' and app_has_role('police_partner')"
OURS = "app_is_member(subject_id) or app_receives(subject_id)"
ATTACHED = "app_is_attached(room_id)"
QUESTIONS = "'threat','placement','level_passing','acute_protection'"
LEVELS = "('LOW','MEDIUM','HIGH')"
KINDS = "('local_police_area','police_protection_unit')"


def upgrade() -> None:
    in_time()
    _tables()
    _questions_past_row_security()
    _fence()
    _policies()


def _tables() -> None:
    create_table(
        "joint_room",
        "What the municipality shares with police units about one case, or one incoming handover.",
        {
            "room_id": ("uuid primary key", "Derived from the subject; one way."),
            "subject_id": ("uuid not null unique", "The case, or the incoming handover."),
            "is_incoming": ("boolean not null", "A handover that has no case here yet."),
            "term": ("integer not null check (term >= 0)", "The case's; 0 for an incoming one."),
            "code_name": ("text not null", "What the police's list shows."),
            "sealed": ("bytea", "Identity under the room's key; NULL when nothing is shared."),
            "rests_on": ("text not null", "`consent`, or the law reference that allows it."),
            "shared_until": ("date", "Last local day of the consent; NULL under statute."),
            "opened_at": ("timestamptz not null", "Domain clock."),
            "closed_at": ("timestamptz", "Domain clock."),
        },
    )
    grant("joint_room", web="select, insert, update", worker="select, update", guard="select")
    create_table(
        "room_unit",
        "A police unit that sees the room.",
        {
            "room_id": (ROOM, "Which room."),
            "unit": ("text not null", "The unit's code, as in the police realm's claim."),
            "kind": (f"text not null check (kind in {KINDS})", "What the unit may set."),
            "attached_at": ("timestamptz not null", "Domain clock."),
            "attached_by": ("uuid not null", "By whom."),
        },
        "room_unit_pkey primary key (room_id, unit)",
    )
    grant("room_unit", web="select, insert, delete", worker="select, delete", guard="select")
    create_table(
        "threat",
        "One assessment by the police: the result, never the material. The newest counts.",
        {
            "threat_id": ("uuid primary key", "UUIDv7."),
            "room_id": (ROOM, "Which room."),
            "subject_id": ("uuid not null", "As in the room."),
            "level": (f"text not null check (level in {LEVELS})", "The police's."),
            "unit": ("text not null", "Which unit gave it."),
            "method": ("text not null check (method in ('structured','unstructured'))", "How."),
            "assessed_at": ("timestamptz not null", "Domain clock."),
            "assessed_by": ("uuid not null", "The officer's account."),
            "next_review_on": ("date not null", "Latest local day of the next."),
        },
    )
    op.execute("create index threat_subject_idx on threat (subject_id, assessed_at, threat_id)")
    grant("threat", web="select, insert", worker="select", guard="select")
    append_only("threat")
    create_table(
        "room_question",
        "Something asked of a police unit; answered once, without reasons or names.",
        {
            "question_id": ("uuid primary key", "UUIDv7."),
            "room_id": (ROOM, "Which room."),
            "subject_id": ("uuid not null", "As in the room."),
            "kind": (
                f"text not null check (kind in ({QUESTIONS}))",
                "What is asked.",
            ),
            "unit": ("text not null", "Of which unit."),
            "authority": ("text check (authority ~ '^[0-9]{4}$')", "The municipality it names."),
            "asked_at": ("timestamptz not null", "Domain clock."),
            "asked_by": ("uuid not null", "By whom."),
            "answer": ("text check (answer in ('CLEAR','NOT_CLEAR'))", "The police's."),
            "answered_at": ("timestamptz", "Domain clock."),
            "answered_by": ("uuid", "The officer's account."),
        },
        "room_question_answered check ((answered_at is null) = (answered_by is null))",
        "room_question_answer check (answered_at is null or (answer is null) = (kind = 'threat'))",
        "room_question_place check ((authority is null) = (kind in ('threat','acute_protection')))",
    )
    op.execute("create index room_question_subject_idx on room_question (subject_id, asked_at)")
    op.execute(
        "create unique index room_question_once_idx on room_question"
        " (room_id, kind, unit, authority) nulls not distinct where answered_at is null"
    )
    grant(
        "room_question",
        web="select, insert, update (answer, answered_at, answered_by)",
        worker="select, insert",
        guard="select",
    )


def _questions_past_row_security() -> None:
    guarded_function(
        "app_is_attached(room uuid)",
        """
        select public.app_home() = '9001' and public.app_has_role('police_partner')
            and exists (
                select from public.room_unit u join public.joint_room r using (room_id)
                where u.room_id = room and u.unit = public.app_unit() and r.closed_at is null)
        """,
        returns="boolean",
        about="Whether the actor is a police officer whose unit is attached to the open room.",
    )
    guarded_function(
        "app_may_set_level(room uuid, wanted text, of_subject uuid)",
        """
        select public.app_is_attached(room)
            and exists (
                select from public.joint_room r
                where r.room_id = room and r.subject_id = of_subject)
            and (
                exists (
                    select from public.room_unit u
                    where u.room_id = room and u.unit = public.app_unit()
                        and u.kind = 'police_protection_unit')
                or wanted <> 'HIGH' and coalesce((
                    select t.level <> 'HIGH' from public.threat t
                    where t.room_id = room
                    order by t.assessed_at desc, t.threat_id desc limit 1), true))
        """,
        returns="boolean",
        about="Whether the officer's unit may give this level: HIGH, and ending HIGH, is Bops'.",
    )
    guarded_function(
        "app_receives(subject uuid)",
        """
        select public.app_home() = public.app_authority()
            and (public.app_has_role('case_worker') or public.app_has_role('exit_coordinator')
                or public.app_has_role('team_leader'))
            and not exists (select from public.case_header h where h.case_id = subject)
        """,
        returns="boolean",
        about="Whether the actor works in the receiving function and the subject is no case here.",
    )


def _fence() -> None:
    # As app_fence, for rows that name a subject; an incoming handover has no case and no term yet.
    op.execute("""
        create function app_fence_room() returns trigger language plpgsql security definer
        set search_path = '' as $$
        declare
            touched uuid;
            held record;
        begin
            if tg_table_name = 'room_unit' then
                select r.subject_id into touched from public.joint_room r
                where r.room_id = case tg_op when 'DELETE' then old.room_id else new.room_id end;
            else
                touched := case tg_op when 'DELETE' then old.subject_id else new.subject_id end;
            end if;
            select h.term, h.ended_reason into held
            from public.case_header h where h.case_id = touched for share;
            if found and (held.term is distinct from public.app_term()
                or held.ended_reason is not null)
            then
                raise exception 'the case is elsewhere, or closed' using errcode = 'UV001';
            end if;
            return case tg_op when 'DELETE' then old else new end;
        end $$
    """)
    op.execute(f"alter function app_fence_room() owner to {role('guard')}")
    for table in ("joint_room", "room_unit", "threat", "room_question"):
        op.execute(
            f"create trigger {table}_fence before insert or update or delete on {table}"
            " for each row execute function app_fence_room()"
        )


def _policies() -> None:
    enable_rls(
        "joint_room",
        Policy("ours", to="web", using=OURS),
        Policy("police", to="web", command="select", using=ATTACHED),
        ALL_OF_IT,
    )
    seen = "exists (select from joint_room r where r.room_id = room_unit.room_id)"
    ours = (
        "exists (select from joint_room r where r.room_id = room_unit.room_id"
        " and (app_is_member(r.subject_id) or app_receives(r.subject_id)))"
    )
    enable_rls(
        "room_unit",
        Policy("seen", to="web", command="select", using=seen),
        Policy("attach", to="web", command="insert", check=f"{ours} or {ATTACHED}"),
        Policy("detach", to="web", command="delete", using=ours),
        ALL_OF_IT,
    )
    enable_rls(
        "threat",
        Policy("ours", to="web", command="select", using=OURS),
        Policy("police", to="web", command="select", using=ATTACHED),
        Policy(
            "give",
            to="web",
            command="insert",
            check="unit = app_unit() and assessed_by = app_actor()"
            " and app_may_set_level(room_id, level, subject_id)",
        ),
        ALL_OF_IT,
    )
    mine = f"unit = app_unit() and {ATTACHED}"
    enable_rls(
        "room_question",
        Policy("ours", to="web", command="select", using=OURS),
        Policy("ask", to="web", command="insert", check=f"asked_by = app_actor() and ({OURS})"),
        Policy("police", to="web", command="select", using=ATTACHED),
        Policy("alarm", to="web", command="insert", check=f"kind = 'threat' and {ATTACHED}"),
        Policy("answer", to="web", command="update", using=mine),
        ALL_OF_IT,
    )
