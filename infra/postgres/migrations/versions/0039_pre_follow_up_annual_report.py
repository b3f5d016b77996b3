"""Follow-up: the yearly report, its texts version by version, and what has been done with it."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0039"
down_revision = "0038"

STATES = "'DRAFT','PARTY_REVIEW','DISCLOSURE_CHECK','KS','PUBLISHED'"
HERE = (
    "app_home() = app_authority() and app_has_any_role("
    "array['exit_coordinator','team_leader','social_director','security_chief'])"
)
WRITERS = (
    "app_home() = app_authority() and app_has_any_role("
    "array['exit_coordinator','team_leader','social_director'])"
)
# The other party sees it once it has been sent to them: as it was sent, never a draft's texts.
PARTNER = "app_home() <> app_authority() and app_has_role('police_partner')"
OFFICER = f"{PARTNER} and police_unit = app_unit() and submitted_by is not null"
ALL_OF_IT = Policy("all", to="worker", using="true")


def upgrade() -> None:
    in_time()
    create_table(
        "annual_report",
        "The yearly report to the executive board. No person, no figure that may not be told.",
        {
            "report_id": ("uuid primary key", "Random: it stands in addresses."),
            "year": ("integer not null unique check (year between 2000 and 2200)", "Which."),
            "state": (f"text not null check (state in ({STATES}))", "The table's."),
            "revision": ("integer not null check (revision >= 1)", "Compare and set."),
            "police_unit": ("text", "The other party; NULL without an agreement."),
            "opened_at": ("timestamptz not null", "Domain clock."),
            "opened_by": ("uuid not null", "By whom."),
            "content": ("bytea", "The report as it was sent to the parties; frozen from then on."),
            "sha256": ("text check (sha256 ~ '^[0-9a-f]{64}$')", "Of the content."),
            "submitted_by": ("uuid", "Who sent it to the parties."),
            "decision": ("text", "The board's decision: day and paragraph."),
            "published_at": ("timestamptz", "Domain clock."),
            "jws": ("text", "The authority's signature over what was published."),
        },
        "annual_report_content check ((content is null) = (sha256 is null)"
        " and (content is null) = (state = 'DRAFT'))",
        "annual_report_published check ((state = 'PUBLISHED') = (published_at is not null)"
        " and (published_at is null) = (jws is null) and (published_at is null) = (decision is null))",
    )
    grant(
        "annual_report",
        web="select, insert, update (state, revision, content, sha256,"
        " submitted_by, decision, published_at, jws)",
        worker="select",
    )
    enable_rls(
        "annual_report",
        Policy("here", to="web", command="select", using=HERE),
        Policy("officer", to="web", command="select", using=OFFICER),
        Policy(
            "open",
            to="web",
            command="insert",
            check=f"opened_by = app_actor() and state = 'DRAFT' and {WRITERS}",
        ),
        Policy(
            "work",
            to="web",
            command="update",
            using=f"state <> 'PUBLISHED' and (({WRITERS}) or ({OFFICER} and state = 'PARTY_REVIEW'))",
            check=f"({WRITERS}) or ({OFFICER} and state <> 'PUBLISHED')",
        ),
        ALL_OF_IT,
    )
    op.execute("""
        create function app_keep_annual_report() returns trigger language plpgsql
        set search_path = '' as $$
        begin
            if old.state = 'PUBLISHED' or (old.content is not null and new.content is not null
                and (old.content, old.sha256) is distinct from (new.content, new.sha256)) then
                raise exception 'what was reviewed stays as it is' using errcode = 'UV002';
            end if;
            return new;
        end $$
    """)
    op.execute(
        "create trigger annual_report_keep before update on annual_report"
        " for each row execute function app_keep_annual_report()"
    )
    # Apart from the report, which the other party sees again when it has gone back to draft; and
    # once for ever: the difference between two countings would name who came between them.
    create_table(
        "annual_report_figures",
        "The year's figures, counted once.",
        {
            "report_id": ("uuid primary key references annual_report", "Of which."),
            "counted_at": ("timestamptz not null", "Domain clock."),
            "figures": (
                "bytea",
                "What disclosure control lets through; NULL: nothing may be told.",
            ),
        },
    )
    grant("annual_report_figures", web="select", worker="select, insert")
    enable_rls(
        "annual_report_figures",
        Policy("here", to="web", command="select", using=HERE),
        ALL_OF_IT,
    )
    append_only("annual_report_figures")
    seen = "exists (select from annual_report r where r.report_id = {}.report_id{})"
    for name, about, columns, key, whose, also, read in (
        (
            "annual_report_text",
            "One version of one of the report's free texts.",
            {
                "section": ("text not null", "Which."),
                "number": ("integer not null check (number >= 1)", "From 1; the highest counts."),
                "text": ("text not null", "No person."),
                "written_at": ("timestamptz not null", "Domain clock."),
                "written_by": ("uuid not null", "By whom."),
            },
            "annual_report_text_pkey primary key (report_id, section, number)",
            "written_by",
            " and r.state = 'DRAFT'",
            " and app_home() = app_authority()",
        ),
        (
            "annual_report_event",
            "What has been done with a report, by whom.",
            {
                "number": ("integer not null", "The report's revision after it."),
                "event": ("text not null", "The table's."),
                "leads_to": (f"text not null check (leads_to in ({STATES}))", "Where it led."),
                "party": ("text check (party in ('municipality','police'))", "Who signed."),
                "reason": ("text", "Why it was sent back; no person."),
                "done_at": ("timestamptz not null", "Domain clock."),
                "done_by": ("uuid not null", "Who."),
            },
            "annual_report_event_pkey primary key (report_id, number)",
            "done_by",
            "",
            "",
        ),
    ):
        create_table(
            name,
            about,
            {"report_id": ("uuid not null references annual_report", "Of which."), **columns},
            key,
        )
        grant(name, web="select, insert", worker="select")
        enable_rls(
            name,
            Policy("of_report", to="web", command="select", using=seen.format(name, read)),
            Policy(
                "write",
                to="web",
                command="insert",
                check=f"{whose} = app_actor() and (({WRITERS}) or ({PARTNER})) and "
                + seen.format(name, also),
            ),
            ALL_OF_IT,
        )
        append_only(name)
