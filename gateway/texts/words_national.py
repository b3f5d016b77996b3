"""The national statistics in words: series, breakdowns, categories, periods."""

from services.statistics.api import ALL, REST
from shared.policy.municipality import municipality_register

SERIES = {
    "contacts": "Första kontakter",
    "identified": "Kontakter där personen sade vem hen är",
    "assessed": "Ärenden till gemensam bedömning",
    "admitted": "Antagna",
    "not_admitted": "Inte antagna",
    "ongoing": "Pågående ärenden",
    "ended": "Avslutade ärenden",
    "received": "Övertagna från en annan kommun",
    "completed": "Fullföljda",
    "relapse_reviews": "Prövningar efter återfall",
    "excluded_relapse": "Uteslutna efter återfall",
    "checked_at_closing": "Registerkontroller vid avslut",
    "no_offence_at_closing": "Inget att rapportera vid avslut",
    "checked_after_a_year": "Registerkontroller efter tolv månader",
    "no_offence_after_a_year": "Inget att rapportera efter tolv månader",
    "weeks_to_meeting": "Från kontakt till första möte",
    "weeks_to_decision": "Från ansökan till första beslut om insats",
    "weeks_to_threat": "Från fråga till polisens hotbedömning",
    "proposed": "Föreslagna överlämningar",
    "declined": "Nekade överlämningar",
    "disputed": "Tvister hos IVO",
    "weeks_to_answer": "Från förslag till svar om överlämning",
    "weeks_to_take_over": "Från förslag till övertagande",
    "protection_handovers": "Skyddsansvar lämnat från polisen",
    "money_applied": "Ansökningar om statliga medel",
    "money_granted": "Beviljade ansökningar om statliga medel",
    "external_providers": "Ärenden med extern utförare",
    "break_glass": "Nödöppningar",
    "log_reviews": "Genomförda loggkontroller",
}

DIMENSIONS = {
    "age": "Ålder",
    "sex": "Kön",
    "group_type": "Slags grupp",
    "threat": "Hotnivå",
    "channel": "Kontaktväg",
    "not_admitted_reason": "Skäl",
    "ended_reason": "Orsak till avslut",
    "county_group": "Län",
    "weeks": "Väntetid",
}
_BY = {
    "age": "ålder",
    "sex": "kön",
    "group_type": "slags grupp",
    "threat": "hotnivå",
    "channel": "kontaktväg",
    "not_admitted_reason": "skäl",
    "ended_reason": "orsak",
    "county_group": "län",
}

CATEGORIES: dict[str, dict[str, str]] = {
    "age": {
        "0-17": "0–17 år",
        "18-20": "18–20 år",
        "21-25": "21–25 år",
        "26-39": "26–39 år",
        "40+": "40 år eller äldre",
    },
    "sex": {"woman": "Kvinnor", "man": "Män"},
    "group_type": {
        "criminal_network": "Kriminellt nätverk",
        "motorcycle_gang": "Mc-gäng eller liknande",
        "violent_extremism": "Våldsbejakande extremism",
        "honour_based": "Hedersrelaterat",
        "other": "Annan grupp",
    },
    "threat": {
        "LOW": "Låg",
        "MEDIUM": "Medel",
        "HIGH": "Hög",
        "NOT_ASSESSED": "Inte bedömd",
    },
    "channel": {
        "phone": "Telefon",
        "visit": "Besök",
        "letter": "Brev",
        "referral": "Hänvisad av någon annan",
        "message": "Meddelande",
    },
    "not_admitted_reason": {
        "NO_MOTIVATION": "Motivation saknas",
        "NOT_SUITABLE": "Insatsen passar inte",
        "NO_PROTECTION_NEED": "Inget behov av skydd",
        "OTHER_MUNICIPALITY": "Hör till en annan kommun",
        "NO_CONSENT": "Inget samtycke",
        "CONDITIONS_NOT_ACCEPTED": "Godtog inte villkoren",
        "OUTSIDE_TARGET_GROUP": "Utanför målgruppen",
    },
    "ended_reason": {
        "COMPLETED": "Fullföljt",
        "WITHDRAWN": "Personen avstod",
        "EXCLUDED_RELAPSE": "Uteslutning efter återfall",
        "EXCLUDED_CONDITIONS": "Villkoren följdes inte",
        "TRANSFERRED": "Överlämnat till en annan kommun",
        "LOST_CONTACT": "Kontakten bröts",
        "DECEASED": "Avliden",
        "NOT_OPENED": "Utredning inleddes inte",
        "NOT_ADMITTED": "Inte antagen",
    },
}
UNKNOWN = "Uppgift saknas"
KEPT_BACK = "visas inte"


def category(dimension: str, code: str) -> str:
    """A category in words; `ALL` is everybody."""
    if code == ALL:
        return "Alla"
    if dimension == "county_group":
        return "Övriga län tillsammans" if code == REST else _counties()[code]
    return CATEGORIES.get(dimension, {}).get(code, UNKNOWN)


def _counties() -> dict[str, str]:
    found = {each.county_code: each.county_name for each in municipality_register().values()}
    # Gotland is one municipality, and counts with Stockholm.
    return found | {"01": f"{found['01']} och {found['09']}"}


def period(text: str) -> str:
    """`första halvåret 2027`, `2027`."""
    year, _, half = text.partition("H")
    return f"{'första' if half == '1' else 'andra'} halvåret {year}" if half else year


def short_period(text: str) -> str:
    """`2027:1`, for an axis."""
    return text.replace("H", ":")


def table_title(series: str, dimensions: tuple[str, ...]) -> str:
    """`Antagna efter ålder och kön`."""
    if dimensions == ("weeks",) or not dimensions:
        return SERIES[series]
    return f"{SERIES[series]} efter {' och '.join(_BY[each] for each in dimensions)}"


def weeks(count: int) -> str:
    """`1 vecka`, `3 veckor`."""
    return f"{count} {'vecka' if count == 1 else 'veckor'}"
