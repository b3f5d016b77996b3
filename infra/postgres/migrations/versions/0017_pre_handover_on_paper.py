"""Handover: with a municipality that has no node, on paper."""

from alembic import op

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time

revision = "0017"
down_revision = "0016"

SEES = "app_sees_handover(handover_id)"
MEANS = "'registered_letter','courier','by_hand','secure_mail','letter'"


def upgrade() -> None:
    in_time()
    op.execute("alter table handover add column is_on_paper boolean not null default false")
    op.execute(
        "comment on column handover.is_on_paper is"
        " 'The receiver had no node when it was begun; it is finished on paper.'"
    )
    create_table(
        "handover_paper",
        "What is noted of a paper of a handover, or of our own words that leave on one; signed by"
        " us alone.",
        {
            "paper_id": ("uuid primary key", "Random; for words that are kept, the message's."),
            "place": ("bigint generated always as identity", "Order of writing."),
            "handover_id": ("uuid not null", "Which handover."),
            "is_ours": ("boolean not null", "Written here."),
            "what": (
                "text not null check (what in ('message','sent','received'))",
                "Our own words; that their letter left; a paper that came.",
            ),
            "kind": ("text not null check (kind ~ '^[a-z_]{1,40}$')", "Of message, or `receipt`."),
            "number": (
                "integer not null check (number >= 0)",
                "From 1 in its direction; 0 for a receipt and for that a letter left.",
            ),
            "refers_to": ("uuid", "The message that a letter carries, or a paper answers."),
            "paper_on": ("date", "The day it was sent, or came; NULL for our own words."),
            "means": (f"text check (means in ({MEANS}))", "How a letter went."),
            "sha256": ("text check (sha256 ~ '^[0-9a-f]{64}$')", "Of the file that is kept."),
            "document_id": ("uuid", "The file in the case: the letter as sent, the scanned paper."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "first": ("uuid not null", "Who noted it."),
            "second": ("uuid", "Who compared it with the paper."),
            "jws": ("text not null", "What we signed of it; no personal data."),
            "sealed": ("bytea", "The salt of its words, under the handover's key."),
            "content": ("bytea", "What its letter encloses: the dossier, under that key."),
        },
        "handover_paper_dated check ((what = 'message') = (paper_on is null))",
        "handover_paper_kept check ((what = 'message') = (sha256 is null))",
        "handover_paper_scanned check (what <> 'received' or document_id is not null)",
        "handover_paper_by_two check"
        " (what <> 'received' or (second is not null and second <> first))",
    )
    op.execute("create index handover_paper_idx on handover_paper (handover_id, place)")
    op.execute(
        "create unique index handover_paper_sent_once_idx on handover_paper (refers_to)"
        " where what = 'sent'"
    )
    grant("handover_paper", web="select, insert", worker="select, insert")
    enable_rls(
        "handover_paper",
        Policy("seen", to="web", command="select", using=SEES),
        Policy("add", to="web", command="insert", check=SEES),
        Policy("all", to="worker", using="true"),
    )
