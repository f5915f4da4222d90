"""Answers of the folds of one or several divisions together, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from spanwise.calibration.acceptance import Bootstrap
from spanwise.crossvalidation.fold import Fold
from spanwise.reporting.formatting import DASH, code, counted, percent, score
from spanwise.reporting.formatting import interval as bounds
from spanwise.tasks.instruct.folds import group_repeats, pool_repeats

Figures = dict[str, Any]

SHOWN = {
    "loss": "loss, nats a token",
    "loss_reduction": "loss below the untuned model's, share",
    "perplexity": "perplexity",
    "coverage": "must-include coverage",
    "chrf": "chrF",
    "rouge_l": "ROUGE-L",
    "form": "format adherence",
    "faithful": "in the language asked for",
    "acceptable": "acceptable without review",
}
"""The measures of `tasks.instruct.scores` that the page shows, and how it calls them."""

BY_PART = ("loss_reduction", "coverage", "chrf", "acceptable")


def pool(folds: Sequence[Fold], *, bootstrap: Bootstrap) -> Figures:
    """The figures of the test sides together; see `tasks.instruct.folds.pool_repeats`.

    Args:
        folds: Those of each repeat together: a document that comes again begins the next repeat.
        bootstrap: For the intervals.

    Raises:
        UserError: If there is no fold, or the repeats differ in documents.
    """
    repeats = group_repeats([fold.test for fold in folds])
    return pool_repeats(repeats, samples=bootstrap.samples, level=bootstrap.level, seed=bootstrap.seed)


def markdown(figures: Figures, *, level: float) -> str:
    """The figures as text and tables."""
    scores = figures["scores"]
    parts = [part for kind in ("languages", "categories") for part in scores[kind].items()]
    return "\n".join([*_headline(figures, level), "", *_measures(scores["all"]), "", *_parts(parts), ""])


def _headline(figures: Figures, level: float) -> Iterator[str]:
    found = figures["headline"]
    yield (
        f"{counted(figures['documents'], 'question')}, each answered by the fold that did not train on it, "
        f"in {counted(figures['repeats'], 'repeat')}. Intervals are {percent(level)}, over groups of them."
    )
    yield ""
    spread = (
        "" if found["deviation"] is None else f", standard deviation over repeats {score(found['deviation'])}"
    )
    yield f"Mean chrF {score(found['mean'])}{spread}."


def _measures(block: Figures) -> Iterator[str]:
    yield "| measure | value | interval | answers |"
    yield "|---|--:|:-:|--:|"
    for name, told in SHOWN.items():
        found = block[name]
        interval = bounds(found["low"], found["high"])
        yield f"| {told} | {score(found['value'])} | {interval} | {found['answers']} |"


def _parts(parts: Sequence[tuple[str, Figures]]) -> Iterator[str]:
    yield f"| part | answers | {' | '.join(SHOWN[name] for name in BY_PART)} |"
    yield f"|---|--:|{'--:|' * len(BY_PART)}"
    for name, block in parts:
        values = (f"{score(block[each]['value'])}{_bracketed(block[each])}" for each in BY_PART)
        yield f"| {code(name)} | {block['answers']} | {' | '.join(values)} |"


def _bracketed(found: Figures) -> str:
    told = bounds(found["low"], found["high"])
    return "" if told == DASH else f" ({told})"
