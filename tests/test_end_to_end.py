"""The real dvc.yaml, from a corpus to a report, in its own repository, with a model that knows nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

STAGES = ["prepare", "tier-split", "train", "evaluate", "confidence", "benchmark", "report"]
TIMED = {"benchmark", "report"}  # whose outputs hold times
TIMINGS = {"metrics/train_timing.json"}


def environment(root: Path = Path(__file__).parent.parent) -> dict[str, str]:
    """A user's fresh shell, but for a guard that keeps Python off every host but this one."""
    private = ("CI", "DVC", "GIT", "HF_", "PYTHON")  # what would stand in for the committed settings
    guard, log = root / "tests" / "offline", Path(os.environ["OFFLINE_LOG"])
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(private)},
        "PATH": os.pathsep.join([str(guard), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(guard),
        "OFFLINE_GUARD": str(guard),
        "OFFLINE_PYTHON": sys.executable,
        "DVC_GLOBAL_CONFIG_DIR": str(log.parent / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(log.parent / "system"),
    }


def run(folder: Path, *command: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command as a user would; it may not fail, nor want any other host."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert not (refused := attempts()), refused
    assert done.returncode == expect, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def attempts() -> str:
    """What the guard refused."""
    log = Path(os.environ["OFFLINE_LOG"])
    return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture(scope="module", autouse=True)
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A log for the guard; what ran in the background must have kept it empty too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFLINE_LOG", str(tmp_path_factory.mktemp("offline") / "attempts.log"))
        yield
        assert not (refused := attempts()), refused


def commit(folder: Path, message: str) -> None:
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-q", "-m", message)


@pytest.fixture(scope="module")
def repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git would commit of this project, with the golden notes for a corpus, and not run yet."""
    folder = tmp_path_factory.mktemp("spanwise") / "repository"
    files = run(root, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").stdout.split(
        "\0"
    )
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


# The guard itself, against programs that hide that they failed.

CALL = "import urllib.request as r\ntry: r.urlopen('http://%s.example/')\nexcept OSError: pass\n"


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DVC repository of its own, with a log of its own."""
    monkeypatch.setenv("OFFLINE_LOG", str(tmp_path / "attempts.log"))
    folder = tmp_path / "outside"
    (folder / ".dvc").mkdir(parents=True)
    run(folder, "git", "init", "-q")
    (folder / ".dvc" / "config").write_text("[core]\nanalytics = false\n")
    return folder


def test_a_command_that_calls_out_is_caught(outside: Path) -> None:
    with pytest.raises(AssertionError, match=r"getaddrinfo command\.example"):
        run(outside, "python", "-c", CALL % "command")


def test_a_connection_without_a_name_is_caught(outside: Path) -> None:
    with pytest.raises(AssertionError, match=r"connect 192\.0\.2\.1"):
        run(outside, "python", "-c", "import socket; socket.socket().connect_ex(('192.0.2.1', 9))")


def test_a_stage_that_calls_out_is_caught(outside: Path) -> None:
    (outside / "stage.py").write_text(CALL % "stage")
    stage = {"cmd": "PYTHONPATH=src python stage.py"}  # as in the project's dvc.yaml
    (outside / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"call": stage}}))
    with pytest.raises(AssertionError, match=r"stage\.py: socket\.getaddrinfo stage\.example"):
        run(outside, "dvc", "repro")


def test_a_usage_report_of_dvc_is_caught(outside: Path) -> None:
    (outside / ".dvc" / "config").write_text("")
    with pytest.raises(AssertionError, match="daemon analytics"):
        run(outside, "dvc", "status")


def test_this_machine_may_be_called(outside: Path) -> None:
    listen = "import socket; server = socket.create_server(('127.0.0.1', 0))"
    run(outside, "python", "-c", f"{listen}; socket.create_connection(server.getsockname())")


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
    benchmark = metrics(reproduced, "benchmark")
    assert {"torch", "onnx", "onnx-int8"} == benchmark["backends"].keys()
    for backend in benchmark["backends"].values():
        names = {"latency_ms", "documents_per_s", "tokens_per_s", "model_mb", "peak_rss_mb", "f1"}
        assert names <= backend.keys()
        assert {"p50", "p95", "p99"} <= backend["latency_ms"]["1"].keys()
    assert {"name", "speedup_batch1", "speedup_best", "entities_dropped"} <= benchmark["peer"].keys()
    assert benchmark["peer"]["tokens_dropped_by_us"] == 0


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
    assert "up to date" in run(reproduced, "dvc", "repro").stdout
    assert run(reproduced, "git", "status", "--porcelain").stdout == ""


def test_the_trained_model_predicts(reproduced: Path) -> None:
    (reproduced / "note.txt").write_text("A 40-year-old man had fever.")
    [line] = run(reproduced, "spanwise", "predict", "note.txt", "-f", "jsonl").stdout.splitlines()
    assert json.loads(line)["id"] == "note.txt"
    (reproduced / "note.txt").unlink()


def test_a_corpus_that_is_not_there_says_how_to_bring_it(reproduced: Path) -> None:
    away = reproduced / "data" / "corpora" / "golden"
    away.rename(reproduced / "away")
    try:
        done = run(reproduced, "dvc", "repro", "--force", "--single-item", "prepare", expect=255)
        assert "spanwise corpus add golden" in done.stderr
        assert "Traceback" not in done.stdout + done.stderr
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
            cwd=reproduced, env=environment(), check=True, stdout=file, stderr=file,
        )  # fmt: skip
    _wait_for_queue(reproduced)
    shown = json.loads(run(reproduced, "dvc", "exp", "show", "--json").stdout)
    rates = {
        experiment["revs"][0]["data"]["params"]["params.yaml"]["data"]["train"]["learning_rate"]
        for state in shown
        for experiment in state.get("experiments") or []
    }
    assert rates == {0.0003, 0.0005}
    names = run(reproduced, "dvc", "exp", "list", "--name-only").stdout.split()
    assert "learning_rate" in run(reproduced, "dvc", "params", "diff", names[0], names[1]).stdout
    assert "headline" in run(reproduced, "dvc", "metrics", "diff", names[0], names[1], "--all").stdout
    run(reproduced, "dvc", "plots", "diff", names[0], names[1], "--out", "comparison")
    links = Links((reproduced / "comparison" / "index.html").read_text()).found
    assert links
    assert not [link for link in links if link.startswith(("http:", "https:", "//"))]
    shutil.rmtree(reproduced / "comparison")


class Links(HTMLParser):
    """What the elements of a page point to; text in its scripts is none of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


def _wait_for_queue(folder: Path) -> None:
    import time

    for _ in range(300):
        status = run(folder, "dvc", "queue", "status").stdout
        if "Queued" not in status and "Running" not in status:
            assert "Failed" not in status, status
            return
        time.sleep(2)
    pytest.fail(f"the queue did not come to its end:\n{status}")
