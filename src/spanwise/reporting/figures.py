"""The plots of the pipeline as inline SVG, drawn from their CSV files.

Colours are CSS variables of the page and text is in the page's own ink and font, so that one figure suits
light, dark and print.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.reporting.formatting import DASH, amount, score, words
from spanwise.reporting.sources import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.typing import RcKeyType

Row = Mapping[str, Any]

# Stand-ins for matplotlib, which wants real colours; the SVG gets the CSS ones.
INK, LINE = "#010101", "#020202"
SERIES = ("#030301", "#030302", "#030303", "#030304", "#030305", "#030306")
CSS = {INK: "currentColor", LINE: "var(--line)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)
}
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1)), (0, (8, 3)))
REFERENCE = "ideal"  # a series to hold others against
MARKERS = ("o", "s", "^", "D", "v", "P")

STYLE: dict[RcKeyType, Any] = {
    "svg.hashsalt": "spanwise",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}
NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}

CAPTIONS = {
    "loss": "Loss during training",
    "score": "Score on the validation side during training, by which the best epoch is chosen",
    "f1": "Strict micro-F1 on the validation side during training",
    "types": "F1 of each type with its interval, from the most to the least frequent",
    "reliability": "Share of right predictions by confidence: well calibrated near the diagonal",
    "thresholds": "What a confidence threshold accepts",
    "histogram": "Predictions by confidence",
    "latency": "Time from handing a batch over to its last prediction, in milliseconds",
}
SEVERAL = {  # where there is more than one series
    "score": "Score on each corpus' validation side during training; the main corpus chooses the best epoch",
}
ACRONYMS = {"f1": "F1", "ms": "ms", "p50": "p50", "p95": "p95", "p99": "p99"}


@dataclass(frozen=True)
class Figure:
    """A drawing for an HTML page: its SVG, and in words what it shows."""

    name: str
    caption: str
    svg: str


def draw_figures(plots: Path, stage: str) -> list[Figure]:
    """Draw every CSV file that a stage left in the folder `plots/<stage>`, in the order of their names.

    A file has the columns `label,f1,low,high,support,tier`, or `series`, `value` and one for the x axis.

    Raises:
        UserError: If the folder is missing, or a file has other columns or no number where one is due.
    """
    folder = plots / stage
    require(folder, stage)
    return [_draw(path) for path in sorted(folder.glob("*.csv"))]


def _draw(path: Path) -> Figure:
    columns, rows = _read(path)
    name = path.stem
    prefix = f"{path.parent.name}-{name}"  # two stages may give a file the same name
    several = len({row.get("series") for row in rows}) > 1
    caption = (CAPTIONS | SEVERAL if several else CAPTIONS).get(name, sentence(name))
    if {"label", "f1", "low", "high", "support", "tier"} <= set(columns):
        svg, summary = _svg(lambda: _dots(rows), prefix), _tell_dots(rows)
    elif {"series", "value"} <= set(columns) and len(columns) == 3:
        (x,) = set(columns) - {"series", "value"}
        svg, summary = _svg(lambda: _lines(rows, x, name), prefix), _tell_lines(rows, x)
    else:
        raise UserError(
            f"columns {','.join(columns)} cannot be drawn",
            path=path,
            line=1,
            hint="Expected label,f1,low,high,support,tier, or series, value and one column for the x axis.",
        )
    return Figure(name, caption, _labelled(svg, f"{caption}. {summary}"))


def _read(path: Path) -> tuple[list[str], list[Row]]:
    """The columns, and the rows with numbers as floats; an empty number is None."""
    reader = csv.DictReader(io.StringIO(read_text(path)))
    columns = list(reader.fieldnames or [])
    texts = {"series", "label", "tier"}
    rows: list[Row] = []
    for line, raw in enumerate(reader, start=2):
        try:
            rows.append({key: item if key in texts else _number(item) for key, item in raw.items()})
        except (TypeError, ValueError):
            raise UserError("a number was expected in every numeric column", path=path, line=line) from None
    return columns, rows


def _number(text: str) -> float | None:
    return None if text == "" else float(text)


def sentence(name: str) -> str:
    """A file or column name as a heading: `latency_ms` -> `Latency ms`."""
    text = " ".join(ACRONYMS.get(word, word) for word in words(name).split())
    return text if text in ACRONYMS.values() else text[:1].upper() + text[1:]


def _legend(label: str) -> str:
    """A series' name: a heading, unless it has a corpus' name in it, as `ncbi-disease validation`."""
    return label if " " in label else sentence(label)


def _series(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows that are a point, by series, in the order of the file."""
    series: dict[str, list[Row]] = {}
    for row in rows:
        if None not in row.values():
            series.setdefault(row["series"], []).append(row)
    return series


def _lines(rows: Sequence[Row], x: str, name: str) -> Canvas:
    canvas, axes = _canvas(height=2.8)
    series = _series(rows)
    plot = _histogram if name == "histogram" else _curves
    plot(axes, series, x)
    _scale(axes, series, x)
    axes.grid(axis="y", linewidth=0.7)
    axes.set_xlabel(sentence(x))
    if series:
        columns = min(len(series), 3 if max(map(len, series)) < 16 else 2)
        canvas.legend(loc="outside upper left", ncols=columns, handlelength=2.4, columnspacing=1.4)
    else:
        axes.text(0.5, 0.5, "no data", ha="center", transform=axes.transAxes)
    return canvas


def _curves(axes: Axes, series: Mapping[str, Sequence[Row]], x: str) -> None:
    for index, (label, rows) in enumerate(series.items()):
        reference = label == REFERENCE
        axes.plot(
            [row[x] for row in rows],
            [row["value"] for row in rows],
            label=_legend(label),
            color=INK if reference else SERIES[index % len(SERIES)],
            linestyle=":" if reference else DASHES[index % len(DASHES)],
            marker="" if reference else MARKERS[index % len(MARKERS)],
            markersize=3.5,
            linewidth=1 if reference else 1.6,
        )


def _histogram(axes: Axes, series: Mapping[str, Sequence[Row]], x: str) -> None:
    """Bars side by side, each bin as wide as the closest two places on the x axis are apart."""
    places = sorted({row[x] for rows in series.values() for row in rows})
    room = 0.86 * min((right - left for left, right in pairwise(places)), default=0.1)
    width = room / max(len(series), 1)
    for index, (label, rows) in enumerate(series.items()):
        shift = (index + 0.5) * width - room / 2
        axes.bar(
            [row[x] + shift for row in rows],
            [row["value"] for row in rows],
            width=width,
            label=_legend(label),
            color=SERIES[index % len(SERIES)],
            edgecolor=INK,
            linewidth=0.4,
            hatch=("", "////", "....")[index % 3],
        )


def _scale(axes: Axes, series: Mapping[str, Sequence[Row]], x: str) -> None:
    """Scores from 0 to 1 keep that range; few whole-numbered places get a tick each."""
    from matplotlib.ticker import MaxNLocator

    values = [row["value"] for rows in series.values() for row in rows]
    places = sorted({row[x] for rows in series.values() for row in rows})
    axes.set_ylim(bottom=0, top=1.02 if values and max(values) <= 1 and min(values) >= 0 else None)
    if all(place.is_integer() for place in places):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if x == "batch_size" and places:
        axes.set_xscale("log", base=2)
        axes.set_xticks(places, [f"{place:g}" for place in places], minor=False)


def _dots(rows: Sequence[Row]) -> Canvas:
    """One dot a type on the line of its interval; tiers differ in colour and shape."""
    ordered = sorted(rows, key=lambda row: (-(row["support"] or 0), row["label"]))
    canvas, axes = _canvas(height=0.9 + 0.215 * max(len(ordered), 2))
    tiers = list(dict.fromkeys(row["tier"] for row in ordered))
    for index, tier in enumerate(tiers):
        _tier(axes, {place: row for place, row in enumerate(ordered) if row["tier"] == tier}, index)
    for place, row in enumerate(ordered):
        if row["f1"] is None:
            axes.text(0.01, place, DASH, va="center")
    axes.set_yticks(range(len(ordered)), [row["label"] for row in ordered])
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.set_ylim(len(ordered) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.grid(linewidth=0.5)
    axes.spines["left"].set_visible(False)
    canvas.legend(loc="outside upper left", ncols=3, handlelength=1.2, columnspacing=1.4)
    return canvas


def _tier(axes: Axes, rows: Mapping[int, Row], index: int) -> None:
    """The dots of one tier, by their place from the top."""
    colour = SERIES[index % len(SERIES)]
    for place, row in rows.items():
        axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=1.3)
    axes.plot(
        [row["f1"] for row in rows.values()],
        list(rows),
        label=f"{sentence(next(iter(rows.values()))['tier'])} tier",
        color=colour,
        linestyle="",
        marker=MARKERS[index % len(MARKERS)],
        markersize=5,
        clip_on=False,
    )


def _canvas(height: float) -> tuple[Canvas, Axes]:
    """A narrow drawing: its text stays readable on a telephone."""
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(4.4, height), layout="constrained")
    return canvas, canvas.add_subplot()


def _svg(draw: Callable[[], Canvas], prefix: str) -> str:
    """The drawing as an SVG element that can stand in a page beside others."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        draw().savefig(buffer, format="svg", metadata=NO_METADATA, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    for stand_in, colour in CSS.items():
        svg = svg.replace(stand_in, colour)
    # Ids must be unique in the page, not just in the drawing.
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    # The page has its own font and its own rules.
    return re.sub(
        r" font-family: [^;\"]+;?| <defs>\s*<style.*?</style>\s*</defs>\s", "", svg, flags=re.DOTALL
    )


def _labelled(svg: str, text: str) -> str:
    from markupsafe import escape

    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(text)}" ', 1)


def _tell_lines(rows: Sequence[Row], x: str) -> str:
    """The first and last point of each series in words."""
    told = [
        f"{_legend(label)}: {amount(points[0]['value'])} at {words(x)} {amount(points[0][x])}, "
        f"{amount(points[-1]['value'])} at {amount(points[-1][x])}"
        for label, points in _series(rows).items()
    ]
    return "; ".join(told) or "No data"


def _tell_dots(rows: Sequence[Row]) -> str:
    """The best and the worst type in words."""
    known = sorted((row for row in rows if row["f1"] is not None), key=lambda row: (-row["f1"], row["label"]))
    if not known:
        return f"No type has a score: {DASH}"
    best, worst = known[0], known[-1]
    return (
        f"Best: {best['label']}, {score(best['f1'])}; last: {worst['label']}, {score(worst['f1'])}. "
        "All figures are in the table of types."
    )
