"""Let a generator answer, and judge its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.flows import Evaluated, Settings, Tables
from spanwise.generator.likelihood import Loss
from spanwise.generator.stored import load
from spanwise.generator.writing import Sampling, Writer
from spanwise.io import read_record, write_jsonl
from spanwise.schema import Answer, Confidence, Example, GoldSpan, Labels, PredictedSpan, Prediction
from spanwise.sides import EVALUATED, read_side, side_path
from spanwise.tasks.base import Answers, Scoring, Task

STRATUM_COLUMNS = ("label", "f1", "low", "high", "support", "tier")
CONFUSION_COLUMNS = ("gold", "predicted")


def run(
    splits: Path,
    model: Path,
    folder: Path,
    *,
    task: Task,
    scoring: Scoring,
    runtime: Settings,  # noqa: ARG001 - of learners that tag, as is the next but one
    generation: Settings,
    robustness: Settings,  # noqa: ARG001
    bootstrap: Settings,
    threads: int | None,  # noqa: ARG001 - torch has them already
    seed: int,
) -> Evaluated:
    """Answer and measure; see `spanwise.flows.Evaluate`.

    Answers are those of the tuned model. What the references cost it, and the model that it was before,
    stands beside each prediction.
    """
    assert scoring.answers is not None
    assert scoring.score is not None
    tiers = read_record(splits / "labels.json", Labels).tiers
    writer, sampling = load(model), Sampling(**generation)
    figures: dict[str, Any] = {}
    found: list[Prediction] = []
    for side in EVALUATED:
        found = answer(writer, read_side(splits, side), sampling, tiers, scoring.answers, seed=seed)
        write_jsonl(side_path(folder, side), found)
        answers = scoring.score(found, **bootstrap, seed=seed)
        figures[side] = {"headline": task.headline(found), "documents": len(found), "answers": answers}
    return Evaluated(
        figures=figures,
        errors=scoring.answers.failures(found),
        robustness={},
        types=Tables(STRATUM_COLUMNS, {"types": scoring.answers.strata(figures["test"]["answers"])}),
        confusion=Tables(CONFUSION_COLUMNS, {"confusion": scoring.answers.confusion(found)}),
    )


def answer(
    writer: Writer,
    examples: Sequence[Example],
    sampling: Sampling,
    tiers: Mapping[str, str],
    judge: Answers,
    *,
    seed: int,
) -> list[Prediction]:
    """What a generator answers to each example, judged; see `schema.Prediction`."""
    written = writer.answer(examples, sampling=sampling, seed=seed)
    costs = zip(writer.losses(examples), writer.losses(examples, tuned=False), strict=True)
    return [
        _judged(_prediction(example, answered, *cost), example.stratum or "", tiers, judge)
        for example, answered, cost in zip(examples, written, costs, strict=True)
    ]


def _prediction(example: Example, answered: Answer, tuned: Loss, untuned: Loss) -> Prediction:
    loss = {"nll": tuned.total, "tokens": tuned.tokens, "untuned_nll": untuned.total}
    assert isinstance(example.target, str)
    return Prediction(
        id=example.id,
        text=example.text,
        group=example.group,
        reference=example.target,
        answer=answered,
        attributes={**(example.attributes or {}), "loss": loss},
    )


def _judged(prediction: Prediction, stratum: str, tiers: Mapping[str, str], judge: Answers) -> Prediction:
    """The prediction with its answer as one span, which is right if the answer is acceptable."""
    answered = prediction.answer
    assert answered is not None
    sure = Confidence(
        words=(answered.minimum, answered.likelihood),
        minimum=answered.minimum,
        mean=answered.likelihood,
        product=answered.likelihood**answered.tokens,
        span=answered.likelihood,
    )
    whole = GoldSpan(start=0, end=len(prediction.text), label=stratum, tier=tiers[stratum])
    predicted = PredictedSpan(**whole.model_dump(exclude={"probability"}), confidence=sure)
    gold = (whole,) if judge.acceptable(prediction) else ()
    attributes = {**(prediction.attributes or {}), "judged": judge.details(prediction)}
    return prediction.model_copy(update={"predicted": (predicted,), "gold": gold, "attributes": attributes})
