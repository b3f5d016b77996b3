"""Handovers: being on call opens none of them, and no decision but the one that grants help now."""

from alembic import op

from infra.postgres.migrations.ops import guarded_function, in_time, role

revision = "0028"
down_revision = "0027"

OF_A_HANDOVER = {
    "handover_message": ("handover_id", "insert or update or delete"),
    "handover_event": ("handover_id", "insert or update or delete"),
    "handover_pending": ("handover_id", "insert or update or delete"),
    "handover_question": ("handover_id", "insert or update or delete"),
    "handover_paper": ("handover_id", "insert or update or delete"),
    # A handover's id is its conversation's: what leaves the node, and its numbering.
    "outbox": ("conversation_id", "insert"),
    "attachment_out": ("conversation_id", "insert"),
    "conversation_flow": ("conversation_id", "insert or update"),
}


def upgrade() -> None:
    in_time()
    guarded_function(
        "app_is_on_call_in_handover(wanted uuid)",
        """
        select exists (
                select from public.handover h
                where h.handover_id = wanted and public.app_is_on_call_in(h.case_id))
            or exists (
                select from public.incoming_handover i
                where i.handover_id = wanted and i.case_id is not null
                    and public.app_is_on_call_in(i.case_id))
        """,
        returns="boolean",
        about="Whether the actor is on call in the case of the handover, at either end.",
    )
    for column in ("handover_id", "conversation_id"):
        op.execute(f"""
            create function app_fence_on_call_{column}() returns trigger language plpgsql as $$
            begin
                if (tg_op <> 'INSERT' and app_is_on_call_in_handover(old.{column}))
                    or (tg_op <> 'DELETE' and app_is_on_call_in_handover(new.{column}))
                then
                    raise exception 'being on call does not open this' using errcode = 'UV003';
                end if;
                return case tg_op when 'DELETE' then old else new end;
            end $$
        """)
    for table, (column, when) in OF_A_HANDOVER.items():
        op.execute(
            f"create trigger {table}_on_call before {when} on {table}"
            f" for each row execute function app_fence_on_call_{column}()"
        )
    _decisions()


def _decisions() -> None:
    # Of decisions, being on call opens the one on help that was granted in the same breath: an
    # older grant has its decision already.
    op.execute(f"grant select on case_aid, decision to {role('guard')}")
    op.execute(f"set local role {role('guard')}")  # whose the function is
    op.execute("""
        create or replace function app_fence_aid() returns trigger language plpgsql
        security definer set search_path = '' as $$
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
