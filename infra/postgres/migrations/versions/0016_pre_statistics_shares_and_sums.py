"""Statistics: what a municipality sent, what a collector holds, what the coordinator added."""

from alembic import op

from infra.postgres.migrations.ops import Policy, create_table, enable_rls, grant, in_time

revision = "0016"
down_revision = "0015"

STATES = "'called','ordered','added','released','stopped','too_few'"
HALF_YEAR = "text {} check (half_year ~ '^20[0-9]{{2}}H[12]$')"
AUTHORITY = "text not null check ({} ~ '^[0-9]{{4}}$')"
ALL_OF_IT = Policy("all", to="worker", using="true")
LEADERS = (
    "app_home() = app_authority() and (app_has_role('team_leader')"
    " or app_has_role('social_director'))"
)
COORDINATORS = "app_home() = app_authority() and app_has_role('national_coordinator')"


def upgrade() -> None:
    in_time()
    _municipality()
    _collector()
    _coordinator()


def _municipality() -> None:
    create_table(
        "statistics_contribution",
        "What this municipality counted for one half-year: split once, sent, for ever the same.",
        {
            "half_year": (HALF_YEAR.format("primary key"), "Such as 2026H1."),
            "state": (
                "text not null check (state in ('held','sent','counted','not_counted'))",
                "Held: something cannot be true; counted: it is in the nation's.",
            ),
            "tried_on": ("date not null", "Day of the last counting, domain clock."),
            "known_until": ("timestamptz not null", "What was written until then is counted."),
            "faults": ("text[] not null default '{}'", "Series and rule; no numbers."),
            "layout": ("text not null", "What it was counted by."),
            "split_id": ("uuid", "Drawn with the mask; the same in both shares."),
            "first": ("bytea", "The share of the first collector."),
            "second": ("bytea", "The share of the second; together the numbers themselves."),
            "collectors": ("text[] not null default '{}'", "To whom, in the same order."),
            "sent_at": ("timestamptz", "Wall clock."),
            "settled_at": ("timestamptz", "When it was known whether it is in; wall clock."),
        },
        "statistics_contribution_split check"
        " ((split_id is null) = (first is null) and (first is null) = (second is null)"
        " and (first is null) = (sent_at is null))",
    )
    grant("statistics_contribution", web="select", worker="select, insert, update")
    enable_rls(
        "statistics_contribution",
        Policy("leaders", to="web", command="select", using=LEADERS),
        ALL_OF_IT,
    )
    # Split once: a second pair of shares of other numbers would be a second sum to subtract.
    op.execute("""
        create function app_keep_split() returns trigger language plpgsql
        set search_path = '' as $$
        begin
            if old.split_id is not null and (old.split_id, old.first, old.second, old.layout)
                is distinct from (new.split_id, new.first, new.second, new.layout) then
                raise exception 'what was split stays as it is' using errcode = 'UV002';
            end if;
            return new;
        end $$
    """)
    op.execute(
        "create trigger statistics_contribution_split before update on statistics_contribution"
        " for each row execute function app_keep_split()"
    )


def _collector() -> None:
    create_table(
        "statistics_share",
        "One municipality's share of one half-year: chance, for whoever has not the other.",
        {
            "half_year": (HALF_YEAR.format("not null"), "Which."),
            "authority": (AUTHORITY.format("authority"), "Whose."),
            "split_id": ("uuid not null", "As the municipality drew it."),
            "share": ("bytea", "Erased once it is in the sum."),
            "share_sha256": (
                "bytea not null check (length(share_sha256) = 32)",
                "Stays: a second one is held against it.",
            ),
            "received_at": ("timestamptz not null", "Wall clock."),
        },
        "statistics_share_pkey primary key (half_year, authority)",
    )
    grant("statistics_share", worker="select, insert, update (share)")
    enable_rls("statistics_share", ALL_OF_IT)
    create_table(
        "statistics_collection",
        "How far a collector has come with one half-year.",
        {
            "half_year": (HALF_YEAR.format("primary key"), "Which."),
            "asked_at": ("timestamptz", "When the coordinator asked to close; wall clock."),
            "closed_at": ("timestamptz", "Since when no share is taken; wall clock."),
            "theirs": ("jsonb", "Whose shares the other collector holds."),
            "order_jws": ("text", "The coordinator's order; the first one, for ever."),
            "is_refused": (
                "boolean not null default false",
                "The order does not follow from the lists: nothing is added.",
            ),
            "summed_at": ("timestamptz", "When the sums went to the coordinator; wall clock."),
        },
    )
    grant("statistics_collection", worker="select, insert, update")
    enable_rls("statistics_collection", ALL_OF_IT)


def _coordinator() -> None:
    create_table(
        "statistics_release",
        "One half-year of the nation: called for, ordered, added, released; each step once.",
        {
            "half_year": (HALF_YEAR.format("primary key"), "Which."),
            "state": (
                f"text not null check (state in ({STATES}))",
                "Stopped: the totals cannot be true.",
            ),
            "called_at": ("timestamptz not null", "Wall clock."),
            "order_jws": ("text", "The signed order: over whom is added."),
            "ordered_at": ("timestamptz", "Wall clock."),
            "nation": ("bytea", "Exact totals. Never for the web."),
            "groups": ("jsonb", "Exact totals of county groups. Never for the web."),
            "added_at": ("timestamptz", "Wall clock."),
            "faults": ("text[] not null default '{}'", "Series and rule; no numbers."),
            "settled_at": ("timestamptz", "When the municipalities were told; wall clock."),
            "content": ("bytea", "What disclosure control lets through, as it is signed."),
            "jws": ("text", "The coordinator's signature over the content."),
            "released_at": ("timestamptz", "Wall clock; frozen from then on."),
        },
        "statistics_release_whole check ((content is null) = (jws is null)"
        " and (jws is null) = (released_at is null))",
    )
    grant(
        "statistics_release",
        web="select (half_year, state, called_at, ordered_at, added_at, faults, content, jws,"
        " released_at)",
        worker="select, insert, update",
    )
    enable_rls(
        "statistics_release",
        Policy("coordinators", to="web", command="select", using=COORDINATORS),
        ALL_OF_IT,
    )
    # Once only, whoever asks: an order, a sum and a release are never replaced.
    op.execute("""
        create function app_keep_release() returns trigger language plpgsql
        set search_path = '' as $$
        begin
            if (old.order_jws is not null and old.order_jws is distinct from new.order_jws)
                or (old.nation is not null and (old.nation, old.groups)
                    is distinct from (new.nation, new.groups))
                or (old.jws is not null and (old.jws, old.content)
                    is distinct from (new.jws, new.content)) then
                raise exception 'what was released stays as it is' using errcode = 'UV002';
            end if;
            return new;
        end $$
    """)
    op.execute(
        "create trigger statistics_release_once before update on statistics_release"
        " for each row execute function app_keep_release()"
    )
    create_table(
        "statistics_given",
        "What one collector gave the coordinator for one half-year.",
        {
            "half_year": (HALF_YEAR.format("not null"), "Which."),
            "collector": (AUTHORITY.format("collector"), "Who."),
            "contributors": ("jsonb", "Whose shares it holds."),
            "nation": ("bytea", "Its sum: chance without the other's."),
            "groups": ("jsonb", "Its sums of county groups, hex."),
        },
        "statistics_given_pkey primary key (half_year, collector)",
    )
    grant("statistics_given", worker="select, insert, update")
    enable_rls("statistics_given", ALL_OF_IT)
