"""The figure of the study, as an SVG file of its own: validation by epoch, and the test side beside it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from spanwise.reporting.figures import DASHES, MARKERS, NO_METADATA, STYLE
from spanwise.reporting.formatting import count, interval, percent, score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.typing import RcKeyType

Arms = Mapping[str, Mapping[str, Any]]

# Those of the report in light, as a file of its own has no page to take them from.
PAPER, INK, LINE = "#ffffff", "#1d2127", "#d9d8d3"
COLOURS = {"random_rows": "#c65d21", "grouped": "#2d6fa3"}
NAMES = {"random_rows": "split by random rows", "grouped": "split by document"}

LIGHT: dict[RcKeyType, Any] = {
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "grid.color": LINE,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}

MARKED = 10  # epochs of a long curve


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
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(STYLE | LIGHT):
        _canvas(figures).savefig(buffer, format="svg", metadata=NO_METADATA, facecolor=PAPER)
    return buffer.getvalue().replace("<svg ", f'<svg role="img" aria-label="{escape(_tell(figures))}" ', 1)


def _canvas(figures: Mapping[str, Any]) -> Canvas:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(7.6, 4.2), layout="constrained")
    left, right = canvas.subplots(1, 2, sharey=True, width_ratios=(1.1, 1))
    _curves(left, figures["arms"])
    _dots(right, list(_scored(figures["arms"])))
    left.set_ylim(0, 1)
    left.set_ylabel("strict micro-F1")
    for axes in (left, right):
        axes.grid(axis="y", linewidth=0.7)
    canvas.legend(loc="outside upper left", handlelength=2.4)
    return canvas


def _curves(axes: Axes, arms: Arms) -> None:
    from matplotlib.ticker import MaxNLocator

    for index, (name, arm) in enumerate(_in_order(arms)):
        axes.plot(
            [point["epoch"] for point in arm["curve"]],
            [point["validation_score"] for point in arm["curve"]],
            label=f"{NAMES[name]}: {_given_away(arm)}",
            color=COLOURS[name],
            linestyle=DASHES[index],
            marker=MARKERS[index],
            markevery=max(len(arm["curve"]) // MARKED, 1),
            markersize=4.5,
            linewidth=1.6,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_title("Validation, by which the epoch is chosen", fontsize=10, loc="left")


def _in_order(arms: Arms) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The arms with the leaking one first, whatever their order in the file."""
    return ((name, arms[name]) for name in NAMES)


def _given_away(arm: Mapping[str, Any]) -> str:
    return f"{percent(arm['twin_share']['test'])} of test rows have their twin in training"


def _scored(arms: Arms) -> Iterator[_Dot]:
    """The dots of the right side; where an arm has both rows with a twin and without, those apart too."""
    for name, arm in _in_order(arms):
        yield _Dot(name, "all\nrows", arm["test"], whole=True)
        if arm["test_with_twin"] and arm["test_without_twin"]:
            yield _Dot(name, "twin in\ntraining", arm["test_with_twin"], whole=False)
            yield _Dot(name, "no twin in\ntraining", arm["test_without_twin"], whole=False)


def _dots(axes: Axes, dots: Sequence[_Dot]) -> None:
    for place, (arm, _, scores, whole) in enumerate(dots):
        colour = COLOURS[arm]
        bounds = [scores["f1_low"], scores["f1_high"]]
        if None not in bounds:
            axes.plot([place, place], bounds, color=colour, linewidth=1.6, marker="_", markersize=10)
        axes.plot(
            place,
            scores["f1"],
            color=colour,
            marker=MARKERS[list(COLOURS).index(arm)],
            markersize=5.5,
            markerfacecolor=colour if whole else PAPER,
        )
        where = (place, scores["f1"])
        axes.annotate(score(scores["f1"]), where, (8, 0), textcoords="offset points", va="center")
    axes.set_xticks(range(len(dots)), [f"{dot.label}\n({count(dot.scores['rows'])})" for dot in dots])
    for text, dot in zip(axes.get_xticklabels(), dots, strict=True):
        text.set_color(COLOURS[dot.arm])
    axes.tick_params(axis="both", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(-0.5, len(dots) - 0.2)
    axes.set_title("Test, with intervals over documents", fontsize=10, loc="left")


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
