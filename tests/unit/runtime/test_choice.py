"""The choice of a backend: the fastest of those admitted, measured once and then remembered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from spanwise import hardware
from spanwise.encoding import Window
from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.runtime import choice
from spanwise.runtime.backends import Scored
from spanwise.runtime.choice import choose, default_cache
from spanwise.runtime.export import export


class Clock:
    """A clock that backends move on by themselves."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Timed:
    """A backend that takes as long as it is told."""

    pointed = False

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds, self.rounds = clock, seconds, 0

    def __call__(self, windows: Sequence[Window]) -> list[Scored]:
        self.rounds += 1
        self.clock.now += self.seconds * len(windows)
        return []


@pytest.fixture
def learner(tiny_tagger: Tagger, tmp_path: Path) -> Path:
    tiny_tagger.save(tmp_path / "learner")
    return tmp_path / "learner"


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The backends that were loaded; `onnx-int8` is the fastest of them."""
    names: list[str] = []
    clock = Clock()

    def load(folder: Path, name: str, **_: object) -> Timed:
        names.append(name)
        return Timed(clock, {"torch": 3.0, "onnx": 2.0, "onnx-int8": 1.0}[name])

    monkeypatch.setattr(choice, "load_backend", load)
    monkeypatch.setattr(choice, "time", clock)
    return names


ALL = ["torch", "onnx", "onnx-int8"]


def test_the_fastest_candidate_is_chosen(learner: Path, loaded: list[str], tmp_path: Path) -> None:
    assert choose(learner, ALL, threads=1, cache=tmp_path / "cache") == "onnx-int8"
    assert choose(learner, ALL[:2], threads=1, cache=tmp_path / "cache") == "onnx"
    assert loaded == [*ALL, *ALL[:2]]


def test_a_remembered_choice_loads_no_model(learner: Path, loaded: list[str], tmp_path: Path) -> None:
    first = choose(learner, ALL, threads=1, cache=tmp_path / "cache")
    loaded.clear()
    assert choose(learner, ALL, threads=1, cache=tmp_path / "cache") == first
    assert loaded == []
    [kept] = (tmp_path / "cache" / "backends").iterdir()
    # Windows of 20 tokens at most, of the one length that fits.
    assert json.loads(kept.read_text()) == {
        "backend": "onnx-int8",
        "milliseconds": {"torch": 3000, "onnx": 2000, "onnx-int8": 1000},
    }


def test_a_lone_candidate_is_not_measured(learner: Path, loaded: list[str], tmp_path: Path) -> None:
    assert choose(learner, ["torch"], threads=1, cache=tmp_path / "cache") == "torch"
    assert loaded == []
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("content", ["", "{", '{"backend": "torch-bf16", "milliseconds": {}}', "[1]"])
def test_what_is_remembered_badly_is_measured_anew(
    content: str, learner: Path, loaded: list[str], tmp_path: Path
) -> None:
    choose(learner, ALL, threads=1, cache=tmp_path / "cache")
    [kept] = (tmp_path / "cache" / "backends").iterdir()
    whole = kept.read_text()
    kept.write_text(content)
    assert choose(learner, ALL, threads=1, cache=tmp_path / "cache") == "onnx-int8"
    assert len(loaded) == 6
    assert kept.read_text() == whole


def test_another_machine_model_or_thread_count_is_measured_anew(
    learner: Path, loaded: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(threads: int = 1) -> bool:
        loaded.clear()
        choose(learner, ALL, threads=threads, cache=tmp_path / "cache")
        return bool(loaded)

    assert [measured(), measured(), measured(threads=2), measured(threads=2)] == [True, False, True, False]
    weights = learner / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    assert [measured(), measured()] == [True, False]
    monkeypatch.setattr(hardware, "cpu_name", lambda: "another")
    assert [measured(), measured()] == [True, False]
    monkeypatch.setattr(choice, "_version", lambda package: None)
    assert [measured(), measured()] == [True, False]


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert choice._version("no-such-package") is None


def test_a_cache_that_cannot_be_written_is_done_without(
    learner: Path, loaded: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert choose(learner, ALL, threads=1, cache=tmp_path / "file") == "onnx-int8"


def test_a_candidate_that_is_not_there_is_an_error(learner: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no graph for the backend onnx"):
        choose(learner, ["onnx", "torch"], threads=1, cache=tmp_path / "cache")


def test_real_backends_are_measured(tiny_tagger: Tagger, tmp_path: Path) -> None:
    tiny_tagger.save(tmp_path / "learner")
    export(tiny_tagger.network, tmp_path / "learner")
    assert choose(tmp_path / "learner", ALL, threads=None, cache=tmp_path / "cache") in ALL


@pytest.mark.parametrize(
    ("stated", "expected"), [("/somewhere", "/somewhere/spanwise"), ("relative", "~"), ("", "~")]
)
def test_choices_are_kept_where_the_system_keeps_what_can_be_made_anew(
    stated: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", stated)
    home = Path.home() / ".cache" / "spanwise"
    assert default_cache() == (home if expected == "~" else Path(expected))
