"""Charts as SVG: Altair says what, vl-convert draws, neither reaches the network.

A chart is a picture beside its table: it carries no text that the table lacks, its alternative text
says what kind it is, and colour never says anything alone (a line has its own mark, a bar its
number). What is kept back has its words where the bar would be.
"""

import asyncio
from typing import Any

from gateway.national.views import Chart, View
from gateway.texts.words_national import KEPT_BACK

WIDTH = 560
_INK, _QUIET, _BAR = "#1b1e23", "#54585e", "#4a3f1f"
_COLOURS = ["#4a3f1f", "#1f6b8a", "#a04a00", "#5b2a86", "#3d6b1f", "#8a1f4b"]
_LETTER = 6.6
"""Width of a letter of 13 px, for the room that labels need."""


async def draw(view: View) -> bytes | None:
    """The view's chart; None where it has none. Half a second the first time, then a twentieth."""
    if view.chart is None:
        return None
    return await asyncio.to_thread(_svg, view.chart)


def alternative(view: View) -> str:
    """What the picture is, for those who do not see it; the figures are in the table below it."""
    kind = "Linjediagram" if view.chart and view.chart.kind == "lines" else "Stapeldiagram"
    return f"{kind}: {view.title}. {view.finding} Alla tal finns i tabellen."


def _svg(chart: Chart) -> bytes:
    # Altair and vl-convert take half a second and 150 MB: only where a chart is drawn.
    import altair as alt  # noqa: PLC0415
    import vl_convert  # noqa: PLC0415

    drawn = _lines(alt, chart) if chart.kind == "lines" else _bars(alt, chart)
    styled = drawn.configure(
        font="Inter, Helvetica Neue, Arial, sans-serif",
        background="#ffffff",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=13,
            titleFontSize=13,
            labelColor=_INK,
            titleColor=_QUIET,
            titleFontWeight="normal",
            labelLimit=320,
            gridColor="#e5e6e8",
            domainColor="#c6c9cd",
            tickColor="#c6c9cd",
        ),
        legend=alt.LegendConfig(labelFontSize=13, labelLimit=320, orient="bottom", columns=2),
        header=alt.HeaderConfig(
            labelFontSize=13,
            labelFontWeight="bold",
            labelAnchor="start",
            labelAngle=0,
            labelOrient="top",
        ),
    )
    svg = vl_convert.vegalite_to_svg(styled.to_dict(), format_locale="sv-SE", allowed_base_urls=[])
    return str(svg).encode()


def _rows(chart: Chart) -> list[dict[str, Any]]:
    return [
        {
            "label": each.label,
            "kind": each.kind,
            "value": each.value if each.value is not None else 0,
            "is_shown": each.value is not None,
            "text": KEPT_BACK if each.value is None else f"{each.value:,}".replace(",", "\u00a0"),
        }
        for each in chart.points
    ]


def _bars(alt: Any, chart: Chart) -> Any:
    """Lying bars with their numbers; one panel for each kind, where there are several."""
    kinds = list(dict.fromkeys(each.kind for each in chart.points))
    labels = list(dict.fromkeys(each.label for each in chart.points))
    room = min(320, max(len(each) for each in labels) * _LETTER)
    largest = max((each.value or 0 for each in chart.points), default=0) or 1
    base = alt.Chart().encode(
        y=alt.Y("label:N", sort=labels, title=None),
        x=alt.X(
            "value:Q",
            title=chart.unit,
            axis=alt.Axis(tickCount=4, format=",d", tickMinStep=1),
            scale=alt.Scale(domain=[0, largest * 1.18]),
        ),
    )
    bar = base.mark_bar(color=_BAR, height=alt.RelativeBandSize(0.7))
    text = base.mark_text(align="left", dx=4, fontSize=13).encode(
        text="text:N",
        color=alt.condition("datum.is_shown", alt.value(_INK), alt.value(_QUIET)),
    )
    layers = alt.layer(bar, text, data=alt.Data(values=_rows(chart))).properties(
        width=max(180, WIDTH - room), height={"step": 26}
    )
    if kinds == [""]:
        return layers
    return layers.facet(row=alt.Row("kind:N", sort=kinds, title=None), spacing=12)


def _lines(alt: Any, chart: Chart) -> Any:
    """A line and a mark of its own for each kind; a period that is kept back is a gap."""
    kinds = list(dict.fromkeys(each.kind for each in chart.points))
    periods = list(dict.fromkeys(each.label for each in chart.points))
    rows = [each for each in _rows(chart) if each["is_shown"]]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            "label:N",
            sort=periods,
            title="Halvår",
            axis=alt.Axis(labelAngle=0),
            scale=alt.Scale(domain=periods),
        ),
        y=alt.Y("value:Q", title=chart.unit, axis=alt.Axis(format=",d", tickMinStep=1)),
        color=alt.Color(
            "kind:N", sort=kinds, title=None, scale=alt.Scale(domain=kinds, range=_COLOURS)
        ),
        shape=alt.Shape("kind:N", sort=kinds, title=None, scale=alt.Scale(domain=kinds)),
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("kind:N", sort=kinds, title=None, scale=alt.Scale(domain=kinds))
    )
    return alt.layer(lines, base.mark_point(size=70, filled=True)).properties(
        width=WIDTH - 60, height=260
    )
