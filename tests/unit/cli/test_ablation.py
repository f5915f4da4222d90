"""`spanwise ablation` in a repository with the real settings and a pipeline that trains nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from spanwise.ablation import PLAIN, Trial
from spanwise.cli import program
from spanwise.cli.compose import group_options, write_params
from spanwise.corpora import PINS, digest, source_path
from spanwise.experiments import finished, pending

pytestmark = pytest.mark.usefixtures("settings_of_its_own")

CONF = Path(__file__).parents[3] / "conf"
TECHNIQUES = group_options(CONF / "experiment" / "ablation")

STAGE = """
import json, pathlib, sys, yaml
params = yaml.safe_load(pathlib.Path("params.yaml").read_text())
head, fold = params["train"]["head"], params["split"]["fold"]
if head == "pointer":
    sys.exit("cannot")
found = {"softmax": 5, "crf": 7}[head]
for side in ("validation", "test"):
    path = pathlib.Path("data/predictions") / f"{side}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    spans = [{"start": i, "end": i + 1, "label": "A", "tier": "low"} for i in range(10)]
    sure = {"words": [0.5], "minimum": 0.5, "mean": 0.5, "product": 0.5, "span": 0.5}
    lines = [
        {"id": f"{side}{fold}.{i}", "text": "x" * 10, "group": f"{side}{fold}.{i}", "gold": spans,
         "predicted": [{**span, "confidence": sure} for span in spans[:found]]}
        for i in range(5)
    ]
    path.write_text("".join(json.dumps(line) + "\\n" for line in lines))
pathlib.Path("metrics").mkdir(exist_ok=True)
times = {"seconds": 9.0, "cpu_seconds": 10.0 * found, "resumed": False, "peak_rss_mb": 1.0}
pathlib.Path("metrics/train_timing.json").write_text(json.dumps(times))
machine = {"device": "cpu", "cpu": "AMD EPYC", "threads": 2, "precision": "bf16", "epochs": 2}
pathlib.Path("metrics/train.json").write_text(json.dumps(machine))
"""
METRICS = ("metrics/train_timing.json", "metrics/train.json")
PIPELINE = {
    "stages": {
        "train": {
            "cmd": f"{sys.executable} stages/train.py",
            "deps": ["stages/train.py"],
            "params": ["split", "train"],
            "outs": ["data/predictions"],
            "metrics": [{path: {"cache": False}} for path in METRICS],
        },
        "evaluate": {"cmd": "true", "deps": ["data/predictions"]},
    }
}


def run(root: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template")
    shutil.copytree(CONF, root / "conf")
    (root / "stages").mkdir()
    (root / "stages" / "train.py").write_text(STAGE)
    for name in CORPORA:
        pin_texts(root, name)
    (root / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE))
    (root / ".gitignore").write_text("/data/corpora\n/data/predictions\n")
    write_params(root / "conf", [], root / "params.yaml")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    dvc = [sys.executable, "-m", "dvc"]
    run(root, *dvc, "init", "-q")
    run(root, *dvc, "config", "core.analytics", "false")
    run(root, *dvc, "config", "hydra.enabled", "true")
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "-m", "first")
    return root


CORPORA = ("casenotes", "maccrobat", "ncbi-disease")


def pin_texts(root: Path, name: str) -> None:
    """A corpus of one text under that name, with its pin."""
    folder, pin = root / "data" / "corpora" / name, source_path(name, root / PINS)
    folder.mkdir(parents=True)
    pin.parent.mkdir(exist_ok=True)
    (folder / "one.txt").write_text("text")
    files = {"one.txt": digest(folder / "one.txt")}
    fields = {"name": name, "title": name, "format": "txt", "licence": "CC0-1.0", "citation": ""}
    pin.write_text(json.dumps({**fields, "origin": None, "files": files}))


@pytest.fixture
def repository(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = shutil.copytree(template, tmp_path / "repository")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.chdir(root)
    return root


def ablation(*words: str) -> Result:
    return CliRunner().invoke(program, ["ablation", *words])


# The settings of each technique.


def composed(tmp_path: Path, technique: str) -> dict[str, object]:
    write_params(CONF, Trial(technique, 1, 6).overrides, tmp_path / "params.yaml")
    values = yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8"))
    assert isinstance(values, dict)
    return values


def flat(values: object, key: str = "") -> dict[str, object]:
    if isinstance(values, dict) and values:
        return {name: leaf for part in values for name, leaf in flat(values[part], f"{key}.{part}").items()}
    return {key: values}


WINNERS = {"combined-casenotes"}
"""What won, together."""


@pytest.mark.parametrize("technique", [name for name in TECHNIQUES if name != PLAIN])
def test_a_technique_changes_a_few_settings_of_one_section(technique: str, tmp_path: Path) -> None:
    plain, changed = flat(composed(tmp_path, PLAIN)), flat(composed(tmp_path, technique))
    keys = {key for key in plain.keys() | changed.keys() if plain.get(key) != changed.get(key)}
    sections = {key.split(".")[1] for key in keys}
    assert 1 <= len(keys) <= 4
    assert len(sections) == 1 or technique in WINNERS
    assert sections <= {"train", "model", "corpus"}


def test_plain_spells_out_every_setting_of_a_training() -> None:
    """So that it stays plain when the default recipe learns something."""
    given = yaml.safe_load((CONF / "experiment/ablation/plain.yaml").read_text(encoding="utf-8"))["train"]
    known = yaml.safe_load((CONF / "train/base.yaml").read_text(encoding="utf-8"))
    assert flat(given).keys() == flat(known).keys()


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_each_file_says_what_the_technique_is(technique: str) -> None:
    lines = (CONF / f"experiment/ablation/{technique}.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# @package _global_"
    assert re.match(r"# \S.*\.$", lines[1])


# Queueing.


def test_the_queue_takes_plain_and_what_is_asked_for_once(repository: Path) -> None:
    words = ["queue", "--technique", "crf", "--folds", "0", "--epochs", "2"]
    done = ablation(*words)
    assert done.exit_code == 0, done.output
    names = ["ablation-plain-fold0-epochs2", "ablation-crf-fold0-epochs2"]
    assert done.stdout.splitlines()[:2] == names
    assert "queued: 2, in the queue before: 0, finished before: 0" in done.stdout
    assert "dvc queue start" in done.stdout
    assert pending(repository) == sorted(names)

    again = ablation(*words)
    assert "queued: 0, in the queue before: 2, finished before: 0" in again.stdout
    assert pending(repository) == sorted(names)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--technique", "crff"], "ablation/crff: no such option; did you mean ablation/crf?"),
        (["--folds", "7"], "fold 7 is not among folds 0 to 4"),
    ],
)
def test_what_does_not_compose_is_refused_before_any_is_queued(
    words: list[str], message: str, repository: Path
) -> None:
    done = ablation("queue", "--technique", "crf", *words)
    assert done.exit_code == 1
    assert message in done.stderr
    assert pending(repository) == []


def test_uncommitted_changes_are_refused(repository: Path) -> None:
    (repository / "stages" / "train.py").write_text("changed")
    done = ablation("queue", "--technique", "crf")
    assert done.exit_code == 1
    assert "uncommitted changes" in done.stderr


def test_corpora_that_are_not_here_are_told_before_any_is_queued(repository: Path) -> None:
    for name in ("maccrobat", "ncbi-disease"):
        shutil.rmtree(repository / "data" / "corpora" / name)
    done = ablation("queue", "--technique", "ncbi-disease", "--technique", "casenotes")
    assert done.exit_code == 1
    for name in ("maccrobat", "ncbi-disease"):
        assert f"spanwise corpus add {name}" in done.stderr
    assert "spanwise corpus add casenotes" not in done.stderr
    assert pending(repository) == []


def test_an_altered_corpus_is_told_before_any_is_queued(repository: Path) -> None:
    (repository / "data" / "corpora" / "casenotes" / "one.txt").write_text("other")
    words = ["queue", "--folds", "0", "--technique"]
    done = ablation(*words, "casenotes")
    assert done.exit_code == 1
    assert "not the pinned corpus casenotes: 1 of its files differ" in done.stderr
    assert pending(repository) == []
    assert ablation(*words, "crf").exit_code == 0  # which does not read it


@pytest.mark.parametrize(("epochs", "half"), [(8, 4), (7, 4), (10, 5)])
def test_by_default_training_takes_half_the_epochs_of_plain(epochs: int, half: int, repository: Path) -> None:
    plain = repository / "conf/experiment/ablation/plain.yaml"
    text, found = re.subn(r"epochs: \d+\n", f"epochs: {epochs}\n", plain.read_text(encoding="utf-8"))
    assert found == 1
    plain.write_text(text, encoding="utf-8")
    run(repository, "git", "commit", "-q", "-a", "--allow-empty", "-m", "epochs")
    done = ablation("queue", "--technique", "plain", "--folds", "0")
    assert done.stdout.splitlines()[0] == f"ablation-plain-fold0-epochs{half}"
    assert f"no experiment of {half} epochs" in ablation("table").stderr


@pytest.mark.parametrize("folds", ["", "one", "0,", "-1"])
def test_folds_are_numbers(folds: str, repository: Path) -> None:
    for name in ("queue", "table"):
        done = ablation(name, f"--folds={folds}")
        assert done.exit_code == 2
        assert "names no folds" in done.stderr


def test_another_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("queue", "table"):
        done = ablation(name)
        assert done.exit_code == 1
        assert "config.yaml: no such file" in done.stderr


# The table.


def test_without_experiments_the_way_to_get_them_is_told(repository: Path) -> None:
    done = ablation("table")
    assert done.exit_code == 1
    assert re.search(r"no experiment of \d+ epochs on fold 0,1 is finished", done.stderr)
    assert "spanwise ablation queue" in done.stderr


@pytest.mark.slow
def test_a_queue_is_run_and_tabulated_and_what_failed_is_queued_again(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `dvc queue start` looks for `dvc`.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    words = ["--technique", "crf", "--technique", "pointer", "--folds", "0", "--epochs", "2"]
    assert ablation("queue", *words).exit_code == 0
    with (repository / ".dvc" / "tmp" / "queue.log").open("w") as log:  # the worker keeps its starter's pipe
        start = [sys.executable, "-m", "dvc", "queue", "start"]
        subprocess.run(start, cwd=repository, check=True, stdout=log, stderr=log)
    attempts = 0
    while pending(repository):
        attempts += 1
        assert attempts < 60, "the queue did not come to its end"
        time.sleep(1)
    assert [each.name for each in finished(repository)] == [
        "ablation-crf-fold0-epochs2",
        "ablation-plain-fold0-epochs2",
    ]

    done = ablation("table", "--folds", "0,1", "--epochs", "2")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == [PLAIN, "crf"]
    assert "| 1.17 min | 1.40 |" in done.stdout
    assert "fold 1 is missing" in done.stdout
    others = [f"`{name}`" for name in TECHNIQUES if name not in (PLAIN, "crf")]
    assert f"Not run: {', '.join(others[:-1])} and {others[-1]}." in done.stdout

    written = ablation("table", "--folds", "0,1", "--epochs", "2", "--output", "docs/table.md")
    assert written.stdout == ""
    assert Path("docs/table.md").read_text(encoding="utf-8") == done.stdout

    again = ablation("queue", *words)
    assert again.stdout.splitlines()[0] == "ablation-pointer-fold0-epochs2"
    assert "queued: 1, in the queue before: 0, finished before: 2" in again.stdout


@pytest.mark.slow
def test_techniques_without_plain_are_tabulated_alone(repository: Path) -> None:
    trial = Trial("crf", 0, 2)
    options = [word for override in trial.overrides for word in ("-S", override)]
    run(repository, sys.executable, "-m", "dvc", "exp", "run", "-q", "-n", trial.name, *options)
    done = ablation("table", "--folds", "0", "--epochs", "2")
    assert done.exit_code == 0, done.output
    assert "`crf` is compared with nothing" in done.stdout
    assert "`plain`" in done.stdout.splitlines()[-1]  # not run


def experiment(root: Path, trial: Trial, *overrides: str) -> None:
    """A finished experiment of its name, settings and others."""
    options = [word for override in (*trial.overrides, *overrides) for word in ("-S", override)]
    run(root, sys.executable, "-m", "dvc", "exp", "run", "-q", "-n", trial.name, *options)
    run(root, "git", "checkout", "-q", "--force", ".")


def commit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    run(root, "git", "commit", "-q", "-a", "-m", "change")


@pytest.mark.slow
def test_what_ran_with_other_settings_is_named_and_queued_again(repository: Path) -> None:
    for trial in (Trial(PLAIN, 0, 2), Trial("crf", 0, 2)):
        experiment(repository, trial)
    words = ["--folds", "0", "--epochs", "2"]
    commit(repository, "conf/config.yaml", "title:", "title: New ")  # no prediction depends on it
    commit(repository, "conf/experiment/ablation/crf.yaml", "head: crf", "head: crf, batch_size: 4")
    text = ablation("table", *words).stdout
    assert "- `crf` is out of date: `train.batch_size` changed since it was run." in text
    assert "`plain` is out of date" not in text
    assert "other code" not in text  # of another commit, and the same

    queued = ablation("queue", "--technique", "crf", *words)
    name = "ablation-crf-fold0-epochs2"
    assert queued.stdout.splitlines()[0] == f"{name} again, for other settings: train.batch_size"
    assert "queued: 1, in the queue before: 0, finished before: 1" in queued.stdout
    assert pending(repository) == [name]

    experiment(repository, Trial("crf", 0, 2), "train.weight_decay=0.5")  # the latest, and not what is asked
    commit(repository, "conf/experiment/ablation/crf.yaml", "head: crf, batch_size: 4", "head: crf")
    assert "out of date" not in ablation("table", *words).stdout  # the oldest is as conf/ has it
    (repository / "conf/experiment/ablation/crf.yaml").unlink()
    text = ablation("table", *words).stdout
    assert "`crf` is out of date: `experiment/ablation/crf.yaml` changed" in text


@pytest.mark.slow
def test_a_technique_that_ran_other_code_is_named(repository: Path) -> None:
    experiment(repository, Trial(PLAIN, 0, 2))
    commit(repository, "stages/train.py", "import json", "# other\nimport json")
    experiment(repository, Trial("crf", 0, 2))
    text = ablation("table", "--folds", "0", "--epochs", "2").stdout
    assert "`crf` ran other code than `plain`, `stages/train.py`" in text
