"""Three figures of a search: its course, what mattered, and which values went with which scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spanwise.reporting.figures.drawing import EXACT, INK, LINE, MARKERS, SERIES, Figure, finish, tint
from spanwise.reporting.formatting import percent, score
from spanwise.tuning.ledger import Entry
from spanwise.tuning.outcome import rank
from spanwise.tuning.space import Range, Scalar, Space
from spanwise.tuning.telling import tell_value

if TYPE_CHECKING:
    from spanwise.reporting.figures.drawing import Chart

COLOURS = {"finished": SERIES[0], "pruned": SERIES[1]}
AXIS = 110  # px between two parameters
SHADES = ("best third", "middle", "last third")


def draw_history(trials: Sequence[Entry]) -> Figure:
    """Draw each trial's score in the order of the trials, and the best so far as a line."""
    scored = [trial for trial in trials if trial.score is not None and trial.state in COLOURS]
    points = [{"trial": each.number, "score": each.score, "state": each.state} for each in scored]
    steps: list[dict[str, float]] = []
    for trial in scored:
        if trial.state == "finished" and trial.score is not None:
            best = max(trial.score, steps[-1]["score"] if steps else 0)
            steps.append({"trial": trial.number, "score": best})
    told = (
        f"Best so far: {', '.join(score(each['score']) for each in steps)}" if steps else "No trial finished"
    )
    return finish(
        _history(points, steps),
        name="history",
        caption="Validation score of each trial; the line is the best so far",
        summary=told,
        height=240,
    )


def _history(points: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]) -> Chart:
    import altair as alt

    x = alt.X("trial:Q", title="Trial", axis=alt.Axis(grid=False, tickMinStep=1, format="d"))
    y = alt.Y("score:Q", title="Score", scale=alt.Scale(zero=False))
    line = alt.Chart(alt.InlineData(values=list(steps))).mark_line(
        interpolate="step-after", color=SERIES[0], strokeWidth=1.4
    )
    names = list(COLOURS)
    colours = alt.Scale(domain=names, range=list(COLOURS.values()))
    shapes = alt.Scale(domain=names, range=list(MARKERS[:2]))
    dots = alt.Chart(alt.InlineData(values=list(points))).mark_point(filled=True, size=45)
    legend = alt.Legend(title=None, columns=2, symbolSize=50)
    return alt.layer(
        line.encode(x=x, y=y),
        dots.encode(
            x=x,
            y=y,
            color=alt.Color("state:N", scale=colours, legend=legend),
            shape=alt.Shape("state:N", scale=shapes, legend=legend),
            tooltip=[
                alt.Tooltip("trial:Q", title="Trial"),
                alt.Tooltip("state:N", title="Ended"),
                alt.Tooltip("score:Q", title="Score", format=EXACT),
            ],
        ),
    )


def draw_importance(shares: Mapping[str, float]) -> Figure | None:
    """Draw how much each parameter mattered; None where that is unknown.

    Args:
        shares: By parameter, 1 in all.
    """
    import altair as alt

    if not shares:
        return None
    rows = [{"parameter": key, "share": share} for key, share in shares.items()]
    labels = alt.Axis(domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("share:Q", title="Share of the importance", axis=alt.Axis(format="%", tickCount=5)),
        y=alt.Y("parameter:N", title=None, sort=list(shares), axis=labels),
        tooltip=[
            alt.Tooltip("parameter:N", title="Parameter"),
            alt.Tooltip("share:Q", title="Share", format=EXACT),
        ],
    )
    return finish(
        base.mark_bar(color=tint(SERIES[0], 50), height=14),
        name="importance",
        caption="How much each parameter mattered for reaching the best scores (PED-ANOVA)",
        summary="; ".join(f"{key}: {percent(share)}" for key, share in shares.items()),
        height=56 + 24 * len(rows),
    )


def draw_parallel(space: Space, trials: Sequence[Entry]) -> Figure | None:
    """Draw each finished trial as a line through its values; None where fewer than two finished."""
    ranked = rank(trials)
    if len(ranked) < 2:
        return None
    axes = list(space.parameters)
    rows = [
        {"trial": trial.number, "rank": _third(place, len(ranked)), **point}
        for place, trial in enumerate(ranked)
        for point in [*_points(space, trial), _score_point(trial, ranked)]
    ]
    return finish(
        _parallel([*axes, "score"], rows, _ends(space, ranked)),
        name="parallel",
        caption="The values of each finished trial, the lowest at the foot, with its score at the right",
        summary="; ".join(
            f"trial {trial.number}, {score(trial.score)}: "
            + ", ".join(f"{key} {tell_value(value)}" for key, value in trial.values.items())
            for trial in ranked[:3]
        ),
        height=320,
        width=max(380, AXIS * (len(axes) + 1)),
        wide=len(axes) > 3,
    )


def _third(place: int, of: int) -> str:
    return SHADES[min(3 * place // of, 2)]


def _points(space: Space, trial: Entry) -> list[dict[str, Any]]:
    return [
        {"axis": key, "height": _height(space, key, value), "told": tell_value(value)}
        for key, value in trial.values.items()
    ]


def _score_point(trial: Entry, ranked: Sequence[Entry]) -> dict[str, Any]:
    scores = [each.score or 0 for each in ranked]
    spread = max(scores) - min(scores)
    height = ((trial.score or 0) - min(scores)) / spread if spread else 0.5
    return {"axis": "score", "height": height, "told": score(trial.score)}


def _height(space: Space, key: str, value: Scalar) -> float:
    """Where a value stands on its axis, from 0 to 1."""
    parameter = space.parameters[key]
    if not isinstance(parameter, Range):
        return parameter.choices.index(value) / (len(parameter.choices) - 1)
    assert isinstance(value, int | float)
    low, high, place = (float(each) for each in (parameter.low, parameter.high, value))
    if parameter.log:
        low, high, place = math.log(low), math.log(high), math.log(place)
    return (place - low) / (high - low)


def _ends(space: Space, ranked: Sequence[Entry]) -> list[dict[str, Any]]:
    """What stands at the foot and the head of each axis."""
    scores = [score(ranked[-1].score), score(ranked[0].score)]
    ends = {key: [tell_value(value) for value in each.bounds] for key, each in space.parameters.items()}
    return [
        {"axis": axis, "height": height, "told": told}
        for axis, values in {**ends, "score": scores}.items()
        for height, told in ((-0.06, values[0]), (1.06, values[-1]))
    ]


def _parallel(axes: list[str], rows: list[dict[str, Any]], ends: list[dict[str, Any]]) -> Chart:
    import altair as alt

    labels = alt.Axis(title=None, domain=False, ticks=False, grid=True, labelAngle=-20, gridColor=LINE)
    x = alt.X("axis:N", sort=axes, axis=labels, scale=alt.Scale(type="point", padding=0.5))
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[-0.1, 1.1], nice=False))
    colours = alt.Scale(domain=list(SHADES), range=[SERIES[0], tint(SERIES[0], 45), tint(INK, 25)])
    lines = alt.Chart(alt.InlineData(values=rows)).mark_line(strokeWidth=1.6, point=True)
    texts = alt.Chart(alt.InlineData(values=ends)).mark_text(fontSize=9)
    return alt.layer(
        lines.encode(
            x=x,
            y=y,
            detail="trial:N",
            color=alt.Color("rank:N", scale=colours, legend=alt.Legend(title=None, columns=3)),
            tooltip=[
                alt.Tooltip("trial:N", title="Trial"),
                alt.Tooltip("axis:N", title="Parameter"),
                alt.Tooltip("told:N", title="Value"),
            ],
        ),
        texts.encode(x=x, y=y, text="told:N"),
    )
