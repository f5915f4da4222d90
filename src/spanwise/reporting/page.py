"""The report: a page for people, its digest for pull requests, and a model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from spanwise import __version__
from spanwise.io import write_text
from spanwise.reporting import formatting, marking
from spanwise.reporting.figures import Figure, draw_figures
from spanwise.reporting.gold import gold_kind, gold_note
from spanwise.reporting.recipe import name_head, tell_recipe
from spanwise.reporting.sources import Score, Sources, SplitScores, read_sources
from spanwise.reporting.summary import drawn_units, summarise

EXAMPLES = 4  # test documents shown
RATES = ("precision", "recall", "f1")
PLOTTED = ("train", "evaluate", "confidence", "benchmark")  # the stages that leave plots


@dataclass(frozen=True)
class Named:
    """What the pages say beside the figures."""

    title: str
    task: str
    corpus: str
    unlabelled: tuple[str, ...]
    level: float


def write_report(
    folder: Path,
    *,
    metrics: Path,
    plots: Path,
    predictions: Path,
    labels: Path,
    calibration: Path,
    title: str,
    task: str,
    corpus: str,
    unlabelled: Sequence[str],
    level: float,
) -> None:
    """Write `report.html`, `report.md` and `model_card.md` into `folder`.

    Everything is formatted from what the earlier stages measured. The HTML page loads nothing from
    elsewhere. The same inputs give the same bytes.

    Args:
        folder: Where the three files go.
        metrics: The folder of metrics, one JSON file a stage.
        plots: The folder of plots, one folder of CSV files a stage.
        predictions: The folder with the predictions on the test documents, `test.jsonl`.
        labels: The tags and the tier of each type.
        calibration: How raw confidence becomes calibrated.
        title: The heading.
        task: The name of the task.
        corpus: The name of the corpus.
        unlabelled: The names of the corpora of which the text alone was used.
        level: Of the intervals, e.g. 0.95.

    Raises:
        UserError: If an input is missing, naming the command that makes it, or is not what it should be.
    """
    sources = read_sources(metrics=metrics, predictions=predictions, labels=labels, calibration=calibration)
    named = Named(title, task, corpus, tuple(unlabelled), level)
    figures = {stage: draw_figures(plots, stage) for stage in PLOTTED}
    environment = _environment()
    for name, view in {
        "report.html": _page(sources, named, figures),
        "report.md": _view(sources, named),
        "model_card.md": _view(sources, named) | {"front_matter": _front_matter(sources, named)},
    }.items():
        write_text(folder / name, environment.get_template(f"{name}.j2").render(view))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("spanwise.reporting"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        finalize=lambda item: formatting.DASH if item is None else item,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        function.__name__: function
        for function in (
            formatting.amount,
            formatting.code,
            formatting.count,
            formatting.duration,
            formatting.percent,
            formatting.score,
            formatting.value,
            formatting.words,
        )
    }
    environment.globals |= {
        "counted": formatting.counted,
        "interval": formatting.interval,
        "version": __version__,
    }
    return environment


def _view(sources: Sources, named: Named) -> dict[str, Any]:
    """What all templates know."""
    return {
        "named": named,
        "sources": sources,
        "test": sources.evaluation.test,
        "confidence": sources.confidence.test,
        "averages": _averages(sources),
        "gold_kind": gold_kind(sources),
        "gold_note": gold_note(sources),
        "head": name_head(sources.training),
        "recipe": tell_recipe(sources, named.unlabelled),
        "drawn_units": drawn_units(sources.evaluation.test),
        "summary": summarise(sources, level=named.level),
    }


def _page(sources: Sources, named: Named, figures: dict[str, list[Figure]]) -> dict[str, Any]:
    chosen = marking.choose(sources.predictions, EXAMPLES)
    documents = [marking.mark(prediction, sources.calibration) for prediction in chosen]
    return _view(sources, named) | {"figures": figures, "documents": documents}


def _averages(sources: Sources) -> list[tuple[str, Score]]:
    strict = sources.evaluation.test.strict
    return [("micro", strict.micro), ("macro", strict.macro), ("weighted", strict.weighted)]


def _front_matter(sources: Sources, named: Named) -> str:
    """The card's metadata as https://huggingface.co/docs/hub/model-cards specifies it."""
    scores = {named.corpus: sources.evaluation.test}
    scores |= {name: own.test for name, own in sources.evaluation.auxiliaries.items()}
    card = {
        "library_name": "transformers",
        "pipeline_tag": "token-classification",
        "tags": ["spanwise", "named-entity-recognition"],
        "metrics": list(RATES),
        "model-index": [
            {
                "name": f"{named.task}-{sources.training.model}",
                "results": [_result(corpus, test) for corpus, test in scores.items()],
            }
        ],
    }
    return yaml.safe_dump(card, sort_keys=False, allow_unicode=True)


def _result(corpus: str, test: SplitScores) -> dict[str, Any]:
    figures = test.strict.micro.model_dump(include=set(RATES))
    return {
        "task": {"type": "token-classification", "name": "Token classification"},
        "dataset": {"type": corpus, "name": corpus, "split": "test"},
        "metrics": [
            {"type": name, "name": f"Strict micro {name}", "value": round(figures[name], 4)}
            for name in RATES
            if figures[name] is not None
        ],
    }
