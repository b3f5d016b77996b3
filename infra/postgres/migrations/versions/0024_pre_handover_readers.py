"""Handover: named readers from acceptance to take-over, held by row security."""

from alembic import op

from infra.postgres.migrations.ops import Policy, add_policy, guarded_function, in_time, role

revision = "0024"
down_revision = "0023"

OURS = (
    "app_home() = app_authority() and case"
    " when case_id is not null then app_is_member(case_id)"
    " when is_locked then app_has_any_role(dispute_roles)"
    " else app_has_any_role(roles)"
    " or (app_actor() = any(readers) and app_has_any_role(dispute_roles)) end"
)


def upgrade() -> None:
    in_time()
    op.execute("alter table incoming_handover add column readers uuid[] not null default '{}'")
    op.execute(
        "comment on column incoming_handover.readers is 'From acceptance to take-over: who of us"
        " reads it; the function sees only that it is there.'"
    )
    op.execute(
        "alter table incoming_handover add column is_protected boolean not null default true"
    )
    op.execute(
        "comment on column incoming_handover.is_protected is 'Protected identity beyond what every"
        " such case has: fewer may read. Unknown counts as protected.'"
    )
    for name in ("seen", "act"):
        op.execute(f"drop policy incoming_handover_web_{name} on incoming_handover")
    add_policy("incoming_handover", Policy("seen", to="web", command="select", using=OURS))
    add_policy("incoming_handover", Policy("act", to="web", command="update", using=OURS))
    _questions_past_row_security()
    for table in ("handover_message", "handover_question"):
        _read_by_readers(table)
    _dossier()


def _questions_past_row_security() -> None:
    op.execute(f"set local role {role('guard')}")  # whose the function is
    op.execute("""
        create or replace function app_sees_handover(wanted uuid) returns boolean
        language sql stable security definer set search_path = '' as $body$
        select public.app_home() = public.app_authority() and (
            exists (select from public.handover h
                where h.handover_id = wanted and public.app_is_member(h.case_id))
            or exists (select from public.incoming_handover i
                where i.handover_id = wanted and case
                    when i.case_id is not null then public.app_is_member(i.case_id)
                    when i.is_locked then public.app_has_any_role(i.dispute_roles)
                    else public.app_has_any_role(i.roles)
                        or (public.app_actor() = any(i.readers)
                            and public.app_has_any_role(i.dispute_roles)) end))
        $body$
    """)
    op.execute("reset role")
    guarded_function(
        "app_reads_handover(wanted uuid)",
        """
        select public.app_sees_handover(wanted) and not exists (
            select from public.incoming_handover i
            where i.handover_id = wanted and i.case_id is null
                and i.readers <> '{}' and public.app_actor() <> all(i.readers))
        """,
        returns="boolean",
        about="Whether the actor may read what it says: from acceptance to take-over only the named.",
    )
    guarded_function(
        "app_reads_dossier(wanted uuid)",
        """
        select public.app_sees_handover(wanted) and not exists (
            select from public.incoming_handover i
            where i.handover_id = wanted and i.case_id is null
                and public.app_actor() <> all(i.readers))
        """,
        returns="boolean",
        about="Whether the actor may read the files that came: nobody but the named readers,"
        " and after the take-over the members of the case.",
    )


def _read_by_readers(table: str) -> None:
    """The words of a handover, as its readers alone have them."""
    reads = "app_reads_handover(handover_id)"
    for name in ("seen", "add", "change"):
        op.execute(f"drop policy {table}_web_{name} on {table}")
    add_policy(table, Policy("seen", to="web", command="select", using=reads))
    add_policy(table, Policy("add", to="web", command="insert", check=reads))
    add_policy(table, Policy("change", to="web", command="update", using=reads))


def _dossier() -> None:
    """The pieces of what came; until now every member of staff could fetch them, closed."""
    pieces = (
        "exists (select from attachment_in a where a.attachment_id ="
        " attachment_in_chunk.attachment_id and app_reads_dossier(a.conversation_id))"
    )
    for name in ("staff", "erase"):
        op.execute(f"drop policy attachment_in_chunk_web_{name} on attachment_in_chunk")
    add_policy("attachment_in_chunk", Policy("read", to="web", command="select", using=pieces))
    add_policy("attachment_in_chunk", Policy("erase", to="web", command="delete", using=pieces))
