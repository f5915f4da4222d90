"""The model card: metadata that the Hugging Face Hub reads, above a text for people.

Nothing is sent anywhere: `huggingface_hub` is asked for its format alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from spanwise.io import DIGITS
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.evaluation import SplitScores

TASK = "token-classification"
RATES = ("precision", "recall", "f1")


def make_card(sources: Sources, text: str, *, task: str, corpus: str) -> str:
    """A model card as https://huggingface.co/docs/hub/model-cards specifies it.

    Args:
        sources: The figures.
        text: The Markdown below the metadata.
        task: The name of the task, from which the model takes its name.
        corpus: That of the main corpus.
    """
    metadata = card_data(sources, task=task, corpus=corpus).to_yaml()
    return str(ModelCard(f"---\n{metadata}\n---\n\n{text}"))


def card_data(sources: Sources, *, task: str, corpus: str) -> ModelCardData:
    """The metadata: strict micro scores on the test side of each corpus, and the calibration error."""
    scores = {corpus: sources.evaluation.test}
    scores |= {name: own.test for name, own in sources.evaluation.auxiliaries.items()}
    results = [result for name, test in scores.items() for result in _scores(name, test)]
    return ModelCardData(
        library_name="transformers",
        pipeline_tag=TASK,
        tags=["spanwise", "named-entity-recognition"],
        language=sources.inventory.language,
        metrics=list(RATES),
        model_name=f"{task}-{sources.training.model}",
        eval_results=[*results, *_calibration_error(corpus, sources)],
        **licence_of(sources.inventory.licence, sources.training.licence),
    )


def _scores(corpus: str, test: SplitScores) -> Iterator[EvalResult]:
    figures = test.strict.micro
    for name, figure in zip(RATES, (figures.precision, figures.recall, figures.f1), strict=True):
        if figure is not None:
            yield _result(corpus, name, f"Strict micro {name}", figure)


def _calibration_error(corpus: str, sources: Sources) -> Iterator[EvalResult]:
    error = sources.confidence.test.ece
    if error is not None:
        yield _result(corpus, "expected_calibration_error", "Expected calibration error of spans", error)


def _result(corpus: str, metric: str, name: str, figure: float) -> EvalResult:
    return EvalResult(
        task_type=TASK,
        task_name="Token classification",
        dataset_type=corpus,
        dataset_name=corpus,
        dataset_split="test",
        metric_type=metric,
        metric_name=name,
        metric_value=round(figure, DIGITS),
    )


def licence_of(*known: str | None) -> dict[str, Any]:
    """The licence of all that the weights derive from; where there are several, the text names them."""
    if None in known:
        return {}
    names = sorted({str(name).lower() for name in known})
    if len(names) == 1:
        return {"license": names[0]}
    return {"license": "other", "license_name": "-and-".join(names)}
