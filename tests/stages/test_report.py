"""The stage on what the real metrics and calibration make of a few predictions: their files fit the page."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.calibration import assess, fit, plot_tables
from spanwise.io import write_csv, write_json, write_jsonl
from spanwise.metrics.confidence import PLOT_COLUMNS
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, type_rows
from spanwise.schema import Confidence, Example, GoldSpan, Labels, PredictedSpan, Prediction, Span
from spanwise.splits.inventory import take_inventory

PARAMS = {
    "task": {"name": "notes", "kind": "ner"},
    "corpus": {
        "name": "madeup",
        "discontinuous": "envelope",
        "overlapping": "longest",
        "group": None,
        "auxiliaries": {},
        "unlabelled": [],
    },
    "bootstrap": {"samples": 20, "level": 0.95},
    "report": {"title": "Signs in made-up notes"},
}
TEXT = "Fever, then a rash."
LABELS = Labels(id2tag=("O", "B-Sign", "I-Sign"), tiers={"Sign": "high"})


def prediction(number: int) -> Prediction:
    sure = Confidence(words=(0.9 - number / 20,), minimum=0.9 - number / 20, mean=0.9, product=0.9, span=0.9)
    end = 5 if number % 3 else 4
    return Prediction(
        id=f"note-{number}",
        text=TEXT,
        group=f"note-{number}",
        gold=(
            GoldSpan(start=0, end=5, label="Sign", tier="high"),
            GoldSpan(start=14, end=18, label="Sign", tier="high"),
        ),
        predicted=(PredictedSpan(start=0, end=end, label="Sign", tier="high", confidence=sure),),
    )


def make_inputs(folder: Path) -> None:
    """What the earlier stages leave in `folder`."""
    found = [prediction(number) for number in range(6)]
    spans = (Span(start=0, end=5, label="Sign"), Span(start=14, end=18, label="Sign"))
    example = Example(id="note", text=TEXT, target=spans, group="note")
    fitted = fit(found, feature="minimum")
    scores = evaluate(found, samples=20, level=0.95, seed=1)
    trust = assess(
        found,
        fitted,
        bins=2,
        thresholds=[0.5],
        threshold=None,
        target_precision=0.9,
        samples=20,
        level=0.95,
        seed=1,
    )
    sides = {"train": [example], "validation": [example], "test": [example]}
    leak = {"groups_across": 0, "twins_across": 0, "max_overlap": 0.0}
    metrics: dict[str, Any] = {
        "prepare": {"documents": 3, "spans": 6, "repaired": {}, "left_out": {}, "edges_inside_words": 0},
        "tier_split": {**take_inventory(sides, LABELS.tiers), "leak": leak, "left_out": {}},  # type: ignore[arg-type]
        "train": {"model": "tiny", "parameters": 1000},
        "train_timing": {"seconds": 1.0},
        "evaluate": {"test": scores, "validation": scores},
        "confidence": {"calibration": fitted.model_dump(), "test": trust, "validation": trust},
        "benchmark": {"backends": {}, "hours_per_10k_documents": None},
    }
    for name, content in metrics.items():
        write_json(folder / f"metrics/{name}.json", content)
    write_csv(folder / "plots/train/loss.csv", ("epoch", "value", "series"), [(1, 0.5, "train")])
    write_csv(folder / "plots/evaluate/types.csv", TYPE_COLUMNS, type_rows(scores))
    for name, rows in plot_tables(found, fitted, bins=2, thresholds=[0.5]).items():
        write_csv(folder / f"plots/confidence/{name}.csv", PLOT_COLUMNS, rows)
    write_csv(folder / "plots/benchmark/latency.csv", ("batch_size", "value", "series"), [(1, 9.5, "p50")])
    write_jsonl(folder / "data/predictions/test.jsonl", found)
    write_json(folder / "data/splits/labels.json", LABELS.model_dump(mode="json"))
    write_json(folder / "models/calibration.json", fitted.model_dump())
    (folder / "params.yaml").write_text(yaml.safe_dump(PARAMS), encoding="utf-8")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    """A folder with all that the stage reads, and its command line."""
    make_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    arguments = "metrics plots data/predictions data/splits/labels.json models/calibration.json reports"
    monkeypatch.setattr(sys, "argv", [str(root / "stages" / "report.py"), *arguments.split()])
    return tmp_path


def run_stage() -> object:
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(sys.argv[0], run_name="__main__")
    return ended.value.code


def test_writes_the_report(workplace: Path) -> None:
    assert run_stage() == 0
    reports = workplace / "reports"
    assert sorted(path.name for path in reports.iterdir()) == ["model_card.md", "report.html", "report.md"]
    html = (reports / "report.html").read_text(encoding="utf-8")
    assert "<h1>Signs in made-up notes</h1>" in html
    assert "corpus <strong>madeup</strong>" in html
    # Of twelve gold spans four are found, beside two of a wrong length.
    assert '<p class="number">0.444</p>' in html


def test_a_missing_file_stops_it_with_the_command_that_makes_it(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "metrics" / "evaluate.json").unlink()
    assert run_stage() == 1
    message = capsys.readouterr().err
    assert "metrics/evaluate.json: no such file" in message
    assert "dvc repro evaluate" in message
    assert not (workplace / "reports").exists()
