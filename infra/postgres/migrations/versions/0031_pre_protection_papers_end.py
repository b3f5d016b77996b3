"""The joint room: papers are read as long as somebody lets the police read them, and then blanked."""

from alembic import op

from infra.postgres.migrations.ops import Policy, add_policy, grant, in_time

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    in_time()
    op.execute("alter table room_paper alter column sealed drop not null")
    op.execute("alter table room_paper add column shared_until date")
    op.execute(
        "comment on column room_paper.sealed is"
        " 'Its content, under the room''s key; NULL once nobody may share it.'"
    )
    op.execute(
        "comment on column room_paper.shared_until is"
        " 'Last day of the consent to cooperate; NULL: none, the room rests on statute.'"
    )
    grant(
        "room_paper",
        web="select, insert, update (word, given_at, given_by, sealed, shared_until)",
        worker="select, update (sealed, shared_until)",
    )
    add_policy(
        "room_paper",
        Policy("share", to="web", command="update", using="app_is_member(subject_id)"),
    )
    op.execute("""
        create function app_keep_paper() returns trigger language plpgsql as $$
        begin
            if (new.word, new.given_at, new.given_by)
                is distinct from (old.word, old.given_at, old.given_by)
            then
                -- The police's word is the police's, and about what they could read.
                if not app_is_attached(new.room_id) or new.sealed is null
                    or (new.sealed, new.shared_until)
                        is distinct from (old.sealed, old.shared_until)
                then
                    raise exception 'not theirs to say' using errcode = '42501';
                end if;
            elsif app_is_attached(new.room_id)
                or (new.sealed is not null and new.sealed is distinct from old.sealed)
            then
                raise exception 'a paper is blanked, never rewritten' using errcode = '42501';
            end if;
            return new;
        end $$
    """)
    op.execute(
        "create trigger room_paper_kept before update on room_paper"
        " for each row execute function app_keep_paper()"
    )
