"""The model card of a model that writes: metadata that the Hugging Face Hub reads, above a text for people.

Nothing is sent anywhere: `huggingface_hub` is asked for its format alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from spanwise.io import DIGITS
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.card import licence_of

TASK = "text-generation"
MEASURES = {
    "chrf": "Mean chrF, 0 to 1",
    "rouge_l": "ROUGE-L, F-measure",
    "loss": "Loss of the references, nats a token",
    "perplexity": "Perplexity of the references",
    "acceptable": "Share of answers that nothing measurable speaks against",
}
ON_THE_HUB = re.compile(r"[\w.-]+/[\w.-]+")


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
    """The metadata: what it comes from, and its figures on the test side."""
    training = sources.training
    return ModelCardData(
        base_model=hub_name(training.base.source),
        library_name="peft" if training.adapted else "transformers",
        pipeline_tag=TASK,
        tags=["spanwise", "not-for-clinical-use"],
        language=languages(sources) or None,
        metrics=list(MEASURES),
        model_name=f"{task}-{training.model}",
        eval_results=list(_results(sources, corpus)),
        **licence_of(sources.inventory.licence, training.licence),
    )


def hub_name(source: str | None) -> str | None:
    """The name of a base model on the Hub; None where it comes from elsewhere."""
    return source if source is not None and ON_THE_HUB.fullmatch(source) else None


def languages(sources: Sources) -> list[str]:
    """The languages of the test questions, by their codes."""
    return sorted(name for name in sources.evaluation.test.answers.languages if name != "unknown")


def _results(sources: Sources, corpus: str) -> Iterator[EvalResult]:
    whole = sources.evaluation.test.answers.all
    for name, told in MEASURES.items():
        value = whole[name].value
        if value is not None:
            yield _result(corpus, name, told, value)


def _result(corpus: str, metric: str, name: str, figure: float) -> EvalResult:
    shared: dict[str, Any] = {"dataset_type": corpus, "dataset_name": corpus, "dataset_split": "test"}
    return EvalResult(
        task_type=TASK,
        task_name="Text generation",
        metric_type=metric,
        metric_name=name,
        metric_value=round(figure, DIGITS),
        **shared,
    )
