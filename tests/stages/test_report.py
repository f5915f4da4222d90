"""The stage on what the real metrics and calibration make of a few predictions, and behind all the others."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.acquisition import pin
from spanwise.calibration.acceptance import Bootstrap
from spanwise.calibration.assessment import PLOT_COLUMNS, assess, plot_tables
from spanwise.calibration.selection import choose
from spanwise.calibration.thresholds import decide
from spanwise.io import read_json, write_csv, write_json, write_jsonl
from spanwise.metrics.errors import CONFUSION_COLUMNS, confusion_rows, error_figures, judge
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, type_rows
from spanwise.schema import Confidence, Example, GoldSpan, Labels, PredictedSpan, Prediction, Span
from spanwise.splits.inventory import take_inventory
from stages import benchmark, confidence, prepare, report, tier_split, train
from stages import evaluate as evaluation
from tests.tiny import TINY, quick_settings

PARAMS = {
    "task": {"name": "notes", "kind": "ner", "learner": "tagger"},
    "corpus": {
        "name": "madeup",
        "discontinuous": "envelope",
        "overlapping": "longest",
        "group": None,
        "auxiliaries": {},
        "unlabelled": [],
    },
    "bootstrap": {"samples": 20, "level": 0.95},
    "report": {"title": "Signs in made-up notes", "examples": 5},
    "seed": 13,
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
    choice = choose(found, method="auto", feature="minimum", bins=2, seed=1)
    fitted = choice.calibration
    policy = decide(
        found,
        choice.held_out,
        target_precision=0.9,
        error_rate=0.1,
        high_value_types=["Sign"],
        high_value_precision=0.85,
    )
    scores = evaluate(found, samples=20, level=0.95, seed=1)
    drawing = Bootstrap(samples=20, level=0.95, seed=1)
    trust = assess(found, fitted, policy, bins=2, thresholds=[0.5], bootstrap=drawing)
    judgements = judge(found)
    micro = scores["strict"]["micro"]
    sides = {"train": [example], "validation": [example], "test": [example]}
    leak = {"groups_across": 0, "twins_across": 0, "max_overlap": 0.0}
    metrics: dict[str, Any] = {
        "prepare": {"documents": 3, "spans": 6, "repaired": {}, "left_out": {}, "edges_inside_words": 0},
        "tier_split": {**take_inventory(sides, LABELS.tiers), "leak": leak, "left_out": {}},  # type: ignore[arg-type]
        "train": {"model": "tiny", "parameters": 1000},
        "train_timing": {"seconds": 1.0},
        "evaluate": {"test": scores, "validation": scores},
        "confidence": {
            "calibration": fitted.model_dump(),
            "methods": choice.methods,
            "test": trust,
            "validation": trust,
        },
        "errors": error_figures(found, judgements),
        "robustness": {"unchanged": micro, "lower": {**micro, "difference": 0.0, "changed_words": 6}},
        "benchmark": {"backends": {}, "hours_per_10k_documents": None},
    }
    for name, content in metrics.items():
        write_json(folder / f"metrics/{name}.json", content)
    write_csv(folder / "plots/train/loss.csv", ("epoch", "value", "series"), [(1, 0.5, "train")])
    write_csv(folder / "plots/evaluate/types.csv", TYPE_COLUMNS, type_rows(scores))
    write_csv(folder / "plots/errors/confusion.csv", CONFUSION_COLUMNS, confusion_rows(judgements))
    for name, rows in plot_tables(found, fitted, bins=2).items():
        write_csv(folder / f"plots/confidence/{name}.csv", PLOT_COLUMNS, rows)
    write_csv(folder / "plots/benchmark/latency.csv", ("batch_size", "value", "series"), [(1, 9.5, "torch")])
    write_csv(folder / "plots/scaling/scaling.csv", ("subwords", "value", "series"), [(128, 9.5, "torch")])
    write_jsonl(folder / "data/predictions/test.jsonl", found)
    write_jsonl(folder / "data/predictions/errors.jsonl", judgements)
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
    assert sorted(path.name for path in reports.iterdir()) == [
        "confidence_thresholds.md",
        "error_analysis.md",
        "insights.md",
        "model_card.md",
        "production_readiness.md",
        "report.html",
        "report.md",
    ]
    ready = (reports / "production_readiness.md").read_text(encoding="utf-8")
    assert "Verdict: **not ready**" in ready
    analysis = (reports / "error_analysis.md").read_text(encoding="utf-8")
    assert "| missed | not found, and nothing in its place | 6 | 50% |" in analysis
    assert "With lower case, no loss of F1 is shown" in analysis
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


ALL_OF_IT: dict[str, Any] = {
    "seed": 13,
    "threads": 1,
    "processes": 1,
    "task": {"name": "notes", "kind": "ner", "learner": "tagger"},
    "corpus": {
        "name": "notes",
        "discontinuous": "error",
        "overlapping": "keep",
        "group": None,
        "auxiliaries": {"letters": {"Symptom": "Sign_symptom"}},
        "unlabelled": ["bare"],
    },
    "split": {
        "published": False,
        "sizes": {"train": 8, "validation": 1, "test": 1},
        "folds": None,
        "fold": 0,
        "tiers": {"high": 10, "mid": 5, "low": 0},
        "min_count": 0,
        "twins": {"ngram": 5, "overlap": 0.3},
    },
    "model": {"name": "tiny", "licence": None, **TINY},
    "train": quick_settings(
        epochs=2,
        head="pointer",
        augmentation={"replacement": 1.0, "tiers": []},
        pretraining={"epochs": 2},
        distillation={"teachers": 1},
    ),
    "runtime": {"backend": "torch", "served": [], "max_f1_loss": 0.003, "batch_tokens": 512},
    "generation": {"max_new_tokens": 8, "temperature": 0.0, "top_p": 1.0, "batch_size": 2},
    "bootstrap": {"samples": 20, "level": 0.95},
    "robustness": {"variants": ["lower"], "typo_rate": 0.1},
    "confidence": {
        "feature": "minimum",
        "method": "auto",
        "bins": 2,
        "thresholds": [0.5],
        "target_precision": 0.9,
        "error_rate": 0.1,
        "high_value": {"types": ["Sign_symptom"], "target_precision": 0.85},
    },
    "benchmark": {
        "batch_sizes": [1],
        "documents": 1,
        "repeats": 1,
        "lengths": [],
        "peer": {"documents": 0, "repeats": 1, "batch_sizes": [1]},
    },
    "tracking": {"tools": [], "project": "notes", "group": None, "mlflow_uri": None, "log_model": False},
    "report": {"title": "All of it", "examples": 5},
}
NESTED = ("note-01", "note-09")  # one to train on, one to test on


def nest(annotations: Path) -> None:
    """Annotate the first entity of a note once more, with all of the next one."""
    lines = annotations.read_text(encoding="utf-8").splitlines()
    text = annotations.with_suffix(".txt").read_text(encoding="utf-8")
    start, end = lines[0].split()[2], lines[1].split("\t")[1].split()[2]
    mention = text[int(start) : int(end)]
    added = f"T99\tSign_symptom {start} {end}\t{mention}"
    annotations.write_text("\n".join([*lines, added, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def behind_all(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every stage ran, with a span head and everything that adds to what is learnt from."""
    folder = tmp_path_factory.mktemp("all")
    data, metrics, plots = folder / "data", folder / "metrics", folder / "plots"
    golden, notes, bare = root / "tests" / "golden" / "ner", folder / "notes", folder / "bare"
    shutil.copytree(golden / "corpus", notes)
    for name in NESTED:
        nest(notes / f"{name}.ann")
    bare.mkdir()
    (bare / "a.txt").write_text("On the whole the winter was mild, and nobody fell ill before March.")
    sources = {"notes": (notes, "brat"), "letters": (golden / "letters" / "corpus", "brat")}
    for name, (place, form) in {**sources, "bare": (bare, "txt")}.items():
        pin(name, place, data / "pins", format=form, title=name, licence="MIT", citation="")  # type: ignore[arg-type]
    params = folder / "params.yaml"
    params.write_text(yaml.safe_dump(ALL_OF_IT), encoding="utf-8")
    prepared, splits, model, found = (
        data / "prepared",
        data / "splits",
        folder / "learner",
        data / "predictions",
    )
    prepare.prepare(data / "pins", prepared, metrics / "prepare.json", params=params)
    tier_split.tier_split(prepared, splits, metrics / "tier_split.json", params=params)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(folder))
        trained = (metrics / "train.json", metrics / "train_timing.json", plots / "train")
        train.main(splits, model, *trained, params=params)
    evaluation.main(
        splits,
        model,
        found,
        metrics / "evaluate.json",
        metrics / "errors.json",
        metrics / "robustness.json",
        plots / "evaluate",
        plots / "errors",
        params=params,
    )
    calibration = folder / "calibration.json"
    confidence.main(found, calibration, metrics / "confidence.json", plots / "confidence", params=params)
    benchmark.main(
        splits, model, metrics / "benchmark.json", plots / "benchmark", plots / "scaling", params=params
    )
    report.report(
        metrics, plots, found, splits / "labels.json", calibration, folder / "reports", params=params
    )
    return folder


@pytest.mark.parametrize("name", ["report.html", "report.md", "model_card.md"])
def test_what_every_stage_counted_is_on_every_page(behind_all: Path, name: str) -> None:
    page = (behind_all / "reports" / name).read_text(encoding="utf-8")
    split = read_json(behind_all / "metrics" / "tier_split.json")["auxiliaries"]["letters"]
    trained = read_json(behind_all / "metrics" / "train.json")
    micro = read_json(behind_all / "metrics" / "evaluate.json")["auxiliaries"]["letters"]["test"]["strict"]
    [teacher] = trained["teachers"]
    assert split["left_out"]["twin_of_evaluation"] == 1
    for told in (
        "with a span head (global pointer)",
        "from letters: 3 training documents with 7 entities of 2 types.",
        "Gene is annotated in further corpora alone",
        "1 unlabelled document of bare, in pretraining and distillation.",
        f"made {trained['augmentation']['documents']} copies of training documents",
        f"1 teacher too, trained ahead, with a validation score of {teacher['best_score']:.3f}.",
        f"masked words in {trained['pretraining']['documents']} documents",
        "1 document with a twin that another corpus is evaluated on",
        f"On 1 test document of letters with 2 entities, the strict micro-F1 is {micro['micro']['f1']:.3f}",
        "against nested gold: 3 of the 12 entities in the test documents (25%) overlap another one.",
        "further corpora and unlabelled text included",
    ):
        assert told in page.replace("&#39;", "'"), told
    lost = trained["sides"]["train"]["spans_lost"]
    assert lost == 2  # the two that stand in the one that spans them
    assert "Tags cannot express 2 gold entities on the training and validation side" in page
    assert "the span head learns those that overlap" in page


def test_figures_of_further_text_stand_in_tables(behind_all: Path) -> None:
    page = (behind_all / "reports" / "report.html").read_text(encoding="utf-8")
    trained = read_json(behind_all / "metrics" / "train.json")
    heads = "".join(f'<th scope="col" class="n">{name}</th>' for name in ("train", "validation"))
    heads += "".join(
        f'<th scope="col" class="n">{name}</th>'
        for name in ("augmented copies", "letters", "unlabelled text")
    )
    assert heads in page
    assert '<th scope="row">spans across windows</th>' in page
    assert f'<td class="n">{trained["pretraining"]["blocks"]}</td>' in page
    assert (
        '<th scope="row">letters: left out by the split</th><td>twin of training</td><td class="n">1<' in page
    )
    assert "letters validation</text>" in page
    for nothing in (">None<", "Undefined", "{}"):
        assert nothing not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
