"""Cases and protection: the entry assessment, who signed it, and what the police are asked to sign."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
    role,
)

revision = "0018"
down_revision = "0017"

CASE = "uuid not null references case_header"
MEMBER = "app_is_member(case_id)"
ATTACHED = "app_is_attached(room_id)"
ALL_OF_IT = Policy("all", to="worker", using="true")


def upgrade() -> None:
    in_time()
    _no_threat_known()
    _papers()
    _assessments()
    _aid_is_decided_apart()


def _no_threat_known() -> None:
    # A threat question is answered by an assessment (no answer of its own) or by CLEAR.
    op.execute("alter table room_question drop constraint room_question_answer")
    op.execute(
        "alter table room_question add constraint room_question_answer check ("
        "answered_at is null or case kind when 'threat' then answer is null or answer = 'CLEAR'"
        " else answer is not null end)"
    )


def _papers() -> None:
    create_table(
        "room_paper",
        "Something that the municipality has put before a police unit to sign.",
        {
            "paper_id": ("uuid primary key", "UUIDv7; the id of what it is about."),
            "room_id": ("uuid not null references joint_room", "Which room."),
            "subject_id": ("uuid not null", "As in the room."),
            "kind": ("text not null check (kind in ('entry_assessment'))", "What."),
            "number": ("integer not null check (number >= 1)", "From 1; the highest counts."),
            "unit": ("text not null", "Before which unit."),
            "is_final": ("boolean not null", "To be signed; else only to be read."),
            "sealed": ("bytea not null", "Its content, under the room's key."),
            "put_at": ("timestamptz not null", "Domain clock."),
            "put_by": ("uuid not null", "By whom."),
            "word": ("text check (word in ('AGREED','NOT_AGREED'))", "The police's."),
            "given_at": ("timestamptz", "Domain clock."),
            "given_by": ("uuid", "The officer's account."),
        },
        "room_paper_once unique (subject_id, kind, number)",
        "room_paper_given check ((word is null) = (given_at is null)"
        " and (word is null) = (given_by is null))",
        "room_paper_two check (given_by <> put_by)",
        "room_paper_draft check (is_final or word is null)",
    )
    # Members put papers and never change one; the police give their word and nothing else.
    grant("room_paper", web="select, insert, update (word, given_at, given_by)", worker="select")
    mine = f"unit = app_unit() and {ATTACHED}"
    enable_rls(
        "room_paper",
        Policy("ours", to="web", command="select", using="app_is_member(subject_id)"),
        Policy(
            "put",
            to="web",
            command="insert",
            check="put_by = app_actor() and word is null and app_is_member(subject_id)",
        ),
        Policy("police", to="web", command="select", using=mine),
        Policy(
            "sign",
            to="web",
            command="update",
            using=mine,
            check=f"given_by = app_actor() and {mine}",
        ),
        ALL_OF_IT,
    )
    op.execute(
        "create trigger room_paper_fence before insert or update or delete on room_paper"
        " for each row execute function app_fence_room()"
    )


def _assessments() -> None:
    create_table(
        "case_entry",
        "An entry assessment: an answer to each criterion of the policy.",
        {
            "entry_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "number": ("integer not null check (number >= 1)", "From 1; the highest counts."),
            "sealed": ("bytea not null", "What the person leaves, answers and reasons."),
            "policy_from": ("date not null", "First day of the policy that it follows."),
            "policy_sha256": (
                "text not null check (policy_sha256 ~ '^[0-9a-f]{64}$')",
                "Of that policy.",
            ),
            "made_at": ("timestamptz not null", "Domain clock."),
            "made_by": ("uuid not null", "Who wrote it."),
        },
        "case_entry_of_case unique (case_id, entry_id)",
        "case_entry_once unique (case_id, number)",
    )
    create_table(
        "case_entry_signature",
        "Who has signed an assessment for the municipality, and who as the second; nobody twice.",
        {
            "case_id": (CASE, "Which case."),
            "entry_id": ("uuid not null", "Which assessment: another one needs other signatures."),
            "party": ("text not null check (party in ('municipality','second'))", "For whom."),
            "signed_by": ("uuid not null", "Who."),
            "signed_at": ("timestamptz not null", "Domain clock."),
        },
        "case_entry_signature_pkey primary key (entry_id, party)",
        "case_entry_signature_two unique (entry_id, signed_by)",
        "case_entry_signature_of foreign key (case_id, entry_id)"
        " references case_entry (case_id, entry_id)",
    )
    own = {"case_entry": "made_by", "case_entry_signature": "signed_by"}
    for table, whose in own.items():
        grant(table, web="select, insert", worker="select")
        enable_rls(
            table,
            Policy("member", to="web", command="select", using=MEMBER),
            Policy(
                "write", to="web", command="insert", check=f"{whose} = app_actor() and {MEMBER}"
            ),
            ALL_OF_IT,
        )
        append_only(table)
        op.execute(
            f"create trigger {table}_fence before insert or update or delete on {table}"
            " for each row execute function app_fence()"
        )


def _aid_is_decided_apart() -> None:
    # Entry refused ends the case, never an application for aid: that is decided later, in the same
    # file. Everything else stays as it was when the case ended.
    op.execute("""
        create function app_fence_aid() returns trigger language plpgsql security definer
        set search_path = '' as $$
        declare
            touched uuid;
            held record;
        begin
            if tg_table_name = 'case_aid' then
                touched := new.case_id;
            else
                touched := new.subject_id;
            end if;
            select h.term, h.ended_reason into held
            from public.case_header h where h.case_id = touched for share;
            if found and (held.term is distinct from public.app_term()
                or (held.ended_reason is not null
                    and not (held.ended_reason = 'NOT_ADMITTED' and new.kind like 'aid.%')))
            then
                raise exception 'the case is elsewhere, or closed' using errcode = 'UV001';
            end if;
            return new;
        end $$
    """)
    op.execute(f"alter function app_fence_aid() owner to {role('guard')}")
    op.execute("drop trigger decision_fence on decision")
    op.execute(
        "create trigger decision_fence before insert on decision"
        " for each row execute function app_fence_aid()"
    )
    op.execute("drop trigger case_aid_fence on case_aid")
    op.execute(
        "create trigger case_aid_fence before insert or update on case_aid"
        " for each row execute function app_fence_aid()"
    )
