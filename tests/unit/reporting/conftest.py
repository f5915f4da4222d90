"""A made-up run of the pipeline: what every stage leaves for the report."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from spanwise.io import write_csv, write_json, write_jsonl
from spanwise.metrics.errors import CATEGORIES, CONFUSION_COLUMNS, confusion_rows, judge
from spanwise.reporting.page import write_report
from spanwise.reporting.readiness import Evidence
from spanwise.reporting.sources.confidence import Automation
from spanwise.reporting.sources.evaluation import Score
from spanwise.schema import Confidence, GoldSpan, Labels, PredictedSpan, Prediction

VOID = {"meta", "link", "input", "br", "path", "use"}
HOSTILE = "<script>alert('x')</script> & fever"


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def section(self, id: str) -> str:
        """The source of a section."""
        found = re.search(rf'<section id="{id}".*?</section>', self.html, re.DOTALL)
        assert found
        return found[0]


def predicted(start: int, end: int, label: str, confidence: float = 0.9, tier: str = "high") -> PredictedSpan:
    sure = Confidence(
        words=(confidence,), minimum=confidence, mean=confidence, product=confidence, span=confidence
    )
    return PredictedSpan(start=start, end=end, label=label, tier=tier, confidence=sure)


def gold(start: int, end: int, label: str, tier: str = "high") -> GoldSpan:
    return GoldSpan(start=start, end=end, label=label, tier=tier)


def prediction(text: str, gold: list[tuple[int, int, str]], found: list[tuple[int, int, str]]) -> Prediction:
    sure = Confidence(words=(0.75,), minimum=0.75, mean=0.8, product=0.7, span=0.7)
    return Prediction(
        id="note",
        text=text,
        group="note",
        gold=tuple(GoldSpan(start=s, end=e, label=label, tier="high") for s, e, label in gold),
        predicted=tuple(
            PredictedSpan(start=s, end=e, label=label, tier="high", confidence=sure) for s, e, label in found
        ),
    )


PREDICTIONS = (
    Prediction(
        id="note-1",
        text="Dry cough since May.",
        group="note-1",
        gold=(gold(0, 9, "Sign"), gold(16, 19, "Date", "low")),
        predicted=(predicted(0, 9, "Sign", 0.875),),
    ),
    Prediction(
        id="note-2",
        text=HOSTILE,
        group="note-2",
        gold=(gold(30, 35, "Sign"),),
        predicted=(predicted(0, 8, "Date"),),
    ),
    Prediction(id="note-3", text="Nothing to note.", group="note-3"),
)


def score(f1: float | None, support: int, **more: Any) -> dict[str, Any]:
    low, high = (None, None) if f1 is None else (f1 - 0.05, f1 + 0.04)
    return {
        "precision": f1,
        "recall": f1,
        "f1": f1,
        "f1_low": low,
        "f1_high": high,
        "support": support,
    } | more


def relaxed(f1: float, *, correct: int, incorrect: int = 0, partial: int = 0) -> dict[str, Any]:
    counts = {"correct": correct, "incorrect": incorrect, "partial": partial, "missed": 141, "spurious": 66}
    return score(f1, GOLD) | counts | {"possible": GOLD, "actual": PREDICTED}


def evaluated() -> dict[str, Any]:
    return {
        "headline": 0.7123,
        "documents": 3,
        "spans": 1234,
        "strict": {
            "micro": score(0.7123, 1234),
            "macro": score(0.6461, 1234),
            "weighted": score(0.7071, 1234),
        },
        "tiers": {"high": score(0.8012, 1200), "low": score(0.3034, 34)},
        "types": {
            "Sign": score(0.8111, 900, tier="high"),
            "Drug": score(0.7911, 300, tier="high"),
            "Date": score(None, 0, tier="low"),
        },
        "semeval": {
            "strict": relaxed(0.7123, correct=811, incorrect=282),
            "exact": relaxed(0.7301, correct=966, incorrect=127),
            "partial": relaxed(0.7712, correct=966, partial=127),
            "type": relaxed(0.7904, correct=938, incorrect=155),
        },
        "strata": {
            "mention": {"seen": score(0.8222, 834), "unseen": score(0.4833, 400)},
            "tokens": {"single": score(0.7501, 800), "multi": score(0.6402, 434)},
            "length": {"1": score(0.7501, 800), "6+": score(0.4104, 34)},
        },
    }


def categories(**numbers: int) -> dict[str, int]:
    return {category: numbers.get(category, 0) for category in CATEGORIES}


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    return {category: number / sum(counts.values()) for category, number in counts.items()}


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return categories(**sum((Counter(each) for each in counts), Counter()))


OF_TYPES = {
    "Date": categories(correct=11, shorter=12, missed=11, spurious=6),
    "Drug": categories(correct=200, shorter=1, longer=7, type=22, missed=70, spurious=20),
    "Sign": categories(correct=600, shorter=27, longer=80, type=133, missed=60, spurious=40),
}
OF_TIERS = {"high": added([OF_TYPES["Drug"], OF_TYPES["Sign"]]), "low": OF_TYPES["Date"]}
COUNTS = added(OF_TYPES.values())
GOLD, FAILED, PREDICTED = 1234, 423, 1159  # gold spans, those of them that are not right, and what was found


def failing(gold: int, errors: int) -> dict[str, float]:
    return {"gold": gold, "errors": errors, "error_rate": errors / gold}


def in_context(gold: int, errors: int) -> dict[str, float]:
    return failing(gold, errors) | {"error_rate_elsewhere": (FAILED - errors) / (GOLD - gold)}


ERRORS: dict[str, Any] = {
    "gold": GOLD,
    "predicted": PREDICTED,
    "counts": COUNTS,
    "shares": shares(COUNTS),
    "tiers": OF_TIERS,
    "tier_shares": {name: shares(counts) for name, counts in OF_TIERS.items()},
    "types": OF_TYPES,
    "type_shares": {name: shares(counts) for name, counts in OF_TYPES.items()},
    "lengths": {
        "1": failing(800, 201),
        "2": failing(250, 120),
        "3": failing(100, 55),
        "4-5": failing(50, 26),
        "6+": failing(34, 21),
    },
    "contexts": {
        "abbreviation": in_context(55, 21),
        "number": in_context(140, 21),
        "negation": in_context(3, 2),
    },
    "confusions": [
        {"gold": "Sign", "predicted": "Drug", "spans": 133},
        {"gold": "Drug", "predicted": "Sign", "spans": 22},
    ],
}


def varied(f1: float, difference: float, p_value: float, *, changed: int) -> dict[str, Any]:
    return {
        "f1": f1,
        "f1_low": f1 - 0.05,
        "f1_high": f1 + 0.04,
        "difference": difference,
        "difference_low": difference - 0.011 if changed else 0.0,
        "difference_high": difference + 0.012 if changed else 0.0,
        "p_value": p_value,
        "documents": 3,
        "changed_documents": 2 if changed else 0,
        "words": 611,
        "changed_words": changed,
        "edits": changed,
    }


ROBUSTNESS = {
    "unchanged": varied(0.7123, 0.0, 1.0, changed=0),
    "lower": varied(0.7101, -0.0022, 0.3117, changed=143),
    "typos": varied(0.6222, -0.0901, 0.0044, changed=61),
}


def trusted() -> dict[str, Any]:
    return {
        "ece": 0.0213,
        "ece_raw": 0.1187,
        "aurc": 0.0511,
        "aurc_raw": 0.0733,
        "thresholds": [
            {"threshold": 0.5, "precision": 0.8225, "coverage": 0.9135, "recall": 0.6945},
            {"threshold": 0.95, "precision": None, "coverage": 0.0, "recall": 0.0},
        ],
        "automation": {
            "target_precision": 0.95,
            "threshold": 0.871,
            "precision": 0.9634,
            "share": 0.4312,
            "share_low": 0.3511,
            "share_high": 0.5024,
        },
        "mean_confidence": {"true_positive": 0.9142, "false_positive": 0.6123, "false_negative": None},
        "counts": {
            "true_positive": 811,
            "false_positive": PREDICTED - 811,
            "false_negative": FAILED,
            "false_negative_without_overlap": 141,
        },
        "brier": 0.1211,
        "brier_raw": 0.1733,
        "guaranteed": accepting(0.911, precision=0.9712, share=0.3711)
        | {"target_precision": 0.95, "error_rate": 0.1, "validation": {"accepted": 401, "p_value": 0.0933}},
        "documents": {
            "documents": 3,
            "automatic": 1,
            "review": 1,
            "silent": 1,
            "mean_share_automatic": 0.4011,
            "spans_to_review_per_document": {"mean": 12.3, "median": 11.0, "p90": 21.0},
            "errors_passed_per_document": 0.71,
            "missed_per_document": 1.32,
            "automation_rate": 0.5212,
            "automation_rate_low": 0.4801,
            "automation_rate_high": 0.5633,
        },
        "high_value": {
            "Sign": {"target_precision": 0.85, "support": 900, "pooled": False}
            | accepting(0.611, precision=0.9211, share=0.6611),
            "Date": {"target_precision": 0.85, "support": 0, "pooled": True, "threshold": None}
            | {"reason": "no validation span of it"},
        },
        "types": {
            "Sign": risk(401, 14, rank=1),
            "Drug": risk(130, 0, rank=2),
            "Date": risk(2, 0, rank=3) | {"few": True},
        },
    }


def accepting(threshold: float, *, precision: float, share: float) -> dict[str, float]:
    bounds = {"precision_low": precision - 0.01, "precision_high": precision + 0.01}
    return {"threshold": threshold, "precision": precision, **bounds, "share": share} | {
        "share_low": share - 0.04,
        "share_high": share + 0.05,
    }


def risk(accepted: int, wrong: int, *, rank: int) -> dict[str, Any]:
    precision = (accepted - wrong) / accepted
    bounds = {"precision_low": max(precision - 0.01, 0.0), "precision_high": min(precision + 0.01, 1.0)}
    figures = {"accepted": accepted, "false_positives": wrong, "precision": precision, **bounds}
    return figures | {"few": False, "rank": rank}


def windows(number: int, *, inexact: int, lost: int, dropped: int) -> dict[str, int]:
    return {
        "windows": number,
        "spans": 872,
        "spans_inexact": inexact,
        "spans_lost": lost,
        "words_dropped": dropped,
        "truncated_tokens": 0,
        "spans_across_windows": 5,
    }


METRICS: dict[str, Any] = {
    "prepare": {
        "documents": 120,
        "spans": 8945,
        "labels": {"Sign": 5000, "Drug": 3900, "Date": 45},
        "repaired": {"whitespace_trimmed": 17},
        "left_out": {"overlapping": 41},
        "edges_inside_words": 12,
    },
    "tier_split": {
        "sizes": {
            "test": {"documents": 12, "spans": 871},
            "train": {"documents": 96, "spans": 7202},
            "validation": {"documents": 13, "spans": 872},
        },
        "tiers": {"high": {"types": 2, "spans": 8900}, "low": {"types": 1, "spans": 45}},
        "leak": {"groups_across": 0, "twins_across": 0, "max_overlap": 0.0284},
        "labels_missing": {"train": [], "validation": [], "test": ["Date"]},
        "left_out": {"below_min_count": 6},
    },
    "train": {
        "model": "minilm",
        "parameters": 22600000,
        "device": "cpu",
        "precision": "bf16",
        "threads": 2,
        "head": "softmax",
        "best_epoch": 11,
        "best_score": 0.7051,
        "warnings": [],
        "sides": {
            "train": windows(131, inexact=14, lost=2, dropped=3),
            "validation": windows(17, inexact=3, lost=0, dropped=1),
        },
    },
    "train_timing": {"run": "minilm_20260102-0304", "seconds": 214.0, "tokens_per_s": 1790.0},
    "evaluate": {"test": evaluated(), "validation": evaluated()},
    "confidence": {
        "test": trusted(),
        "validation": trusted(),
        "methods": {
            "identity": {"log_loss": 0.3611, "brier": 0.1301, "ece": 0.0402},
            "platt": {"log_loss": 0.3733, "brier": 0.1322, "ece": 0.0433},
        },
    },
    "errors": ERRORS,
    "robustness": ROBUSTNESS,
    "benchmark": {
        "device": "cpu",
        "cpu": "Made-up CPU",
        "threads": 2,
        "load_per_core": 0.31,
        "backend": "torch",
        "timed_documents": 12,
        "backends": {
            "torch": {
                "latency_ms": {
                    "1": {"p50": 19.2, "p95": 31.8, "p99": 40.2},
                    "16": {"p50": 160.0, "p95": 231.0, "p99": None},
                },
                "documents_per_s": 108.3,
                "tokens_per_s": 31841.0,
                "model_mb": 90.4,
                "peak_rss_mb": 812.0,
                "f1": 0.7119,
                "length_exponent": 1.044,
                "hours_per_10k_documents": 0.02565,
            }
        },
        "hours_per_10k_documents": 0.02565,
    },
}

PEER: dict[str, Any] = {
    "name": "hf-pipeline",
    "version": "5.0.1",
    "documents": 12,
    "rounds": 3,
    "backend": "onnx-int8",
    "speedup_best": 5.24,
    "speedup_best_low": 5.11,
    "speedup_best_high": 5.43,
    "speedup_batch1": 4.71,
    "quickest": {"window": 512, "stride": 64, "batch_size": 8, "documents_per_s": 4.1, "speedup": 5.24},
    "bfloat16": {"window": 256, "stride": 0, "batch_size": 8, "documents_per_s": 6.3, "speedup": 3.41},
    "truncating": {
        "window": 512,
        "stride": None,
        "batch_size": 1,
        "documents_per_s": 8.2,
        "speedup": 2.62,
        "documents_truncated": 9,
        "tokens": 11042,
        "tokens_dropped": 3117,
        "entities": 1432,
        "entities_dropped": 401,
    },
    "ours": {"onnx-int8": {"documents_per_s": 21.5}, "torch": {"documents_per_s": 8.1}},
    "tokens_dropped_by_us": 0,
}
"""What the benchmark tells of Hugging Face's pipeline, where it ran that."""

LINES: dict[str, tuple[str, list[tuple[float, float | None, str]]]] = {
    "train/loss": (
        "epoch",
        [(1, 2.5, "train"), (2, 0.75, "train"), (1, 1.5, "validation"), (2, None, "validation")],
    ),
    "train/score": ("epoch", [(1, 0.3, "validation"), (2, 0.7, "validation")]),
    "confidence/reliability": (
        "confidence",
        [(0.4, 0.35, "raw"), (0.9, 0.8, "raw"), (0.0, 0.0, "ideal"), (1.0, 1.0, "ideal")],
    ),
    "confidence/thresholds": ("confidence", [(0.5, 0.82, "precision"), (0.9, 0.97, "precision")]),
    "confidence/histogram": ("confidence", [(0.25, 3, "right"), (0.75, 9, "right"), (0.25, 4, "wrong")]),
    "benchmark/latency": ("batch_size", [(1, 19.2, "torch"), (16, 160.0, "torch"), (1, 6.4, "onnx-int8")]),
    "scaling/scaling": ("subwords", [(128, 9.1, "torch"), (2048, 171.0, "torch")]),
}
TYPES = [
    ("Sign", 0.8111, 0.7611, 0.8511, 900, "high"),
    ("Drug", 0.7911, 0.7411, 0.8311, 300, "high"),
    ("Date", None, None, None, 0, "low"),
]


@dataclass(frozen=True)
class Inputs:
    """The folder of a run."""

    folder: Path

    @property
    def arguments(self) -> dict[str, Path]:
        """What `write_report` and `read_sources` want."""
        return {
            "metrics": self.folder / "metrics",
            "predictions": self.folder / "data" / "predictions",
            "labels": self.folder / "data" / "splits" / "labels.json",
            "calibration": self.folder / "models" / "calibration.json",
        }

    @property
    def plots(self) -> Path:
        return self.folder / "plots"

    def report(self, folder: Path, unlabelled: Sequence[str] = (), **names: str) -> None:
        """Write the report into `folder`."""
        named = {"title": "A made-up report", "task": "notes", "corpus": "madeup"} | names
        write_report(
            folder,
            **self.arguments,
            plots=self.plots,
            title=named["title"],
            task=named["task"],
            corpus=named["corpus"],
            unlabelled=unlabelled,
            level=0.95,
            examples=30,
            seed=13,
        )

    def predict(self, predictions: Sequence[Prediction]) -> None:
        """Replace the predictions and what is wrong with them."""
        judgements = judge(predictions)
        write_jsonl(self.arguments["predictions"] / "test.jsonl", predictions)
        write_jsonl(self.arguments["predictions"] / "errors.jsonl", judgements)
        write_csv(self.plots / "errors/confusion.csv", CONFUSION_COLUMNS, confusion_rows(judgements))

    def change(self, name: str, change: Callable[[Any], None]) -> None:
        """Change the metrics file `name` in place."""
        path = self.folder / "metrics" / f"{name}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        write_json(path, content)


def make(folder: Path) -> Inputs:
    made = Inputs(folder)
    for name, content in METRICS.items():
        write_json(made.folder / "metrics" / f"{name}.json", content)
    for name, (x, rows) in LINES.items():
        write_csv(made.plots / f"{name}.csv", (x, "value", "series"), rows)
    write_csv(made.plots / "evaluate/types.csv", ("label", "f1", "low", "high", "support", "tier"), TYPES)
    made.predict(PREDICTIONS)
    labels = Labels(
        id2tag=("O", "B-Date", "I-Date", "B-Drug", "I-Drug", "B-Sign", "I-Sign"),
        tiers={"Date": "low", "Drug": "high", "Sign": "high"},
    )
    write_json(made.arguments["labels"], labels.model_dump(mode="json"))
    write_json(made.arguments["calibration"], {"method": "identity", "feature": "minimum", "spans": 700})
    return made


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """All that the report reads, made up, to be changed by a test."""
    return make(tmp_path / "run")


def further(number: int, *, lost: int = 0, across: int = 0) -> dict[str, int]:
    """What came of the documents of something beside the main corpus on their way into windows."""
    return {**windows(number, inexact=0, lost=lost, dropped=0), "spans_across_windows": across}


def enrich(inputs: Inputs) -> None:
    """Add a further corpus, unlabelled text, a span head and all that a training may do beside."""
    inventory = {"documents": 40, "spans": 411, "repaired": {"discontinuous": 3}, "left_out": {}}
    inventory |= {"edges_inside_words": 2}
    division = {
        "sizes": {
            "train": {"documents": 30, "spans": 300},
            "validation": {"documents": 4, "spans": 50},
            "test": {"documents": 5, "spans": 61},
        },
        "labels_missing": {"test": ["Protein"]},
        "left_out": {
            "below_min_count": 7,
            "twin_across": 1,
            "twin_of_evaluation": 2,
            "twin_of_training": 3,
            "too_odd": 4,
        },
        "warnings": ["test is far from its size"],
    }
    scores = evaluated() | {"documents": 5, "spans": 61}
    scores["strict"] = scores["strict"] | {"micro": score(0.5511, 61)}
    inputs.change("prepare", lambda content: content.update(auxiliaries={"gene-notes": inventory}))
    inputs.change(
        "tier_split",
        lambda content: content.update(auxiliaries={"gene-notes": division}, unlabelled={"documents": 77}),
    )
    inputs.change(
        "evaluate",
        lambda content: content.update(auxiliaries={"gene-notes": {"test": scores, "validation": scores}}),
    )
    inputs.change(
        "train",
        lambda content: content.update(
            head="pointer",
            techniques=["label smoothing 0.1", "an exponential moving average of the weights"],
            augmented=further(19),
            auxiliaries={"gene-notes": further(60, lost=6, across=1)},
            unlabelled=further(80),
            teachers=[{"best_score": 0.7001, "warnings": []}, {"best_score": 0.6902, "warnings": ["cold"]}],
            augmentation={"documents": 18, "replaced": 33, "mentions": 52, "touching": 8, "single": 2},
            pretraining={
                "documents": 173,
                "blocks": 301,
                "steps": 57,
                "loss_first": 5.8123,
                "loss_last": 3.1415,
                "empty": 0,
                "words_dropped": 9,
                "truncated_tokens": 0,
            },
        ),
    )
    labels = Labels(
        id2tag=("O", *(f"{edge}-{n}" for n in ("Date", "Drug", "Sign", "Gene", "Protein") for edge in "BI")),
        tiers={"Date": "low", "Drug": "high", "Sign": "high", "Gene": "low", "Protein": "low"},
        auxiliaries={"gene-notes": ("Drug", "Gene", "Protein")},
        foreign=("Gene", "Protein"),
    )
    write_json(inputs.arguments["labels"], labels.model_dump(mode="json"))
    rows = [(1, 0.3, "validation"), (1, 0.2, "gene-notes validation"), (2, 0.7, "validation")]
    rows += [(2, 0.4, "gene-notes validation")]
    write_csv(inputs.plots / "train/score.csv", ("epoch", "value", "series"), rows)


@pytest.fixture
def rich(inputs: Inputs) -> Inputs:
    """The same run with everything that plain fine-tuning on one corpus does without."""
    enrich(inputs)
    return inputs


@pytest.fixture(scope="session")
def rich_reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages made of it."""
    folder = tmp_path_factory.mktemp("rich")
    made = make(folder / "run")
    enrich(made)
    made.report(folder / "reports", unlabelled=["web-texts"])
    return folder / "reports"


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page made of it."""
    folder = tmp_path_factory.mktemp("report")
    make(folder / "run").report(folder / "reports")
    return folder / "reports" / "report.html"


@pytest.fixture(scope="session")
def page(report: Path) -> Page:
    return Page(report.read_text(encoding="utf-8"))


@pytest.fixture(scope="session", params=["plain", "rich"])
def any_page(request: pytest.FixtureRequest, report: Path, rich_reports: Path) -> Page:
    """A page without and one with everything that plain fine-tuning on one corpus does without."""
    path = report if request.param == "plain" else rich_reports / "report.html"
    return Page(path.read_text(encoding="utf-8"))


def evidence(
    *,
    f1: tuple[float, float | None, float | None] = (0.75, 0.7, 0.8),
    support: int = 900,
    precision: float | None = None,
    point: tuple[float, float | None, float] | None = (0.97, 0.955, 0.4),
    target: float = 0.95,
    leaks: bool = False,
) -> Evidence:
    middle, low, high = f1
    own = middle if precision is None else precision
    micro = Score(precision=own, recall=middle, f1=middle, f1_low=low, f1_high=high, support=support)
    points = []
    if point is not None:
        right, bound, share = point
        points = [
            Automation(
                target_precision=target, threshold=0.9, precision=right, precision_low=bound, share=share
            )
        ]
    return Evidence(None, target, micro, documents=40, points=tuple(points), leaks=leaks)
