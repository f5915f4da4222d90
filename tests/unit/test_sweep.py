"""Real queues, with a stage that sleeps for as long as it is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.sweep import Queue, Task, alive, counts, look, start, tail, wait

pytestmark = pytest.mark.usefixtures("settings_of_its_own")

STAGE = """
import json, sys, time
value = json.load(open("params.json"))["value"]
print("working on", value, flush=True)
if value < 0:
    sys.exit("below nothing")
time.sleep(value)
json.dump({"value": value}, open("value.json", "w"))
"""
PIPELINE = """
stages:
  sleep:
    cmd: python stage.py
    params: [params.json: [value]]
    metrics: [value.json: {cache: false}]
"""


def run(root: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dvc(root: Path, *words: str) -> str:
    return run(root, sys.executable, "-m", "dvc", *words)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    root = tmp_path / "repository"
    root.mkdir()
    (root / "stage.py").write_text(STAGE)
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "params.json").write_text(json.dumps({"value": 0}))
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.name", "test")
    run(root, "git", "config", "user.email", "test@example.org")
    dvc(root, "init", "-q")
    dvc(root, "config", "core.analytics", "false")
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "-m", "sleep")
    return root


def queue(root: Path, name: str, value: float) -> None:
    dvc(root, "exp", "run", "-q", "--queue", "--name", name, "-S", f"params.json:value={value}")


def states(queue: Queue) -> dict[str, str]:
    return {task.name: task.state for task in queue.tasks}


def test_an_empty_queue_is_done_at_once(repository: Path) -> None:
    told: list[str] = []
    assert wait(repository, lambda queue: told.append(counts(queue))).tasks == ()
    assert told == ["the queue is empty"]


def test_a_queue_that_nothing_works_on_is_not_waited_for(repository: Path) -> None:
    queue(repository, "waiting", 0.1)
    with pytest.raises(UserError, match=r"nothing works on the queue, and waiting wait in it") as caught:
        wait(repository, lambda queue: None)
    assert "spanwise sweep --jobs 1" in (caught.value.hint or "")


@pytest.mark.slow
def test_a_queue_is_waited_for_and_failures_keep_their_logs(repository: Path) -> None:
    queue(repository, "good", 0.1)
    queue(repository, "bad", -1)
    told: list[str] = []
    start(repository, 1)
    done = wait(repository, lambda queue: told.append(counts(queue)))
    assert states(done) == {"good": "succeeded", "bad": "failed"}
    assert told[-1] == "1 succeeded, 1 failed"
    [log] = [task.log for task in done.tasks if task.name == "bad"]
    assert log is not None
    assert "below nothing" in tail(log, 10)


@pytest.mark.slow
def test_an_experiment_whose_worker_was_killed_is_lost_not_running(repository: Path) -> None:
    queue(repository, "slow", 600)
    start(repository, 1)
    deadline = time.monotonic() + 60
    while not ((seen := look(repository)).named("running") and _processes(repository)):
        assert time.monotonic() < deadline, states(seen)
        time.sleep(0.5)
    while not _stage(repository):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert states(look(repository)) == {"slow": "running"}
    for pid in (*_processes(repository), *_stage(repository)):
        os.kill(pid, signal.SIGKILL)
    assert "Running" in dvc(repository, "queue", "status")
    assert states(wait(repository, lambda queue: None)) == {"slow": "lost"}
    dvc(repository, "queue", "kill", "slow")
    dvc(repository, "queue", "remove", "slow")
    assert look(repository).tasks == ()


def _processes(root: Path) -> list[int]:
    """The worker, and DVC's process for its experiment."""
    folder = root / ".dvc" / "tmp" / "exps"
    files = (*folder.glob("celery/dvc-exp-worker-*.json"), *folder.glob("run/*/*.json"))
    infos = [json.loads(file.read_text()) for file in files]
    pids = [info["pid"] for info in infos if info.get("pid")]
    return pids if len(pids) == 2 else []


def _stage(root: Path) -> list[int]:
    import psutil

    inside = [each for each in psutil.process_iter(["cwd", "cmdline"]) if each.info["cwd"]]
    return [
        each.pid
        for each in inside
        if Path(each.info["cwd"]).is_relative_to(root) and "stage.py" in each.info["cmdline"]
    ]


def test_a_process_that_nobody_fetched_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    try:
        deadline = time.monotonic() + 30
        while alive(process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.wait()
    assert not alive(process.pid)
    assert alive(os.getpid())


def test_counts_name_what_runs() -> None:
    tasks = [Task("a", "succeeded", None), Task("c", "running", None), Task("b", "running", None)]
    assert counts(Queue((*tasks, Task("d", "queued", None)), 2)) == "1 succeeded, 2 running (b, c), 1 queued"


def test_the_tail_of_a_log_has_no_blank_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n\ntwo \xff\n\n")
    assert tail(log, 1) == ["two �"]
    assert tail(log, 9) == ["one", "two �"]
    assert tail(log, 0) == []
    assert tail(tmp_path / "none", 9) == []


def test_a_queue_that_dvc_does_not_start_says_why(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the queue cannot be started"):
        start(tmp_path, 1)
