"""One scale for all kinds of disagreement: how much more probable the model's reading is than the gold.

Confident learning (Northcutt, Jiang & Chuang 2021, arXiv 1911.00068) ranks examples by what a model that was
not trained on them gives to their labels; Wang & Mueller (2022, arXiv 2210.03920) rank the tokens of token
classification so. Here the examples are spans.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from spanwise.io import DIGITS
from spanwise.label_noise.disagreements import Disagreement, Kind
from spanwise.label_noise.documents import Document
from spanwise.label_noise.mentions import Concordance, Elsewhere
from spanwise.schema import Record, Share, Span

FLOOR = 1e-4
"""Added to both probabilities: less than it is as good as nothing. Scores so end at about 4."""


class Side(Record):
    """One of the two readings of a place."""

    start: int
    end: int
    label: str
    text: str
    elsewhere: Elsewhere


class Annotated(Side):
    """A gold span; `probability` is what the model gives to exactly this span."""

    probability: Share


class Suggested(Side):
    """What the model reads; `probability` is as for gold spans, `confidence` the calibrated one."""

    probability: Share
    confidence: Share


class Candidate(Record):
    """An annotation, or the lack of one, that may be wrong; rank 1 is the most suspicious.

    `score` is the decimal logarithm of the ratio between the probabilities of the model's reading and of the
    annotation. `confident` says whether confident learning counts it as an error.
    """

    rank: int
    score: float
    kind: Kind
    confident: bool
    run: str
    document: str
    annotated: Annotated | None = None
    suggested: Suggested | None = None

    @property
    def label(self) -> str:
        """The annotated type, or the suggested one where nothing is annotated."""
        side = self.annotated or self.suggested
        assert side is not None
        return side.label


def score(disagreement: Disagreement) -> float:
    """The decimal logarithm of (r + f) / (a + f), f = `FLOOR`: 2 means a hundred times as probable.

    r is the probability of the model's reading, a that of the annotation. Where nothing is annotated, r is
    the model's confidence c in its span, and a is 1 - c; where the model reads nothing, r is 1 - a, and so an
    upper bound, since the rest is shared by all other readings. With both spans, r is c and a the probability
    that the model gives to the gold span.
    """
    gold, predicted = disagreement.gold, disagreement.predicted
    annotation = None if gold is None else gold.probability
    if predicted is None:
        assert annotation is not None
        reading = 1 - annotation
    else:
        reading = predicted.confidence
        annotation = 1 - reading if annotation is None else annotation
    return math.log10((reading + FLOOR) / (annotation + FLOOR))


def thresholds(documents: Sequence[Document]) -> dict[str, float]:
    """For each label the mean probability of its gold spans: the class thresholds of confident learning."""
    given: dict[str, list[float]] = defaultdict(list)
    for document in documents:
        for span in document.prediction.gold:
            if span.probability is not None:
                given[span.label].append(span.probability)
    return {label: fmean(values) for label, values in sorted(given.items())}


def rank(documents: Sequence[Document], disagreements: Sequence[Disagreement]) -> list[Candidate]:
    """All disagreements as candidates, the most suspicious first."""
    average = thresholds(documents)
    mentions = {_text(each, span) for each in disagreements for span in _spans(each)}
    concordance = Concordance([document.prediction for document in documents], mentions)
    ordered = sorted(disagreements, key=_order)
    return [_candidate(number, each, average, concordance) for number, each in enumerate(ordered, start=1)]


def is_confident(disagreement: Disagreement, average: Mapping[str, float]) -> bool:
    """Whether the model gives its reading at least what gold spans of that label get on average.

    That is the rule by which confident learning counts label errors (Northcutt et al. 2021, section 3.1).
    Annotations where the model reads nothing are never counted: no probability of "nothing" is known.
    """
    if disagreement.predicted is None:
        return False
    span = disagreement.predicted.span
    return span.label in average and span.confidence.span >= average[span.label]


def _order(disagreement: Disagreement) -> tuple[float, str, int, int, str]:
    first = _spans(disagreement)[0]
    return -score(disagreement), disagreement.document.prediction.id, first.start, first.end, first.label


def _spans(disagreement: Disagreement) -> list[Span]:
    """The gold span, if there is one, and then the predicted one, if there is one."""
    predicted = disagreement.predicted
    spans = (disagreement.gold, None if predicted is None else predicted.span)
    return [span for span in spans if span is not None]


def _text(disagreement: Disagreement, span: Span) -> str:
    return disagreement.document.prediction.text[span.start : span.end]


def _candidate(
    number: int, disagreement: Disagreement, average: Mapping[str, float], concordance: Concordance
) -> Candidate:
    gold, predicted = disagreement.gold, disagreement.predicted
    annotated = suggested = None
    if gold is not None and gold.probability is not None:
        annotated = Annotated(**_told(disagreement, gold, concordance), probability=gold.probability)
    if predicted is not None:
        suggested = Suggested(
            **_told(disagreement, predicted.span, concordance),
            probability=predicted.span.confidence.span,
            confidence=round(predicted.confidence, DIGITS),
        )
    return Candidate(
        rank=number,
        score=round(score(disagreement), DIGITS),
        kind=disagreement.kind,
        confident=is_confident(disagreement, average),
        run=disagreement.document.run,
        document=disagreement.document.prediction.id,
        annotated=annotated,
        suggested=suggested,
    )


def _told(disagreement: Disagreement, span: Span, concordance: Concordance) -> dict[str, Any]:
    """What is told of either reading."""
    text = _text(disagreement, span)
    elsewhere = concordance.elsewhere(disagreement.document.prediction.id, span, text)
    return {**span.model_dump(include={"start", "end", "label"}), "text": text, "elsewhere": elsewhere}
