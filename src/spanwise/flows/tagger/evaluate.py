"""Predict with a tagger, and judge the spans that it finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from spanwise.flows import Evaluated, Settings, Tables
from spanwise.io import read_jsonl, write_jsonl
from spanwise.metrics.errors import CONFUSION_COLUMNS, confusion_rows, error_figures, judge
from spanwise.metrics.evaluation import TYPE_COLUMNS, evaluate, type_rows
from spanwise.metrics.strata import Mention
from spanwise.runtime.predictor import Predictor
from spanwise.runtime.robustness import measure_robustness
from spanwise.runtime.sides import evaluate_corpora, evaluate_served
from spanwise.schema import Example, Prediction
from spanwise.sides import side_path
from spanwise.tasks.base import Scoring, Task


def run(
    splits: Path,
    model: Path,
    folder: Path,
    *,
    task: Task,
    scoring: Scoring,
    runtime: Settings,
    generation: Settings,  # noqa: ARG001 - of learners that write
    robustness: Settings,
    bootstrap: Settings,
    threads: int | None,
    seed: int,
) -> Evaluated:
    """Predict and measure; see `spanwise.flows.Evaluate`.

    Sides of further corpora are predicted too, each with the labels that it annotates. Errors are about the
    main corpus' test side, and robustness about its documents in other forms.
    """
    loading: dict[str, Any] = {"batch_tokens": runtime["batch_tokens"], "threads": threads}
    predictor = Predictor.load(model, backend=runtime["backend"], **loading)
    served = {name: Predictor.load(model, backend=name, **loading) for name in runtime["served"]}
    drawing: dict[str, Any] = {**bootstrap, "seed": seed}

    def measure(found: Sequence[Prediction], mentions: Collection[Mention]) -> dict[str, Any]:
        figures = {**evaluate(found, **drawing, mentions=mentions), "headline": task.headline(found)}
        return figures if scoring.score is None else {**figures, "task": scoring.score(found, **drawing)}

    figures = evaluate_corpora(predictor, splits, folder, measure)
    figures["backends"] = evaluate_served(served, splits, folder, **drawing)
    found = list(read_jsonl(side_path(folder, "test"), Prediction))
    judgements = judge(found)
    write_jsonl(folder / "errors.jsonl", judgements)
    examples = list(read_jsonl(side_path(splits, "test"), Example))
    return Evaluated(
        figures=figures,
        errors=error_figures(found, judgements),
        robustness=measure_robustness(
            predictor, examples, found, robustness["variants"], rate=robustness["typo_rate"], **drawing
        ),
        types=Tables(TYPE_COLUMNS, {"types": type_rows(figures["test"])}),
        confusion=Tables(CONFUSION_COLUMNS, {"confusion": confusion_rows(judgements)}),
    )
