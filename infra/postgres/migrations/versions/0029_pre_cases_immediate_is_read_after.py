"""Cases: what was decided at once is read by the ordinary delegate in a closed case too."""

from alembic import op

from infra.postgres.migrations.ops import grant, in_time, role

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    in_time()
    grant("case_immediate", guard="select")
    _its_ending_and_decision()
    op.execute("drop trigger case_immediate_fence on case_immediate")
    op.execute(
        "create trigger case_immediate_fence before insert or delete on case_immediate"
        " for each row execute function app_fence()"
    )
    op.execute(
        "create trigger case_immediate_review_fence before update on case_immediate"
        " for each row execute function app_fence('even_closed')"
    )


def _its_ending_and_decision() -> None:
    # While it waits, a closed case takes its review and, where it is set aside, the end of just that
    # help; beside them only what 0018 leaves open where the entry was refused. As 0028 otherwise.
    op.execute(f"set local role {role('guard')}")
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
