"""`spanwise compare` in a repository whose commits hold metrics and predictions, and nothing is trained."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from spanwise import console
from spanwise.cli.compare import compare

pytestmark = pytest.mark.usefixtures("settings_of_its_own")

app = console.app("Compare.")
app.command()(compare)

STAGE = """
import pathlib, sys, yaml
sys.path.insert(0, "stages")
import writing
writing.write(yaml.safe_load(pathlib.Path("params.yaml").read_text())["train"]["found"])
"""
WRITING = """
import json, pathlib

def write(found, corpus="note", latency=100.0):
    spans = [{"start": i, "end": i + 1, "label": "A"} for i in range(10)]
    lines = [
        {"id": f"{corpus}{i}", "text": "", "group": f"{corpus}{i}", "gold": spans, "predicted": spans[:found]}
        for i in range(6)
    ]
    f1 = 2 * found / (10 + found)
    micro = {"f1": f1, "f1_low": f1 - 0.01, "f1_high": f1 + 0.01, "support": 60}
    micro |= {"precision": 1.0, "recall": found / 10}
    types = {"A": {**micro, "tier": "low"}}
    test = {"documents": 6, "strict": {"micro": micro}, "types": types, "tiers": {"low": micro}}
    backend = {"latency_ms": {"1": {"p50": latency}}, "model_mb": 90.0}
    files = {
        "data/predictions/test.jsonl": "".join(json.dumps(line) + "\\n" for line in lines),
        "metrics/evaluate.json": json.dumps({"test": test}),
        "metrics/benchmark.json": json.dumps({"device": "cpu", "backends": {"torch": backend}}),
    }
    for name, text in files.items():
        path = pathlib.Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
"""
PIPELINE = {
    "stages": {
        "evaluate": {
            "cmd": f"{sys.executable} stages/evaluate.py",
            "deps": ["stages/evaluate.py"],
            "params": ["train"],
            "outs": ["data/predictions"],
            "metrics": [{f"metrics/{name}.json": {"cache": False}} for name in ("evaluate", "benchmark")],
        }
    }
}
SETTINGS: dict[str, Any] = {
    "seed": 13,
    "corpus": {"name": "notes"},
    "train": {"found": 8},
    "bootstrap": {"samples": 100, "level": 0.95},
    "comparison": {"weights": {"f1": 1.0, "rare_f1": 0.5, "latency": 0.25, "size": 0.25}},
}


def run(root: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(root: Path, message: str) -> str:
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "--allow-empty", "-m", message)
    return run(root, "git", "rev-parse", "HEAD")


def write(root: Path, *, found: int, **options: Any) -> None:
    """What a run leaves, git keeping it all."""
    told = ", ".join([str(found), *(f"{name}={value!r}" for name, value in options.items())])
    run(
        root,
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, 'stages'); import writing; writing.write({told})",
    )


def experiment(root: Path, name: str, baseline: str) -> None:
    """Make HEAD an experiment of another commit, as `dvc exp run` would, and go back there."""
    run(root, "git", "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", "HEAD")
    run(root, "git", "reset", "-q", "--hard", baseline)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Commits without metrics, on another corpus and with a quick model, main, and an experiment."""
    root = tmp_path_factory.mktemp("template")
    (root / "stages").mkdir()
    (root / "stages" / "evaluate.py").write_text(STAGE)
    (root / "stages" / "writing.py").write_text(WRITING)
    (root / "params.yaml").write_text(yaml.safe_dump(SETTINGS))
    (root / ".gitignore").write_text("__pycache__/\n/reports\n")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    run(root, sys.executable, "-m", "dvc", "init", "-q")
    run(root, sys.executable, "-m", "dvc", "config", "core.analytics", "false")
    commit(root, "bare")
    run(root, "git", "tag", "bare")
    write(root, found=8, corpus="other")
    (root / "params.yaml").write_text(yaml.safe_dump({**SETTINGS, "corpus": {"name": "others"}}))
    commit(root, "another corpus")
    run(root, "git", "branch", "other-corpus")
    (root / "params.yaml").write_text(yaml.safe_dump(SETTINGS))
    write(root, found=5, latency=50.0)
    commit(root, "quick")
    run(root, "git", "branch", "quick")
    write(root, found=8)
    main = commit(root, "main")
    write(root, found=7)
    commit(root, "trial")
    experiment(root, "trial", main)
    return root


@pytest.fixture
def repository(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = shutil.copytree(template, tmp_path / "repository")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.chdir(root)
    return root


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def written(root: Path) -> dict[str, Any]:
    value = json.loads((root / "reports" / "model_selection.json").read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def names(root: Path) -> list[list[str]]:
    return [[model["name"] for model in group["models"]] for group in written(root)["groups"]]


def test_revisions_and_experiments_are_compared(repository: Path) -> None:
    done = invoke("quick", "trial", "HEAD", "other-corpus")
    assert done.exit_code == 0, done.output
    assert names(repository) == [["HEAD", "trial", "quick"], ["other-corpus"]]
    assert "| `HEAD` | 0.889 (0.879" in done.stdout
    assert "`other-corpus` is not compared with `HEAD`: `corpus.name` differs." in done.stdout
    assert "Ship HEAD: its micro-F1 of 0.889 is above those of all others" in done.stdout
    assert "- `HEAD` lacks `dvc.lock`, " in done.stdout
    assert "dvc exp list" not in done.stdout
    assert "2 times as slow as quick" in done.stdout
    report = (repository / "reports/model_selection.md").read_text(encoding="utf-8")
    assert "`HEAD` lacks `dvc.lock`, `metrics/train.json`" in report
    assert (repository / "reports/model_selection.html").is_file()
    quick = written(repository)["groups"][0]["models"][2]
    assert quick["commit"] == run(repository, "git", "rev-parse", "quick")
    assert quick["latency_ms_p50"] == 50


def test_by_default_the_workspace_stands_beside_the_experiments_of_head(repository: Path) -> None:
    assert invoke().exit_code == 0
    assert names(repository) == [["workspace", "trial"]]


def test_by_default_head_takes_part_where_the_workspace_differs(repository: Path) -> None:
    write(repository, found=9)
    done = invoke("--output", "elsewhere")
    assert done.exit_code == 0, done.output
    assert "More in elsewhere/model_selection.html" in done.stdout
    shutil.move("elsewhere", "reports")
    assert names(repository) == [["workspace", "HEAD", "trial"]]


def test_a_revision_without_scores_is_named_and_the_rest_goes_on(repository: Path) -> None:
    done = invoke("bare", "HEAD", "quick")
    assert done.exit_code == 0, done.output
    assert "left out: bare: no metrics/evaluate.json" in done.stderr
    assert written(repository)["left_out"] == {"bare": "no metrics/evaluate.json"}
    assert names(repository) == [["HEAD", "quick"]]


def test_without_any_scores_it_fails_and_writes_nothing(repository: Path) -> None:
    done = invoke("bare")
    assert done.exit_code == 1
    assert "no model is left to compare" in done.stderr
    assert not (repository / "reports").exists()


def test_an_unknown_name_is_refused_before_anything_is_read(repository: Path) -> None:
    done = invoke("HEAD", "trail")
    assert done.exit_code == 1
    assert "trail is neither a revision nor an experiment" in done.stderr
    assert not (repository / "reports").exists()


def test_a_name_that_is_given_twice_counts_once(repository: Path) -> None:
    assert invoke("HEAD", "HEAD", "main").exit_code == 0
    assert names(repository) == [["HEAD", "main"]]
    assert written(repository)["groups"][0]["recommendation"]["name"] is None


def test_the_weights_of_the_settings_are_overridden(repository: Path) -> None:
    assert invoke("HEAD", "quick").exit_code == 0
    quality = written(repository)["groups"][0]["criterion"]
    assert quality["weights"] == SETTINGS["comparison"]["weights"]
    assert quality["best"] == "HEAD"
    assert invoke("HEAD", "quick", "--weight", "f1=0", "--weight", "rare_f1=0").exit_code == 0
    speed = written(repository)["groups"][0]["criterion"]
    assert speed["weights"] == {"latency": 0.25, "size": 0.25}
    assert speed["best"] == "quick"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--weight", "speed=1"], "none of f1"),
        (["--weight", "f1"], "write f1=2"),
        (["--weight", "f1=-1"], "at least 0"),
        (["--weight", "f1=nan"], "at least 0"),
        (
            [word for name in ("f1", "rare_f1", "latency", "size") for word in ("--weight", f"{name}=0")],
            "above",
        ),
    ],
)
def test_weights_that_are_none_are_refused(words: list[str], message: str, repository: Path) -> None:
    done = invoke("HEAD", *words)
    assert done.exit_code == 2
    assert message in done.stderr


def test_settings_without_weights_are_told(repository: Path) -> None:
    settings = {name: own for name, own in SETTINGS.items() if name != "comparison"}
    (repository / "params.yaml").write_text(yaml.safe_dump(settings))
    done = invoke("HEAD")
    assert done.exit_code == 1
    assert "comparison is missing" in done.stderr


def test_a_file_in_the_way_of_the_output_is_told(repository: Path) -> None:
    done = invoke("HEAD", "quick", "--output", "params.yaml")
    assert done.exit_code == 1
    assert "error: params.yaml: no folder can be made here" in done.stderr


@pytest.mark.usefixtures("without_dvc")
def test_the_workspace_alone_needs_no_dvc(repository: Path) -> None:
    done = invoke("workspace")
    assert done.exit_code == 0
    assert "`dvc exp list --all-commits` lists the experiments" in done.stdout
    assert "nothing to compare workspace with" in written(repository)["groups"][0]["recommendation"]["text"]


@pytest.mark.slow
def test_predictions_come_from_the_cache_of_dvc(repository: Path) -> None:
    run(repository, "git", "rm", "-rq", "data")
    (repository / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE))
    dvc = [sys.executable, "-m", "dvc"]
    run(repository, *dvc, "repro", "-q")
    commit(repository, "pipeline")
    run(repository, *dvc, "exp", "run", "-q", "-n", "better", "-S", "train.found=9")
    run(repository, "git", "checkout", "-q", "--force", ".")
    run(repository, *dvc, "checkout", "-q")
    done = invoke("better", "HEAD")
    assert done.exit_code == 0, done.output
    assert names(repository) == [["better", "HEAD"]]
    (pair,) = written(repository)["groups"][0]["pairs"]
    assert pair["p_adjusted"] < 0.05
    assert written(repository)["groups"][0]["recommendation"]["name"] == "better"
