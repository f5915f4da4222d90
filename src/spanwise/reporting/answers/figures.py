"""The figures of a report on answers, by the section that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwise.reporting.answers.scores import Part
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.figures import Figure, draw_figures
from spanwise.reporting.figures.drawing import EXACT, SERIES, finish
from spanwise.reporting.formatting import score

if TYPE_CHECKING:
    from spanwise.reporting.figures.drawing import Chart

STEP = 24  # px a line
Row = Mapping[str, Any]

BEFORE, AFTER = "untuned", "tuned"


def draw_all(plots: Path, sources: Sources) -> dict[str, list[Figure]]:
    """Draw the plots that the stages left, and what is told of strata.

    Raises:
        UserError: If a folder of plots is missing, or a file in it cannot be drawn.
    """
    strata = sources.evaluation.test.answers.strata
    return {
        "train": draw_figures(plots, "train"),
        "confidence": draw_figures(plots, "confidence"),
        "benchmark": [*draw_figures(plots, "benchmark"), *draw_figures(plots, "scaling", stage="benchmark")],
        "evaluate": [draw_strata(strata), *([draw_losses(strata)] if sources.training.tuned else [])],
    }


def draw_strata(strata: Mapping[str, Part]) -> Figure:
    """Draw the chrF of each stratum as a dot on the line of its interval, where it has one."""
    rows: list[dict[str, Any]] = [
        {"name": name, "answers": own.answers, **own["chrf"].model_dump(include={"value", "low", "high"})}
        for name, own in strata.items()
    ]
    told = [f"{row['name']}: {score(row['value'])}" for row in rows]
    return finish(
        _dots(rows),
        name="strata",
        caption="chrF of each stratum, with its interval where five topics or more have it",
        summary="; ".join(told) or "No data",
        height=46 + STEP * max(len(rows), 1),
    )


def _dots(rows: Sequence[Row]) -> Chart:
    import altair as alt

    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(
        y=_names(rows),
        tooltip=[
            alt.Tooltip("name:N", title="Stratum"),
            alt.Tooltip("answers:Q", title="Answers", format=EXACT),
            alt.Tooltip("value:Q", title="chrF", format=EXACT),
            alt.Tooltip("low:Q", title="Interval from", format=EXACT),
            alt.Tooltip("high:Q", title="to", format=EXACT),
        ],
    )
    known = base.transform_filter("datum.value !== null")
    x = alt.X("value:Q", title="chrF", scale=scale, axis=alt.Axis(tickCount=5))
    return alt.layer(
        known.transform_filter("datum.low !== null")
        .mark_rule(color=SERIES[0], strokeWidth=1.4)
        .encode(x=alt.X("low:Q", title="chrF", scale=scale), x2="high:Q"),
        known.mark_point(filled=True, size=50, color=SERIES[0], opacity=1).encode(x=x),
    )


def _names(rows: Sequence[Row]) -> Any:
    import altair as alt

    labels = alt.Axis(grid=True, domain=False, ticks=False, labelPadding=6)
    return alt.Y("name:N", title=None, sort=list(dict.fromkeys(row["name"] for row in rows)), axis=labels)


def draw_losses(strata: Mapping[str, Part]) -> Figure:
    """Draw what the references of each stratum cost before and after tuning, joined by a line."""
    rows: list[dict[str, Any]] = [
        {"name": name, "model": model, "loss": own[measure].value, "before": own["untuned_loss"].value}
        for name, own in strata.items()
        for model, measure in ((BEFORE, "untuned_loss"), (AFTER, "loss"))
        if own[measure].value is not None
    ]
    told = [f"{row['name']}, {row['model']}: {score(row['loss'])}" for row in rows]
    return finish(
        _joined(rows),
        name="losses",
        caption="Loss of the references before and after tuning, in nats a token",
        summary="; ".join(told) or "No data",
        height=72 + STEP * max(len(strata), 1),
    )


def _joined(rows: Sequence[Row]) -> Chart:
    import altair as alt

    models = [BEFORE, AFTER]
    colours = alt.Scale(domain=models, range=[SERIES[1], SERIES[0]])
    shapes = alt.Scale(domain=models, range=["square", "circle"])
    legend = alt.Legend(title=None, columns=2)
    x = alt.X("loss:Q", title="Nats a token", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5))
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(
        y=_names(rows),
        tooltip=[
            alt.Tooltip("name:N", title="Stratum"),
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("loss:Q", title="Nats a token", format=EXACT),
        ],
    )
    return alt.layer(
        base.transform_filter(f"datum.model === '{AFTER}' && datum.before !== null")
        .mark_rule(color=SERIES[5], strokeWidth=1.2)
        .encode(x=x, x2="before:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(
            x=x,
            color=alt.Color("model:N", scale=colours, legend=legend),
            shape=alt.Shape("model:N", scale=shapes, legend=legend),
        ),
    )
