"""Cases: where the municipality ended the programme and aid runs on, it can be carried out."""

from alembic import op

from infra.postgres.migrations.ops import grant, in_time, role

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    in_time()
    for table in ("case_aid", "case_measure"):
        grant(table, guard="select")
    # The journal, the measures and the vault stay open as long as aid is granted that has not
    # ended, or something is carried out; with the last of it the file closes. All else as 0021.
    op.execute(f"set local role {role('guard')}")  # whose the function is
    op.execute("""
        create or replace function app_fence() returns trigger language plpgsql security definer
        set search_path = '' as $$
        declare
            touched uuid := case tg_op when 'DELETE' then old.case_id else new.case_id end;
            held record;
            today date := (public.app_now() at time zone 'Europe/Stockholm')::date;
        begin
            select h.term, h.ended_reason into held
            from public.case_header h where h.case_id = touched for share;
            if held.term is distinct from public.app_term()
                or (held.ended_reason is not null and tg_nargs = 0
                    and not (tg_op || ' ' || tg_table_name in (
                            'INSERT case_note', 'INSERT case_measure', 'UPDATE case_measure',
                            'INSERT case_vault', 'UPDATE case_vault')
                        and held.ended_reason in (
                            'NOT_ADMITTED', 'EXCLUDED_RELAPSE', 'EXCLUDED_CONDITIONS')
                        and (exists (
                                select from public.case_aid a
                                where a.case_id = touched and a.outcome = 'GRANTED'
                                    and coalesce(a.granted_until, today) >= today
                                    and not exists (
                                        select from public.case_aid e
                                        where e.case_id = touched and e.ends = a.aid_id))
                            or exists (
                                select from public.case_measure m
                                where m.case_id = touched and m.ended_on is null))))
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
    op.execute("reset role")
