"""Statistics: what a release kept back stays with the worker, and a release can be withheld."""

from alembic import op

from infra.postgres.migrations.ops import in_time

revision = "0023"
down_revision = "0022"

STATES = "'called','ordered','added','released','stopped','withheld','too_few'"


def upgrade() -> None:
    in_time()
    # The web's right to read is by column, and this is none of them: which cells were small.
    op.execute("alter table statistics_release add column kept bytea")
    op.execute(
        "comment on column statistics_release.kept is"
        " 'Which cells had to be hidden: the next release goes on protecting them. Never for the web.'"
    )
    op.execute("alter table statistics_release drop constraint statistics_release_state_check")
    op.execute(
        "alter table statistics_release add constraint statistics_release_state_check"
        f" check (state in ({STATES}))"
    )
    # It is frozen with the release that it belongs to.
    op.execute("""
        create function app_keep_kept() returns trigger language plpgsql
        set search_path = '' as $$
        begin
            if old.released_at is not null and (old.kept, old.released_at, old.state)
                is distinct from (new.kept, new.released_at, new.state) then
                raise exception 'what was released stays as it is' using errcode = 'UV002';
            end if;
            return new;
        end $$
    """)
    op.execute(
        "create trigger statistics_release_kept before update on statistics_release"
        " for each row execute function app_keep_kept()"
    )
