"""The figures of the CSV files that the stages leave."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.reporting.figures.confusion import MOST, draw_confusion
from spanwise.reporting.figures.curves import draw_series
from spanwise.reporting.figures.drawing import Figure
from spanwise.reporting.figures.scores import draw_types
from spanwise.reporting.sources import require

Row = Mapping[str, Any]

TYPES = {"label", "f1", "low", "high", "support", "tier"}
SERIES = {"series", "value"}
PAIRS = {"gold", "predicted"}
TEXTS = {"series", "label", "tier"} | PAIRS


def draw_figures(plots: Path, name: str, stage: str | None = None) -> list[Figure]:
    """Draw every CSV file in the folder `plots/<name>`, in the order of their names.

    A file has the columns `label,f1,low,high,support,tier`, or `gold,predicted`, or `series`, `value` and one
    for the x axis. Of more types than a heatmap has room for, there is a second one with all of them.

    Args:
        plots: The folder of plots.
        name: Of a folder in it.
        stage: That leaves the folder, unless it has its name.

    Raises:
        UserError: If the folder is missing, or a file has other columns or no number where one is due.
    """
    folder = plots / name
    require(folder, stage or name)
    return [figure for path in sorted(folder.glob("*.csv")) for figure in _draw(path)]


def _draw(path: Path) -> list[Figure]:
    columns, rows = _read(path)
    if set(columns) >= TYPES:
        return [draw_types(path.stem, rows)]
    if set(columns) >= PAIRS:
        return _draw_pairs(rows)
    if set(columns) >= SERIES and len(columns) == 3:
        (x,) = set(columns) - SERIES
        return [draw_series(path.stem, rows, x)]
    raise UserError(
        f"columns {','.join(columns)} cannot be drawn",
        path=path,
        line=1,
        hint="Expected label,f1,low,high,support,tier, or gold,predicted, or series, value and one column "
        "for the x axis.",
    )


def _draw_pairs(rows: list[Row]) -> list[Figure]:
    types = {row[column] for row in rows for column in PAIRS}
    return [draw_confusion(rows), *([draw_confusion(rows, most=None)] if len(types) > MOST + 1 else [])]


def _read(path: Path) -> tuple[list[str], list[Row]]:
    """The columns, and the rows with numbers as floats; an empty number is None."""
    reader = csv.DictReader(io.StringIO(read_text(path)))
    columns = list(reader.fieldnames or [])
    rows: list[Row] = []
    for line, raw in enumerate(reader, start=2):
        try:
            rows.append({key: item if key in TEXTS else _number(item) for key, item in raw.items()})
        except (TypeError, ValueError):
            raise UserError("a number was expected in every numeric column", path=path, line=line) from None
    return columns, rows


def _number(text: str) -> float | None:
    return None if text == "" else float(text)
