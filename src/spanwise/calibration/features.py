"""What is known of a predicted span before anyone has looked at it: numbers, [spans] each.

All of it comes from the prediction of one document, so that a span gets the same confidence when it is
measured and when it is served.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from spanwise.metrics.confidence import confidences
from spanwise.metrics.spans import Floats
from spanwise.schema import PredictedSpan, Prediction

Feature = Literal["minimum", "mean", "product", "span"]

EPSILON = 1e-7  # keeps the logit of a probability finite: the step between the float32 numbers below 1
GAP = 1  # characters between two spans that stand side by side: a space

CONFIDENCE = ("minimum", "mean", "product", "span", "first", "last", "words")
NEIGHBOURS = ("before", "before_adjacent", "after", "after_adjacent")
TIER = "tier_"


def feature_values(predictions: Sequence[Prediction], feature: Feature) -> Floats:
    """One raw number per predicted span, 0 to 1, [spans]."""
    return np.array([getattr(span, feature) for span in confidences(predictions)], dtype=np.float64)


def describe(predictions: Sequence[Prediction]) -> dict[str, Floats]:
    """All features of each predicted span by name, [spans] each.

    `minimum`, `mean`, `product` and `span` of its `Confidence`, and the probability of its `first` and
    `last` word, as logits; the logarithm of its number of `words`; the logit of the minimum of the predicted
    span just `before` and just `after` it, and whether there is one (`<name>_adjacent`): a wrong boundary
    between two spans makes both wrong. `tier_<tier>` is 1 for spans whose label is of that frequency tier:
    of the label itself, a validation side holds too few spans.
    """
    spans = [span for prediction in predictions for span in prediction.predicted]
    own = np.array([_confidence(span) for span in spans]).reshape(-1, len(CONFIDENCE))
    own[:, :-1] = logit(own[:, :-1])
    beside = np.array([row for each in predictions for row in _neighbours(each.predicted)])
    described = dict(zip(CONFIDENCE, own.T, strict=True))
    described |= dict(zip(NEIGHBOURS, beside.reshape(-1, len(NEIGHBOURS)).T, strict=True))
    for tier in sorted({span.tier for span in spans}):
        described[TIER + tier] = np.array([float(span.tier == tier) for span in spans])
    return described


def is_feature(name: str) -> bool:
    """Whether `describe` may give a feature of this name."""
    return name in CONFIDENCE or name in NEIGHBOURS or name.startswith(TIER)


def _confidence(span: PredictedSpan) -> tuple[float, ...]:
    sure = span.confidence
    words = sure.words or (sure.minimum,)
    return (sure.minimum, sure.mean, sure.product, sure.span, words[0], words[-1], np.log(len(words)))


def _neighbours(spans: Sequence[PredictedSpan]) -> Iterator[tuple[float, ...]]:
    """What stands before and after each span of a document."""
    order = sorted(range(len(spans)), key=lambda index: (spans[index].start, spans[index].end))
    before, after = (dict.fromkeys(order, (0.0, 0.0)) for _ in range(2))
    for left, right in pairwise(order):
        if spans[right].start - spans[left].end <= GAP:
            before[right] = (_sureness(spans[left]), 1.0)
            after[left] = (_sureness(spans[right]), 1.0)
    for index in range(len(spans)):
        yield (*before[index], *after[index])


def _sureness(span: PredictedSpan) -> float:
    return float(logit(np.array(span.confidence.minimum)))


def logit(probability: Floats) -> Floats:
    """The logarithm of the odds, finite also at 0 and 1."""
    clipped = np.clip(probability, EPSILON, 1 - EPSILON)
    return np.asarray(np.log(clipped / (1 - clipped)))


def sigmoid(values: Floats) -> Floats:
    """The probability of which these are the logits."""
    return np.asarray((1 + np.tanh(values / 2)) / 2)
