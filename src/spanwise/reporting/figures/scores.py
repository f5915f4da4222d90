"""F1 with its interval: of each type as a dot, of each change of the text as a bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spanwise.reporting.figures.drawing import EXACT, FAINT, INK, MARKERS, SERIES, Figure, finish, tint
from spanwise.reporting.figures.naming import caption_of, sentence
from spanwise.reporting.formatting import DASH, interval, score

if TYPE_CHECKING:
    import altair as alt

    from spanwise.reporting.figures.drawing import Chart

Row = Mapping[str, Any]

UNCHANGED = "unchanged"  # the variant to hold the others against
STEP = 15.5  # px a line of text


def draw_types(name: str, rows: Sequence[Row]) -> Figure:
    """Draw one dot a type on the line of its interval; tiers differ in colour and shape.

    Args:
        name: Of the figure.
        rows: Types with `label`, `f1`, `low`, `high`, `support` and `tier`; a number may be None.
    """
    ordered = sorted(rows, key=lambda row: (-(row["support"] or 0), row["label"]))
    height = 80 + STEP * max(len(ordered), 2)
    return finish(
        _dots(ordered), name=name, caption=caption_of(name), summary=_tell_types(ordered), height=height
    )


def _dots(rows: Sequence[Row]) -> Chart:
    import altair as alt

    shown = [{**row, "tier": f"{sentence(row['tier'])} tier"} for row in rows]
    tiers = list(dict.fromkeys(row["tier"] for row in shown))
    legend = alt.Legend(title=None, columns=3, symbolSize=50)
    colours = alt.Scale(domain=tiers, range=[SERIES[place % len(SERIES)] for place in range(len(tiers))])
    shapes = alt.Scale(domain=tiers, range=[MARKERS[place % len(MARKERS)] for place in range(len(tiers))])
    pick = alt.selection_point(name="pick", fields=["tier"], bind="legend")
    labels = alt.Axis(grid=True, domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        y=alt.Y("label:N", title=None, sort=[row["label"] for row in rows], axis=labels),
        color=alt.Color("tier:N", scale=colours, legend=legend),
        opacity=alt.when(pick).then(alt.value(1)).otherwise(alt.value(FAINT)),
        tooltip=[
            alt.Tooltip("label:N", title="Type"),
            alt.Tooltip("tier:N", title="Tier"),
            alt.Tooltip("support:Q", title="Support", format=EXACT),
            *_exact_scores(),
        ],
    )
    known = base.transform_filter("datum.f1 !== null")
    unknown = base.transform_filter("datum.f1 === null")
    return alt.layer(
        known.mark_rule(strokeWidth=1.4).encode(x=_from_0_to_1("low:Q"), x2="high:Q").add_params(pick),
        known.mark_point(filled=True, size=45).encode(
            x="f1:Q", shape=alt.Shape("tier:N", scale=shapes, legend=legend)
        ),
        unknown.mark_text(align="left", text=DASH).encode(x=alt.datum(0.01), color=alt.value(INK)),
    )


def _from_0_to_1(field: str) -> alt.X:
    import altair as alt

    return alt.X(field, title="F1", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5))


def _exact_scores() -> list[alt.Tooltip]:
    import altair as alt

    return [
        alt.Tooltip("f1:Q", title="F1", format=EXACT),
        alt.Tooltip("low:Q", title="Interval from", format=EXACT),
        alt.Tooltip("high:Q", title="to", format=EXACT),
    ]


def _tell_types(rows: Sequence[Row]) -> str:
    """The best and the worst type in words."""
    known = sorted((row for row in rows if row["f1"] is not None), key=lambda row: (-row["f1"], row["label"]))
    if not known:
        return f"No type has a score: {DASH}"
    best, worst = known[0], known[-1]
    return (
        f"Best: {best['label']}, {score(best['f1'])}; last: {worst['label']}, {score(worst['f1'])}. "
        "All figures are in the table of types."
    )


def draw_robustness(rows: Sequence[Row]) -> Figure:
    """Draw F1 on changed text as bars with intervals; a line marks what it is on the text as it was.

    Args:
        rows: Variants with `variant`, `f1`, `low` and `high`, in the order wanted; a number may be None. That
            named `unchanged` is the text as it was.
    """
    return finish(
        _variants(rows),
        name="robustness",
        caption="F1 on the test documents with their text changed; the line is the unchanged text",
        summary="; ".join(_told(row) for row in rows) or "No data",
        height=52 + 26 * max(len(rows), 1),
    )


def _told(row: Row) -> str:
    bounds = f" ({interval(row['low'], row['high'])})" if row["low"] is not None else ""
    return f"{sentence(row['variant'])}: {score(row['f1'])}{bounds}"


def _variants(rows: Sequence[Row]) -> Chart:
    import altair as alt

    shown = [{**row, "name": sentence(row["variant"])} for row in rows]
    labels = alt.Axis(domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        y=alt.Y("name:N", title=None, sort=[row["name"] for row in shown], axis=labels),
        tooltip=[alt.Tooltip("name:N", title="Text"), *_exact_scores()],
    )
    return alt.layer(
        base.mark_bar(color=tint(SERIES[0], 50), height=15).encode(x=_from_0_to_1("f1:Q")),
        base.mark_rule(color=INK, strokeWidth=1.4).encode(x="low:Q", x2="high:Q"),
        base.transform_filter(f"datum.variant === '{UNCHANGED}'")
        .mark_rule(color=SERIES[1], strokeWidth=1.4, strokeDash=[4, 3])
        .encode(x="f1:Q", y=alt.value(0), y2=alt.value("height")),
    )
