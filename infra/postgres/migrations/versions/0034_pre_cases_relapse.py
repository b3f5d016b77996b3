"""Cases: the review after a relapse; what the police sign of it; aid goes on after an exclusion."""

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

revision = "0034"
down_revision = "0033"

CASE = "uuid not null references case_header"
REVIEW = "foreign key (case_id, review_id) references case_relapse (case_id, review_id)"
MEMBER = "app_is_member(case_id)"


def upgrade() -> None:
    in_time()
    _reviews()
    _said_and_tried()
    _proposals()
    op.execute("alter table room_paper drop constraint room_paper_kind_check")
    op.execute(
        "alter table room_paper add constraint room_paper_kind_check"
        " check (kind in ('entry_assessment','exclusion'))"
    )
    _aid_goes_on()


def _of_members(table: str, whose: str, *, web: str) -> None:
    """Members read and write in their own name; closed with the case."""
    grant(table, web=web, worker="select")
    enable_rls(
        table,
        Policy("member", to="web", command="select", using=MEMBER),
        Policy("write", to="web", command="insert", check=f"{whose} = app_actor() and {MEMBER}"),
        Policy("all", to="worker", using="true"),
    )
    op.execute(
        f"create trigger {table}_fence before insert or update or delete on {table}"
        " for each row execute function app_fence()"
    )
    op.execute(f"create index {table}_case_idx on {table} (case_id)")


def _changed_by(table: str, whose: str) -> None:
    op.execute(
        f"create policy {table}_web_change on {table} for update to {role('web')}"
        f" using ({MEMBER}) with check ({whose} = app_actor() and {MEMBER})"
    )


def _reviews() -> None:
    create_table(
        "case_relapse",
        "A review after a relapse: what is known, and what came of it.",
        {
            "review_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "sealed": ("bytea not null", "What is suspected, from where, in words."),
            "opened_at": ("timestamptz not null", "Domain clock."),
            "opened_by": ("uuid not null", "Who reported it."),
            "outcome": ("text check (outcome in ('CONTINUED','EXCLUDED'))", "What was decided."),
            "decided": ("bytea", "The changed plan, or the reasons, under the case's key."),
            "ended_at": ("timestamptz", "Domain clock."),
            "ended_by": ("uuid", "By whom."),
        },
        "case_relapse_of_case unique (case_id, review_id)",
        "case_relapse_ended check ((outcome is null) = (ended_at is null)"
        " and (outcome is null) = (ended_by is null) and (outcome is null) = (decided is null))",
    )
    web = "select, insert, update (outcome, decided, ended_at, ended_by)"
    _of_members("case_relapse", "opened_by", web=web)
    _changed_by("case_relapse", "ended_by")
    op.execute(
        "create unique index case_relapse_open on case_relapse (case_id) where ended_at is null"
    )


def _said_and_tried() -> None:
    create_table(
        "case_relapse_hearing",
        "What the person says of a suspected relapse, or that they would not be heard.",
        {
            "hearing_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "review_id": ("uuid not null", "Of which review."),
            "heard_on": ("date not null", "Local day."),
            "is_refused": ("boolean not null", "They would not be heard."),
            "sealed": ("bytea not null", "Their words; or how they were asked."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "By whom."),
        },
        f"case_relapse_hearing_of {REVIEW}",
    )
    create_table(
        "case_relapse_aid",
        "A running aid gone through again in a review: it stays, or is carried out otherwise.",
        {
            "retry_id": ("uuid primary key", "UUIDv7."),
            "case_id": (CASE, "Which case."),
            "review_id": ("uuid not null", "Of which review."),
            "aid_id": ("uuid not null", "Which decision about aid."),
            "outcome": ("text not null check (outcome in ('CONTINUES','CHANGED'))", "What."),
            "sealed": ("bytea not null", "How, in words."),
            "tried_at": ("timestamptz not null", "Domain clock."),
            "tried_by": ("uuid not null", "By whom."),
        },
        "case_relapse_aid_once unique (review_id, aid_id)",
        f"case_relapse_aid_of {REVIEW}",
        "case_relapse_aid_decision foreign key (case_id, aid_id)"
        " references case_aid (case_id, aid_id)",
    )
    for table, whose in (
        ("case_relapse_hearing", "recorded_by"),
        ("case_relapse_aid", "tried_by"),
    ):
        _of_members(table, whose, web="select, insert")
        append_only(table)


def _proposals() -> None:
    create_table(
        "case_relapse_proposal",
        "A proposal to exclude, and who agreed to it as the second person; never the same.",
        {
            "proposal_id": ("uuid primary key", "UUIDv7; the paper's id before the police."),
            "case_id": (CASE, "Which case."),
            "review_id": ("uuid not null", "Of which review."),
            "number": ("integer not null check (number >= 1)", "From 1; the highest counts."),
            "sealed": ("bytea not null", "Reason, broken conditions, reasons, safety plan."),
            "proposed_at": ("timestamptz not null", "Domain clock."),
            "proposed_by": ("uuid not null", "By whom."),
            "supported_at": ("timestamptz", "Domain clock."),
            "supported_by": ("uuid", "The second person."),
        },
        "case_relapse_proposal_once unique (review_id, number)",
        f"case_relapse_proposal_of {REVIEW}",
        "case_relapse_proposal_two check (supported_by <> proposed_by)",
        "case_relapse_proposal_supported check ((supported_at is null) = (supported_by is null))",
    )
    web = "select, insert, update (supported_at, supported_by)"
    _of_members("case_relapse_proposal", "proposed_by", web=web)
    _changed_by("case_relapse_proposal", "supported_by")


def _aid_goes_on() -> None:
    # Who is excluded keeps what was granted, and may be granted or refused aid in the same file: as
    # who was never admitted. All else as 0029.
    op.execute(f"set local role {role('guard')}")  # whose the function is
    op.execute("""
        create or replace function app_fence_aid() returns trigger language plpgsql
        security definer set search_path = '' as $$
        declare
            touched uuid;
            held record;
            is_review boolean;
        begin
            if tg_table_name = 'case_aid' then
                touched := new.case_id;
                is_review := new.outcome = 'ENDED' and exists (
                    select from public.case_immediate i
                    where i.aid_id = new.ends and i.case_id = touched
                        and i.reviewed_at is null);
            else
                touched := new.subject_id;
                is_review := new.outcome in ('CONFIRMED', 'SET_ASIDE') and exists (
                    select from public.case_immediate i
                    where i.case_id = touched and i.kind = new.kind
                        and i.reviewed_at is null);
            end if;
            select h.term, h.ended_reason into held
            from public.case_header h where h.case_id = touched for share;
            if found and (held.term is distinct from public.app_term()
                or (held.ended_reason is not null and not is_review
                    and not (held.ended_reason in (
                            'NOT_ADMITTED', 'EXCLUDED_RELAPSE', 'EXCLUDED_CONDITIONS')
                        and new.kind like 'aid.%')))
            then
                raise exception 'the case is elsewhere, or closed' using errcode = 'UV001';
            end if;
            if tg_table_name = 'decision' then
                if public.app_is_on_call_in_handover(touched)
                    or (public.app_is_on_call_in(touched) and not (
                        new.outcome = 'GRANTED' and new.decided_by = public.app_actor()
                        and exists (
                            select from public.case_aid a
                            where a.case_id = touched and a.aid_id = new.about
                                and a.kind = new.kind and a.outcome = 'GRANTED')
                        and not exists (
                            select from public.decision d where d.about = new.about)))
                then
                    raise exception 'being on call does not open this' using errcode = 'UV003';
                end if;
            end if;
            return new;
        end $$
    """)
    op.execute("reset role")
