from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from spanwise.comparison.grouping import divide
from spanwise.comparison.page import Outcome, render_table, write_selection
from spanwise.comparison.selection import select
from spanwise.io import read_json

HOSTILE = "<img src=x onerror=alert(1)>|`"
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """The elements of a page; that each is closed is checked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def outcome(models: Any) -> Outcome:
    """Two models on one test set, one on another, and one that could not be read."""
    each = [
        models.read("slow", found=9, latency=200.0),
        models.read("quick", found=7),
        models.read("elsewhere", "metrics/benchmark.json", corpus="other"),
    ]
    weights = {"f1": 1.0, "rare_f1": 0.0, "latency": 1.0, "size": 0.0}
    drawn: dict[str, Any] = {"samples": 300, "level": 0.95, "seed": 13}
    selections = tuple(select(group, weights=weights, **drawn) for group in divide(each))
    return Outcome(selections, {"gone": "no metrics/evaluate.json"}, 300, 0.95)


def test_the_same_outcome_gives_the_same_three_files(outcome: Outcome, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_selection(tmp_path / name, outcome)
    names = [f"model_selection.{suffix}" for suffix in ("html", "json", "md")]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert str(tmp_path).encode() not in (tmp_path / "one" / name).read_bytes()


def test_the_markdown_has_figures_verdict_and_reservations(outcome: Outcome, tmp_path: Path) -> None:
    write_selection(tmp_path, outcome)
    text = (tmp_path / "model_selection.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| `slow` "))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "`slow`"
    assert cells[1].startswith("0.947 (0.947")
    assert cells[3:5] == ["1.000", "0.900"]
    assert cells[6:] == ["3.33 min", "200", "90", "40%"]
    assert "| `elsewhere` |" in text
    assert "`gone` takes no part: no metrics/evaluate.json." in text
    assert "Ship slow: " in text
    assert "2 times as slow" in text
    assert "`elsewhere` lacks `metrics/benchmark.json`." in text
    assert "\n\n\n" not in text


def test_the_terminal_gets_one_table_a_test_set(outcome: Outcome) -> None:
    first, second = (render_table(selection) for selection in outcome.selections)
    assert first.startswith("| Model | micro-F1")
    assert "rare-tier F1 (low)" in first
    assert [line.split("|")[1].strip() for line in first.splitlines()[2:]] == ["`slow`", "`quick`"]
    assert [line.split("|")[1].strip() for line in second.splitlines()[2:]] == ["`elsewhere`"]


def test_the_json_has_all_figures(outcome: Outcome, tmp_path: Path) -> None:
    write_selection(tmp_path, outcome)
    written = read_json(tmp_path / "model_selection.json")
    assert written["left_out"] == {"gone": "no metrics/evaluate.json"}
    assert (written["samples"], written["level"]) == (300, 0.95)
    first, second = written["groups"]
    assert [model["name"] for model in first["models"]] == ["slow", "quick"]
    assert first["best"] == first["recommendation"]["name"] == "slow"
    slow = first["models"][0]
    assert slow["micro_f1"] == pytest.approx(18 / 19, abs=1e-6)
    assert (slow["latency_ms_p50"], slow["model_mb"], slow["training_seconds"]) == (200, 90, 200)
    assert slow["training_clock"] == "processor"
    assert (slow["automation_share"], slow["commit"]) == (0.4, "c" * 40)
    (pair,) = first["pairs"]
    assert pair["other"] == "quick"
    assert pair["low"] <= pair["difference"] <= pair["high"]
    assert first["types"]["Drug"]["best"] == ["slow"]
    assert first["tiers"]["low"]["support"] == 20
    assert first["criterion"]["scores"] == {"slow": 0.5, "quick": 0.5}
    assert first["criterion"]["best"] is None
    assert second["recommendation"]["name"] is None
    assert second["models"][0]["latency_ms_p50"] is None


def test_the_page_is_sound_and_loads_nothing(outcome: Outcome, tmp_path: Path) -> None:
    write_selection(tmp_path, outcome)
    html = (tmp_path / "model_selection.html").read_text(encoding="utf-8")
    page = Page(html)
    assert not page.open
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
        link = attributes.get("href") or ""
        assert not link.startswith("#") or link[1:] in ids
        assert attributes.get("aria-labelledby") in (None, *ids)
    assert "script" not in {tag for tag, _ in page.elements}
    assert sum(tag == "svg" for tag, _ in page.elements) == 1
    for figure in ("0.947", "Ship slow", "2 times as slow", "no metrics/evaluate.json", "elsewhere"):
        assert figure in page.text
    assert "`" not in page.text


def test_hostile_names_are_escaped(models: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    each = [replace(models.read("a", found=8), name=HOSTILE), models.read("b")]
    weights = {"f1": 1.0, "rare_f1": 1.0, "latency": 1.0, "size": 1.0}
    selections = [select(group, weights=weights, samples=100, level=0.95, seed=1) for group in divide(each)]
    write_selection(tmp_path, Outcome(tuple(selections), {HOSTILE: HOSTILE}, 100, 0.95))
    page = Page((tmp_path / "model_selection.html").read_text(encoding="utf-8"))
    assert "img" not in {tag for tag, _ in page.elements}
    text = (tmp_path / "model_selection.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    columns = {len(re.findall(r"(?<!\\)\|", row)) for row in rows[:4]}
    assert columns == {11}
