"""Days, times and deadlines in Swedish."""

from datetime import date, datetime

from shared.clock import STOCKHOLM, local_date

# Abbreviations as in Svenska skrivregler: mars, april, maj, juni and juli are written out.
MONTHS = (
    "jan.",
    "feb.",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "aug.",
    "sept.",
    "okt.",
    "nov.",
    "dec.",
)
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


def day(value: date | datetime | str | None) -> str:
    """`22 nov. 2026`; an aware time is shown as the day in Stockholm; a dash where there is none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = local_date(value)
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def weekday(value: date) -> str:
    """`söndag`."""
    return WEEKDAYS[value.weekday()]


def moment(value: datetime | None) -> str:
    """`22 nov. 2026 kl. 09.14`, in Stockholm."""
    if value is None:
        return "–"
    local = value.astimezone(STOCKHOLM)
    return f"{day(value)} kl. {local.hour:02}.{local.minute:02}"


def until(value: date, today: date) -> str:
    """`om 3 dagar`, `i dag`, `2 dagar försenat`."""
    days = (value - today).days
    match days:
        case 0:
            return "i dag"
        case 1:
            return "i morgon"
        case -1:
            return "1 dag försenat"
        case _ if days > 1:
            return f"om {days} dagar"
        case _:
            return f"{-days} dagar försenat"


def due(value: date | None, today: date) -> str:
    """`25 nov. 2026 (om 3 dagar)`."""
    return "–" if value is None else f"{day(value)} ({until(value, today)})"


def since(value: date | datetime, today: date) -> str:
    """`sedan 2 dagar`, `sedan i dag`."""
    start = local_date(value) if isinstance(value, datetime) else value
    days = (today - start).days
    if days <= 0:
        return "sedan i dag"
    return "sedan i går" if days == 1 else f"sedan {days} dagar"


def urgency(value: date | None, today: date) -> str:
    """How a deadline is drawn: `overdue`, `soon` (three days), `later`, or `none`."""
    if value is None:
        return "none"
    days = (value - today).days
    if days < 0:
        return "overdue"
    return "soon" if days <= 3 else "later"
