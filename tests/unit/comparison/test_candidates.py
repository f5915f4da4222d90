from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spanwise.comparison.candidates import read_candidate
from spanwise.errors import UserError
from spanwise.io import read_json, write_json, write_jsonl
from spanwise.schema import Record

OPTIONAL = [
    "metrics/train.json",
    "metrics/train_timing.json",
    "metrics/confidence.json",
    "metrics/benchmark.json",
    "data/predictions/test.jsonl",
    "params.yaml",
    "dvc.lock",
]


def test_all_figures_are_read(models: Any) -> None:
    model = models.read("a", found=7, latency=97.5, size=90.4)
    assert model.missing == ()
    assert model.f1 == pytest.approx(14 / 17, abs=1e-6)
    assert (model.latency_ms, model.size_mb, model.automation_share) == (97.5, 90.4, 0.4)
    assert (model.training_seconds, model.on_processor) == (200, True)
    assert model.trainer == "cpu, CPU, 2 threads, fp32"
    assert model.timer == "cpu, CPU, 2 threads"
    assert model.rounds.timings == 36
    assert model.splits == "s1"
    assert model.code == {"src/spanwise/runtime": "a1"}
    assert model.settings["split.sizes.train"] == 8
    assert "runtime.backend" not in model.settings


@pytest.mark.parametrize("file", OPTIONAL)
def test_what_a_revision_lacks_is_named(file: str, models: Any) -> None:
    model = models.read("a", file)
    assert model.missing == (file,)
    assert model.f1 == pytest.approx(14 / 17, abs=1e-6)


def test_training_is_wall_clock_time_on_a_gpu_or_where_no_other_is_known(models: Any) -> None:
    old = models.read("old", cpu_seconds=None)
    assert (old.training_seconds, old.on_processor) == (120, False)
    new = models.read("new")
    gpu = replace(new, training=new.training.model_copy(update={"device": "NVIDIA H200"}))
    assert (gpu.training_seconds, gpu.on_processor) == (120, False)


def test_how_often_it_was_timed_is_unknown_without_sound_settings(models: Any) -> None:
    folder = models.write("a")
    for text in ("seed: 13", "benchmark: {documents: many}", "benchmark: [1]", "benchmark: {documents: 3}"):
        (folder / "params.yaml").write_text(text)
        assert read_candidate(folder, "a", None).rounds.timings is None


def test_without_all_that_is_optional_the_scores_remain(models: Any) -> None:
    model = models.read("a", *OPTIONAL)
    figures = (
        model.latency_ms,
        model.size_mb,
        model.automation_share,
        model.training_seconds,
        model.test_set,
    )
    assert figures == (None,) * 5
    assert (model.trainer, model.timer, model.read_predictions()) == ("", "", [])


@pytest.mark.parametrize("file", OPTIONAL)
def test_a_file_of_another_form_is_named_with_its_fault(file: str, models: Any) -> None:
    folder = models.write("a")
    (folder / file).write_text("[1, {")
    (missing,) = read_candidate(folder, "a", None).missing
    assert missing.startswith(f"{file} (not ")
    (folder / file).write_text("[1]")
    (missing,) = read_candidate(folder, "a", None).missing
    assert missing.startswith(f"{file} (not ")


def test_scores_that_are_missing_or_of_another_form_are_refused(models: Any) -> None:
    folder = models.write("a")
    write_json(folder / "metrics/evaluate.json", {"test": {"strict": {"micro": {"precision": 0.5}}}})
    with pytest.raises(UserError, match=r"metrics/evaluate\.json is not a valid Evaluation: .*micro\.f1"):
        read_candidate(folder, "a", None)
    (folder / "metrics/evaluate.json").unlink()
    with pytest.raises(UserError, match=r"no metrics/evaluate\.json"):
        read_candidate(folder, "a", None)


def test_scores_of_an_older_revision_have_fewer_keys(models: Any) -> None:
    folder = models.write("a")
    write_json(folder / "metrics/evaluate.json", {"test": {"strict": {"micro": {"f1": 0.5}}}})
    model = read_candidate(folder, "a", None)
    assert model.f1 == 0.5
    assert model.scores.strict.macro.f1 is None
    assert model.scores.tiers == {}


class Old(Record):
    """A prediction before spans had a tier and words a confidence."""

    id: str
    group: str
    gold: tuple[dict[str, Any], ...]
    predicted: tuple[dict[str, Any], ...] = ()


def test_predictions_of_an_older_revision_can_be_scored(models: Any) -> None:
    span = {"start": 0, "end": 1, "label": "Sign"}
    folder = models.write("a")
    old = Old(id="one", group="one", gold=(span,), predicted=(span, {**span, "end": 2}))
    write_jsonl(folder / "data/predictions/test.jsonl", [old])
    model = read_candidate(folder, "a", None)
    assert model.missing == ()
    (document,) = model.read_predictions()
    assert [(each.start, each.end, each.label) for each in document.gold] == [(0, 1, "Sign")]
    assert len(document.predicted) == 2


def test_the_test_set_is_that_of_gold_spans_whatever_is_predicted(models: Any) -> None:
    first, second = models.read("a", found=3), models.read("b", found=8)
    other, fewer = models.read("c", corpus="other"), models.read("d", documents=19)
    assert first.test_set == second.test_set
    assert len({each.test_set for each in (first, other, fewer)}) == 3


def test_the_backend_is_that_of_the_settings_or_the_first(models: Any) -> None:
    folder = models.write("a")
    speed = read_json(folder / "metrics/benchmark.json")
    speed["backends"]["onnx"] = {"model_mb": 23.0}
    write_json(folder / "metrics/benchmark.json", speed)
    model = read_candidate(folder, "a", None)
    assert model.size_mb == 90
    (folder / "params.yaml").write_text("runtime: {backend: other}")
    model = read_candidate(folder, "a", None)
    assert (model.size_mb, model.latency_ms) == (23, None)
