"""The report: a page for people, its digest for pull requests, a model card, and documents of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from spanwise.io import write_text
from spanwise.metrics.errors import CATEGORIES, sample
from spanwise.reporting import marking
from spanwise.reporting.advice import advise
from spanwise.reporting.analysis import MEANINGS, tell_errors, tell_robustness
from spanwise.reporting.card import make_card
from spanwise.reporting.excerpts import excerpt
from spanwise.reporting.figures import Figure, script
from spanwise.reporting.findings import find
from spanwise.reporting.gallery import draw_all
from spanwise.reporting.gold import gold_kind, gold_note
from spanwise.reporting.pace import tell_extrapolation, tell_growth, tell_served, time_taken
from spanwise.reporting.readiness import RULES, SHOWN, USES
from spanwise.reporting.recipe import name_head, tell_recipe
from spanwise.reporting.sources import Sources, read_sources
from spanwise.reporting.sources.evaluation import Score
from spanwise.reporting.summary import drawn_units, summarise
from spanwise.reporting.templating import environment_of
from spanwise.reporting.trust import MEANT, tell_trust

DOCUMENTS = 4  # test documents shown
CALIBRATION = ("method", "feature", "spans", "backend", "reason")
PAGES = (
    "report.md",
    "error_analysis.md",
    "confidence_thresholds.md",
    "production_readiness.md",
    "insights.md",
)


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
    examples: int,
    seed: int,
) -> None:
    """Write `report.html`, `model_card.md` and the Markdown files of `PAGES` into `folder`.

    Everything is formatted from what the earlier stages measured. The HTML page loads nothing from
    elsewhere, and it alone shows text of documents. The same inputs give the same bytes.

    Args:
        folder: Where the files go.
        metrics: The folder of metrics, one JSON file a stage or more.
        plots: The folder of plots, one folder of CSV files a stage.
        predictions: The folder with the predictions on the test documents, `test.jsonl`.
        labels: The tags and the tier of each type.
        calibration: How raw confidence becomes calibrated.
        title: The heading.
        task: The name of the task.
        corpus: The name of the corpus.
        unlabelled: The names of the corpora of which the text alone was used.
        level: Of the intervals, e.g. 0.95.
        examples: How many errors are shown in their context.
        seed: Of drawing them.

    Raises:
        UserError: If an input is missing, naming the command that makes it, or is not what it should be.
    """
    sources = read_sources(metrics=metrics, predictions=predictions, labels=labels, calibration=calibration)
    named = Named(title, task, corpus, tuple(unlabelled), level)
    view = _view(sources, named)
    drawn = sample(sources.judgements, examples, seed)
    page = {
        **view,
        **_page(sources, draw_all(plots, sources)),
        "excerpts": excerpt(drawn, sources.predictions, sources.calibration),
    }

    environment = environment_of("spanwise.reporting")
    texts = {"report.html": _render(environment, "report.html", page)}
    texts |= {name: _render(environment, name, view) for name in PAGES}
    card = _render(environment, "model_card.md", view)
    texts["model_card.md"] = make_card(sources, card, task=task, corpus=corpus)
    for name, text in texts.items():
        write_text(folder / name, text)


def _render(environment: Environment, name: str, view: dict[str, Any]) -> str:
    return environment.get_template(f"{name}.j2").render(view)


def _view(sources: Sources, named: Named) -> dict[str, Any]:
    """What all templates know."""
    summary = summarise(sources, level=named.level)
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
        "summary": summary.sentences,
        "notes": summary.notes,
        "all_sentences": summary.all,
        "advice": advise(sources, level=named.level),
        "rules": {USES[verdict]: rule for verdict, rule in RULES.items()},
        "shown": SHOWN,
        "errors": sources.errors,
        "categories": CATEGORIES,
        "meanings": MEANINGS,
        "error_sentences": tell_errors(sources),
        "robustness_sentences": tell_robustness(sources.robustness),
        "trust_sentences": tell_trust(sources),
        "measures_meant": MEANT,
        "findings": find(sources),
        "speed_sentences": [
            *tell_extrapolation(sources.speed),
            *tell_growth(sources.speed),
            *tell_served(sources.confidence.backends),
        ],
        "time_taken": time_taken,
    }


def _page(sources: Sources, figures: dict[str, list[Figure]]) -> dict[str, Any]:
    chosen = marking.choose(sources.predictions, DOCUMENTS)
    documents = [marking.mark(prediction, sources.calibration) for prediction in chosen]
    told = sources.calibration.model_dump(exclude_none=True, include=set(CALIBRATION))
    return {
        "figures": figures,
        "documents": documents,
        "calibration_facts": [(name, told[name]) for name in CALIBRATION if name in told],
        "vega": script(),
    }


def _averages(sources: Sources) -> list[tuple[str, Score]]:
    strict = sources.evaluation.test.strict
    return [("micro", strict.micro), ("macro", strict.macro), ("weighted", strict.weighted)]
