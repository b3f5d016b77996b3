"""The case: header, members, file, chain; who sees it, and the fence on its term.

Long because tables, their row security and the fence are one step: none may be without the others.
"""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    add_policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    guarded_function,
    in_time,
    role,
)

revision = "0004"
down_revision = "0003"

CASE = "uuid not null references case_header"
MEMBER = "app_is_member(case_id)"
ALL_OF_IT = Policy("all", to="worker", using="true")
SEALED = "bytea not null"
ROLES = "'case_worker','exit_coordinator','team_leader','social_director'"
AREAS = "'housing','economy','occupation','health_care','addiction','family','safety'"
STATES = (
    "'CONTACT','INTAKE','PRELIMINARY','INVESTIGATION','ENTRY_ASSESSMENT','AGREEMENT_PENDING',"
    "'ACTIVE','PAUSED','RELAPSE_REVIEW','ENDED','RETENTION','PURGE_DUE','PURGED','ARCHIVED'"
)
REASONS = (
    "'NOT_OPENED','NOT_ADMITTED','WITHDRAWN','EXCLUDED_RELAPSE','EXCLUDED_CONDITIONS',"
    "'COMPLETED','TRANSFERRED','LOST_CONTACT','DECEASED'"
)


def upgrade() -> None:
    in_time()
    _header()
    _members()
    _questions_past_row_security()
    _fence()
    _policies_of_header_and_members()
    _tracks()
    _journal()
    _chain()
    _seen_elsewhere()


def _header() -> None:
    create_table(
        "case_header",
        "A case without identity: what lists show and what every write is checked against.",
        {
            "case_id": ("uuid primary key", "Random; of this node alone."),
            "federation_case_id": ("uuid not null", "Random; follows the chain between nodes."),
            "code_name": ("text not null", "Two words and a number, drawn at random."),
            "state": (f"text not null check (state in ({STATES}))", "State of the file."),
            "ended_reason": (f"text check (ended_reason in ({REASONS}))", "Why it ended."),
            "term": (
                "integer not null check (term >= 1)",
                "Rises when the case changes responsible authority; writes are fenced on it.",
            ),
            "revision": ("integer not null check (revision >= 1)", "Compare and set."),
            "unit": ("text", "The municipal unit whose team leaders assign; NULL: the only one."),
            "created_by": ("uuid not null", "Who opened the file."),
            "created_in": (
                "xid8 not null default pg_current_xact_id()",
                "Only in this transaction may the creator name the first members.",
            ),
            "opened_at": ("timestamptz not null", "Domain clock."),
            "changed_at": ("timestamptz not null", "Domain clock; last change of the header."),
        },
        "case_header_code_name_key unique (code_name)",
        "case_header_ended check ((ended_reason is null) ="
        " (state not in ('ENDED','RETENTION','PURGE_DUE','PURGED','ARCHIVED')))",
    )
    op.execute(
        "create unique index case_header_one_open_idx on case_header (federation_case_id)"
        " where ended_reason is null"
    )
    grant(
        "case_header", web="select, insert, update", worker="select, update", guard="select, update"
    )
    create_table(
        "case_open_handover",
        "The case has an open handover: one at most; nothing may close the case meanwhile.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "handover_id": ("uuid not null unique", "Which handover."),
            "since": ("timestamptz not null", "Domain clock."),
        },
    )
    grant("case_open_handover", web="select, insert, delete", worker="select, insert, delete")


def _members() -> None:
    create_table(
        "case_member",
        "Who has access, from whom and why; ended rows stay.",
        {
            "member_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "To which case."),
            "staff_id": ("uuid not null", "Who."),
            "role": (
                f"text not null check (role in ({ROLES}))",
                "As what.",
            ),
            "given_by": ("uuid not null", "By whom."),
            "reason": ("text not null check (length(reason) between 1 and 500)", "Why."),
            "started_at": ("timestamptz not null", "Domain clock."),
            "ended_at": ("timestamptz", "Domain clock; access ends with the transaction."),
            "ended_by": ("uuid", "By whom."),
            "end_reason": ("text check (length(end_reason) <= 500)", "Why."),
        },
        "case_member_ended check ((ended_at is null) = (ended_by is null))",
    )
    op.execute(
        "create unique index case_member_once_idx on case_member (case_id, staff_id)"
        " where ended_at is null"
    )
    op.execute(
        "create index case_member_staff_idx on case_member (staff_id) where ended_at is null"
    )
    grant(
        "case_member",
        web="select, insert, update (ended_at, ended_by, end_reason)",
        worker="select",
        guard="select",
    )
    create_table(
        "case_exclusion",
        "From whom the case is kept: a municipality, a unit, a colleague.",
        {
            "exclusion_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "kind": ("text not null check (kind in ('authority','unit','staff'))", "Of whom."),
            "value": ("text not null", "Its code or id."),
            "sealed": (SEALED, "Why, under the case's key."),
            "set_at": ("timestamptz not null", "Domain clock."),
            "set_by": ("uuid not null", "By whom."),
        },
        "case_exclusion_once unique (case_id, kind, value)",
    )
    grant("case_exclusion", web="select, insert", worker="select", guard="select")


def _questions_past_row_security() -> None:
    guarded_function(
        "app_is_member(wanted uuid)",
        """
        select public.app_home() = public.app_authority()
            and (public.app_has_role('case_worker') or public.app_has_role('exit_coordinator')
                or public.app_has_role('team_leader') or public.app_has_role('social_director'))
            and (
                exists (
                    select from public.case_member m
                    where m.case_id = wanted and m.staff_id = public.app_actor()
                        and m.ended_at is null)
                or exists (
                    select from public.case_header h
                    where h.case_id = wanted and h.created_by = public.app_actor()
                        and h.created_in = pg_current_xact_id_if_assigned()))
        """,
        returns="boolean",
        about="Whether the actor is of this municipality, holds a case role, and is a member"
        " or is opening the file in this very transaction.",
    )
    guarded_function(
        "app_leads_unit_of(wanted uuid)",
        """
        select public.app_home() = public.app_authority() and public.app_has_role('team_leader')
            and exists (
                select from public.case_header h
                where h.case_id = wanted and h.unit is not distinct from public.app_unit())
        """,
        returns="boolean",
        about="Whether the actor is a team leader of the unit that has the case.",
    )
    guarded_function(
        "app_may_assign(wanted uuid, whom uuid)",
        """
        select public.app_leads_unit_of(wanted)
            or (public.app_is_member(wanted)
                and (public.app_has_role('exit_coordinator') or public.app_has_role('team_leader')))
            or exists (
                select from public.case_header h
                where h.case_id = wanted and h.created_by = public.app_actor()
                    and h.created_in = pg_current_xact_id_if_assigned())
        """,
        returns="boolean",
        about="Whether the actor may give access: leads the unit, is an assigning member,"
        " or is opening the file in this very transaction.",
    )
    guarded_function(
        "app_is_excluded(wanted uuid, of_kind text, whom text)",
        """
        select exists (
            select from public.case_exclusion e
            where e.case_id = wanted and e.kind = of_kind and e.value = whom)
            and (public.app_is_member(wanted) or public.app_leads_unit_of(wanted)
                or public.app_has_role('worker'))
        """,
        returns="boolean",
        about="Whether the case is kept from them; answers only who may choose.",
    )
    guarded_function(
        "app_code_name_is_free(wanted text)",
        "select not exists (select from public.case_header h where h.code_name = wanted)",
        returns="boolean",
        about="Whether no case of this node has the name; says nothing of whose it is.",
    )


def _fence() -> None:
    # Runs as guard: whoever writes, the case's own row decides, seen or not. The row is locked in
    # share, so that the case cannot leave between this look and the writer's commit.
    op.execute("""
        create function app_fence() returns trigger language plpgsql security definer
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
            return case tg_op when 'DELETE' then old else new end;
        end $$
    """)
    op.execute("""
        create function app_fence_header() returns trigger language plpgsql as $$
        begin
            if old.term is distinct from public.app_term()
                or (old.ended_reason = 'TRANSFERRED' and new.state = old.state)
                or (old.ended_reason = 'TRANSFERRED' and new.ended_reason is null)
            then
                raise exception 'the case is elsewhere' using errcode = 'UV001';
            end if;
            if old.ended_reason is null and new.ended_reason is not null
                and exists (
                    select from public.case_open_handover o where o.case_id = old.case_id)
            then
                raise exception 'the case is on its way'
                    using errcode = '23505', constraint = 'case_open_handover_pkey';
            end if;
            if new.case_id <> old.case_id or new.federation_case_id <> old.federation_case_id
                or new.code_name <> old.code_name or new.created_by <> old.created_by
                or new.created_in <> old.created_in or new.opened_at <> old.opened_at
            then
                raise exception 'a case does not change its identity' using errcode = 'UV002';
            end if;
            return new;
        end $$
    """)
    op.execute(f"alter function app_fence() owner to {role('guard')}")
    op.execute(
        "create trigger case_header_fence before update on case_header"
        " for each row execute function app_fence_header()"
    )
    _fenced("case_open_handover", "case_exclusion")
    _fenced("case_member", even_closed=True)


def _fenced(*tables: str, even_closed: bool = False) -> None:
    """Refuse writes under another term, and once the case is closed unless `even_closed`."""
    argument = "'even_closed'" if even_closed else ""
    for table in tables:
        op.execute(
            f"create trigger {table}_fence before insert or update or delete on {table}"
            f" for each row execute function app_fence({argument})"
        )


def _policies_of_header_and_members() -> None:
    own_new = (
        "created_by = app_actor() and app_home() = app_authority() and"
        " (app_has_role('case_worker') or app_has_role('exit_coordinator')"
        " or app_has_role('team_leader'))"
    )
    enable_rls(
        "case_header",
        Policy("member", to="web", command="select", using=MEMBER),
        Policy("leader", to="web", command="select", using="app_leads_unit_of(case_id)"),
        Policy("open", to="web", command="insert", check=own_new),
        Policy("change", to="web", command="update", using=MEMBER),
        Policy("assign", to="web", command="update", using="app_leads_unit_of(case_id)"),
        ALL_OF_IT,
        # Guard bypasses row security; the owner has no way through.
    )
    enable_rls("case_open_handover", Policy("member", to="web", using=MEMBER), ALL_OF_IT)
    add_policy(
        "case_open_handover",
        Policy("leader", to="web", command="select", using="app_leads_unit_of(case_id)"),
    )
    may_assign = "app_may_assign(case_id, staff_id)"
    enable_rls(
        "case_member",
        Policy("member", to="web", command="select", using=MEMBER),
        Policy("leader", to="web", command="select", using="app_leads_unit_of(case_id)"),
        Policy(
            "give", to="web", command="insert", check=f"given_by = app_actor() and {may_assign}"
        ),
        Policy("end", to="web", command="update", using=may_assign),
        ALL_OF_IT,
    )
    enable_rls("case_exclusion", Policy("member", to="web", using=MEMBER), ALL_OF_IT)


def _member_table(
    table: str,
    about: str,
    columns: dict[str, tuple[str, str]],
    *constraints: str,
    web: str,
    worker: str = "select",
    guard: str | None = None,
    even_closed: bool = False,
) -> None:
    create_table(table, about, columns, *constraints)
    grant(table, web=web, worker=worker, guard=guard)
    enable_rls(table, Policy("member", to="web", using=MEMBER), ALL_OF_IT)
    _fenced(table, even_closed=even_closed)


def _tracks() -> None:
    _member_table(
        "case_person",
        "Who the case is about, under the case's key.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "sealed": (SEALED, "Name, number, registration, protection."),
            "number_index": ("bytea check (length(number_index) = 32)", "HMAC of the number."),
        },
        web="select, insert, update",
        worker="select, insert, update",
        guard="select",
    )
    op.execute("create index case_person_number_idx on case_person (number_index)")
    _member_table(
        "case_contact",
        "How the case began.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "sealed": (SEALED, "Channel, who, on whose behalf, what was said."),
            "registered_at": ("timestamptz not null", "Domain clock."),
        },
        web="select, insert",
    )
    _member_table(
        "case_residence",
        "A residence finding; the newest counts, none is changed but by its second reader.",
        {
            "finding_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "finding": ("text not null check (finding in ('HERE','OTHER','UNCLEAR'))", "What."),
            "ground": (
                "text check (ground in ('main_rule','nights_rest','strongest_connection'))",
                "Why.",
            ),
            "sealed": (SEALED, "Which municipality, and the facts."),
            "found_at": ("timestamptz not null", "Domain clock."),
            "found_by": ("uuid not null", "First reader."),
            "confirmed_at": ("timestamptz", "Domain clock."),
            "confirmed_by": ("uuid", "Second reader."),
        },
        "case_residence_ground check ((ground is null) = (finding = 'UNCLEAR'))",
        "case_residence_confirmed check ((confirmed_at is null) = (confirmed_by is null))",
        "case_residence_two check (confirmed_by <> found_by)",
        web="select, insert, update (confirmed_at, confirmed_by)",
    )
    op.execute("create index case_residence_case_idx on case_residence (case_id, found_at)")
    _member_table(
        "case_consent",
        "A waiver of secrecy; scope under the case's key, dates in clear for reminders.",
        {
            "consent_id": ("uuid not null", "Random: it travels with what rests on it."),
            "case_id": (CASE, "Which file; a case that comes back brings its consents along."),
            "sealed": (SEALED, "To whom, for what, about what."),
            "given_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "Who wrote it down."),
            "valid_until": ("date not null", "Last local day."),
            "withdrawn_at": ("timestamptz", "Domain clock."),
            "withdrawn_by": ("uuid", "Who wrote it down."),
        },
        "case_consent_pkey primary key (case_id, consent_id)",
        "case_consent_withdrawn check ((withdrawn_at is null) = (withdrawn_by is null))",
        web="select, insert, update (withdrawn_at, withdrawn_by)",
        worker="select, update (withdrawn_at, withdrawn_by)",
        even_closed=True,  # a person may take a consent back also after the case has left
    )
    _member_table(
        "case_need",
        "What the person needs in one area; the newest of an area counts.",
        {
            "need_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "area": (
                f"text not null check (area in ({AREAS}))",
                "Area of life.",
            ),
            "sealed": (SEALED, "Text and running measure."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "By whom."),
        },
        web="select, insert",
    )
    append_only("case_need")
    op.execute("create index case_need_case_idx on case_need (case_id, area, recorded_at)")
    _member_table(
        "case_redecision",
        "A measure taken over that runs on until this municipality has decided anew.",
        {
            "redecision_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "area": ("text not null", "Area of life."),
            "sealed": (SEALED, "The measure, in words."),
            "listed_at": ("timestamptz not null", "Domain clock."),
            "decided_at": ("timestamptz", "Domain clock."),
        },
        web="select, insert, update (decided_at)",
    )
    _member_table(
        "case_dossier",
        "What came with a take-over, as it came.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "handover_id": ("uuid not null", "By which handover."),
            "sender": ("text not null check (sender ~ '^[0-9]{4}$')", "From whom."),
            "sealed": (SEALED, "The dossier."),
            "received_at": ("timestamptz not null", "Domain clock."),
        },
        web="select, insert",
    )


def _journal() -> None:
    _member_table(
        "case_note",
        "The journal: never changed, a correction points at what it corrects.",
        {
            "note_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "kind": ("text not null check (kind in ('fact','judgement'))", "Kept apart."),
            "sealed": (SEALED, "Text and source."),
            "happened_on": ("date not null", "Local day of what it tells."),
            "written_at": ("timestamptz not null", "Domain clock."),
            "written_by": ("uuid not null", "Author."),
            "corrects": ("uuid", "The note that this one corrects."),
        },
        "case_note_of_case unique (case_id, note_id)",
        "case_note_corrects_fkey foreign key (case_id, corrects)"
        " references case_note (case_id, note_id)",
        web="select, insert",
    )
    append_only("case_note")
    _member_table(
        "case_event",
        "The case's history in codes: for the timeline.",
        {
            "event_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "code": ("text not null check (code ~ '^[a-z_]+([.][a-z_]+)+$')", "What."),
            "facts": ("jsonb not null default '{}'", "Codes and ids; nothing of the person."),
            "actor_id": ("uuid not null", "Who."),
            "at": ("timestamptz not null", "Domain clock."),
        },
        web="select, insert",
        worker="select, insert",
        even_closed=True,
    )
    add_policy(
        "case_event",
        Policy(
            "leader",
            to="web",
            command="insert",
            check="app_leads_unit_of(case_id) and code in ('case.member_assigned',"
            " 'case.member_ended', 'case.investigation_started')",
        ),
    )
    append_only("case_event")
    op.execute("create index case_event_case_idx on case_event (case_id, at)")
    _member_table(
        "case_vault",
        "Where the person can be found, under a key of its own; not in any list or search.",
        {
            "case_id": ("uuid primary key references case_header", "Which case."),
            "sealed": (SEALED, "Address, telephone, places."),
            "set_at": ("timestamptz not null", "Domain clock."),
            "set_by": ("uuid not null", "By whom."),
        },
        web="select, insert, update",
    )
    _member_table(
        "case_reveal",
        "One colleague lets another look into the vault once, within the time policy gives.",
        {
            "approval_id": ("uuid primary key", "Random."),
            "case_id": (CASE, "Which case."),
            "approved_by": ("uuid not null", "Who lets."),
            "staff_id": ("uuid not null", "Who may look."),
            "approved_at": ("timestamptz not null", "Domain clock."),
            "used_at": ("timestamptz", "Domain clock; once."),
        },
        "case_reveal_two check (approved_by <> staff_id)",
        web="select, insert, update (used_at)",
        even_closed=True,
    )


def _chain() -> None:
    _member_table(
        "case_link",
        "The responsibility chain: numbered, hashed, signed; the same at both ends.",
        {
            "case_id": (CASE, "Which case."),
            "number": ("integer not null check (number >= 1)", "Place in the chain."),
            "link": ("bytea not null", "The link as it was signed, signatures included."),
            "hash": ("bytea not null check (length(hash) = 32)", "Of the link."),
            "kept_at": ("timestamptz not null", "Wall clock."),
        },
        "case_link_pkey primary key (case_id, number)",
        web="select, insert",
        worker="select, insert",
        even_closed=True,  # the chain's later links come when the case goes on to a third
    )
    append_only("case_link")


def _seen_elsewhere() -> None:
    create_table(
        "case_duplicate",
        "Two cases of this node carry one personal number: for the team leader, never the asker.",
        {
            "case_id": (CASE, "The newer."),
            "other_case_id": ("uuid not null references case_header (case_id)", "The older."),
            "found_at": ("timestamptz not null default now()", "Machine time."),
        },
        "case_duplicate_pkey primary key (case_id, other_case_id)",
    )
    grant("case_duplicate", web="select", guard="insert")
    enable_rls(
        "case_duplicate",
        Policy("leader", to="web", command="select", using="app_leads_unit_of(case_id)"),
    )
    # A trigger, run as guard: who registers the person learns nothing, not even by the time taken.
    op.execute("""
        create function app_note_duplicate() returns trigger language plpgsql security definer
        set search_path = '' as $$
        begin
            insert into public.case_duplicate (case_id, other_case_id)
            select new.case_id, p.case_id
            from public.case_person p
            join public.case_header mine on mine.case_id = new.case_id
            join public.case_header theirs on theirs.case_id = p.case_id
            where p.number_index = new.number_index and p.case_id <> new.case_id
                and theirs.federation_case_id <> mine.federation_case_id
            on conflict do nothing;
            if found then
                insert into public.card (id, kind, audience, subject_id, created_at)
                select gen_random_uuid(), 'case.duplicate_suspected', 'team_leader', new.case_id,
                    h.changed_at
                from public.case_header h where h.case_id = new.case_id
                on conflict do nothing;
            end if;
            return null;
        end $$
    """)
    op.execute(f"alter function app_note_duplicate() owner to {role('guard')}")
    op.execute(f"grant insert, select on card to {role('guard')}")
    op.execute(f"grant select on case_duplicate to {role('guard')}")
    op.execute(
        "create trigger case_person_duplicate after insert or update of number_index on case_person"
        " for each row when (new.number_index is not null)"
        " execute function app_note_duplicate()"
    )
    # Cards of a case, and the case's own log, are for its members.
    add_policy(
        "card",
        Policy("member", to="web", command="select", using="case_id is not null and " + MEMBER),
    )
    add_policy(
        "card",
        Policy("finished", to="web", command="update", using="case_id is not null and " + MEMBER),
    )
    add_policy(
        "audit_entry",
        Policy("member", to="web", command="select", using="case_id is not null and " + MEMBER),
    )
