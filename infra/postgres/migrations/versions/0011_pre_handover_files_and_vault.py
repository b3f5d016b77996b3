"""Handover: documents beside the dossier; and, after the take-over, the vault's content."""

from alembic import op

from infra.postgres.migrations.ops import Policy, add_policy, grant, in_time

revision = "0011"
down_revision = "0010"

KINDS = (
    "'proposed','accepted','declined','dossier','completed','returned','withdrawn','cancelled',"
    "'disputed','noted','agreed','kept','ruled_sender','ruled_receiver','question','answer',"
    "'notice','vault'"
)


def upgrade() -> None:
    in_time()
    op.execute("alter table incoming_handover add column files jsonb not null default '[]'")
    op.execute(
        "comment on column incoming_handover.files is"
        " 'Manifests of the documents that travel beside the dossier; no content.'"
    )
    op.execute(
        "alter table handover add column vault text"
        " check (vault in ('sent', 'empty', 'withheld', 'not_read'))"
    )
    op.execute(
        "comment on column handover.vault is"
        " 'After the take-over: what became of the contact data; NULL until it is seen to.'"
    )
    op.execute("alter table handover_message drop constraint handover_message_kind_check")
    op.execute(
        "alter table handover_message add constraint handover_message_kind_check"
        f" check (kind in ({KINDS}))"
    )
    _stopping()
    _asking_again()
    # The content of another vault is put into ours by the worker; nobody has seen it.
    grant("case_vault", web="select, insert, update", worker="select, insert")


def _stopping() -> None:
    """Who withdraws stops the files that have not left, in the same transaction."""
    grant("attachment_out", web="select, insert, update (done_at, outcome)")
    add_policy(
        "attachment_out",
        Policy("stop", to="web", command="update", using="app_sees_handover(conversation_id)"),
    )
    grant("attachment_out_chunk", web="select, insert, delete")
    pieces = (
        "exists (select from attachment_out a where a.attachment_id ="
        " attachment_out_chunk.attachment_id and app_sees_handover(a.conversation_id))"
    )
    add_policy("attachment_out_chunk", Policy("stop", to="web", command="delete", using=pieces))


def _asking_again() -> None:
    """Who meets a spoilt copy asks for the file again, in one transaction."""
    grant("attachment_in", web="select, update (completed_at, asked_at)")
    add_policy(
        "attachment_in",
        Policy("again", to="web", command="update", using="app_sees_handover(conversation_id)"),
    )
