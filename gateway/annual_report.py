"""The municipality's yearly report in words: eleven parts, from what is written, counted and signed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from gateway.texts.days import day
from gateway.texts.jinja import unit_name
from gateway.texts.words import word
from gateway.texts.words_follow_up import REPORT_SECTIONS
from gateway.texts.words_national import KEPT_BACK, SERIES, category, table_title, weeks
from services.follow_up import api as follow_up
from services.statistics.api import BREAKDOWNS, DIMENSIONS, OwnYear
from shared.report import Block, Grid, Listing, Paragraph, Report, Section

_SECURITY = ("break_glass", "log_reviews")
_NO_FIGURES = (
    "Årets tal visas inte: de är så små att någon skulle kunna pekas ut hur de än redovisas."
)
_NOT_YET = "Årets tal räknas en enda gång, när året är slut."
_HOW = (
    "Tal under fem visas inte, och inte heller tal som gör att ett sådant går att räkna ut. "
    "Alla andra antal är avrundade till närmaste femtal."
)


def compose(
    draft: follow_up.AnnualReport,
    *,
    authority: str,
    dated: date,
    standing: Sequence[Block] = (),
    areas: Sequence[Section] = (),
    pledges: Sequence[Block] = (),
) -> Report:
    """The report as a value; part by part as `domain model` 6 lists them.

    Args:
        authority: the municipality's full name.
        standing: how the action plan's activities stand.
        areas: the action plan's, one section each.
        pledges: the citizen pledges with what came of them.
    """
    told = draft.texts
    return Report(
        title=f"Årsrapport {draft.year}: arbetet med avhoppare",
        authority=authority,
        dated=dated,
        sections=tuple(
            section
            for section in (
                _section(told, "summary", proposal=told.get("proposal", "")),
                _section(told, "background", extra=_agreement(draft)),
                _section(told, "areas", extra=standing),
                *areas,
                _section(told, "exit_work", extra=_figures(draft)),
                _section(told, "obligations", extra=_obligations(draft)),
                _section(told, "pledge", extra=pledges),
                _section(told, "security", extra=_security(draft.figures)),
                _section(told, "competence", extra=_competence(draft.competences)),
                _section(told, "law", extra=_law(draft)),
                _section(told, "development", extra=_development(draft)),
            )
        ),
        sent_to=tuple(line for line in told.get("send_list", "").splitlines() if line.strip()),
    )


def _section(
    told: Mapping[str, str], name: str, *, proposal: str = "", extra: Sequence[Block] = ()
) -> Section:
    text = told.get(name, "")
    blocks: list[Block] = [*((Paragraph(text=text),) if text else ()), *extra]
    if proposal:
        blocks += [Paragraph(text="Förslag till beslut", is_strong=True), Paragraph(text=proposal)]
    if not blocks:
        blocks.append(Paragraph(text="Inget att redovisa."))
    return Section(heading=REPORT_SECTIONS[name], blocks=tuple(blocks))


def _agreement(draft: follow_up.AnnualReport) -> list[Block]:
    agreement = draft.agreement
    if agreement is None:
        return [Paragraph(text="Kommunen har ingen känd samverkansöverenskommelse med polisen.")]
    until = (
        "tillsvidare" if agreement.last_day is None else f"till och med {day(agreement.last_day)}"
    )
    return [
        Paragraph(
            text=f"{agreement.title}. Parter: kommunen och {unit_name(agreement.police_unit)}. "
            f"Överenskommelsen gäller {until}."
        )
    ]


def _figures(draft: follow_up.AnnualReport) -> list[Block]:
    figures = draft.figures
    if figures is None:
        return [Paragraph(text=_NO_FIGURES if draft.counted_at else _NOT_YET)]
    names = [name for name in SERIES if name in figures.shown or name in figures.hidden]
    blocks: list[Block] = [
        Paragraph(text=_HOW),
        Grid(
            caption=f"Avhopparverksamheten {figures.year}",
            columns=("Mått", "Antal"),
            rows=tuple(
                (SERIES[each], _said(figures, each)) for each in names if each not in _SECURITY
            ),
            numbers=(1,),
        ),
    ]
    blocks += _breakdowns(figures)
    waits = [(SERIES[each], weeks(found)) for each, found in figures.medians.items() if found]
    if waits:
        blocks.append(
            Grid(
                caption="Väntetider, median i hela veckor",
                columns=("Väntan", "Median"),
                rows=tuple(waits),
                numbers=(1,),
            )
        )
    if missing := [SERIES[each] for each in figures.not_collected if each not in _SECURITY]:
        blocks.append(Paragraph(text="Räknas inte ännu: " + ", ".join(missing) + "."))
    return blocks


def _breakdowns(figures: OwnYear) -> Iterator[Grid]:
    """Those of which anything is told."""
    for series, dimension in BREAKDOWNS:
        names = [(each, f"{series}|{dimension}|{each}") for each in DIMENSIONS[dimension]]
        if any(name in figures.shown for _, name in names):
            yield Grid(
                caption=table_title(series, (dimension,)),
                columns=("Grupp", "Antal"),
                rows=tuple(
                    (category(dimension, each), _said(figures, name)) for each, name in names
                ),
                numbers=(1,),
            )


def _said(figures: OwnYear, name: str) -> str:
    found = figures.shown.get(name)
    return KEPT_BACK if found is None else str(found)


def _obligations(draft: follow_up.AnnualReport) -> list[Block]:
    if draft.agreement is None:
        return []
    if draft.minutes is None:
        return [
            Paragraph(text=f"Någon gemensam uppföljning för {draft.year} är inte undertecknad.")
        ]
    minutes = draft.minutes
    held = day(minutes.held_on) if minutes.held_on else ""
    blocks: list[Block] = [
        Paragraph(
            text=f"Gemensam uppföljning hölls {held}. Protokollet är undertecknat av båda parter; "
            f"kontrollsumma (SHA-256) {draft.minutes_sha256}."
        )
    ]
    for party in ("municipality", "police"):
        rows = []
        for each in draft.agreement.obligations:
            if each.party != party:
                continue
            answer = minutes.answers.get(each.code, follow_up.Answer())
            said = word(answer.outcome, "obligation_outcome")
            rows.append((each.text, said, answer.reasons or "–"))
        blocks.append(
            Grid(
                caption=f"{word(party, 'agreement_party')}: åtaganden",
                columns=("Åtagande", "Bedömning", "Skäl"),
                rows=tuple(rows),
            )
        )
    return blocks


def _security(figures: OwnYear | None) -> list[Block]:
    if figures is None:
        return [Paragraph(text=_NO_FIGURES)]
    rows = tuple(
        (
            SERIES[each],
            "räknas inte ännu" if each in figures.not_collected else _said(figures, each),
        )
        for each in _SECURITY
    )
    return [
        Grid(
            caption=f"Säkerhet och kontroll {figures.year}",
            columns=("Mått", "Antal"),
            rows=rows,
            numbers=(1,),
        )
    ]


def _competence(held: Sequence[tuple[str, int]]) -> list[Block]:
    if not held:
        return []
    return [
        Grid(
            caption="Medarbetare med kompetens som gäller i dag",
            columns=("Kompetens", "Medarbetare"),
            rows=tuple((word(kind, "competence"), str(count)) for kind, count in held),
            numbers=(1,),
        )
    ]


def _law(draft: follow_up.AnnualReport) -> list[Block]:
    since, sha256 = draft.policy
    said = [
        f"Policyn som gäller: från {day(date.fromisoformat(since))}, kontrollsumma {sha256[:12]}."
    ]
    if draft.minutes is not None and draft.minutes.law:
        said.insert(0, draft.minutes.law)
    return [Listing(items=tuple(said))]


def _development(draft: follow_up.AnnualReport) -> list[Block]:
    if draft.minutes is None or not draft.minutes.development:
        return []
    return [
        Paragraph(text="Ur den gemensamma uppföljningen", is_strong=True),
        Paragraph(text=draft.minutes.development),
    ]
