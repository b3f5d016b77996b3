"""Statistics: a municipality's own figures by unit, and what is shown of them side by side."""

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    guarded_function,
    in_time,
)

revision = "0036"
down_revision = "0035"

HALF_YEAR = "text {} check (half_year ~ '^20[0-9]{{2}}H[12]$')"
OWN = "app_home() = app_authority()"
# Of the unit that the leader leads, without the cases that are kept from it or from the leader, as
# `app_leads_unit_of` says it of a case. The row of all its cases is for the worker.
LEADS = (
    f"{OWN} and app_has_role('team_leader') and unit = coalesce(app_unit(), '')"
    " and (reader = app_actor()::text"
    " or (reader = '*' and not app_has_own_figures(half_year, unit)))"
)
COMPARES = (
    f"{OWN} and not app_has_role('team_leader') and (app_has_role('exit_coordinator')"
    " or app_has_role('security_chief') or app_has_role('social_director'))"
)


def upgrade() -> None:
    in_time()
    create_table(
        "statistics_own",
        "What was counted in one unit in one half-year; exact.",
        {
            "half_year": (HALF_YEAR.format("not null"), "Such as 2026H1."),
            "unit": ("text not null", "Empty: the municipality has no units."),
            "reader": (
                "text not null default ''",
                "Empty: all its cases; *: less those kept from the unit; or for a colleague.",
            ),
            "figures": ("bytea not null", "Counts and weeks."),
            "is_final": ("boolean not null", "The half-year is over; not counted again."),
            "counted_on": ("date not null", "Local day, domain clock."),
            "known_until": ("timestamptz not null", "What was written later is not in it."),
        },
        "statistics_own_pkey primary key (half_year, unit, reader)",
    )
    grant("statistics_own", web="select", worker="select, insert, update", guard="select")
    guarded_function(
        "app_has_own_figures(wanted text, of_unit text)",
        """
        select exists (
            select from public.statistics_own o
            where o.half_year = wanted and o.unit = of_unit
                and o.reader = public.app_actor()::text)
        """,
        returns="boolean",
        about="Whether the actor has a row of their own; answers the actor alone.",
    )
    enable_rls(
        "statistics_own",
        Policy("leaders", to="web", command="select", using=LEADS),
        Policy("all", to="worker", using="true"),
    )
    create_table(
        "statistics_own_shown",
        "The units of one half-year side by side, small figures kept back; never changed.",
        {
            "half_year": (HALF_YEAR.format("primary key"), "Which."),
            "content": ("bytea not null", "What is shown."),
            "kept": ("bytea not null", "What goes on being protected. Never for the web."),
            "shown_at": ("timestamptz not null", "Wall clock."),
        },
    )
    grant(
        "statistics_own_shown",
        web="select (half_year, content, shown_at)",
        worker="select, insert",
    )
    enable_rls(
        "statistics_own_shown",
        Policy("compare", to="web", command="select", using=COMPARES),
        Policy("all", to="worker", using="true"),
    )
    append_only("statistics_own_shown")
