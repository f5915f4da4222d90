"""Made-up notes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def write_lines(path: Path, count: int, extra: Iterable[str] = ()) -> Path:
    """A file of JSON lines with so many notes, and other lines behind them."""
    notes = [
        json.dumps({"id": f"n{number}", "text": f"Patient {number} had fever, rash and took aspirin."})
        for number in range(count)
    ]
    path.write_text("".join(f"{line}\n" for line in [*notes, *extra]), encoding="utf-8")
    return path
