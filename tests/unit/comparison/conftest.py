"""Models that find a known part of the same gold spans, as their revisions would have written them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.comparison.candidates import Candidate, read_candidate
from spanwise.comparison.grouping import Group, divide
from spanwise.comparison.selection import Selection, select
from spanwise.io import write_json, write_jsonl
from spanwise.metrics.evaluation import evaluate
from spanwise.schema import Confidence, GoldSpan, PredictedSpan, Prediction

SURE = Confidence(words=(0.5,), minimum=0.5, mean=0.5, product=0.5, span=0.5)
LABELS = ["Sign"] * 6 + ["Drug"] * 3 + ["Date"]
TIERS = {"Sign": "high", "Drug": "high", "Date": "low"}
WEIGHTS = {"f1": 1.0, "rare_f1": 0.5, "latency": 0.25, "size": 0.25}


def predictions(
    found: int, *, documents: int = 20, corpus: str = "note", uneven: int = 0
) -> list[Prediction]:
    """Each document has ten gold spans, of which `found` are found, in turn `uneven` fewer and more."""
    told = []
    for number in range(documents):
        right = max(0, min(10, found + (uneven if number % 2 else -uneven)))
        gold = tuple(
            GoldSpan(start=place, end=place + 1, label=label, tier=TIERS[label])
            for place, label in enumerate(LABELS)
        )
        predicted = tuple(
            PredictedSpan(start=span.start, end=span.end, label=span.label, tier=span.tier, confidence=SURE)
            for span in gold[:right]
        )
        name = f"{corpus}-{number:02}"
        told.append(Prediction(id=name, text="x" * 10, group=name, gold=gold, predicted=predicted))
    return told


def settings(corpus: str = "casenotes", repeats: int = 3) -> dict[str, Any]:
    return {
        "seed": 13,
        "corpus": {"name": corpus, "group": None},
        "split": {"folds": None, "sizes": {"train": 8}},
        "runtime": {"backend": "torch"},
        "benchmark": {"documents": 12, "repeats": repeats},
    }


@dataclass
class Writer:
    """Writes what a revision holds, and reads it again."""

    folder: Path

    def write(
        self,
        name: str,
        found: int = 7,
        *,
        uneven: int = 0,
        documents: int = 20,
        latency: float | None = 100.0,
        size: float | None = 90.0,
        cpu: str = "CPU",
        corpus: str = "casenotes",
        code: str = "a1",
        splits: str = "s1",
        repeats: int = 3,
        cpu_seconds: float | None = 200.0,
    ) -> Path:
        folder = self.folder / name
        told = predictions(found, uneven=uneven, documents=documents, corpus=corpus)
        write_jsonl(folder / "data/predictions/test.jsonl", told)
        write_json(
            folder / "metrics/evaluate.json", {"test": evaluate(told, samples=200, level=0.95, seed=1)}
        )
        machine = {"device": "cpu", "cpu": cpu, "threads": 2}
        write_json(folder / "metrics/train.json", {"precision": "fp32", **machine})
        timing = {"seconds": 120.0, "cpu_seconds": cpu_seconds, "resumed": False}
        write_json(folder / "metrics/train_timing.json", timing)
        automation = {"target_precision": 0.95, "share": 0.4}
        write_json(folder / "metrics/confidence.json", {"test": {"automation": automation}})
        torch = {"latency_ms": {"1": {"p50": latency}}, "model_mb": size}
        write_json(folder / "metrics/benchmark.json", {"backends": {"torch": torch}, **machine})
        (folder / "params.yaml").write_text(yaml.safe_dump(settings(corpus, repeats)))
        read = [{"path": "data/splits", "md5": splits}, {"path": "src/spanwise/runtime", "md5": code}]
        (folder / "dvc.lock").write_text(yaml.safe_dump({"stages": {"evaluate": {"deps": read}}}))
        return folder

    def read(self, name: str, *without: str, **options: Any) -> Candidate:
        """A model, of whose revision some files are missing."""
        folder = self.write(name, **options)
        for file in without:
            (folder / file).unlink()
        return read_candidate(folder, name, "c" * 40)


@pytest.fixture
def models(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "models")


@pytest.fixture
def group(models: Writer) -> Callable[..., Group]:
    """A group of models by name, each with the options of `Writer.write`."""

    def made(**options: dict[str, Any]) -> Group:
        (found,) = divide([models.read(name, **own) for name, own in options.items()])
        return found

    return made


@pytest.fixture
def selection(group: Callable[..., Group]) -> Callable[..., Selection]:
    """What is said of such a group."""

    def made(**options: dict[str, Any]) -> Selection:
        return select(group(**options), weights=WEIGHTS, samples=500, level=0.95, seed=13)

    return made
