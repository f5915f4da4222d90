"""Fail when any file is covered less than it should be: `python tests/coverage_gate.py .coverage.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

MINIMUM = 90.0  # per cent of lines and branches, of each file


def shortfalls(report: Path, minimum: float = MINIMUM) -> list[str]:
    """A line for each file of a `coverage json` report below `minimum`.

    Raises:
        ValueError: If the report covers no file at all.
    """
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    if not files:
        raise ValueError(f"{report} covers no file")
    covered = {name: file["summary"]["percent_covered"] for name, file in files.items()}
    return [f"{name}: {percent:.1f} %" for name, percent in sorted(covered.items()) if percent < minimum]


if __name__ == "__main__":
    found = shortfalls(Path(sys.argv[1]))
    sys.exit("\n".join([f"covered less than {MINIMUM:.0f} %:", *found]) if found else 0)
