"""Cases: the alarm when the threat is raised, access for who is on call, who protects when.

Long because access that ends by itself, and what it does not open, are one step.
"""

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

revision = "0021"
down_revision = "0020"

CASE = "uuid not null references case_header"
MEMBER = "app_is_member(case_id)"
ALL_OF_IT = Policy("all", to="worker", using="true")
LEVELS = "('LOW','MEDIUM','HIGH')"
WORKER = "'00000000-0000-7000-8000-000000000001'"
ROLES = "'case_worker','exit_coordinator','team_leader','social_director','on_call'"


def upgrade() -> None:
    in_time()
    _time()
    _members()
    _alarms()
    _protection()
    _what_being_on_call_opens()


def _time() -> None:
    # Access that ends at a time must end when nobody ends it: row security asks the domain clock.
    op.execute("""
        create function app_now() returns timestamptz language sql stable parallel safe
        return nullif(current_setting('app.now', true), '')::timestamptz
    """)


def _members() -> None:
    op.execute("alter table case_member add column until_at timestamptz")
    op.execute(
        "comment on column case_member.until_at is"
        " 'Domain clock; access ends then by itself: of who is on call. NULL: until it is ended.'"
    )
    op.execute("alter table case_member drop constraint case_member_role_check")
    op.execute(
        f"alter table case_member add constraint case_member_role_check check (role in ({ROLES}))"
    )
    op.execute(
        "alter table case_member add constraint case_member_on_call"
        " check ((until_at is null) = (role <> 'on_call'))"
    )
    grant(
        "case_member",
        web="select, insert, update (ended_at, ended_by, end_reason)",
        worker="select, insert, update (ended_at, ended_by, end_reason)",
        guard="select",
    )
    op.execute(f"set local role {role('guard')}")  # whose the function is
    op.execute("""
        create or replace function app_is_member(wanted uuid) returns boolean
        language sql stable security definer set search_path = '' as $body$
        select public.app_home() = public.app_authority()
            and (public.app_has_role('case_worker') or public.app_has_role('exit_coordinator')
                or public.app_has_role('team_leader') or public.app_has_role('social_director'))
            and (
                exists (
                    select from public.case_member m
                    where m.case_id = wanted and m.staff_id = public.app_actor()
                        and m.ended_at is null
                        and (m.until_at is null or m.until_at > public.app_now()))
                or exists (
                    select from public.case_header h
                    where h.case_id = wanted and h.created_by = public.app_actor()
                        and h.created_in = pg_current_xact_id_if_assigned()))
        $body$
    """)
    op.execute("reset role")
    guarded_function(
        "app_is_on_call_in(wanted uuid)",
        """
        select exists (
            select from public.case_member m
            where m.case_id = wanted and m.staff_id = public.app_actor()
                and m.role = 'on_call' and m.ended_at is null)
        """,
        returns="boolean",
        about="Whether the actor is in the case as who is on call, and as nothing else.",
    )
    guarded_function(
        "app_protects(subject uuid)",
        """
        select public.app_home() = '9001' and public.app_has_role('police_partner')
            and exists (
                select from public.joint_room r join public.room_unit u using (room_id)
                where r.subject_id = subject and r.closed_at is null
                    and u.unit = public.app_unit())
        """,
        returns="boolean",
        about="Whether the actor is a police officer whose unit is attached to the case's room.",
    )
    guarded_function(
        "app_on_call(wanted uuid)",
        """
        select d.staff_id
        from public.staff_duty d
        join public.case_header h on h.case_id = wanted and h.ended_reason is null
        join public.staff_account a on a.staff_id = d.staff_id
        where (public.app_protects(wanted) or public.app_has_role('worker'))
            and (d.unit is null or d.unit is not distinct from h.unit)
            and d.from_at <= public.app_now()
            and least(d.until_at, d.taken_off_at) > public.app_now()
            and not exists (
                select from public.case_exclusion e
                where e.case_id = wanted
                    and ((e.kind = 'staff' and e.value = d.staff_id::text)
                        or (e.kind = 'unit' and e.value = a.unit)))
        order by d.unit is null, d.from_at
        limit 1
        """,
        returns="uuid",
        about="Who is on call for the case now and not kept from it; answers the police unit that"
        " protects, and the worker. Nobody: NULL.",
    )
    op.execute(f"grant select on staff_account to {role('guard')}")
    # A day: MAX_ACCESS_HOURS in services/staff/policy.py.
    guarded_function(
        "app_may_call_in(wanted uuid, whom uuid, from_then timestamptz, until_then timestamptz)",
        """
        select public.app_on_call(wanted) = whom
            and from_then = public.app_now()
            and until_then <= from_then + interval '24 hours'
            and (
                select t.level from public.threat t where t.subject_id = wanted
                order by t.assessed_at desc, t.threat_id desc limit 1) = 'HIGH'
        """,
        returns="boolean",
        about="Whether a police officer who gives HIGH, by that act, lets this person into the"
        " case: only who is on call, only from now, never longer than a day.",
    )
    op.execute(
        f"create policy case_member_web_call_in on case_member for insert to {role('web')}"
        f" with check (role = 'on_call' and given_by = {WORKER}"
        " and app_may_call_in(case_id, staff_id, started_at, until_at))"
    )


def _alarms() -> None:
    create_table(
        "case_alarm",
        "The threat was raised: to be read by the case's people, and by whoever is on call.",
        {
            "alarm_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "level_before": (f"text check (level_before in {LEVELS})", "NULL: none until then."),
            "level": (f"text not null check (level in {LEVELS})", "The police's."),
            "raised_at": ("timestamptz not null", "Domain clock."),
            "confirm_by": ("date not null", "Last local day for a case worker to have read it."),
            "escalated_at": ("timestamptz", "Domain clock; nobody had read it in time."),
            "overdue_at": ("timestamptz", "Domain clock; no case worker had, by the day."),
        },
        "case_alarm_of_case unique (case_id, alarm_id)",
    )
    op.execute("create index case_alarm_case_idx on case_alarm (case_id, raised_at)")
    grant("case_alarm", web="select, insert", worker="select, update (escalated_at, overdue_at)")
    enable_rls(
        "case_alarm",
        Policy("member", to="web", command="select", using=MEMBER),
        Policy("raise", to="web", command="insert", check="app_protects(case_id)"),
        ALL_OF_IT,
    )
    create_table(
        "case_alarm_reading",
        "Who has read an alarm, and as what.",
        {
            "alarm_id": ("uuid not null", "Which alarm."),
            "case_id": (CASE, "Which case."),
            "staff_id": ("uuid not null", "Who."),
            "role": (f"text not null check (role in ({ROLES}))", "The member's."),
            "read_at": ("timestamptz not null", "Domain clock."),
        },
        "case_alarm_reading_pkey primary key (alarm_id, staff_id)",
        "case_alarm_reading_of_alarm foreign key (case_id, alarm_id)"
        " references case_alarm (case_id, alarm_id)",
    )
    grant("case_alarm_reading", web="select, insert", worker="select")
    enable_rls(
        "case_alarm_reading",
        Policy("member", to="web", command="select", using=MEMBER),
        Policy("read", to="web", command="insert", check=f"staff_id = app_actor() and {MEMBER}"),
        ALL_OF_IT,
    )
    append_only("case_alarm_reading")
    for table in ("case_alarm", "case_alarm_reading"):
        op.execute(
            f"create trigger {table}_fence before insert or update or delete on {table}"
            " for each row execute function app_fence()"
        )


def _protection() -> None:
    create_table(
        "acute_protection",
        "Who answers for the acute protection from then on; the newest counts, none is changed.",
        {
            "threat_id": ("uuid primary key references threat", "The assessment that moved it."),
            "room_id": ("uuid not null references joint_room", "Which room."),
            "subject_id": ("uuid not null", "As in the room."),
            "holder": ("text not null check (holder in ('police','municipality'))", "Who."),
            "unit": ("text not null", "The police unit that answers for the police's part."),
            "since": ("timestamptz not null", "Domain clock."),
            "policy_from": ("date not null", "The policy block's first day."),
            "policy_sha256": (
                "text not null check (policy_sha256 ~ '^[0-9a-f]{64}$')",
                "Its hash.",
            ),
        },
    )
    op.execute("create index acute_protection_subject_idx on acute_protection (subject_id, since)")
    grant("acute_protection", web="select, insert", worker="select")
    enable_rls(
        "acute_protection",
        Policy(
            "ours",
            to="web",
            command="select",
            using="app_is_member(subject_id) or app_receives(subject_id)",
        ),
        Policy("police", to="web", command="select", using="app_is_attached(room_id)"),
        Policy("move", to="web", command="insert", check="app_is_attached(room_id)"),
        ALL_OF_IT,
    )
    append_only("acute_protection")
    op.execute(
        "create trigger acute_protection_fence before insert on acute_protection"
        " for each row execute function app_fence_room()"
    )


def _what_being_on_call_opens() -> None:
    # Reading, the journal and a decision at once. What is not named here is closed, tables that do
    # not exist yet too: the fences stand before everything below a case.
    op.execute(f"set local role {role('guard')}")
    op.execute("""
        create or replace function app_fence() returns trigger language plpgsql security definer
        set search_path = '' as $$
        declare
            touched uuid := case tg_op when 'DELETE' then old.case_id else new.case_id end;
            held record;
        begin
            select h.term, h.ended_reason into held
            from public.case_header h where h.case_id = touched for share;
            if held.term is distinct from public.app_term()
                or (held.ended_reason is not null and tg_nargs = 0)
            then
                raise exception 'the case is elsewhere, or closed' using errcode = 'UV001';
            end if;
            if tg_op || ' ' || tg_table_name not in (
                    'INSERT case_note', 'INSERT case_event', 'INSERT case_alarm_reading',
                    'UPDATE case_reveal', 'INSERT case_aid', 'INSERT case_immediate')
                and public.app_is_on_call_in(touched)
            then
                raise exception 'being on call does not open this' using errcode = 'UV003';
            end if;
            return case tg_op when 'DELETE' then old else new end;
        end $$
    """)
    op.execute("""
        create or replace function app_fence_room() returns trigger language plpgsql
        security definer set search_path = '' as $$
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
            if tg_op || ' ' || tg_table_name <> 'INSERT decision'
                and public.app_is_on_call_in(touched)
            then
                raise exception 'being on call does not open this' using errcode = 'UV003';
            end if;
            return case tg_op when 'DELETE' then old else new end;
        end $$
    """)
    op.execute("reset role")
    op.execute("""
        create function app_fence_on_call() returns trigger language plpgsql as $$
        begin
            if app_is_on_call_in(new.case_id) then
                raise exception 'being on call does not open this' using errcode = 'UV003';
            end if;
            return new;
        end $$
    """)
    for table, when in (
        ("case_header", "update"),
        ("handover", "insert or update"),
        ("incoming_handover", "update"),
    ):
        op.execute(
            f"create trigger {table}_on_call before {when} on {table}"
            " for each row execute function app_fence_on_call()"
        )
