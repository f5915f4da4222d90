from __future__ import annotations

from dataclasses import replace
from typing import Any

from spanwise.comparison.grouping import divide, tell_divided, tell_reservations
from spanwise.comparison.records import Timing

PREDICTIONS, LOCK = "data/predictions/test.jsonl", "dvc.lock"


def names(groups: Any) -> list[list[str]]:
    return [[model.name for model in group.models] for group in groups]


def test_models_of_one_test_set_stand_together_the_best_first(models: Any) -> None:
    each = [models.read("a", found=5), models.read("x", corpus="other"), models.read("b", found=8)]
    groups = divide(each)
    assert names(groups) == [["b", "a"], ["x"]]
    first, second = tell_divided(groups)
    assert "2 different sets" in first
    assert second == "`x` is not compared with `b`: `corpus.name` differs."
    assert tell_divided(groups[:1]) == []


def test_the_digest_of_the_split_stands_in_for_missing_predictions(models: Any) -> None:
    each = [
        models.read("a", PREDICTIONS),
        models.read("b", found=8),
        models.read("c", PREDICTIONS, splits="s2"),
    ]
    groups = divide(each)
    assert names(groups) == [["b", "a"], ["c"]]
    assert "cannot be told without the predictions of `c`" in tell_divided(groups)[1]


def test_without_predictions_and_lock_a_model_stands_alone(models: Any) -> None:
    each = [models.read(name, PREDICTIONS, LOCK) for name in ("a", "b")]
    groups = divide(each)
    assert names(groups) == [["a"], ["b"]]
    assert "cannot be told without the predictions of `a` and `b`" in tell_divided(groups)[1]


def test_other_documents_under_the_same_settings_are_told(models: Any) -> None:
    each = [models.read("a"), models.read("b", documents=19)]
    assert tell_divided(divide(each))[1] == (
        "`b` is not compared with `a`: the corpus differs, or the code that reads and divides it; "
        "the settings agree."
    )


def test_settings_that_an_older_revision_lacks_do_not_differ(models: Any) -> None:
    new, old = models.read("a"), models.read("b", corpus="other")
    old = replace(old, settings={"corpus.name": "other"})
    assert tell_divided(divide([new, old]))[1].endswith(": `corpus.name` differs.")


def test_the_rarest_tier_has_the_fewest_gold_spans_a_type(group: Any) -> None:
    found = group(a={"found": 10}, b={"found": 9})
    assert found.tiers == ("high", "low")
    assert found.rarest == "low"
    assert [found.rare_f1(model) for model in found.models] == [1.0, 0.0]


def test_tiers_that_differ_between_models_are_not_compared(group: Any) -> None:
    found = group(a={}, b={"found": 6})
    first, second = found.models
    types = {name: each.model_copy(update={"tier": "one"}) for name, each in second.scores.types.items()}
    second = replace(second, scores=second.scores.model_copy(update={"types": types}))
    (mixed,) = divide([first, second])
    assert mixed.tiers == ()
    assert mixed.rarest is None
    assert mixed.rare_f1(first) is None
    assert any("different tiers" in note for note in tell_reservations(mixed))


def test_models_of_one_kind_come_without_reservations(group: Any) -> None:
    assert tell_reservations(group(a={}, b={"found": 6})) == []


def test_other_hardware_and_code_are_told(group: Any) -> None:
    found = group(a={}, b={"found": 6, "cpu": "Other", "code": "b2"})
    trained, timed, code, latencies = tell_reservations(found)
    assert "`b` was trained on cpu, Other, 2 threads, fp32, `a` on cpu, CPU, 2 threads, fp32" in trained
    assert "`b` was timed on cpu, Other, 2 threads, `a` on cpu, CPU, 2 threads" in timed
    assert latencies == "Latencies do not compare: the models were timed on different hardware."
    assert "other code than `a`, `src/spanwise/runtime`" in code


def test_what_is_missing_or_was_interrupted_is_told(models: Any) -> None:
    part = replace(
        models.read("a", "metrics/benchmark.json"), commit=None, timing=Timing(seconds=5, resumed=True)
    )
    lacks, interrupted = tell_reservations(divide([part])[0])
    assert lacks == "`a` lacks `metrics/benchmark.json`. `dvc checkout` may bring them."
    assert "that of the last part" in interrupted


def test_other_target_precisions_are_told(models: Any) -> None:
    first, second = models.read("a"), models.read("b")
    trust = second.trust.model_copy(deep=True)
    automation = trust.test.automation.model_copy(update={"target_precision": 0.9})
    trust = trust.model_copy(update={"test": trust.test.model_copy(update={"automation": automation})})
    (found,) = divide([first, replace(second, trust=trust)])
    assert any("different target precisions" in note for note in tell_reservations(found))


def test_latencies_of_a_few_predictions_do_not_compare(group: Any) -> None:
    (note,) = tell_reservations(group(a={}, b={"found": 6, "repeats": 1}))
    assert note == "Latencies do not compare: the timings of b are only 12, too few to compare speeds."


def test_processor_and_wall_clock_time_do_not_compare(group: Any) -> None:
    (note,) = tell_reservations(group(a={}, b={"found": 6, "cpu_seconds": None}))
    assert note == "The training of `b` is told in wall-clock time, that of others is not."
