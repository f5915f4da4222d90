from __future__ import annotations

from typing import Any

from spanwise.io import flat
from spanwise.pull_request.figures import Value, headline
from spanwise.pull_request.measures import Measures


def measures(**files: Any) -> Measures:
    return Measures(metrics={f"metrics/{name}.json": flat(value) for name, value in files.items()})


TIERS = {
    "high": {"f1": 0.8, "f1_low": 0.7, "f1_high": 0.9, "support": 90, "types": 3},
    "low": {"f1": 0.3, "support": 9, "types": 3},
    "mid": {"f1": 0.6, "support": 30, "types": 3},
}


def test_figures_come_in_a_fixed_order_and_tiers_by_spans_a_type() -> None:
    after = measures(
        train_timing={"cpu_seconds": 60.0},
        evaluate={"test": {"strict": {"micro": {"f1": 0.7}}, "tiers": TIERS}},
        confidence={"test": {"ece": 0.1, "automation": {"share": 0.4, "share_low": 0.3, "share_high": 0.5}}},
        benchmark={
            "backends": {"torch": {"model_mb": 90.0, "latency_ms": {"1": {"p50": 5.0}, "8": {"p50": 9.0}}}}
        },
    )
    found = headline(None, after)
    assert [figure.name for figure in found] == [
        "micro-F1",
        "F1, high tier",
        "F1, mid tier",
        "F1, low tier",
        "ECE",
        "automation share",
        "latency by `torch`, ms",
        "model size by `torch`, MB",
        "training, processor time",
    ]
    by_name = {figure.name: figure for figure in found}
    assert by_name["automation share"].after == Value(0.4, 0.3, 0.5)
    assert by_name["F1, high tier"].after == Value(0.8, 0.7, 0.9)
    assert all(figure.before is None for figure in found)
    assert [figure.name for figure in found if not figure.higher_is_better] == [
        "ECE",
        "latency by `torch`, ms",
        "model size by `torch`, MB",
        "training, processor time",
    ]
    assert [figure.scored for figure in found if figure.scored] == ["micro", "high", "mid", "low"]
    assert [figure.name for figure in found if figure.timed] == [
        "latency by `torch`, ms",
        "training, processor time",
    ]


def test_a_figure_of_either_side_has_a_row_and_an_undefined_one_has_none() -> None:
    before = measures(confidence={"test": {"ece": 0.2, "aurc": None}})
    after = measures(benchmark={"peer": {"speedup_best": 3.0}})
    found = headline(before, after)
    assert [(figure.name, figure.before, figure.after) for figure in found] == [
        ("ECE", Value(0.2), None),
        ("speed-up over the peer, best batch", None, Value(3.0)),
    ]


def test_a_task_without_strict_f1_has_its_headline_figure_first() -> None:
    after = measures(evaluate={"test": {"headline": 0.5}}, confidence={"test": {"ece": 0.1}})
    assert [figure.name for figure in headline(None, after)] == ["headline figure", "ECE"]
