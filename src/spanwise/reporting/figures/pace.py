"""The model and the pipeline that it ran in turn with, as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spanwise.reporting.figures.drawing import EXACT, SERIES, Figure, finish, tint
from spanwise.reporting.formatting import amount

if TYPE_CHECKING:
    from spanwise.reporting.figures.drawing import Chart

Row = Mapping[str, Any]


def draw_pace(rows: Sequence[Row]) -> Figure:
    """Draw documents a second as bars, those of the model and of the pipeline in two colours.

    Args:
        rows: With `name`, `documents_per_s` and whether they are the model's, `own`, in the order wanted.
    """
    told = [f"{row['name']}: {amount(row['documents_per_s'])}" for row in rows]
    return finish(
        _bars(rows),
        name="pace",
        caption="Documents a second in turn with Hugging Face's pipeline, by the median round",
        summary="; ".join(told) or "No data",
        height=40 + 26 * max(len(rows), 1),
    )


def _bars(rows: Sequence[Row]) -> Chart:
    import altair as alt

    shown = [{**row, "told": amount(row["documents_per_s"])} for row in rows]
    labels = alt.Axis(domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        x=alt.X(
            "documents_per_s:Q",
            title="Documents/s",
            axis=alt.Axis(tickCount=5),
            scale=alt.Scale(nice=True, zero=True),
        ),
        y=alt.Y("name:N", title=None, sort=[row["name"] for row in shown], axis=labels),
        tooltip=[
            alt.Tooltip("name:N", title="By"),
            alt.Tooltip("documents_per_s:Q", title="Documents/s", format=EXACT),
        ],
    )
    own = alt.when("datum.own").then(alt.value(tint(SERIES[0], 60))).otherwise(alt.value(tint(SERIES[1], 60)))
    return alt.layer(
        base.mark_bar(height=15).encode(color=own),
        base.mark_text(align="left", dx=4).encode(text="told:N"),
    )
