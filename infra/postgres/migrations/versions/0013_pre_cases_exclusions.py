"""Cases: a leader who is on the exclusion list does not see the case, and a dossier can be erased."""

from alembic import op

from infra.postgres.migrations.ops import grant, in_time, role

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    in_time()
    # The leader's headers, and every count made of them, leave out what is kept from the leader or
    # from the leader's unit: that the case is there is the secret.
    op.execute(f"set local role {role('guard')}")  # whose the function is
    op.execute("""
        create or replace function app_leads_unit_of(wanted uuid) returns boolean
        language sql stable security definer set search_path = '' as $body$
        select public.app_home() = public.app_authority() and public.app_has_role('team_leader')
            and exists (
                select from public.case_header h
                where h.case_id = wanted and h.unit is not distinct from public.app_unit())
            and not exists (
                select from public.case_exclusion e
                where e.case_id = wanted
                    and ((e.kind = 'staff' and e.value = public.app_actor()::text)
                        or (e.kind = 'unit' and e.value = public.app_unit())))
        $body$
    """)
    op.execute("reset role")
    # After a withdrawn consent the holder may erase what came; the fence still stands before it.
    grant("case_dossier", web="delete")
