"""Cases: a unit that is put on the exclusion list loses the case at once, and is not let in again."""

from alembic import op

from infra.postgres.migrations.ops import Policy, add_policy, grant, guarded_function, in_time

revision = "0025"
down_revision = "0024"

OURS = (
    "exists (select from joint_room r where r.room_id = room_unit.room_id"
    " and (app_is_member(r.subject_id) or app_receives(r.subject_id)))"
)


def upgrade() -> None:
    in_time()
    grant("staff_account", web="select, insert, update", worker="select", guard="select")
    guarded_function(
        "app_is_of_excluded_unit(wanted uuid, whom uuid)",
        """
        select public.app_is_member(wanted) and exists (
            select from public.case_exclusion e
            join public.staff_account a on a.staff_id = whom and a.unit = e.value
            where e.case_id = wanted and e.kind = 'unit')
        """,
        returns="boolean",
        about="Whether the case is kept from this colleague's unit; answers members only.",
    )
    add_policy(
        "case_member",
        Policy(
            "shut_out",
            to="web",
            command="update",
            using="app_is_of_excluded_unit(case_id, staff_id)",
        ),
    )
    guarded_function(
        "app_is_kept_out(room uuid, wanted text)",
        """
        select exists (
            select from public.joint_room r
            join public.case_exclusion e on e.case_id = r.subject_id
            where r.room_id = room and e.kind = 'unit' and e.value = wanted)
        """,
        returns="boolean",
        about="Whether a police unit may not be let into this room, whoever asks.",
    )
    op.execute("drop policy room_unit_web_attach on room_unit")
    add_policy(
        "room_unit",
        Policy(
            "attach",
            to="web",
            command="insert",
            check=f"({OURS} or app_is_attached(room_id)) and not app_is_kept_out(room_id, unit)",
        ),
    )
