"""Is the best model better than the others, or did the choice of test documents make it so?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spanwise.comparison.candidates import Candidate
from spanwise.metrics.paired import compare


@dataclass(frozen=True)
class Pair:
    """The micro-F1 of the best model less that of another, on the same documents.

    Attributes:
        other: The name of the other model.
        difference: Not below 0, since the best is the best.
        low: The lower bound of the difference; this and the next three are None where nothing was tested.
        high: The upper bound.
        p_value: Two-sided, of the difference being 0.
        p_adjusted: The same after Holm's correction for all comparisons with the best.
        reason: Why nothing was tested; None where it was.
    """

    other: str
    difference: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    reason: str | None = None

    def distinguishable(self, level: float) -> bool:
        """Whether the difference is more than chance explains; False where nothing was tested."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - level


def compare_with_best(models: Sequence[Candidate], *, samples: int, level: float, seed: int) -> list[Pair]:
    """Compare the first model with each other one by a paired bootstrap over groups of documents.

    Args:
        models: From the highest to the lowest micro-F1, tested on the same documents.
        samples: How often the groups of documents are drawn.
        level: Of the intervals, e.g. 0.95.
        seed: Of the drawing.
    """
    best, *others = models
    candidate = best.read_predictions()
    pairs: list[Pair] = []
    for other in others:
        gap = best.f1 - other.f1
        absent = [each.name for each in (best, other) if each.predictions is None]
        if absent:
            pairs.append(Pair(other.name, gap, reason=f"no predictions of {absent[0]} can be read here"))
            continue
        found = compare(other.read_predictions(), candidate, samples=samples, level=level, seed=seed)
        few = None if found.p_value is not None else "too few groups of documents hold a gold span"
        pairs.append(Pair(other.name, gap, found.low, found.high, found.p_value, reason=few))
    tested = [pair.p_value for pair in pairs if pair.p_value is not None]
    adjusted = iter(holm(tested))
    return [pair if pair.p_value is None else replace(pair, p_adjusted=next(adjusted)) for pair in pairs]


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number, in the order given (Holm 1979, Scand. J. Statist. 6, 65-70).

    Of m values, the i-th smallest becomes max over j <= i of min(1, (m - j + 1) * p_j).
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted
