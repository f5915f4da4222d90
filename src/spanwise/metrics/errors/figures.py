"""Errors counted: by category, type, tier, length and context, and which types are taken for which."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spanwise.metrics.confidence import share
from spanwise.metrics.contexts import CONTEXTS, Context, contexts_of
from spanwise.metrics.errors.judging import CATEGORIES, Category, Judgement
from spanwise.metrics.evaluation import tiers_of
from spanwise.metrics.strata import LENGTHS, LONGEST, tokens
from spanwise.schema import Prediction, Span

CONFUSION_COLUMNS = ("gold", "predicted")
NONE = "(none)"

Counts = dict[str, int]


def error_figures(predictions: Sequence[Prediction], judgements: Sequence[Judgement]) -> dict[str, Any]:
    """What `metrics/errors.json` holds.

    A gold span counts once, under its own label, in the category of its judgement; a spurious predicted span
    once under the label predicted. So the predictions of a split or merged entity are not counted beside its
    gold spans, and the counts add up to the gold and the spurious spans.

    Args:
        predictions: One per document.
        judgements: What `judge` makes of them.

    Returns:
        `gold` and `predicted`, the number of spans; `counts.<category>`; `tiers.<tier>.<category>` and
        `types.<type>.<category>`, counted likewise; `shares`, `tier_shares` and `type_shares`, the same over
        all that is counted there, gold and spurious, so that the categories add up to 1;
        `lengths.<stratum>.{gold,errors,error_rate}` of gold spans by their tokens, as in `metrics.strata`;
        `contexts.<context>.{gold,errors,error_rate,error_rate_elsewhere}` of gold spans in it and of those
        that are not; `confusions`, gold and predicted label of the `type` and `boundary_and_type` errors and
        how many `spans`, the most frequent first. A rate is None where there is nothing to have one of.

    Raises:
        UserError: If one label stands in two tiers.
    """
    tiers = tiers_of(predictions)
    counted = [(span.label, judgement.category) for judgement in judgements for span in judgement.counted]
    counts = _by_category(category for _, category in counted)
    by_type = _by_group(counted)
    by_tier = _by_group((tiers[label], category) for label, category in counted)
    return {
        "gold": sum(len(prediction.gold) for prediction in predictions),
        "predicted": sum(len(prediction.predicted) for prediction in predictions),
        "counts": counts,
        "shares": _shares(counts),
        "tiers": by_tier,
        "tier_shares": {tier: _shares(of) for tier, of in by_tier.items()},
        "types": by_type,
        "type_shares": {label: _shares(of) for label, of in by_type.items()},
        **_gold_rates(predictions, judgements),
        "confusions": _confusions(judgements),
    }


def confusion_rows(judgements: Iterable[Judgement]) -> list[tuple[str, str]]:
    """Gold and predicted label of each pair of spans in a judgement, sorted: the confusion matrix as rows.

    A missed span has `(none)` as its prediction, a spurious one as its gold span. A split or merged entity
    gives a row for each of its pairs.
    """
    return sorted(
        (gold, predicted)
        for judgement in judgements
        for gold in _labels(judgement.gold)
        for predicted in _labels(judgement.predicted)
    )


def _labels(spans: Sequence[Span]) -> list[str]:
    return [span.label for span in spans] or [NONE]


def _by_category(categories: Iterable[Category]) -> Counts:
    """How many are in each category, zeros included."""
    found = Counter(categories)
    return {category: found[category] for category in CATEGORIES}


def _by_group(counted: Iterable[tuple[str, Category]]) -> dict[str, Counts]:
    """The same for each group, sorted by name."""
    groups: defaultdict[str, list[Category]] = defaultdict(list)
    for group, category in counted:
        groups[group].append(category)
    return {group: _by_category(groups[group]) for group in sorted(groups)}


def _shares(counts: Counts) -> dict[str, float | None]:
    whole = sum(counts.values())
    return {category: share(count, whole) for category, count in counts.items()}


def _gold_rates(predictions: Sequence[Prediction], judgements: Sequence[Judgement]) -> dict[str, Any]:
    """How often gold spans of each length and in each context are judged wrong."""
    texts = {prediction.id: prediction.text for prediction in predictions}
    gold: defaultdict[str, list[tuple[Span, bool]]] = defaultdict(list)
    for judgement in judgements:
        gold[judgement.document] += [(span, judgement.category != "correct") for span in judgement.gold]

    lengths: dict[str, list[bool]] = {name: [] for name in LENGTHS}
    inside: dict[Context, list[bool]] = {context: [] for context in CONTEXTS}
    outside: dict[Context, list[bool]] = {context: [] for context in CONTEXTS}
    for document, judged in gold.items():
        text = texts[document]
        for (span, wrong), held in zip(judged, contexts_of(text, [span for span, _ in judged]), strict=True):
            lengths[_stratum(text, span)].append(wrong)
            for context in CONTEXTS:
                (inside if context in held else outside)[context].append(wrong)
    return {
        "lengths": {name: _rate(wrong) for name, wrong in lengths.items()},
        "contexts": {
            context: {
                **_rate(inside[context]),
                "error_rate_elsewhere": share(sum(outside[context]), len(outside[context])),
            }
            for context in CONTEXTS
        },
    }


def _rate(wrong: Sequence[bool]) -> dict[str, float | None]:
    return {"gold": len(wrong), "errors": sum(wrong), "error_rate": share(sum(wrong), len(wrong))}


def _stratum(text: str, span: Span) -> str:
    return LENGTHS[bisect_left(LONGEST, tokens(text[span.start : span.end]))]


def _confusions(judgements: Iterable[Judgement]) -> list[Mapping[str, str | int]]:
    pairs = Counter(
        (judgement.gold[0].label, judgement.predicted[0].label)
        for judgement in judgements
        if judgement.category in {"type", "boundary_and_type"}
    )
    return [
        {"gold": gold, "predicted": predicted, "spans": spans}
        for (gold, predicted), spans in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    ]
