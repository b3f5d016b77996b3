"""Follow-up: joint meetings about the agreement, their minutes and who has signed them."""

from alembic import op

from infra.postgres.migrations.ops import (
    Policy,
    append_only,
    create_table,
    enable_rls,
    grant,
    in_time,
)

revision = "0033"
down_revision = "0032"

HERE = (
    "app_home() = app_authority() and app_has_any_role("
    "array['exit_coordinator','team_leader','social_director','security_chief'])"
)
WRITERS = (
    "app_home() = app_authority() and app_has_any_role("
    "array['exit_coordinator','team_leader','social_director'])"
)
PARTNER = "app_home() <> app_authority() and app_has_role('police_partner')"
OFFICER = f"{PARTNER} and police_unit = app_unit()"
ALL_OF_IT = Policy("all", to="worker", using="true")


def upgrade() -> None:
    in_time()
    create_table(
        "follow_up_meeting",
        "A joint follow-up of the agreement with the police: open, then sealed by both parties.",
        {
            "meeting_id": ("uuid primary key", "Random: it stands in addresses."),
            "year": ("integer not null check (year between 2000 and 2200)", "Which it is of."),
            "police_unit": ("text not null", "The other party."),
            "policy_from": ("date not null", "First day of the policy with the agreement."),
            "policy_sha256": (
                "text not null check (policy_sha256 ~ '^[0-9a-f]{64}$')",
                "Of that policy.",
            ),
            "opened_at": ("timestamptz not null", "Domain clock."),
            "opened_by": ("uuid not null", "By whom."),
            "held_on": ("date", "Of the sealed minutes."),
            "sealed_at": ("timestamptz", "Domain clock; when both had signed."),
            "sealed_number": ("integer", "Which version of the minutes."),
            "sealed_sha256": ("text", "Of the minutes with both signatures."),
            "jws": ("text", "The authority's own signature over the same."),
        },
        "follow_up_meeting_sealed check ((sealed_at is null) = (held_on is null)"
        " and (sealed_at is null) = (sealed_number is null)"
        " and (sealed_at is null) = (sealed_sha256 is null) and (sealed_at is null) = (jws is null))",
    )
    op.execute(
        "create unique index follow_up_meeting_open on follow_up_meeting (police_unit)"
        " where sealed_at is null"
    )
    grant(
        "follow_up_meeting",
        web="select, insert, update (held_on, sealed_at, sealed_number, sealed_sha256, jws)",
        worker="select",
    )
    enable_rls(
        "follow_up_meeting",
        Policy("here", to="web", command="select", using=HERE),
        Policy("officer", to="web", command="select", using=OFFICER),
        Policy(
            "open",
            to="web",
            command="insert",
            check=f"opened_by = app_actor() and sealed_at is null and {WRITERS}",
        ),
        Policy(
            "seal",
            to="web",
            command="update",
            using=f"sealed_at is null and (({WRITERS}) or ({OFFICER}))",
            check=f"({WRITERS}) or ({OFFICER})",
        ),
        ALL_OF_IT,
    )
    _of_a_meeting(
        "follow_up_minutes",
        "One version of the minutes; a changed text is a new one.",
        {
            "content": ("bytea not null", "Canonical JSON; no person."),
            "sha256": ("text not null check (sha256 ~ '^[0-9a-f]{64}$')", "Of the content."),
            "written_at": ("timestamptz not null", "Domain clock."),
            "written_by": ("uuid not null", "By whom, of either party."),
        },
        "follow_up_minutes_pkey primary key (meeting_id, number)",
        "follow_up_minutes_number check (number >= 1)",
        whose="written_by",
    )
    _of_a_meeting(
        "follow_up_signature",
        "One party's signature under one version: nobody for both, no party twice.",
        {
            "party": ("text not null check (party in ('municipality','police'))", "Whose."),
            "signed_at": ("timestamptz not null", "Domain clock."),
            "signed_by": ("uuid not null", "Who."),
        },
        "follow_up_signature_pkey primary key (meeting_id, number, party)",
        "follow_up_signature_two unique (meeting_id, number, signed_by)",
        "follow_up_signature_of foreign key (meeting_id, number)"
        " references follow_up_minutes (meeting_id, number)",
        whose="signed_by",
        also=" and (party = 'municipality') = (app_home() = app_authority())",
    )
    create_table(
        "follow_up_law_change",
        "A change in the law of one of the parties that somebody has entered.",
        {
            "change_id": ("uuid primary key", "UUIDv7."),
            "what": ("text not null check (length(what) between 1 and 300)", "No person."),
            "in_force_on": ("date not null", "Its first day."),
            "recorded_at": ("timestamptz not null", "Domain clock."),
            "recorded_by": ("uuid not null", "By whom."),
        },
    )
    grant("follow_up_law_change", web="select, insert", worker="select")
    enable_rls(
        "follow_up_law_change",
        Policy("here", to="web", command="select", using=HERE),
        Policy(
            "officer",
            to="web",
            command="select",
            using=PARTNER,
        ),
        Policy(
            "record",
            to="web",
            command="insert",
            check=f"recorded_by = app_actor() and {WRITERS}",
        ),
        ALL_OF_IT,
    )
    append_only("follow_up_law_change")
    create_table(
        "follow_up_reminded",
        "What has been reminded of, once for each stage: a card that was read does not come back.",
        {
            "key": ("text not null", "The reason, as the domain names it."),
            "stage": ("text not null check (stage in ('soon','overdue'))", "When."),
            "reminded_at": ("timestamptz not null", "Domain clock."),
        },
        "follow_up_reminded_pkey primary key (key, stage)",
    )
    grant("follow_up_reminded", worker="select, insert")
    enable_rls("follow_up_reminded", ALL_OF_IT)


def _of_a_meeting(
    name: str,
    about: str,
    columns: dict[str, tuple[str, str]],
    *constraints: str,
    whose: str,
    also: str = "",
) -> None:
    create_table(
        name,
        about,
        {
            "meeting_id": ("uuid not null references follow_up_meeting", "Of which."),
            "number": ("integer not null", "Of the version, from 1."),
            **columns,
        },
        *constraints,
    )
    # The meeting's own row policies answer: who does not see it sees nothing of it.
    seen = f"exists (select from follow_up_meeting m where m.meeting_id = {name}.meeting_id{{}})"
    grant(name, web="select, insert", worker="select")
    enable_rls(
        name,
        Policy("of_meeting", to="web", command="select", using=seen.format("")),
        Policy(
            "write",
            to="web",
            command="insert",
            check=f"{whose} = app_actor() and (({WRITERS}) or ({PARTNER})) and "
            + seen.format(" and m.sealed_at is null")
            + also,
        ),
        ALL_OF_IT,
    )
    append_only(name)
