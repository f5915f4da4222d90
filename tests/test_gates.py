"""The gates themselves: that types and annotations are required everywhere, without a way around them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
SOURCES = [path for folder in TOOLS["mypy"]["files"] for path in sorted((ROOT / folder).rglob("*.py"))]


def test_mypy_is_strict_wherever_there_is_code() -> None:
    assert TOOLS["mypy"]["strict"] is True
    assert set(TOOLS["mypy"]["files"]) == {"src", "stages", "studies", "tests", "benchmarks", "examples"}
    assert not {"exclude", "ignore_errors", "follow_imports"} & TOOLS["mypy"].keys()


def test_mypy_lets_no_module_of_ours_off() -> None:
    """Libraries may come without types; nothing else is relaxed, for any module."""
    for override in TOOLS["mypy"].get("overrides", []):
        assert override.keys() == {"module", "ignore_missing_imports"}
        assert not [name for name in override["module"] if name.startswith(("spanwise", "stages", "tests"))]


def test_ruff_requires_annotations_and_ignores_them_in_no_source() -> None:
    lint = TOOLS["ruff"]["lint"]
    assert "ANN" in lint["select"]
    assert [rule for rule in lint["ignore"] if rule.startswith("ANN")] == ["ANN401"]
    exempt = [glob for glob, rules in lint["per-file-ignores"].items() if "ANN" in rules]
    assert exempt == ["docs/*.ipynb"]


@pytest.mark.parametrize(
    "mark", [r"#\s*mypy:", r"#\s*ruff:\s*noqa", r"#\s*type:\s*ignore(?!\[)", r"@no_type_check"]
)
def test_no_file_takes_itself_out(mark: str) -> None:
    found = [path for path in SOURCES if re.search(mark, path.read_text(encoding="utf-8"))]
    assert [path for path in found if path != Path(__file__)] == []
