"""The real dvc.yaml, from a corpus to a report, in its own repository, with a model that knows nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

STAGES = ["prepare", "tier-split", "train", "evaluate", "confidence", "benchmark", "report"]
TIMED = {"benchmark", "report"}  # whose outputs hold times
TIMINGS = {"metrics/train_timing.json"}


def run(folder: Path, *command: str, expect: int = 0) -> str:
    """Run a command as a user in a fresh shell would, and return what it prints."""
    binaries = Path(sys.executable).parent
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DVC", "GIT"))},
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == expect, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def commit(folder: Path, message: str) -> None:
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-q", "-m", message)


@pytest.fixture(scope="module")
def repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git would commit of this project, with the golden notes for a corpus, and not run yet."""
    folder = tmp_path_factory.mktemp("spanwise") / "repository"
    files = run(root, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    for name in filter(None, files):
        if (root / name).is_file() and not name.startswith(("tests/", "metrics/", "plots/", "dvc.lock")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)
    run(folder, "git", "init", "-q", "-b", "main")
    run(folder, "git", "config", "user.name", "test")
    run(folder, "git", "config", "user.email", "test@example.org")
    notes = str(root / "tests" / "golden" / "ner" / "corpus")
    run(folder, "spanwise", "corpus", "add", "golden", "--from", notes, "--format", "brat")
    run(folder, "spanwise", "compose", "task=golden", "experiment=smoke")
    commit(folder, "golden notes")
    return folder


@pytest.fixture(scope="module")
def reproduced(repository: Path) -> Path:
    """The repository after `dvc repro`, with what it made committed."""
    run(repository, "dvc", "repro")
    commit(repository, "reproduced")
    return repository


def metrics(folder: Path, name: str) -> Any:
    return json.loads((folder / "metrics" / f"{name}.json").read_text())


def test_every_stage_writes_what_it_declares(reproduced: Path) -> None:
    lock = yaml.safe_load((reproduced / "dvc.lock").read_text())
    assert sorted(lock["stages"]) == sorted(STAGES)
    for stage in lock["stages"].values():
        for out in stage["outs"]:
            assert (reproduced / out["path"]).exists()


def test_metrics_have_their_contracted_names(reproduced: Path) -> None:
    assert metrics(reproduced, "prepare")["documents"] == 10
    split = metrics(reproduced, "tier_split")
    assert sum(side["documents"] for side in split["sizes"].values()) == 10
    assert split["leak"]["groups_across"] == split["leak"]["twins_across"] == 0
    assert metrics(reproduced, "train")["sides"]["train"]["truncated_tokens"] == 0
    test = metrics(reproduced, "evaluate")["test"]
    assert {"precision", "recall", "f1", "f1_low", "f1_high", "support"} <= test["strict"]["micro"].keys()
    assert test["headline"] == test["strict"]["micro"]["f1"]
    assert {"ece", "ece_raw", "aurc", "aurc_raw", "thresholds", "automation"} <= metrics(
        reproduced, "confidence"
    )["test"].keys()
    torch = metrics(reproduced, "benchmark")["backends"]["torch"]
    assert {"latency_ms", "documents_per_s", "tokens_per_s", "model_mb", "peak_rss_mb", "f1"} <= torch.keys()
    assert set(torch["latency_ms"]["1"]) == {"p50", "p95", "p99"}


def test_every_prediction_stands_beside_its_gold_spans(reproduced: Path) -> None:
    lines = (reproduced / "data" / "predictions" / "test.jsonl").read_text().splitlines()
    assert len(lines) == metrics(reproduced, "tier_split")["sizes"]["test"]["documents"]
    for prediction in map(json.loads, lines):
        assert prediction["gold"]
        for span in prediction["predicted"]:
            assert {"start", "end", "label", "tier", "confidence"} == span.keys()


def test_the_report_is_there_in_both_forms(reproduced: Path) -> None:
    page = (reproduced / "reports" / "report.html").read_text()
    f1 = metrics(reproduced, "evaluate")["test"]["headline"]
    assert f"{f1:.3f}" in page
    assert (reproduced / "reports" / "report.md").is_file()
    assert (reproduced / "reports" / "model_card.md").is_file()


def test_no_checkpoint_is_left(reproduced: Path) -> None:
    assert not [path for path in (reproduced / ".checkpoints").iterdir() if path.is_dir()]


def test_a_second_repro_does_nothing(reproduced: Path) -> None:
    assert "up to date" in run(reproduced, "dvc", "repro")
    assert run(reproduced, "git", "status", "--porcelain") == ""


def test_the_trained_model_predicts(reproduced: Path) -> None:
    (reproduced / "note.txt").write_text("A 40-year-old man had fever.")
    [line] = [
        line
        for line in run(reproduced, "spanwise", "predict", "note.txt", "-f", "jsonl").splitlines()
        if line.startswith("{")
    ]
    assert json.loads(line)["id"] == "note.txt"
    (reproduced / "note.txt").unlink()


def test_a_corpus_that_is_not_there_says_how_to_bring_it(reproduced: Path) -> None:
    away = reproduced / "data" / "corpora" / "golden"
    away.rename(reproduced / "away")
    try:
        output = run(reproduced, "dvc", "repro", "--force", "--single-item", "prepare", expect=255)
        assert "spanwise corpus add golden" in output
        assert "Traceback" not in output
    finally:
        (reproduced / "away").rename(away)


@pytest.mark.slow
def test_a_second_clone_makes_the_same_bytes(reproduced: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "-q", str(reproduced), str(clone))
    corpus = Path("data") / "corpora" / "golden"
    shutil.copytree(reproduced / corpus, clone / corpus)
    (clone / "dvc.lock").unlink()
    run(clone, "dvc", "repro")
    one, two = (yaml.safe_load((folder / "dvc.lock").read_text())["stages"] for folder in (reproduced, clone))
    for name in set(STAGES) - TIMED:
        digests = [
            {out["path"]: out["md5"] for out in stages[name]["outs"] if out["path"] not in TIMINGS}
            for stages in (one, two)
        ]
        assert digests[0] == digests[1], name


@pytest.mark.slow
def test_a_grid_is_queued_run_shown_and_compared(reproduced: Path) -> None:
    run(
        reproduced, "dvc", "exp", "run", "-S", "task=golden", "-S", "experiment=smoke",
        "-S", "train.learning_rate=3e-4,5e-4", "--queue",
    )  # fmt: skip
    log = reproduced / ".dvc" / "tmp" / "queue.log"
    with log.open("w") as file:  # the worker keeps the pipe of its starter open
        subprocess.run(
            [str(Path(sys.executable).parent / "dvc"), "queue", "start", "-j", "1"],
            cwd=reproduced, check=True, stdout=file, stderr=file,
        )  # fmt: skip
    _wait_for_queue(reproduced)
    shown = json.loads(run(reproduced, "dvc", "exp", "show", "--json").split("\n", 0)[0])
    rates = {
        experiment["revs"][0]["data"]["params"]["params.yaml"]["data"]["train"]["learning_rate"]
        for state in shown
        for experiment in state.get("experiments") or []
    }
    assert rates == {0.0003, 0.0005}
    names = run(reproduced, "dvc", "exp", "list", "--name-only").split()
    assert "learning_rate" in run(reproduced, "dvc", "params", "diff", names[0], names[1])
    assert "headline" in run(reproduced, "dvc", "metrics", "diff", names[0], names[1], "--all")
    run(reproduced, "dvc", "plots", "diff", names[0], names[1], "--out", "comparison")
    page = (reproduced / "comparison" / "index.html").read_text()
    assert "learning_rate" not in page
    assert '<script src="http' not in page
    shutil.rmtree(reproduced / "comparison")


def _wait_for_queue(folder: Path) -> None:
    import time

    for _ in range(300):
        status = run(folder, "dvc", "queue", "status")
        if "Queued" not in status and "Running" not in status:
            assert "Failed" not in status, status
            return
        time.sleep(2)
    pytest.fail(f"the queue did not come to its end:\n{status}")
