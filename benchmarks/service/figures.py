"""What replies say: rates, percentiles, statuses; and how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer
from benchmarks.service.client import LOST, REFUSED, Reply

from spanwise.io import write_json

NAMES = {LOST: "connection closed", REFUSED: "connection refused"}


def latencies(replies: Sequence[Reply]) -> dict[str, float]:
    """Percentiles of the time to an answer, in milliseconds; none of no replies."""
    if not replies:
        return {}
    times = [1000 * each.seconds for each in replies]
    found = dict(zip(("p50", "p95", "p99"), np.percentile(times, (50, 95, 99)), strict=True))
    return {f"{name}_ms": round(float(value), 2) for name, value in (found | {"max": max(times)}).items()}


def statuses(replies: Sequence[Reply]) -> dict[str, int]:
    """How many replies had which status."""
    counted = Counter(NAMES.get(each.status, str(each.status)) for each in replies)
    return dict(sorted(counted.items()))


def answered(replies: Sequence[Reply]) -> list[Reply]:
    """Those with status 200."""
    return [each for each in replies if each.status == 200]


def rate(replies: Sequence[Reply]) -> float:
    """Answers with status 200 a second, from when the first request was sent to the last answer."""
    good = answered(replies)
    if len(good) < 2:
        return 0.0
    span = max(each.start + each.seconds for each in good) - min(each.start for each in replies)
    return len(good) / span


def summary(*turns: Sequence[Reply]) -> dict[str, Any]:
    """Rate (the mean of several turns), percentiles of what was answered, and statuses."""
    replies = [reply for turn in turns for reply in turn]
    return {
        "requests": len(replies),
        "per_s": round(sum(rate(turn) for turn in turns) / len(turns), 2),
        **latencies(answered(replies)),
        "statuses": statuses(replies),
    }


def show(title: str, rows: Mapping[str, Any], json: Path | None) -> None:
    """Print a table of names and figures, and write them where a path is given."""
    typer.echo(title)
    for name, value in rows.items():
        typer.echo(f"  {name:<34}{_shown(value)}")
    if json is not None:
        write_json(json, {"title": title, **rows})
        typer.echo(f"  written: {json}")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items()) or "-"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, list | tuple):
        return " ".join(_shown(each) for each in value)
    return str(value)
