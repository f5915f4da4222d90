"""Is the best model better than the others, or did the choice of test documents make it so?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from spanwise.comparison.candidates import Candidate
from spanwise.comparison.records import Answered
from spanwise.metrics.paired import Comparison, Difference, compare, compare_means

Tested = Comparison | Difference


@dataclass(frozen=True)
class Drawing:
    """How the groups of documents are drawn."""

    samples: int
    level: float
    seed: int


@dataclass(frozen=True)
class Pair:
    """A figure of the best model less that of another, on the same documents.

    Attributes:
        other: The name of the other model.
        difference: Of micro-F1 or chrF, by which the best is the best: not below 0; or of losses.
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


Compare = Callable[[Candidate, Candidate], Tested]
"""What is tested of the best and another."""


def compare_with_best(models: Sequence[Candidate], *, samples: int, level: float, seed: int) -> list[Pair]:
    """Compare the first model with each other one by a paired bootstrap over groups of documents.

    Args:
        models: From the highest to the lowest micro-F1, or chrF where they write, tested on the same
            documents.
        samples: How often the groups of documents are drawn.
        level: Of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Raises:
        UserError: If predictions have changed since they were read first, or tell nothing of answers.
    """
    drawing = Drawing(samples, level, seed)
    if models[0].scores.answers is not None:
        return _compare(models, lambda best, other: _means(best, other, _chrf, drawing), gap=_gap)
    found = models[0].read_predictions()

    def test(_best: Candidate, other: Candidate) -> Tested:
        return compare(other.read_predictions(), found, **vars(drawing))

    return _compare(models, test, gap=_gap)


def compare_losses(models: Sequence[Candidate], *, samples: int, level: float, seed: int) -> list[Pair]:
    """The same by what the references cost, in nats a token; empty where models find spans.

    A difference below 0 is one in favour of the first model, which is the best by chrF.

    Raises:
        UserError: See `compare_with_best`.
    """
    drawing = Drawing(samples, level, seed)
    if models[0].scores.answers is None:
        return []
    return _compare(models, lambda best, other: _means(best, other, _nats, drawing), gap=_loss_gap)


def _compare(
    models: Sequence[Candidate], test: Compare, *, gap: Callable[[Candidate, Candidate], float]
) -> list[Pair]:
    best, *others = models
    pairs: list[Pair] = []
    for other in others:
        apart = gap(best, other)
        absent = [each.name for each in (best, other) if each.predictions is None]
        if absent:
            pairs.append(Pair(other.name, apart, reason=f"no predictions of {absent[0]} can be read here"))
            continue
        found = test(best, other)
        holders = "topics" if best.scores.answers is not None else "groups of documents hold a gold span"
        few = None if found.p_value is not None else f"too few {holders}"
        pairs.append(Pair(other.name, apart, found.low, found.high, found.p_value, reason=few))
    tested = [pair.p_value for pair in pairs if pair.p_value is not None]
    adjusted = iter(holm(tested))
    return [pair if pair.p_value is None else replace(pair, p_adjusted=next(adjusted)) for pair in pairs]


def _gap(best: Candidate, other: Candidate) -> float:
    return best.f1 - other.f1


def _loss_gap(best: Candidate, other: Candidate) -> float:
    own, its = best.loss, other.loss
    return float("nan") if own is None or its is None else own - its


def _chrf(answer: Answered) -> tuple[float, float]:
    return answer.attributes.judged.measures.chrf, 1.0


def _nats(answer: Answered) -> tuple[float, float]:
    return answer.attributes.loss.nll, float(answer.attributes.loss.tokens)


def _means(
    best: Candidate,
    other: Candidate,
    value: Callable[[Answered], tuple[float, float]],
    drawing: Drawing,
) -> Difference:
    """The mean of a value over answers, both models' answers to the same questions; see `compare_means`."""
    own, its = best.read_answers(), other.read_answers()
    weights = [value(each)[1] for each in own]
    return compare_means(
        [each.group for each in own],
        [value(each)[0] for each in its],
        [value(each)[0] for each in own],
        weights,
        **vars(drawing),
    )


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
