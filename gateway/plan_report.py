"""The report of an action plan to the executive board: its texts, and the activities as they stand.

Each activity is told in full under its first area; the other areas that it is of refer there.
"""

import textwrap
from collections.abc import Iterator

from gateway.texts.days import day
from gateway.texts.words import word
from services.follow_up import api as follow_up
from shared.report import Block, Grid, Listing, Paragraph, Report, Section, Signature, written

MEASURES = "Genomförda aktiviteter"
_SHORT = 90
"""Letters of an activity where another area refers to it."""
_FRAME = (
    ("proposal", "Förslag till beslut"),
    ("matter", "Ärende"),
    ("material", "Beslutsunderlag"),
    ("background", "Bakgrund"),
)


def compose(view: follow_up.PlanView, report: follow_up.PlanReport, *, authority: str) -> Report:
    """The report as a value, for all three forms.

    Args:
        authority: the municipality's full name.
    """
    sections = [
        Section(heading=heading, blocks=written(text))
        for name, heading in _FRAME
        if (text := getattr(report, name))
    ]
    sections.append(Section(heading=report.measures or MEASURES, blocks=(_standing(view),)))
    sections += area_sections(view)
    if view.pledges:
        sections.append(Section(heading="Medborgarlöften", blocks=(pledge_grid(view),)))
    if report.assessment:
        sections.append(Section(heading="Bedömning", blocks=written(report.assessment)))
    return Report(
        title=report.title,
        authority=authority,
        dated=report.dated,
        register_number=report.register_number,
        sections=tuple(sections),
        office=report.office,
        signatures=tuple(Signature(name=name) for name in report.signed_by),
        sent_to_heading="Beslutet skickas till",
        sent_to=report.sent_to,
    )


def area_title(area: follow_up.Area) -> str:
    """An area as a heading."""
    return f"{area.number}. {area.name}"


def standing_grid(view: follow_up.PlanView) -> Grid:
    """How many activities of each status each area has; statuses that none has are left out."""
    areas = view.plan.content.areas
    counts = follow_up.standing([each.content for each in view.activities], areas)
    rows = [
        (word(status, "activity_status"), [counts[area.number][status] for area in areas])
        for status in follow_up.STATUSES
    ]
    rows = [row for row in rows if any(row[1])]
    rows.append(("Alla", [sum(counts[area.number].values()) for area in areas]))
    return Grid(
        caption="Aktiviteter efter läge och område",
        columns=("Läge", *(f"Omr. {area.number}" for area in areas), "Alla"),
        rows=tuple((name, *map(str, numbers), str(sum(numbers))) for name, numbers in rows),
        numbers=tuple(range(1, len(areas) + 2)),
    )


def _standing(view: follow_up.PlanView) -> Block:
    if not view.activities:
        return Paragraph(text="Inga aktiviteter är registrerade.")
    return standing_grid(view)


def area_sections(view: follow_up.PlanView) -> Iterator[Section]:
    """One for each area, with its activities in full."""
    names = {area.number: area_title(area) for area in view.plan.content.areas}
    for area in view.plan.content.areas:
        told = [each.content for each in view.activities if each.content.areas[0] == area.number]
        elsewhere = [
            f"Se även under {names[each.content.areas[0]]}: "
            f"{textwrap.shorten(each.content.text, _SHORT, placeholder=' …')}"
            for each in view.activities
            if area.number in each.content.areas[1:]
        ]
        items = (*(_told(each) for each in told), *elsewhere)
        blocks: tuple[Block, ...] = (Listing(items=items),)
        if not items:
            blocks = (Paragraph(text="Inga aktiviteter är registrerade."),)
        yield Section(heading=area_title(area), level=3, blocks=blocks)


def _told(activity: follow_up.Activity) -> str:
    """What was written, then how it stands."""
    facts = [
        ("Läge", word(activity.status, "activity_status").lower()),
        ("ansvarig", activity.owner),
        ("tillsammans med", activity.partner),
        ("från", day(activity.start_on) if activity.start_on else ""),
        ("klart", day(activity.due_on) if activity.due_on else ""),
    ]
    lines = [activity.text, "; ".join(f"{name}: {text}" for name, text in facts if text) + "."]
    lines += [
        f"{name}: {text}"
        for name, text in (
            ("Belägg", activity.evidence),
            ("Avvikelse", activity.deviation),
            ("Nästa steg", activity.next_step),
        )
        if text
    ]
    return "\n".join(lines)


def pledge_grid(view: follow_up.PlanView) -> Block:
    """Each pledge with its measure and what came of it."""
    return Grid(
        caption="Medborgarlöften, utfärdade av kommunen och polisen gemensamt",
        columns=("Gäller", "Löfte", "Mått", "Resultat"),
        rows=tuple(
            (
                _years(each.content) + (" (ersatt)" if each.entry_id in view.replaced else ""),
                each.content.promise,
                each.content.measure or "Inte angivet",
                each.content.result or "Inte uppföljt än",
            )
            for each in view.pledges
        ),
    )


def _years(pledge: follow_up.Pledge) -> str:
    first, last = pledge.valid_from.year, pledge.valid_until.year
    return str(first) if first == last else f"{first}–{last}"
