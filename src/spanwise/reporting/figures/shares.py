"""Shares as bars: the categories of errors by tier, and errors by the length of mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spanwise.reporting.figures.drawing import CARD, EXACT, FAINT, SERIES, SHARE, Figure, finish, tint
from spanwise.reporting.figures.naming import sentence
from spanwise.reporting.formatting import counted, listing, percent, words

if TYPE_CHECKING:
    import altair as alt

    from spanwise.reporting.figures.drawing import Chart

Row = Mapping[str, Any]

# The kinds of wrong boundaries are shades of one colour.
CATEGORIES = {
    "correct": tint(SERIES[2], 45),
    "shorter": SERIES[0],
    "longer": tint(SERIES[0], 80),
    "shifted": tint(SERIES[0], 62),
    "split": tint(SERIES[0], 46),
    "merged": tint(SERIES[0], 30),
    "type": SERIES[1],
    "boundary_and_type": tint(SERIES[1], 50),
    "missed": SERIES[3],
    "spurious": SERIES[4],
}


def draw_categories(rows: Sequence[Row]) -> Figure:
    """Draw the categories of outcomes as stacked bars, one a tier.

    Args:
        rows: With `tier`, one of `CATEGORIES` as `category`, and their number as `spans`; tiers in the order
            wanted.
    """
    shown = _in_shares(rows)
    tiers = list(dict.fromkeys(row["tier"] for row in shown))
    told = [f"{tier}: {_largest([row for row in shown if row['tier'] == tier])}" for tier in tiers]
    return finish(
        _stacks(shown, tiers),
        name="categories",
        caption="Kinds of outcomes in each frequency tier, as shares of its spans",
        summary="; ".join(told) or "No data",
        height=130 + 26 * max(len(tiers), 1),
    )


def _in_shares(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The categories that there are, each with its share of its tier."""
    order = list(CATEGORIES)
    spans: Counter[str] = Counter()
    for row in rows:
        spans[row["tier"]] += row["spans"]
    return [
        {
            "tier": sentence(row["tier"]),
            "category": words(row["category"]),
            "place": order.index(row["category"]),
            "spans": row["spans"],
            "share": round(row["spans"] / spans[row["tier"]], 6),
        }
        for row in rows
        if row["spans"]
    ]


def _largest(rows: Sequence[Row], most: int = 3) -> str:
    ordered = sorted(rows, key=lambda row: (-row["share"], row["place"]))
    return listing([f"{percent(row['share'])} {row['category']}" for row in ordered[:most]])


def _stacks(shown: Sequence[Row], tiers: Sequence[str]) -> Chart:
    import altair as alt

    names = [words(category) for category in CATEGORIES]
    colours = alt.Scale(domain=names, range=list(CATEGORIES.values()))
    legend = alt.Legend(title=None, columns=4, symbolType="square")
    pick = alt.selection_point(name="pick", fields=["category"], bind="legend")
    bars = alt.Chart(alt.InlineData(values=list(shown))).mark_bar(height=17, stroke=CARD, strokeWidth=1)
    chart: alt.Chart = bars.encode(
        x=alt.X(
            "share:Q",
            title=None,
            stack="zero",
            axis=alt.Axis(format=".0%", tickCount=5),
            scale=alt.Scale(nice=False),
        ),
        y=alt.Y(
            "tier:N",
            title=None,
            sort=list(tiers),
            axis=alt.Axis(domain=False, ticks=False),
        ),
        color=alt.Color("category:N", scale=colours, legend=legend),
        opacity=alt.when(pick).then(alt.value(1)).otherwise(alt.value(FAINT)),
        order=alt.Order("place:Q"),
        tooltip=[
            alt.Tooltip("tier:N", title="Tier"),
            alt.Tooltip("category:N", title="Outcome"),
            alt.Tooltip("spans:Q", title="Spans", format=EXACT),
            alt.Tooltip("share:Q", title="Share", format=SHARE),
        ],
    )
    return chart.add_params(pick)


def draw_lengths(rows: Sequence[Row]) -> Figure:
    """Draw the share of gold mentions not found exactly, by their length.

    Args:
        rows: With `length` (words of the mention, as `4-5`), `gold` and `errors` (numbers of spans) and
            `error_rate` (None where there is no mention), in the order wanted.
    """
    told = [
        f"{row['length']}: {percent(row['error_rate'])} of {counted(row['gold'], 'mention')}" for row in rows
    ]
    return finish(
        _columns(rows),
        name="lengths",
        caption="Share of gold mentions that were not found exactly, by their length in words",
        summary="; ".join(told) or "No data",
        height=200,
    )


def _columns(rows: Sequence[Row]) -> Chart:
    import altair as alt

    known = [dict(row) for row in rows if row["error_rate"] is not None]
    base = alt.Chart(alt.InlineData(values=known)).encode(
        x=alt.X(
            "length:N",
            title="Words in the mention",
            sort=[row["length"] for row in rows],
            scale=alt.Scale(domain=[row["length"] for row in rows]),
            axis=alt.Axis(labelAngle=0, ticks=False),
        ),
        y=alt.Y(
            "error_rate:Q",
            title=None,
            axis=alt.Axis(format=".0%", tickCount=5),
            scale=alt.Scale(domain=[0, 1]),
        ),
        tooltip=[
            alt.Tooltip("length:N", title="Words"),
            alt.Tooltip("gold:Q", title="Gold mentions", format=EXACT),
            alt.Tooltip("errors:Q", title="Not found exactly", format=EXACT),
            alt.Tooltip("error_rate:Q", title="Share", format=SHARE),
        ],
    )
    bars = base.mark_bar(color=tint(SERIES[1], 60), width=30)
    return alt.layer(bars, base.mark_text(dy=-7).encode(text=alt.Text("error_rate:Q", format=".0%")))
