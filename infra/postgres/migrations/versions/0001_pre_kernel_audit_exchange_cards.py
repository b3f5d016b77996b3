"""The kernel: who acts, the audit log, outbox and inbox, cards.

Long because the log, the exchange and who may see them are one step.
"""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0001"
down_revision = None

STAFF = "app_actor() is not null and not app_has_role('police_partner')"
ALL_OF_IT = Policy("all", to="worker", using="true")
AUTHORITY = "text not null check ({} ~ '^[0-9]{{4}}$')"


def upgrade() -> None:
    in_time()
    _who_acts()
    _audit()
    _conversations()
    _outbox()
    _inbox()
    _attachments()
    _cards()


def _who_acts() -> None:
    # An unset setting is NULL the first time and '' in a session where it was once set.
    op.execute("""
        create function app_actor() returns uuid language sql stable parallel safe
        return nullif(current_setting('app.actor', true), '')::uuid
    """)
    op.execute("""
        create function app_has_role(wanted text) returns boolean language sql stable parallel safe
        return wanted = any (string_to_array(coalesce(current_setting('app.roles', true), ''), ','))
    """)
    for name in ("unit", "home", "authority"):
        op.execute(f"""
            create function app_{name}() returns text language sql stable parallel safe
            return nullif(current_setting('app.{name}', true), '')
        """)
    op.execute("""
        create function app_term() returns integer language sql stable parallel safe
        return nullif(current_setting('app.term', true), '')::integer
    """)
    op.execute("""
        create function app_refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append only', tg_table_name using errcode = 'UV002';
        end $$
    """)


def _audit() -> None:
    create_table(
        "audit_entry",
        "Who did or read what, of which case, and why; written in the change's own transaction.",
        {
            "id": ("uuid primary key", "UUIDv7 of the transaction's time."),
            "at": ("timestamptz not null", "Domain-clock time of the transaction."),
            "actor_id": ("uuid not null", "The account, or the node's worker."),
            "home": (AUTHORITY.format("home"), "Where the actor signed in."),
            "roles": ("text[] not null", "The actor's roles then, sorted."),
            "unit": ("text", "The actor's unit then, from the token."),
            "action": ("text not null check (action ~ '^[a-z_]+([.][a-z_]+)+$')", "Dotted."),
            "case_id": ("uuid", "The case it concerns; outlives the case."),
            "reason": ("text check (length(reason) <= 500)", "Why, by the actor."),
            "facts": (
                "jsonb not null check (jsonb_typeof(facts) = 'object')",
                "Codes, counts and ids; no personal data.",
            ),
            "xid": (
                "xid8 not null default pg_current_xact_id()",
                "The writing transaction: the sealer takes those below the snapshot's xmin.",
            ),
        },
    )
    op.execute("create index audit_entry_xid_idx on audit_entry (xid)")
    op.execute("create index audit_entry_case_idx on audit_entry (case_id, at)")
    grant("audit_entry", web="select, insert", worker="select, insert")
    own = "actor_id = app_actor()"
    enable_rls(
        "audit_entry",
        Policy("own", to="web", command="insert", check=own),
        Policy("review", to="web", command="select", using="app_has_role('log_reviewer')"),
        Policy("own", to="worker", command="insert", check=own),
        Policy("seal", to="worker", command="select", using="true"),
    )
    append_only("audit_entry")
    create_table(
        "audit_seal",
        "The chain: one link for each committed entry, added within seconds by the sealer.",
        {
            "number": ("bigint primary key check (number > 0)", "Place in the chain, no holes."),
            "entry_id": ("uuid not null unique references audit_entry", "What is sealed."),
            "case_id": ("uuid", "As in the entry."),
            "case_number": ("bigint check (case_number > 0)", "Place in the case's own log."),
            "hash": ("bytea not null check (length(hash) = 32)", "Over the one before and this."),
            "sealed_at": ("timestamptz not null", "Wall clock."),
        },
        "audit_seal_case check ((case_id is null) = (case_number is null))",
        "audit_seal_case_number unique (case_id, case_number)",
    )
    grant("audit_seal", web="select", worker="select, insert")
    review = Policy("review", to="web", command="select", using="app_has_role('log_reviewer')")
    enable_rls("audit_seal", review, ALL_OF_IT)
    append_only("audit_seal")
    create_table(
        "audit_sealer",
        "How far the sealer has come; one row.",
        {
            "is_row": ("boolean primary key default true check (is_row)", "Makes it one row."),
            "through": ("xid8 not null", "All entries of transactions below are sealed."),
        },
    )
    op.execute("insert into audit_sealer (through) values ('0')")
    grant("audit_sealer", worker="select, update")
    create_table(
        "audit_checkpoint",
        "A signed place in the chain, sent to other nodes as witnesses.",
        {
            "number": ("bigint primary key references audit_seal", "The place."),
            "hash": ("bytea not null check (length(hash) = 32)", "The chain's hash there."),
            "signed_at": ("timestamptz not null", "Wall clock."),
            "jws": ("text not null", "The same under the authority's signature."),
        },
    )
    grant("audit_checkpoint", web="select", worker="select, insert")
    append_only("audit_checkpoint")
    create_table(
        "audit_witnessed",
        "Another node's signed checkpoint, kept here so that it cannot rewrite its log.",
        {
            "authority": (AUTHORITY.format("authority"), "Whose log."),
            "number": ("bigint not null check (number > 0)", "The place in its chain."),
            "hash": ("bytea not null check (length(hash) = 32)", "Its chain's hash there."),
            "jws": ("text not null", "Under its signature."),
            "witnessed_at": ("timestamptz not null", "Wall clock here."),
        },
        "audit_witnessed_pkey primary key (authority, number, hash)",
    )
    grant("audit_witnessed", web="select", worker="select, insert")
    append_only("audit_witnessed")


def _conversations() -> None:
    create_table(
        "conversation",
        "What messages with one other authority are about; it never changes its peer.",
        {
            "id": ("uuid primary key", "Random; for a handover the handover's own id."),
            "peer": (AUTHORITY.format("peer"), "The one other authority."),
        },
    )
    grant("conversation", web="select, insert", worker="select, insert")
    enable_rls("conversation", Policy("staff", to="web", using=STAFF), ALL_OF_IT)
    create_table(
        "conversation_flow",
        "One direction of a conversation: the row that is locked to number or to apply.",
        {
            "conversation_id": ("uuid not null references conversation", "Which."),
            "direction": (
                "text not null check (direction in ('forward', 'back'))",
                "Forward is away from who opened it.",
            ),
            "sent": ("bigint not null default 0 check (sent >= 0)", "Last number given here."),
            "applied": (
                "bigint not null default 0 check (applied >= 0)",
                "Last number applied or refused here.",
            ),
            "gap_since": ("timestamptz", "Since when a later number waits for an earlier."),
            "asked_at": ("timestamptz", "When the missing numbers were last asked for."),
            "asked": ("integer not null default 0 check (asked >= 0)", "How often."),
        },
        "conversation_flow_pkey primary key (conversation_id, direction)",
        "conversation_flow_one_way check (sent = 0 or applied = 0)",
    )
    op.execute(
        "create index conversation_flow_gap_idx on conversation_flow (gap_since)"
        " where gap_since is not null"
    )
    grant(
        "conversation_flow",
        web="select, insert, update (sent)",
        worker="select, insert, update",
    )
    enable_rls("conversation_flow", Policy("staff", to="web", using=STAFF), ALL_OF_IT)


def _outbox() -> None:
    create_table(
        "outbox",
        "A message on its way: done when the receiver's signed receipt or refusal is in, not before.",
        {
            "message_id": ("uuid primary key", "Random; the receiver's guard against doubles."),
            "conversation_id": ("uuid not null references conversation", "What it is about."),
            "direction": (
                "text not null check (direction in ('forward', 'back'))",
                "As in the flow.",
            ),
            "number": ("bigint not null check (number >= 0)", "0 is outside the numbering."),
            "receiver": (AUTHORITY.format("receiver"), "To whom."),
            "kind": ("text not null", "Of message."),
            "version": ("smallint not null check (version > 0)", "Of its body."),
            "refers_to": ("uuid", "The message it answers."),
            "content_hash": ("text not null", "Of salt and body: a receipt must name the same."),
            "jws": ("text not null", "Signed header; no personal data. Signed anew with new keys."),
            "subject_id": ("uuid not null", "Whose key closes the body."),
            "sealed": ("bytea not null", "Salt and body under that key."),
            "created_at": ("timestamptz not null", "Wall clock, as all times here."),
            "not_before": ("timestamptz not null", "Due from then; a claim moves it forward."),
            "attempts": ("integer not null default 0 check (attempts >= 0)", "Claims so far."),
            "attempted_at": ("timestamptz", "Last claim."),
            "sends": ("integer not null default 0 check (sends >= 0)", "Times stored there."),
            "sent_at": ("timestamptz", "Last time the exchange stored it."),
            "done_at": ("timestamptz", "When nothing more is to be done."),
            "outcome": (
                "text check (outcome in ('applied', 'refused', 'stored', 'erased'))",
                "The receiver's answer; stored (unnumbered); erased (its key, before it was sent).",
            ),
            "refusal_code": ("text", "The receiver's, when refused."),
            "answer_jws": ("text", "The receipt or refusal: signed header."),
            "answer_body": ("bytea", "Its body; no personal data."),
            "answer_salt": ("bytea", "Its salt."),
        },
        "outbox_done check ((done_at is null) = (outcome is null))",
        "outbox_refused check ((outcome is not distinct from 'refused') = (refusal_code is not null))",
        "outbox_stored check (outcome is distinct from 'stored' or number = 0)",
        "outbox_attempted check ((attempts = 0) = (attempted_at is null))",
    )
    op.execute(
        "create unique index outbox_number_idx on outbox (conversation_id, direction, number)"
        " where number > 0"
    )
    op.execute("create index outbox_due_idx on outbox (not_before) where done_at is null")
    op.execute("create index outbox_receiver_idx on outbox (receiver) where done_at is null")
    op.execute(
        "create index outbox_unsent_idx on outbox (conversation_id, direction, number)"
        " where done_at is null and sent_at is null and number > 0"
    )
    grant("outbox", web="select, insert", worker="select, insert, update")
    enable_rls(
        "outbox",
        Policy("staff", to="web", command="select", using=STAFF),
        Policy("enqueue", to="web", command="insert", check=STAFF),
        ALL_OF_IT,
    )
    op.execute("""
        create view undelivered with (security_invoker = true) as
        select message_id, conversation_id, number, receiver, kind, created_at, attempts,
               attempted_at, sent_at, not_before
        from outbox where done_at is null and number > 0
    """)
    op.execute(
        "comment on view undelivered is"
        " 'What another authority has not yet said that it has; for people and for health.'"
    )
    grant("undelivered", web="select", worker="select")


def _inbox() -> None:
    create_table(
        "inbox",
        "A message that verified: staged, then applied once in its conversation's order.",
        {
            "origin": (AUTHORITY.format("origin"), "Who signed it."),
            "message_id": ("uuid not null", "The same in every copy."),
            "conversation_id": ("uuid not null references conversation", "What it is about."),
            "direction": (
                "text not null check (direction in ('forward', 'back'))",
                "As in the flow.",
            ),
            "number": ("bigint not null check (number >= 0)", "0 for a refusal of ours."),
            "kind": ("text not null", "Of message."),
            "version": ("smallint not null check (version > 0)", "Of its body."),
            "refers_to": ("uuid", "The message it answers."),
            "content_hash": ("text not null", "Of salt and body: same number, other content?"),
            "jws": ("text not null", "Signed header."),
            "subject_id": ("uuid not null", "Whose key closes the body."),
            "sealed": ("bytea", "Salt and body; NULL if the key was destroyed before it came."),
            "received_at": ("timestamptz not null", "Wall clock, as all times here."),
            "not_before": ("timestamptz not null", "Tried from then; a claim moves it forward."),
            "attempts": ("integer not null default 0 check (attempts >= 0)", "Claims so far."),
            "done_at": ("timestamptz", "When it was applied or refused."),
            "outcome": ("text check (outcome in ('applied', 'refused'))", "For ever the same."),
            "refusal_code": ("text", "Why it was refused."),
            "answer_id": ("uuid", "The receipt or refusal in the outbox: sent again to a double."),
        },
        "inbox_pkey primary key (origin, message_id)",
        "inbox_done check ((done_at is null) = (outcome is null))",
        "inbox_refused check ((outcome is not distinct from 'refused') = (refusal_code is not null))",
        "inbox_answered check (number = 0 or (done_at is null) = (answer_id is null))",
    )
    op.execute(
        "create unique index inbox_number_idx on inbox (conversation_id, direction, number)"
        " where number > 0"
    )
    op.execute("create index inbox_due_idx on inbox (not_before) where done_at is null")
    grant("inbox", web="select", worker="select, insert, update")
    enable_rls("inbox", Policy("staff", to="web", command="select", using=STAFF), ALL_OF_IT)
    create_table(
        "inbox_equivocation",
        "A second message under a number or an id that another holds: signed by the sender twice.",
        {
            "origin": (AUTHORITY.format("origin"), "Who signed both."),
            "message_id": ("uuid not null", "Of the second."),
            "content_hash": ("text not null", "Of the second."),
            "conversation_id": ("uuid not null references conversation", "Where."),
            "direction": ("text not null", "Where."),
            "number": ("bigint not null", "The number that both carry."),
            "jws": ("text not null", "The second's signed header: the proof."),
            "subject_id": ("uuid not null", "Whose key closes the body."),
            "sealed": ("bytea", "Salt and body of the second."),
            "received_at": ("timestamptz not null", "Wall clock."),
            "answer_id": ("uuid not null", "The refusal in the outbox."),
        },
        "inbox_equivocation_pkey primary key (origin, message_id, content_hash)",
    )
    grant("inbox_equivocation", web="select", worker="select, insert")
    enable_rls(
        "inbox_equivocation", Policy("staff", to="web", command="select", using=STAFF), ALL_OF_IT
    )
    append_only("inbox_equivocation")
    create_table(
        "quarantine",
        "A frame that could not be opened or believed: it has no number and changed nothing.",
        {
            "id": ("uuid primary key", "UUIDv7."),
            "sender": (AUTHORITY.format("sender"), "As the exchange named it."),
            "stream": ("text not null", "Where it came."),
            "claimed_id": ("uuid", "Which message it claimed to be; believed by nobody."),
            "code": ("text not null", "Of the WireError."),
            "frame": ("bytea not null", "As it came, still sealed."),
            "frame_hash": ("bytea not null", "SHA-256 of it."),
            "received_at": ("timestamptz not null", "Wall clock."),
        },
        "quarantine_frame unique (sender, frame_hash)",
    )
    op.execute("create index quarantine_claimed_idx on quarantine (sender, claimed_id)")
    grant("quarantine", worker="select, insert, delete")
    enable_rls("quarantine", ALL_OF_IT)


def _attachments() -> None:
    create_table(
        "attachment_out",
        "A file on its way, in chunks: done when the receiver has all of it and says so.",
        {
            "attachment_id": ("uuid primary key", "Random; named by the message's manifest."),
            "conversation_id": ("uuid not null references conversation", "What it is about."),
            "receiver": (AUTHORITY.format("receiver"), "To whom."),
            "subject_id": ("uuid not null", "Whose key closes the chunks."),
            "sha256": ("text not null check (sha256 ~ '^[0-9a-f]{64}$')", "Of the whole."),
            "size_bytes": (
                "integer not null check (size_bytes between 0 and 26214400)",
                "Of the whole; 25 MiB at most.",
            ),
            "chunks": ("integer not null check (chunks between 1 and 100)", "How many."),
            "created_at": ("timestamptz not null", "Wall clock, as all times here."),
            "not_before": ("timestamptz not null", "Due from then."),
            "attempts": ("integer not null default 0 check (attempts >= 0)", "Claims so far."),
            "done_at": (
                "timestamptz",
                "When the receiver had it all or refused, or its key was destroyed.",
            ),
            "outcome": ("text check (outcome in ('received', 'refused', 'erased'))", "Which."),
        },
        "attachment_out_done check ((done_at is null) = (outcome is null))",
    )
    op.execute(
        "create index attachment_out_due_idx on attachment_out (not_before) where done_at is null"
    )
    create_table(
        "attachment_out_chunk",
        "256 KiB of a file on its way.",
        {
            "attachment_id": ("uuid not null references attachment_out", "Of which."),
            "number": ("integer not null check (number >= 0)", "From 0."),
            "sealed": ("bytea not null", "Under the subject's key."),
            "is_wanted": ("boolean not null default true", "Not yet sent, or asked for again."),
        },
        "attachment_out_chunk_pkey primary key (attachment_id, number)",
    )
    create_table(
        "attachment_in",
        "A file from another authority.",
        {
            "attachment_id": ("uuid primary key", "The sender's."),
            "origin": (AUTHORITY.format("origin"), "From whom."),
            "conversation_id": ("uuid not null references conversation", "What it is about."),
            "subject_id": ("uuid not null", "Whose key closes the chunks."),
            "sha256": ("text not null check (sha256 ~ '^[0-9a-f]{64}$')", "Of the whole."),
            "size_bytes": (
                "integer not null check (size_bytes between 0 and 26214400)",
                "Of the whole.",
            ),
            "chunks": ("integer not null check (chunks between 1 and 100)", "How many."),
            "received_at": ("timestamptz not null", "First chunk, wall clock."),
            "asked_at": ("timestamptz", "When missing chunks were last asked for."),
            "completed_at": ("timestamptz", "When all were here and matched the hash."),
            "answer_id": ("uuid", "The confirmation in the outbox: sent again to a double."),
        },
    )
    create_table(
        "attachment_in_chunk",
        "256 KiB of a file from another authority.",
        {
            "attachment_id": ("uuid not null references attachment_in", "Of which."),
            "number": ("integer not null check (number >= 0)", "From 0."),
            "sealed": ("bytea not null", "Under the subject's key."),
        },
        "attachment_in_chunk_pkey primary key (attachment_id, number)",
    )
    for table in ("attachment_out", "attachment_out_chunk"):
        grant(table, web="select, insert", worker="select, insert, update, delete")
        enable_rls(
            table,
            Policy("staff", to="web", command="select", using=STAFF),
            Policy("enqueue", to="web", command="insert", check=STAFF),
            ALL_OF_IT,
        )
    for table in ("attachment_in", "attachment_in_chunk"):
        grant(table, web="select", worker="select, insert, update, delete")
        enable_rls(table, Policy("staff", to="web", command="select", using=STAFF), ALL_OF_IT)


def _cards() -> None:
    create_table(
        "card",
        "A thing that a person should look at; says that something is so, not about whom.",
        {
            "id": ("uuid primary key", "UUIDv7."),
            "kind": ("text not null check (kind ~ '^[a-z_]+([.][a-z_]+)+$')", "Dotted."),
            "audience": ("text not null", "The role that sees it."),
            "subject_id": ("uuid", "A case, handover or conversation; no foreign key."),
            "case_id": ("uuid", "If set, only its members see it (policy in 0004)."),
            "facts": ("jsonb not null default '{}'", "Codes and counts; no personal data."),
            "created_at": ("timestamptz not null", "Domain clock."),
            "done_at": ("timestamptz", "Domain clock."),
            "done_by": ("uuid", "Who saw to it."),
        },
        "card_done check ((done_at is null) = (done_by is null))",
    )
    op.execute(
        "create unique index card_once_idx on card (kind, audience, subject_id)"
        " nulls not distinct where done_at is null"
    )
    grant("card", web="select, insert, update (done_at, done_by)", worker="select, insert, update")
    for_role = "case_id is null and app_has_role(audience)"
    enable_rls(
        "card",
        Policy("audience", to="web", command="select", using=for_role),
        Policy("finish", to="web", command="update", using=for_role),
        Policy("staff", to="web", command="insert", check="app_actor() is not null"),
        ALL_OF_IT,
    )
