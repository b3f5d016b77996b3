"""Cases: who is let in for being on call is let in for the duty, and an hour to hand over."""

from alembic import op

from infra.postgres.migrations.ops import guarded_function, in_time, role

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    in_time()
    guarded_function(
        "app_on_call_until(wanted uuid)",
        """
        select max(least(d.until_at, d.taken_off_at))
        from public.staff_duty d
        join public.case_header h on h.case_id = wanted
        where d.staff_id = public.app_on_call(wanted)
            and (d.unit is null or d.unit is not distinct from h.unit)
            and d.from_at <= public.app_now()
            and least(d.until_at, d.taken_off_at) > public.app_now()
        """,
        returns="timestamptz",
        about="When the duty ends of whoever app_on_call names; answers as that does.",
    )
    op.execute(f"set local role {role('guard')}")  # whose the function is
    # An hour: HANDOVER in services/staff/policy.py.
    op.execute("""
        create or replace function app_may_call_in(
            wanted uuid, whom uuid, from_then timestamptz, until_then timestamptz)
        returns boolean language sql stable security definer set search_path = '' as $body$
        select public.app_on_call(wanted) = whom
            and from_then = public.app_now()
            and until_then <= from_then + interval '24 hours'
            and until_then <= public.app_on_call_until(wanted) + interval '1 hour'
            and (
                select t.level from public.threat t where t.subject_id = wanted
                order by t.assessed_at desc, t.threat_id desc limit 1) = 'HIGH'
        $body$
    """)
    op.execute("reset role")
