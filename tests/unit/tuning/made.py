"""Outcomes without a search."""

from __future__ import annotations

from typing import Any

from spanwise.tuning.ledger import Entry
from spanwise.tuning.outcome import Outcome
from spanwise.tuning.space import Space
from tests.unit.tuning.conftest import SPACE


def entry(number: int, score: float | None = None, **fields: Any) -> Entry:
    scores = () if score is None else (score / 2, score)
    given = {
        "number": number,
        "state": "finished",
        "values": {"train.learning_rate": 0.001 * (number + 1), "train.batch_size": 2},
        "seed": None,
        "score": score,
        "scores": scores,
        "losses": scores,
        "reason": None,
        "retry_of": None,
        "repeated": None,
    }
    return Entry.model_validate(given | fields)


def outcome(
    trials: list[Entry], repeats: list[Entry] | None = None, *, seeds: int = 0, **space: Any
) -> Outcome:
    """An outcome of a bayesian search over the small space, of which the best two are repeated."""
    made = Space.model_validate({**SPACE, **space, "repeats": {"best": 2, "seeds": seeds}})
    return Outcome("quick-bayesian", "bayesian", made, 13, trials, repeats or [])


def repeat(of: int, score: float, number: int = 0) -> Entry:
    return entry(number, score, repeated=of, seed=14)
