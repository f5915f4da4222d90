"""Real DVC, in small repositories of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.experiments import (
    Experiment,
    check_committed,
    committed,
    enqueue,
    fetch,
    fetch_available,
    find,
    finished,
    of_baseline,
    pending,
)

pytestmark = pytest.mark.usefixtures("settings_of_its_own")

STAGE = """
import json, pathlib, time
value = json.loads(pathlib.Path("params.json").read_text())["value"]
while isinstance(value, str) and not pathlib.Path(value).exists():
    time.sleep(0.1)
pathlib.Path("out").mkdir()
pathlib.Path("out/value.txt").write_text(str(value))
pathlib.Path("value.json").write_text(json.dumps({"value": value}))
"""
PIPELINE = f"""
stages:
  copy:
    cmd: {sys.executable} stage.py
    params: [params.json: [value]]
    outs: [out]
    metrics: [value.json: {{cache: false}}]
"""


def run(root: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dvc(root: Path, *words: str) -> str:
    return run(root, sys.executable, "-m", "dvc", *words)


def commit(root: Path) -> str:
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "--allow-empty", "-m", "change")
    return run(root, "git", "rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed pipeline of one stage, without experiments."""
    root = tmp_path_factory.mktemp("template")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    dvc(root, "init", "-q")
    dvc(root, "config", "core.analytics", "false")
    (root / "stage.py").write_text(STAGE)
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "params.json").write_text('{"value": 1}')
    (root / ".gitignore").write_text("/out\n")
    commit(root)
    return root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(template, tmp_path / "repository")


def value(root: Path, experiment: Experiment, folder: Path) -> str:
    fetch(root, experiment, ["out/value.txt"], folder)
    return (folder / "out" / "value.txt").read_text()


def test_a_queued_experiment_is_pending_and_not_finished(repository: Path) -> None:
    assert pending(repository) == []
    enqueue(repository, "two-1", ["params.json:value=2"])
    assert pending(repository) == ["two-1"]
    assert finished(repository) == []


def test_what_dvc_refuses_is_told(repository: Path) -> None:
    with pytest.raises(UserError, match=r"two/1 cannot be queued: .*Invalid exp name"):
        enqueue(repository, "two/1", ["params.json:value=2"])


def test_uncommitted_changes_are_refused_and_new_files_are_not(repository: Path) -> None:
    (repository / "note.txt").write_text("new")
    check_committed(repository)
    (repository / "params.json").write_text('{"value": 3}')
    with pytest.raises(UserError, match="uncommitted changes"):
        check_committed(repository)


@pytest.mark.slow
def test_finished_experiments_are_found_under_any_commit_and_the_latest_comes_last(
    repository: Path, tmp_path: Path
) -> None:
    for name, number in (("one", 5), ("two", 6)):
        dvc(repository, "exp", "run", "-q", "-n", name, "-S", f"params.json:value={number}")
    run(repository, "git", "checkout", "-q", "--force", ".")
    commit(repository)
    dvc(repository, "exp", "run", "-q", "-n", "two", "-S", "params.json:value=7")
    found = finished(repository)
    assert [each.name for each in found] == ["one", "two", "two"]
    assert [value(repository, each, tmp_path / each.commit) for each in found] == ["5", "6", "7"]
    settings = [f'{{"value": {number}}}' for number in (5, 6, 7)]
    assert [text.replace("\n", "") for text in committed(repository, found, "params.json")] == settings
    with pytest.raises(UserError, match=r"one has no params\.yaml"):
        committed(repository, found, "params.yaml")


@pytest.mark.slow
def test_files_of_git_and_of_dvc_are_fetched(repository: Path, tmp_path: Path) -> None:
    dvc(repository, "exp", "run", "-q", "-n", "one", "-S", "params.json:value=5")
    [one] = finished(repository)
    fetch(repository, one, ["out/value.txt", "value.json"], tmp_path / "fetched")
    assert (tmp_path / "fetched" / "out" / "value.txt").read_text() == "5"
    assert (tmp_path / "fetched" / "value.json").read_text() == '{"value": 5}'
    with pytest.raises(UserError, match=r"one has no out/other\.txt here"):
        fetch(repository, one, ["out/other.txt"], tmp_path / "fetched")


@pytest.mark.slow
def test_what_the_cache_lost_is_told(repository: Path, tmp_path: Path) -> None:
    dvc(repository, "exp", "run", "-q", "-n", "one", "-S", "params.json:value=5")
    [one] = finished(repository)
    shutil.rmtree(repository / ".dvc" / "cache" / "files")
    with pytest.raises(UserError, match=r"one has no out/value\.txt here") as caught:
        fetch(repository, one, ["out/value.txt"], tmp_path / "fetched")
    assert "dvc exp pull" in str(caught.value.hint)


@pytest.mark.slow
def test_a_worker_that_was_killed_leaves_nothing_pending(repository: Path) -> None:
    """The task is taken from the queue and has no worker, as after a power cut."""
    enqueue(repository, "one", ["params.json:value=5"])
    broker = repository / ".dvc" / "tmp" / "exps" / "celery" / "broker"
    [message] = (broker / "in").iterdir()
    shutil.move(message, broker / "processed" / message.name)
    assert "Running" in dvc(repository, "queue", "status")
    assert pending(repository) == []


@pytest.mark.slow
def test_a_trial_that_was_killed_is_not_pending_while_a_worker_runs_another(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `dvc queue start` looks for `dvc`.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    go_on, broker = tmp_path / "go_on", repository / ".dvc" / "tmp" / "exps" / "celery" / "broker"
    enqueue(repository, "killed", ["params.json:value=5"])
    [message] = (broker / "in").iterdir()
    shutil.move(message, broker / "processed" / message.name)
    enqueue(repository, "alive", [f"params.json:value={go_on}"])
    with (repository / ".dvc" / "tmp" / "queue.log").open("w") as log:  # the worker keeps its starter's pipe
        start = [sys.executable, "-m", "dvc", "queue", "start"]
        subprocess.run(start, cwd=repository, check=True, stdout=log, stderr=log)
    try:
        wait(lambda: not list((broker / "in").glob("*.celery.msg")))
        wait(lambda: pending(repository) == ["alive"])
        assert dvc(repository, "queue", "status").count("Running") == 2
        assert [pending(repository) for _ in range(3)] == [["alive"]] * 3
    finally:
        go_on.touch()
    wait(lambda: not pending(repository))
    assert [each.name for each in finished(repository)] == ["alive"]


def wait(condition: Callable[[], bool]) -> None:
    """Until it holds, for up to a minute."""
    for _ in range(60):
        if condition():
            return
        time.sleep(1)
    pytest.fail("it did not come to that")


def test_another_command_that_holds_the_lock_is_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dvc.repo import Repo

    monkeypatch.setattr("dvc.lock.DEFAULT_TIMEOUT", 0.01)
    refused = pytest.raises(UserError, match="another DVC command is running")
    with Repo(str(repository)) as other, other.lock, refused as caught:
        finished(repository)
    assert "Try again" in str(caught.value.hint)
    assert finished(repository) == []


def test_what_dvc_refuses_otherwise_is_told(repository: Path) -> None:
    (repository / ".dvc" / "config").write_text("[core]\n    no_such_option = true\n")
    with pytest.raises(UserError, match=r"DVC refuses: .*no_such_option"):
        finished(repository)


def test_only_a_missing_file_is_told_as_missing(repository: Path, tmp_path: Path) -> None:
    """A commit that git does not have is something else, and so is a folder in the way."""
    with pytest.raises(UserError, match="DVC refuses: ") as caught:
        fetch(repository, Experiment("one", "0" * 40), ["params.json"], tmp_path)
    assert "has no" not in str(caught.value)
    here = Experiment("one", run(repository, "git", "rev-parse", "HEAD").strip())
    (tmp_path / "params.json").mkdir()
    with pytest.raises(IsADirectoryError):
        fetch(repository, here, ["params.json"], tmp_path)
    with pytest.raises(UserError, match=r"one has no other\.json here"):
        fetch(repository, here, ["other.json"], tmp_path)


def make_experiment(root: Path, name: str, baseline: str, commit: str) -> None:
    """As `dvc exp run` would, without a run."""
    run(root, "git", "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", commit)


def test_a_name_is_that_of_a_revision_or_else_of_an_experiment(repository: Path) -> None:
    first = run(repository, "git", "rev-parse", "HEAD").strip()
    second, third = commit(repository), commit(repository)
    run(repository, "git", "tag", "old", first)
    run(repository, "git", "branch", "both", first)
    for name in ("one", "both"):
        make_experiment(repository, name, first, second)
    assert find(repository, "one") == Experiment("one", second)
    assert find(repository, "both").commit == first
    assert [find(repository, name).commit for name in ("old", "HEAD", "HEAD~1")] == [first, third, second]
    with pytest.raises(UserError, match="other is neither a revision nor an experiment"):
        find(repository, "other")
    with pytest.raises(UserError, match="without a name"):
        find(repository, "")


def test_of_experiments_of_one_name_that_of_the_baseline_is_found_or_the_latest(repository: Path) -> None:
    first = run(repository, "git", "rev-parse", "HEAD").strip()
    second, third = commit(repository), commit(repository)
    make_experiment(repository, "one", first, second)
    make_experiment(repository, "one", second, third)
    assert find(repository, "one").commit in (second, third)  # made within a second
    assert of_baseline(repository) == []
    make_experiment(repository, "one", third, first)
    make_experiment(repository, "another", third, second)
    assert find(repository, "one").commit == first
    assert of_baseline(repository) == [Experiment("another", second), Experiment("one", first)]


def test_files_that_are_missing_are_named_and_the_others_fetched(repository: Path, tmp_path: Path) -> None:
    here = find(repository, "HEAD")
    names = ["lost.json", "params.json", "out/value.txt"]
    assert fetch_available(repository, here, names, tmp_path / "fetched") == ["lost.json", "out/value.txt"]
    assert [path.name for path in (tmp_path / "fetched").rglob("*")] == ["params.json"]


def test_a_folder_without_dvc_is_refused(tmp_path: Path) -> None:
    for look in (finished, pending, check_committed):
        with pytest.raises(UserError, match="no DVC repository") as caught:
            look(tmp_path)
        assert caught.value.path == tmp_path


@pytest.mark.usefixtures("without_dvc")
def test_without_dvc_the_way_to_get_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="pipeline"):
        finished(tmp_path)
