"""Names of runs, where they are kept, and what of their figures is told."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from spanwise.io import flat
from spanwise.tracking.run import numbers, tracking_folder
from tests.trackers import RUN


def test_a_training_is_like_no_other_and_draws_nothing_for_it() -> None:
    state = random.getstate()
    assert RUN.identity != RUN.identity
    assert random.getstate() == state


def test_a_finished_run_is_always_the_same() -> None:
    run = replace(RUN, key="0123456789")
    assert run.identity == run.identity == "tiny_20260131-184502-01234567"


def test_runs_are_kept_where_dvc_says_the_repository_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    assert tracking_folder(tmp_path) == tmp_path / ".tracking"
    monkeypatch.setenv("DVC_ROOT", "/repository")
    assert tracking_folder(tmp_path) == Path("/repository/.tracking")


def test_nested_values_get_dotted_keys() -> None:
    assert flat({"a": {"b": 1, "c": {}}, "d": [1]}) == {"a.b": 1, "a.c": {}, "d": [1]}


def test_only_finite_numbers_are_told() -> None:
    found = numbers({"a": 1, "b": {"c": 0.5, "d": "text", "e": None, "f": True}, "g": [1], "h": float("inf")})
    assert found == {"a": 1, "b.c": 0.5}
