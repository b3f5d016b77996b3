"""Handover: both ends, what travelled, what was asked, and what waits for a second person."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    add_policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    guarded_function,
    in_time,
)

revision = "0007"
down_revision = "0006"

ALL_OF_IT = Policy("all", to="worker", using="true")
CODE = "text not null check ({} ~ '^[0-9]{{4}}$')"
FUNCTION = "text not null check ({} ~ '^[a-z][a-z-]{{1,39}}$')"
SENDER_STATES = (
    "'draft','dropped','proposed','sending','declined','escalating','disputed','ordering',"
    "'withdrawing','withdrawn','kept','completed'"
)
SENDER_ENDS = "'draft','dropped','withdrawn','kept','completed'"
RECEIVER_STATES = (
    "'received','accepted','declined','returned','disputed','agreed','ordered','closed',"
    "'cancelled','taken_over'"
)
KINDS = (
    "'proposed','accepted','declined','dossier','completed','returned','withdrawn','cancelled',"
    "'disputed','noted','agreed','kept','ruled_sender','ruled_receiver','question','answer',"
    "'notice'"
)


def upgrade() -> None:
    in_time()
    _sender()
    _receiver()
    _messages()
    _acts()
    _questions()
    _erasing()


def _sender() -> None:
    create_table(
        "handover",
        "A case on its way out: the sender's end. Seen by the members of the case.",
        {
            "handover_id": ("uuid primary key", "Random; also the conversation and the key."),
            "case_id": ("uuid not null references case_header", "Which case."),
            "term": ("integer not null check (term >= 1)", "The case's, when it was begun."),
            "receiver": (CODE.format("receiver"), "To whom."),
            "state": (f"text not null check (state in ({SENDER_STATES}))", "The table's."),
            "revision": ("integer not null check (revision >= 1)", "Compare and set."),
            "since": ("timestamptz not null", "Domain clock; when the state began."),
            "created_at": ("timestamptz not null", "Domain clock."),
            "created_by": ("uuid not null", "Who began it."),
            "ground": (
                "text check (ground in ('consent','statute','ruling'))",
                "Legal ground; `ruling` from the day a final one is recorded.",
            ),
            "consent_id": ("uuid", "The consent it rests on."),
            "consent_withdrawn_at": ("timestamptz", "Domain clock; then nothing rests on it."),
            "answer_on": ("date", "The day an answer is wished for."),
            "proposed_at": ("timestamptz", "Domain clock."),
            "receipt_at": ("timestamptz", "The receiver's signed receipt of the proposal."),
            "take_over_on": ("date", "The receiver's word: not before that day."),
            "answer_code": ("text", "Coded reason of the last no."),
            "withdrawn_because": (
                "text check (withdrawn_because in ('decided','consent_withdrawn'))",
                "Why the sender asked to withdraw.",
            ),
            "ruled_for": ("text check (ruled_for in ('sender','receiver'))", "IVO's, final."),
            "withdrawal_agreed_at": ("timestamptz", "After a ruling: the receiver's agreement."),
            "dossier_at": ("timestamptz", "Domain clock; last time a dossier was sent."),
            "sealed": (
                "bytea not null",
                "The draft, later the proposal, under the handover's key.",
            ),
        },
        "handover_consent check ((ground is distinct from 'consent') or consent_id is not null)",
    )
    op.execute(
        "create unique index handover_one_open_idx on handover (case_id)"
        f" where state not in ({SENDER_ENDS})"
    )
    op.execute(
        "create unique index handover_one_draft_idx on handover (case_id) where state = 'draft'"
    )
    op.execute("create index handover_case_idx on handover (case_id)")
    grant("handover", web="select, insert, update", worker="select, update", guard="select")
    enable_rls("handover", Policy("member", to="web", using="app_is_member(case_id)"), ALL_OF_IT)


def _receiver() -> None:
    op.execute("""
        create function app_has_any_role(wanted text[]) returns boolean language sql stable
        return wanted && string_to_array(coalesce(current_setting('app.roles', true), ''), ',')
    """)
    create_table(
        "incoming_handover",
        "A case that another authority wants to hand over: the receiver's end. Seen by the"
        " function it came to; after the take-over by the members of the new case.",
        {
            "handover_id": ("uuid primary key", "The sender's; also conversation and key."),
            "sender": (CODE.format("sender"), "From whom."),
            "sending_function": (FUNCTION.format("sending_function"), "Their function."),
            "receiving_function": (FUNCTION.format("receiving_function"), "Ours."),
            "roles": ("text[] not null", "Who of us sees it: the function's roles."),
            "dispute_roles": ("text[] not null", "Who answers disputes: sees it when locked."),
            "is_locked": (
                "boolean not null default false",
                "A month after a no: for those who answer disputes alone.",
            ),
            "state": (f"text not null check (state in ({RECEIVER_STATES}))", "The table's."),
            "revision": ("integer not null check (revision >= 1)", "Compare and set."),
            "since": ("timestamptz not null", "Domain clock; when the state began."),
            "received_at": ("timestamptz not null", "Domain clock."),
            "answer_on": ("date", "The day the sender wishes an answer for."),
            "urgency": ("text check (urgency in ('ordinary','soon','at_once'))", "Their word."),
            "is_threat_high": (
                "boolean",
                "By a later notice; NULL: as the dossier says. High demands acute protection.",
            ),
            "was_refused": ("boolean not null default false", "The proposal itself was refused."),
            "take_over_on": ("date", "Our word: not before that day."),
            "dossier": ("jsonb", "Manifest of the attachment that is the dossier; no content."),
            "dossier_at": ("timestamptz", "Domain clock; when the manifest came."),
            "withdrawal_agreed_at": ("timestamptz", "After a ruling: that we agreed to it."),
            "case_id": ("uuid references case_header", "Our new file, after take-over."),
            "sealed": ("bytea", "The proposal under the handover's key; NULL once erased."),
            "erased_at": ("timestamptz", "Domain clock; content gone, proof stays."),
            "key_destroyed_at": ("timestamptz", "Domain clock; after our last word arrived."),
        },
        "incoming_handover_taken check ((state = 'taken_over') = (case_id is not null))",
    )
    op.execute("create index incoming_handover_state_idx on incoming_handover (state)")
    grant(
        "incoming_handover", web="select, update", worker="select, insert, update", guard="select"
    )
    ours = (
        "app_home() = app_authority() and case"
        " when case_id is not null"
        " then app_is_member(case_id)"
        " when is_locked then app_has_any_role(dispute_roles)"
        " else app_has_any_role(roles) end"
    )
    enable_rls(
        "incoming_handover",
        Policy("seen", to="web", command="select", using=ours),
        Policy("act", to="web", command="update", using=ours),
        ALL_OF_IT,
    )
    guarded_function(
        "app_sees_handover(wanted uuid)",
        """
        select public.app_home() = public.app_authority() and (
            exists (select from public.handover h
                where h.handover_id = wanted and public.app_is_member(h.case_id))
            or exists (select from public.incoming_handover i
                where i.handover_id = wanted and public.app_has_any_role(i.roles)
                    and case
                        when i.case_id is not null then public.app_is_member(i.case_id)
                        when i.is_locked then public.app_has_any_role(i.dispute_roles)
                        else true end))
        """,
        returns="boolean",
        about="Whether the actor sees the handover, at whichever end.",
    )

    guarded_function(
        "app_is_on_its_way(wanted uuid)",
        """
        select exists (select from public.handover h
            where h.case_id = wanted and h.state not in
                ('draft', 'dropped', 'withdrawn', 'kept', 'completed'))
        """,
        returns="boolean",
        about="Whether the case has an open handover: for the police officer's transaction that"
        " changes its threat level, which sees no handover; says nothing of where to.",
    )


def _policies(table: str, *, updates: bool = False) -> None:
    policies = [
        Policy("seen", to="web", command="select", using="app_sees_handover(handover_id)"),
        Policy("add", to="web", command="insert", check="app_sees_handover(handover_id)"),
        ALL_OF_IT,
    ]
    if updates:
        works = "app_sees_handover(handover_id)"
        policies.append(Policy("change", to="web", command="update", using=works))
    enable_rls(table, *policies)


def _messages() -> None:
    create_table(
        "handover_message",
        "What travelled in a handover, both ways; the signed originals are in outbox and inbox.",
        {
            "message_id": ("uuid primary key", "The message's own."),
            "place": ("bigint generated always as identity", "Order of writing."),
            "handover_id": ("uuid not null", "Which handover; either end's."),
            "is_ours": ("boolean not null", "Sent from here."),
            "kind": (f"text not null check (kind in ({KINDS}))", "Of message."),
            "number": ("integer not null default 0 check (number >= 0)", "Theirs; 0 for ours."),
            "at": ("timestamptz not null", "Domain clock."),
            "sealed": ("bytea", "The body under the handover's key; NULL once erased."),
            "refusal_code": ("text", "The other end refused it."),
            "refused_at": ("timestamptz", "Domain clock."),
            "sent_again_at": ("timestamptz", "Domain clock; a person sent it anew."),
        },
        "handover_message_refused check ((refusal_code is null) = (refused_at is null))",
    )
    op.execute("create index handover_message_idx on handover_message (handover_id, place)")
    grant("handover_message", web="select, insert, update", worker="select, insert, update")
    _policies("handover_message", updates=True)


def _acts() -> None:
    create_table(
        "handover_event",
        "What people did and the node noticed; codes, no words.",
        {
            "event_id": ("uuid primary key", "UUIDv7."),
            "place": ("bigint generated always as identity", "Order of writing."),
            "handover_id": ("uuid not null", "Which handover; either end's."),
            "at": ("timestamptz not null", "Domain clock."),
            "actor": ("uuid not null", "Who, or the node's worker."),
            "code": ("text not null check (code ~ '^[a-z_.]{1,60}$')", "What."),
            "state": ("text not null", "Where it stood afterwards."),
            "facts": ("jsonb not null default '{}'", "Codes and days; no personal data."),
        },
    )
    op.execute("create index handover_event_idx on handover_event (handover_id, place)")
    grant("handover_event", web="select, insert", worker="select, insert")
    _policies("handover_event")
    append_only("handover_event")
    create_table(
        "handover_pending",
        "An act that one person has signed and a second must confirm; one at most.",
        {
            "handover_id": ("uuid primary key", "Which handover; either end's."),
            "act": ("text not null check (act ~ '^[a-z_]{1,40}$')", "The table's word."),
            "revision": ("integer not null", "Of the handover, as the first person saw it."),
            "first": ("uuid not null", "Who signed."),
            "signed_at": ("timestamptz not null", "Domain clock."),
            "sealed": ("bytea not null", "What was signed, under the handover's key."),
        },
    )
    grant("handover_pending", web="select, insert, delete", worker="select, delete")
    works = "app_sees_handover(handover_id)"
    enable_rls("handover_pending", Policy("works", to="web", using=works), ALL_OF_IT)


def _questions() -> None:
    create_table(
        "handover_question",
        "A question of either end, and its answer.",
        {
            "question_id": ("uuid primary key", "Random; the asker's."),
            "handover_id": ("uuid not null", "Which handover; either end's."),
            "is_ours": ("boolean not null", "Asked from here."),
            "asked_at": ("timestamptz not null", "Domain clock."),
            "answered_at": ("timestamptz", "Domain clock."),
            "question": ("bytea", "Under the handover's key; NULL once erased."),
            "answer": ("bytea", "Likewise."),
        },
    )
    op.execute("create index handover_question_idx on handover_question (handover_id, asked_at)")
    grant("handover_question", web="select, insert, update", worker="select, insert, update")
    _policies("handover_question", updates=True)
    create_table(
        "handover_reminder",
        "A reminder that was made; none is made twice.",
        {
            "handover_id": ("uuid not null", "Which handover; either end's."),
            "reminder": ("text not null", "Which."),
            "since": ("timestamptz not null", "The state's beginning that it counts from."),
            "times": ("integer not null check (times >= 1)", "How many by then."),
        },
        "handover_reminder_pkey primary key (handover_id, reminder, since, times)",
    )
    grant("handover_reminder", worker="select, insert")
    enable_rls("handover_reminder", ALL_OF_IT)


def _erasing() -> None:
    # Who returns a handover erases its dossier in the same transaction; the file's own row, with
    # its hash, stays as proof that it came.
    grant("attachment_in_chunk", web="delete")
    pieces = (
        "exists (select from attachment_in a where a.attachment_id ="
        " attachment_in_chunk.attachment_id and app_sees_handover(a.conversation_id))"
    )
    add_policy("attachment_in_chunk", Policy("erase", to="web", command="delete", using=pieces))
