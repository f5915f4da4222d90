"""Which answers may be shown without review, as far as that can be told without a reader."""

from __future__ import annotations

from typing import Literal, get_args

from spanwise.schema import Prediction
from spanwise.tasks.instruct.measures import Measures, measure, take
from spanwise.tasks.instruct.repetition import LOOP

Failure = Literal[
    "empty", "unfinished", "language", "repetition", "form", "missing", "wrong_choice", "unchecked"
]
FAILURES: tuple[Failure, ...] = get_args(Failure)

COVERED = 0.8  # of `must_include`: one term of five may be said in other words


def acceptable(prediction: Prediction) -> bool:
    """Whether nothing that can be checked speaks against an answer: it has none of `failures`.

    So it is not empty, the model ended it, it is in the language of the question as far as that can be told,
    less than 0.4 of its 4-grams are repetitions, it has the whole form of its category, it mentions at least
    0.8 of `must_include`, or has exactly the right choices. An answer of which nothing of the last two can be
    checked is never acceptable: it is for a reader. None of this tells that what is said is true.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If the prediction is one of spans.
    """
    return not failures(prediction)


def failures(prediction: Prediction) -> tuple[Failure, ...]:
    """What speaks against an answer, in the order of `FAILURES`; of an empty one that alone.

    Raises:
        UserError: If one of the libraries of the extra `instruct` is not installed.
        ValueError: If the prediction is one of spans.
    """
    answer, _, _ = take(prediction)
    return failures_of(measure(prediction)) if answer.text.strip() else ("empty",)


def failures_of(found: Measures) -> tuple[Failure, ...]:
    """What speaks against an answer that is not empty, as far as it was measured."""
    checks: dict[Failure, bool] = {
        "unfinished": not found.finished,
        "language": found.faithful is False,
        "repetition": found.repeated >= LOOP,
        "form": found.form is not None and found.form < 1,
        "missing": found.coverage is not None and found.coverage < COVERED,
        "wrong_choice": found.agreement is not None and found.agreement < 1,
        "unchecked": found.coverage is None and found.agreement is None,
    }
    return tuple(kind for kind, failed in checks.items() if failed)
