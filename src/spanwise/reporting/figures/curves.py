"""Series over an x axis: curves, and counts as bars side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from spanwise.reporting.figures.drawing import (
    DASHES,
    EXACT,
    FAINT,
    INK,
    MARKERS,
    SERIES,
    Figure,
    finish,
    tint,
)
from spanwise.reporting.figures.naming import caption_of, sentence, series_name
from spanwise.reporting.formatting import amount, words

if TYPE_CHECKING:
    import altair as alt

    from spanwise.reporting.figures.drawing import Chart

Row = Mapping[str, Any]
Series = Mapping[str, Sequence[tuple[float, float]]]

REFERENCE = "Ideal"  # a series to hold others against
CROWDED = 16  # points of a series that would hide its line
TICKS = 12
LENGTH = "subwords"  # over which time grows by a power: a line where both axes are logarithmic
DOUBLING = {"batch_size", LENGTH}  # x axes on which each place is about twice the one before
HEIGHT = 230
FILLS = tuple(  # of bars, so that more than colour tells them apart
    tint(colour, percentage) for colour, percentage in zip(SERIES, cycle((90, 30, 60)), strict=False)
)


def draw_series(name: str, rows: Sequence[Row], x: str) -> Figure:
    """Draw series over `x`: counts (`histogram`) as bars, all else as curves.

    Args:
        name: Of the figure.
        rows: Points with `series`, `value` and `x`; one where a number is None is no point.
        x: The name of the column of the x axis.
    """
    series = _series(rows, x)
    chart: Chart = _empty()
    if series:
        chart = (_bars if name == "histogram" else _curves)(series, x)
    caption = caption_of(name, several=len(series) > 1)
    return finish(chart, name=name, caption=caption, summary=_tell(series, x), height=HEIGHT)


def _series(rows: Sequence[Row], x: str) -> Series:
    """The points by the name of their series, in the order of the file."""
    series: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if None not in row.values():
            series.setdefault(series_name(row["series"]), []).append((row[x], row["value"]))
    return series


def _empty() -> alt.Chart:
    import altair as alt

    chart: alt.Chart = alt.Chart(alt.InlineData(values=[{}])).mark_text().encode(text=alt.value("no data"))
    return chart


def _curves(series: Series, x: str) -> Chart:
    import altair as alt

    crowded = max(map(len, series.values())) > CROWDED
    pick, opacity = _picking()
    base = alt.Chart(_points(series)).encode(
        x=alt.X("x:Q", title=sentence(x), scale=_places(x), axis=_ticks(series)),
        y=alt.Y("value:Q", title=None, scale=_heights(series, x), axis=_powers(series, x)),
        color=alt.Color("series:N", scale=_told_apart(series, SERIES, INK), legend=_legend(series)),
        opacity=opacity,
        tooltip=[
            alt.Tooltip("series:N", title="Series"),
            alt.Tooltip("x:Q", title=sentence(x), format=EXACT),
            alt.Tooltip("value:Q", title="Value", format=EXACT),
        ],
    )
    dashes = _told_apart(series, DASHES, DASHES[2])
    lines = base.mark_line(strokeWidth=1.7).encode(
        strokeDash=alt.StrokeDash("series:N", scale=dashes, legend=_legend(series))
    )
    shapes = _told_apart(series, MARKERS, "stroke")
    dots = base.mark_point(filled=True, size=28).encode(
        shape=alt.Shape("series:N", scale=shapes, legend=None)
    )
    if crowded:  # not to be seen, but to be pointed at
        dots = dots.encode(opacity=alt.value(0), size=alt.value(120))
    # Without, lines and dots share one legend, whose symbols are dashed dots.
    chart: Chart = alt.layer(lines.add_params(pick), dots).resolve_legend(shape="independent")
    return chart


def _points(series: Series) -> alt.InlineData:
    import altair as alt

    return alt.InlineData(
        values=[
            {"series": label, "x": x, "value": value}
            for label, points in series.items()
            for x, value in points
        ]
    )


def _picking() -> tuple[alt.Parameter, Any]:
    """A click on a name in the legend lets the other series fade; a double click brings them back."""
    import altair as alt

    pick = alt.selection_point(name="pick", fields=["series"], bind="legend")
    return pick, alt.when(pick).then(alt.value(1)).otherwise(alt.value(FAINT))


def _legend(series: Series) -> alt.Legend:
    import altair as alt

    columns = min(len(series), 3 if max(map(len, series)) < 16 else 2)
    return alt.Legend(title=None, columns=columns, symbolType="stroke", symbolSize=300, symbolStrokeWidth=1.7)


def _told_apart(series: Series, values: Sequence[Any], reference: Any) -> alt.Scale:
    """What tells the series apart, in turn; the reference has its own."""
    import altair as alt

    own = [
        reference if label == REFERENCE else values[place % len(values)] for place, label in enumerate(series)
    ]
    return alt.Scale(type="ordinal", domain=list(series), range=own)


def _heights(series: Series, x: str) -> alt.Scale:
    """Scores keep their range from 0 to 1, unless they would leave half of it empty."""
    import altair as alt

    if x == LENGTH:
        return alt.Scale(type="log", base=10)
    values = [value for points in series.values() for _, value in points]
    return alt.Scale(domain=[0, 1]) if 0.5 < max(values) <= 1 and min(values) >= 0 else alt.Scale(zero=True)


def _powers(series: Series, x: str) -> alt.Axis:
    """A logarithmic axis is marked at the powers of ten alone: the lines between them would be a thicket."""
    import altair as alt

    if x != LENGTH:
        return alt.Axis()
    values = [value for points in series.values() for _, value in points]
    powers = range(floor(log10(min(values))), ceil(log10(max(values))) + 1)
    return alt.Axis(values=[10.0**power for power in powers], format="~g")


def _at(series: Series) -> list[float]:
    return sorted({x for points in series.values() for x, _ in points})


def _places(x: str) -> alt.Scale:
    import altair as alt

    if x in DOUBLING:
        return alt.Scale(type="log", base=2)
    return alt.Scale(zero=False, nice=False, padding=6)


def _ticks(series: Series) -> alt.Axis:
    """Whole numbers get ticks of their own, all of them if there is room."""
    import altair as alt

    places = _at(series)
    if all(float(place).is_integer() for place in places):
        return alt.Axis(values=places[:: ceil(len(places) / TICKS)], grid=False, format="d")
    return alt.Axis(grid=False, tickCount=6)


def _bars(series: Series, x: str) -> alt.Chart:
    """Bars side by side, each bin as wide as the closest two places on the x axis are apart."""
    import altair as alt

    step = min((right - left for left, right in pairwise(_at(series))), default=0.1)
    width = 0.9 * step / len(series)
    bars = [
        {
            "series": label,
            "bin": f"{place - step / 2:g} to {place + step / 2:g}",
            "left": place - 0.45 * step + shift * width,
            "right": place - 0.45 * step + (shift + 1) * width,
            "value": value,
        }
        for shift, (label, points) in enumerate(series.items())
        for place, value in points
    ]
    pick, opacity = _picking()
    legend = alt.Legend(title=None, columns=3, symbolType="square", symbolStrokeWidth=1)
    chart: alt.Chart = alt.Chart(alt.InlineData(values=bars)).mark_bar(strokeWidth=1)
    return chart.encode(
        x=alt.X("left:Q", title=sentence(x), scale=alt.Scale(nice=True), axis=alt.Axis(grid=False)),
        x2="right:Q",
        y=alt.Y("value:Q", title=None),
        y2=alt.datum(0),
        fill=alt.Fill("series:N", scale=_told_apart(series, FILLS, INK), legend=legend),
        stroke=alt.Stroke("series:N", scale=_told_apart(series, SERIES, INK), legend=legend),
        opacity=opacity,
        tooltip=[
            alt.Tooltip("series:N", title="Series"),
            alt.Tooltip("bin:N", title=sentence(x)),
            alt.Tooltip("value:Q", title="Number", format=EXACT),
        ],
    ).add_params(pick)


def _tell(series: Series, x: str) -> str:
    """The first and last point of each series in words."""
    told = []
    for label, points in series.items():
        first = f"{label}: {amount(points[0][1])} at {words(x)} {amount(points[0][0])}"
        last = f", {amount(points[-1][1])} at {amount(points[-1][0])}" if len(points) > 1 else ""
        told.append(first + last)
    return "; ".join(told) or "No data"
