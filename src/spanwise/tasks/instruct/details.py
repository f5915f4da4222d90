"""What `evaluate` stores of one answer beside it, for whoever reads or compares answers later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spanwise.schema import Prediction
from spanwise.tasks.instruct.acceptance import failures
from spanwise.tasks.instruct.coverage import missing
from spanwise.tasks.instruct.measures import measure, take
from spanwise.tasks.instruct.scores import MEANS, SHARES
from spanwise.tasks.instruct.words import Place, locate

Block = dict[str, Any]


def details(prediction: Prediction) -> Block:
    """What there is to tell of one answer, in JSON's types.

    Returns:
        `failures` (see `acceptance`); `measures`, those of `scores.MEANS` and the other `scores.SHARES`, as
        numbers, None where one does not apply; `language`, that of the answer as far as it can be told; and
        `terms`, those of `must_include`, each with `found` and where it first stands in `answer` and in
        `reference`, a half-open pair of characters, None where it does not or its place is not known.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If the prediction is one of spans.
    """
    answer, reference, known = take(prediction)
    found = measure(prediction)
    measures = {name: getter(found) for name, getter in {**MEANS, **SHARES}.items() if name != "acceptable"}
    return {
        "failures": list(failures(prediction)),
        "measures": {name: None if value is None else float(value) for name, value in measures.items()},
        "language": found.told,
        "terms": _terms(known.get("must_include", ()), answer.text, reference, known.get("language")),
    }


def _terms(terms: Sequence[str], answer: str, reference: str, language: str | None) -> list[Block]:
    lacking = set(missing(terms, answer, language))
    return [
        {
            "term": term,
            "found": term not in lacking,
            "answer": None if term in lacking else _listed(locate(term, answer, language)),
            "reference": _listed(locate(term, reference, language)),
        }
        for term in terms
    ]


def _listed(place: Place | None) -> list[int] | None:
    return None if place is None else list(place)
