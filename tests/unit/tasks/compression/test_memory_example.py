from __future__ import annotations

import runpy
from pathlib import Path

import pytest


def test_the_example_trims_what_is_old_and_keeps_what_counts(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(root / "examples" / "trim_memory.py"), run_name="__main__")
    shown = capsys.readouterr().out
    assert "81-40772" in shown
    assert "do not want" in shown
    assert "Hello" not in shown
    assert "words saved in 4 calls" in shown
