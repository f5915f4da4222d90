"""The figure of the study, as an SVG file of its own: validation by epoch, and the test side beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from spanwise.reporting.figures.drawing import DASHES, MARKERS, render, theme
from spanwise.reporting.formatting import count, interval, percent, score

if TYPE_CHECKING:
    import altair as alt

    from spanwise.reporting.figures.drawing import Chart

Arms = Mapping[str, Mapping[str, Any]]

# Those of the report in light, as a file of its own has no page to take them from.
PAPER, INK, LINE = "#ffffff", "#1d2127", "#d9d8d3"
COLOURS = {"random_rows": "#c65d21", "grouped": "#2d6fa3"}
PAINTS = tuple(COLOURS.values())
NAMES = {"random_rows": "split by random rows", "grouped": "split by document"}

MARKED = 10  # epochs of a long curve
WIDTH, HEIGHT = 290, 260  # px, of a side


class _Dot(NamedTuple):
    """One score of test rows."""

    arm: str
    label: str
    scores: Mapping[str, Any]
    whole: bool


def draw(figures: Mapping[str, Any]) -> str:
    """The study as SVG.

    Args:
        figures: What `studies/leak.py` writes to `leak.json`.
    """
    import altair as alt

    arms = figures["arms"]
    names = _legend(arms)
    chart = alt.hconcat(_curves(arms, names), _dots(list(_scored(arms)), names))
    # Its symbols would be dashed dots.
    chart = chart.resolve_legend(strokeDash="independent")
    svg = render(chart.to_dict() | {"config": theme(INK, LINE) | {"background": PAPER}})
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(_tell(figures))}" ', 1)


def _in_order(arms: Arms) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The arms with the leaking one first, whatever their order in the file."""
    return ((name, arms[name]) for name in NAMES)


def _legend(arms: Arms) -> dict[str, str]:
    """What the legend says of each arm."""
    return {name: f"{NAMES[name]}: {_given_away(arm)}" for name, arm in _in_order(arms)}


def _given_away(arm: Mapping[str, Any]) -> str:
    return f"{percent(arm['twin_share']['test'])} of test rows have their twin in training"


def _curves(arms: Arms, names: Mapping[str, str]) -> Chart:
    import altair as alt

    points = [
        {
            "arm": names[name],
            "epoch": point["epoch"],
            "f1": point["validation_score"],
            "marked": place % max(len(arm["curve"]) // MARKED, 1) == 0,
        }
        for name, arm in _in_order(arms)
        for place, point in enumerate(arm["curve"])
    ]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X(
            "epoch:Q",
            title="epoch",
            scale=alt.Scale(zero=False, nice=False, padding=8),
            axis=alt.Axis(grid=False, tickMinStep=1, format="d"),
        ),
        y=_f1("strict micro-F1"),
        color=_told_apart(alt.Color, names, PAINTS, legend=alt.Legend(title=None, columns=1)),
    )
    dashes = _told_apart(alt.StrokeDash, names, DASHES, legend=None)
    lines = base.mark_line(strokeWidth=1.6).encode(strokeDash=dashes)
    marked = base.transform_filter("datum.marked").mark_point(filled=True, size=35, opacity=1)
    dots = marked.encode(shape=_told_apart(alt.Shape, names, MARKERS, legend=None))
    return alt.layer(lines, dots).properties(
        title="Validation, by which the epoch is chosen", width=WIDTH, height=HEIGHT
    )


def _f1(title: str | None) -> alt.Y:
    import altair as alt

    axis = alt.Axis() if title else alt.Axis(labelOpacity=0, ticks=False, domain=False)
    return alt.Y("f1:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=axis)


def _told_apart(channel: Any, names: Mapping[str, str], values: Sequence[Any], **more: Any) -> Any:
    """The arms on a channel, such as colour."""
    import altair as alt

    scale = alt.Scale(domain=list(names.values()), range=list(values[: len(names)]))
    return channel("arm:N", scale=scale, **more)


def _scored(arms: Arms) -> Iterator[_Dot]:
    """The dots of the right side; where an arm has both rows with a twin and without, those apart too."""
    for name, arm in _in_order(arms):
        yield _Dot(name, "all\nrows", arm["test"], whole=True)
        if arm["test_with_twin"] and arm["test_without_twin"]:
            yield _Dot(name, "twin in\ntraining", arm["test_with_twin"], whole=False)
            yield _Dot(name, "no twin in\ntraining", arm["test_without_twin"], whole=False)


def _dots(dots: Sequence[_Dot], names: Mapping[str, str]) -> Chart:
    import altair as alt

    points = [
        {
            "place": place,
            "arm": names[arm],
            "f1": scores["f1"],
            "low": scores["f1_low"],
            "high": scores["f1_high"],
            "whole": whole,
            "told": score(scores["f1"]),
        }
        for place, (arm, _, scores, whole) in enumerate(dots)
    ]
    colours = _told_apart(alt.Color, names, PAINTS, legend=None)
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X("place:O", title=None, axis=_rows_axis(dots)), y=_f1(None), color=colours
    )
    bounded = base.transform_filter("datum.low !== null && datum.high !== null")
    shapes = _told_apart(alt.Shape, names, MARKERS, legend=None)
    filled = alt.when("datum.whole").then(colours).otherwise(alt.value(PAPER))
    return alt.layer(
        bounded.mark_rule(strokeWidth=1.6).encode(y="low:Q", y2="high:Q"),
        bounded.mark_tick(thickness=1.6, size=10).encode(y="low:Q"),
        bounded.mark_tick(thickness=1.6, size=10).encode(y="high:Q"),
        base.mark_point(size=45, opacity=1).encode(fill=filled, stroke=colours, shape=shapes),
        base.mark_text(align="left", dx=8).encode(text="told:N", color=alt.value(INK)),
    ).properties(title="Test, with intervals over documents", width=WIDTH, height=HEIGHT)


def _rows_axis(dots: Sequence[_Dot]) -> alt.Axis:
    """The rows behind each dot, in the colour of their arm."""
    import altair as alt

    labels = [f"{dot.label}\n({count(dot.scores['rows'])})".split("\n") for dot in dots]
    leaking = [place for place, dot in enumerate(dots) if dot.arm == next(iter(NAMES))]
    coloured = {
        "condition": {
            "test": f"indexof({leaking}, datum.value) >= 0",
            "value": COLOURS["random_rows"],
        },
        "value": COLOURS["grouped"],
    }
    return alt.Axis(
        labelExpr=f"{json.dumps(labels)}[datum.value]",
        labelColor=coloured,
        labelAngle=0,
        labelPadding=6,
        domain=False,
        ticks=False,
        grid=False,
    )


def _tell(figures: Mapping[str, Any]) -> str:
    """The figure in words."""
    told = []
    for name, arm in _in_order(figures["arms"]):
        first, last, test = arm["curve"][0], arm["curve"][-1], arm["test"]
        told.append(
            f"{NAMES[name].capitalize()}: {_given_away(arm)}; validation {score(first['validation_score'])} "
            f"at epoch {first['epoch']}, {score(last['validation_score'])} at {last['epoch']}; "
            f"test {score(test['f1'])} ({interval(test['f1_low'], test['f1_high'])})."
        )
    return f"Strict micro-F1 of the same recipe on {count(figures['rows'])} rows. {' '.join(told)}"
