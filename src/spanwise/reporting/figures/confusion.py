"""What each type was taken for, as a heatmap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spanwise.metrics.errors import NONE
from spanwise.reporting.figures.drawing import EXACT, SERIES, SHARE, WIDTH, Figure, finish
from spanwise.reporting.formatting import count, counted

if TYPE_CHECKING:
    import altair as alt

Row = Mapping[str, Any]
Pairs = Mapping[tuple[str, str], int]  # spans by their gold and predicted type

MISSED, SPURIOUS, OTHER = "(missed)", "(spurious)", "(other types)"
KINDS = {"right type": SERIES[5], "another type": SERIES[1], "missed or spurious": SERIES[3]}
MUTED = 0.25  # the opacity of what has the right type
MOST = 15  # types that a column of a page has room for
CELL, LETTER, HEAD = 15, 5.8, 40  # px: a cell, a letter of a label, the legends
TOLD = 3  # confusions named in words


def draw_confusion(rows: Sequence[Row], most: int | None = MOST) -> Figure:
    """Draw which share of each gold type's spans was taken for which type, the right type muted.

    Args:
        rows: One a span, with `gold` and `predicted`; `(none)` where there is none.
        most: How many types to show, the most frequent of the gold standard first; all if None.
    """
    pairs = Counter((row["gold"], row["predicted"]) for row in rows)
    types = _by_support(pairs)
    shown = types[:most]
    caption = "What the spans of each type were taken for, in shares of the row"
    if len(shown) < len(types):
        caption += f"; the {len(shown)} most frequent of {counted(len(types), 'type')}"
    labels = LETTER * max(map(len, [*shown, OTHER]))
    size = labels + CELL * (len(shown) + 2)
    return finish(
        _heatmap(count_cells(pairs, shown)),
        name="confusion" if most else "confusion_all",
        caption=caption,
        summary=_tell(pairs),
        width=WIDTH if most else max(WIDTH, size),
        height=HEAD + (min(size, WIDTH) if most else size),
        wide=most is None,
    )


def _by_support(pairs: Pairs) -> list[str]:
    support: Counter[str] = Counter()
    for (gold, predicted), spans in pairs.items():
        support[gold] += spans
        support[predicted] += 0
    return sorted(set(support) - {NONE}, key=lambda label: (-support[label], label))


def count_cells(pairs: Pairs, shown: Sequence[str]) -> list[dict[str, Any]]:
    """The cells that are not empty, row by row; all that is not `shown` is one column, and no row."""
    columns = {label: label for label in shown} | {NONE: MISSED}
    cells: Counter[tuple[str, str]] = Counter()
    for (gold, predicted), spans in pairs.items():
        if gold in columns:
            cells[gold, columns.get(predicted, OTHER)] += spans
    rows: Counter[str] = Counter()
    for (gold, _), spans in cells.items():
        rows[gold] += spans
    order = [*shown, OTHER, MISSED]
    return [
        {
            "gold": SPURIOUS if gold == NONE else gold,
            "predicted": predicted,
            "kind": _kind(gold, predicted),
            "spans": cells[gold, predicted],
            "share": round(cells[gold, predicted] / rows[gold], 6),
        }
        for gold in [*shown, NONE]
        for predicted in order
        if cells[gold, predicted]
    ]


def _kind(gold: str, predicted: str) -> str:
    same, other, one_sided = KINDS
    if gold == NONE or predicted == MISSED:
        return one_sided
    return same if gold == predicted else other


def _heatmap(cells: Sequence[Row]) -> alt.Chart:
    import altair as alt

    same = next(iter(KINDS))
    golds = list(dict.fromkeys(cell["gold"] for cell in cells))
    taken = {cell["predicted"] for cell in cells}
    predictions = [label for label in [*golds, OTHER, MISSED] if label in taken]
    predictions += sorted(taken - {*predictions})
    top = max((cell["share"] for cell in cells if cell["kind"] != same), default=1)
    axis = alt.Axis(domain=False, ticks=False, grid=True, tickBand="extent")
    shares = alt.Opacity(
        "share:Q",
        scale=alt.Scale(type="sqrt", domain=[0, top], range=[0, 1]),
        legend=alt.Legend(
            title=None,
            values=[top / 16, top / 4, top],
            labelExpr=f"format(datum.value, '.1~%') + (datum.value == {top} ? ' of the row' : '')",
            symbolType="square",
            symbolFillColor=KINDS["another type"],
            symbolStrokeColor=KINDS["another type"],
        ),
    )
    kinds = alt.Scale(domain=list(KINDS), range=list(KINDS.values()))
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=list(cells)))
        .mark_rect()
        .encode(
            x=alt.X("predicted:N", title="Predicted", sort=predictions, axis=axis),
            y=alt.Y("gold:N", title="Gold", sort=golds, axis=axis),
            color=alt.Color(
                "kind:N", scale=kinds, legend=alt.Legend(title=None, symbolType="square", columnPadding=6)
            ),
            opacity=alt.when(f"datum.kind == '{same}'").then(alt.value(MUTED)).otherwise(shares),
            tooltip=[
                alt.Tooltip("gold:N", title="Gold"),
                alt.Tooltip("predicted:N", title="Predicted"),
                alt.Tooltip("spans:Q", title="Spans", format=EXACT),
                alt.Tooltip("share:Q", title="Share of the row", format=SHARE),
            ],
        )
    )
    return chart


def _tell(pairs: Pairs) -> str:
    """The most frequent confusions of types in words, and how much was missed or is spurious."""
    confused = sorted(
        ((-spans, pair) for pair, spans in pairs.items() if NONE not in pair and pair[0] != pair[1])
    )
    told = [f"{gold} for {predicted}: {count(-spans)}" for spans, (gold, predicted) in confused[:TOLD]]
    one_sided = [sum(spans for pair, spans in pairs.items() if pair[side] == NONE) for side in (1, 0)]
    named = f"Most frequent confusions: {'; '.join(told)}. " if told else "No type was taken for another. "
    return named + f"Missed: {count(one_sided[0])}; spurious: {count(one_sided[1])}"
