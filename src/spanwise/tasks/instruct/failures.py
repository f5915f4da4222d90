"""What is wrong with answers, counted; which language was written for which; rows for plots."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from spanwise.schema import Prediction
from spanwise.tasks.instruct.acceptance import FAILURES, failures
from spanwise.tasks.instruct.measures import told_language

STRATUM_COLUMNS = ("label", "f1", "low", "high", "support", "tier")
LANGUAGE_COLUMNS = ("gold", "predicted")
UNTOLD = "(untold)"


def failure_figures(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """What `metrics/errors.json` holds of answers.

    Args:
        predictions: One per document.

    Returns:
        `answers`, `acceptable`, `counts.<failure>`, `shares.<failure>` (over all answers; an answer may have
        several) and `strata.<stratum>.<failure>`; `languages`, a list of `gold`, `predicted` and `answers`.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If a prediction is one of spans.
    """
    found = [failures(prediction) for prediction in predictions]
    counts = Counter(kind for kinds in found for kind in kinds)
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    for prediction, kinds in zip(predictions, found, strict=True):
        strata[_stratum(prediction)].update(kinds)
    languages = Counter(language_rows(predictions))
    return {
        "answers": len(found),
        "acceptable": sum(not kinds for kinds in found),
        "counts": {kind: counts[kind] for kind in FAILURES},
        "shares": {kind: counts[kind] / len(found) if found else None for kind in FAILURES},
        "strata": {name: {kind: own[kind] for kind in FAILURES} for name, own in sorted(strata.items())},
        "languages": [
            {"gold": gold, "predicted": predicted, "answers": number}
            for (gold, predicted), number in sorted(languages.items())
        ],
    }


def _stratum(prediction: Prediction) -> str:
    known = prediction.attributes or {}
    return f"{known.get('category', 'unknown')}/{known.get('language', 'unknown')}"


def language_rows(predictions: Sequence[Prediction]) -> list[tuple[str, str]]:
    """The language of each question and that of its answer, under `LANGUAGE_COLUMNS`, sorted.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If a prediction is one of spans.
    """
    return sorted(
        (
            str((prediction.attributes or {}).get("language", UNTOLD)),
            told_language(prediction) or UNTOLD,
        )
        for prediction in predictions
    )


def stratum_rows(scored: Mapping[str, Any]) -> list[tuple[str, float, float | None, float | None, int, str]]:
    """What `scores.score` says of the strata as rows under `STRATUM_COLUMNS`, the largest first.

    `f1` is the F-measure of ROUGE-L, and each stratum is a tier.
    """
    rows = [
        (name, own["rouge_l"]["value"], own["rouge_l"]["low"], own["rouge_l"]["high"], own["answers"], name)
        for name, own in scored["strata"].items()
    ]
    return sorted(rows, key=lambda row: (-row[4], row[0]))
