"""The report on answers: a page for people, its digest, a model card, and documents of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from spanwise.io import write_text
from spanwise.reporting.answers.card import hub_name, languages, make_card
from spanwise.reporting.answers.examples import choose, show
from spanwise.reporting.answers.failures import MEANINGS as FAILURES
from spanwise.reporting.answers.failures import count_alone, tell_failures
from spanwise.reporting.answers.figures import draw_all
from spanwise.reporting.answers.findings import find
from spanwise.reporting.answers.learning import tell_learning, tell_tuning
from spanwise.reporting.answers.limits import tell_division, tell_limits, tell_steps
from spanwise.reporting.answers.pace import tell_pace
from spanwise.reporting.answers.quality import MEANINGS, NAMES, tell_acceptable, tell_quality
from spanwise.reporting.answers.readiness import CAUTION, RULES, SHOWN, USES, assess, recommend
from spanwise.reporting.answers.sources import Sources, read_sources
from spanwise.reporting.answers.summary import summarise
from spanwise.reporting.answers.trust import MEANT, of_answers, tell_trust
from spanwise.reporting.figures import script
from spanwise.reporting.pace import time_taken
from spanwise.reporting.page import PAGES, Named
from spanwise.reporting.templating import environment_of

CALIBRATION = ("method", "feature", "spans", "backend")
CARD = "model_card.md"


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
    seed: int,  # noqa: ARG001 - examples are shown at even distances, and not drawn
) -> None:
    """Write `report.html`, `model_card.md` and the Markdown files of `PAGES` into `folder`.

    Everything is formatted from what the earlier stages measured. The HTML page loads nothing from
    elsewhere, and it alone shows questions and answers. The same inputs give the same bytes.

    Args:
        folder: Where the files go.
        metrics: The folder of metrics, one JSON file a stage or more.
        plots: The folder of plots, one folder of CSV files a stage.
        predictions: The folder with the answers to the test questions, `test.jsonl`.
        labels: The tier of each stratum.
        calibration: How raw confidence becomes calibrated.
        title: The heading.
        task: The name of the task.
        corpus: The name of the corpus.
        unlabelled: The names of the corpora of which the text alone was used; of a generator none.
        level: Of the intervals, e.g. 0.95.
        examples: How many questions are shown with their answers.
        seed: Not used.

    Raises:
        UserError: If an input is missing, naming the command that makes it, or is not what it should be.
    """
    sources = read_sources(metrics=metrics, predictions=predictions, labels=labels, calibration=calibration)
    view = _view(sources, Named(title, task, corpus, tuple(unlabelled), level))
    page = {
        **view,
        "figures": draw_all(plots, sources),
        "examples": show(choose(sources.answered, examples), sources.calibration),
        "vega": script(),
    }
    environment = environment_of("spanwise.reporting")
    texts = {"report.html": _render(environment, "report.html", page)}
    texts |= {name: _render(environment, name, view) for name in PAGES}
    texts[CARD] = make_card(sources, _render(environment, CARD, view), task=task, corpus=corpus)
    for name, text in texts.items():
        write_text(folder / name, text)


def _render(environment: Environment, name: str, view: dict[str, Any]) -> str:
    return environment.get_template(f"answers/{name}.j2").render(view)


def _view(sources: Sources, named: Named) -> dict[str, Any]:
    """What all templates know."""
    assessment = assess(sources)
    return {
        "named": named,
        "sources": sources,
        "test": sources.evaluation.test,
        "whole": sources.evaluation.test.answers.all,
        "parts": sources.evaluation.test.answers,
        "confidence": sources.confidence.test,
        "caution": CAUTION,
        "assessment": assessment,
        "recommendation": recommend(sources, assessment),
        "limits": tell_limits(sources),
        "steps": tell_steps(sources, assessment),
        "rules": {USES[verdict]: rule for verdict, rule in RULES.items()},
        "shown": SHOWN,
        "names": {name: told for name, told in NAMES.items() if sources.evaluation.test.answers.has(name)},
        "meanings": MEANINGS,
        "failures": sources.failures,
        "failure_meanings": FAILURES,
        "alone": count_alone(sources),
        "findings": find(sources),
        "base": hub_name(sources.training.base.source) or sources.training.base.source,
        "languages": languages(sources),
        "time_taken": time_taken,
        "of_answers": of_answers,
        "measures_meant": MEANT,
        "calibration_facts": _calibration_facts(sources),
        **_sentences(sources, named.level),
    }


def _sentences(sources: Sources, level: float) -> dict[str, list[str]]:
    """What is said, by the part of a page that says it."""
    return {
        "summary": summarise(sources, level=level),
        "tuning_sentences": tell_tuning(sources, level),
        "quality_sentences": [*tell_quality(sources, level), *tell_acceptable(sources)],
        "failure_sentences": tell_failures(sources),
        "trust_sentences": tell_trust(sources),
        "speed_sentences": tell_pace(sources.speed),
        "data_sentences": tell_division(sources),
        "learning_sentences": tell_learning(sources),
    }


def _calibration_facts(sources: Sources) -> list[tuple[str, Any]]:
    told = sources.calibration.model_dump(exclude_none=True, include=set(CALIBRATION))
    return [("answers" if name == "spans" else name, told[name]) for name in CALIBRATION if name in told]
