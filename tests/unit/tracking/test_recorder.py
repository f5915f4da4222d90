"""Whatever a tracker does, it is contained."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from spanwise.tracking.recorder import Recorder, reason, recording, unchanged_randomness, within
from spanwise.tracking.run import Run
from tests.trackers import RUN


class Diary:
    """Writes down what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def has(self, run: Run) -> bool:
        return run.key == "known"

    def start(self, run: Run) -> None:
        self.calls.append(("start", run.name))

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self.calls.append(("log", step, dict(figures)))

    def summarise(self, figures: Mapping[str, float]) -> None:
        self.calls.append(("summarise", dict(figures)))

    def store(self, name: str, files: Sequence[Path]) -> None:
        self.calls.append(("store", name, [file.name for file in files]))

    def close(self, *, completed: bool) -> None:
        self.calls.append(("close", completed))


class Failing(Diary):
    """Fails from the given call on."""

    def __init__(self, first: str, error: BaseException) -> None:
        super().__init__()
        self.first, self.error = first, error

    def start(self, run: Run) -> None:
        super().start(run)
        self.fail("start")

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        super().log(step, figures)
        self.fail("log")

    def close(self, *, completed: bool) -> None:
        super().close(completed=completed)
        self.fail("close")

    def fail(self, call: str) -> None:
        calls = ["start", "log", "close"]
        if calls.index(call) >= calls.index(self.first):
            raise self.error


class Hanging(Diary):
    """Never comes back from its first point."""

    released = threading.Event()

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self.released.wait()


def tell(recorder: Recorder, model: Path | None = None) -> None:
    recorder.log(4, {"train_loss": 1.5})
    recorder.log(8, {"train_loss": 0.5})
    recorder.finish({"best_score": 0.75, "precision": "fp32", "resumed": True, "bad": float("nan")}, model)


def test_each_tracker_is_told_everything(tmp_path: Path) -> None:
    for name in ("model.safetensors", "config.json", "vocab.txt", "weights.bin", "training_args.pkl"):
        (tmp_path / name).touch()
    (tmp_path / "onnx").mkdir()
    diary = Diary()
    with recording(RUN, {"diary": diary}) as recorder:
        tell(recorder, tmp_path)
    assert diary.calls == [
        ("start", RUN.name),
        ("log", 4, {"train_loss": 1.5}),
        ("log", 8, {"train_loss": 0.5}),
        ("summarise", {"best_score": 0.75}),
        ("store", "model", ["config.json", "model.safetensors", "vocab.txt"]),
        ("close", True),
    ]
    assert recorder.outcomes == {"diary": "recorded"}


def test_the_model_stays_here_unless_it_is_asked_for(tmp_path: Path) -> None:
    diary = Diary()
    with recording(RUN, {"diary": diary}, log_model=False) as recorder:
        recorder.finish({}, tmp_path)
    assert [call[0] for call in diary.calls] == ["start", "summarise", "close"]


@pytest.mark.parametrize(
    ("first", "calls"), [("start", ["start", "close"]), ("log", ["start", "log", "close"])]
)
@pytest.mark.parametrize("error", [ValueError("no\nmore"), SystemExit("no")], ids=["error", "exit"])
def test_a_tracker_that_fails_is_left_out_and_warned_of_once(
    first: str, calls: list[str], error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    failing, diary = Failing(first, error), Diary()
    with caplog.at_level(logging.WARNING), recording(RUN, {"failing": failing, "diary": diary}) as recorder:
        tell(recorder)
    assert [call[0] for call in failing.calls] == calls
    assert len(diary.calls) == 5
    why = f"{type(error).__name__}: no"
    assert recorder.outcomes == {"failing": f"failed: {why}", "diary": "recorded"}
    assert caplog.messages == [f"failing records no more of this run: {why}"]


def test_a_failure_to_close_counts(caplog: pytest.LogCaptureFixture) -> None:
    with recording(RUN, {"failing": Failing("close", OSError("full"))}) as recorder:
        tell(recorder)
    assert recorder.outcomes == {"failing": "failed: OSError: full"}


def test_a_tracker_that_hangs_is_left_alone() -> None:
    hanging = Hanging()
    with recording(RUN, {"hanging": hanging}, limit=0.05) as recorder:
        tell(recorder)
    hanging.released.set()
    assert [call[0] for call in hanging.calls] == ["start"]
    assert recorder.outcomes == {"hanging": "failed: TimeoutError: no answer within 0.05 s"}


def test_a_training_that_fails_is_closed_as_failed() -> None:
    diary = Diary()

    def fail() -> None:
        with recording(RUN, {"diary": diary}) as recorder:
            recorder.log(4, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert diary.calls[-1] == ("close", False)


def test_what_a_tracker_has_already_is_not_told_again() -> None:
    diary, failing = Diary(), Failing("start", ValueError("no"))
    run = Run("name", "project", key="known")
    with recording(run, {"diary": diary}) as recorder:
        assert recorder.pass_over_known() == ["diary"]
        tell(recorder)
    assert (diary.calls, recorder.outcomes) == ([], {})
    with recording(RUN, {"failing": failing}) as recorder:
        assert recorder.pass_over_known() == []
        tell(recorder)
    assert recorder.outcomes == {"failing": "failed: ValueError: no"}


def test_without_trackers_nothing_happens() -> None:
    with recording(RUN, {}) as recorder:
        tell(recorder)
    assert recorder.outcomes == {}


def drawn() -> list[float]:
    return [random.random(), float(np.random.rand()), float(torch.rand(1))]


def test_what_is_drawn_in_a_call_changes_nothing_after_it() -> None:
    def draw_and_seed() -> None:
        drawn()
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)

    torch.manual_seed(13)
    with unchanged_randomness():
        before = drawn()
    with unchanged_randomness():
        within(60, draw_and_seed)
    assert drawn() == before


def test_a_reason_is_one_line_without_a_password() -> None:
    error = ValueError("https://me:secret@dagshub.com/x refuses\nmore")
    assert reason(error) == "ValueError: https://dagshub.com/x refuses"
    assert reason(ValueError()) == "ValueError: no message"
