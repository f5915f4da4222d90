"""Each gold and each predicted span in exactly one category of error.

| category | gold : predicted | |
|---|---|---|
| correct | 1 : 1 | same boundaries and label |
| type | 1 : 1 | same boundaries, another label |
| shorter | 1 : 1 | same label, the prediction inside the gold span |
| longer | 1 : 1 | same label, the gold span inside the prediction |
| shifted | 1 : 1 | same label, each reaches beyond the other |
| boundary_and_type | 1 : 1 | an overlap, other boundaries and another label |
| split | 1 : n | several predictions, whatever their labels, each overlap the one gold span |
| merged | n : 1 | one prediction overlaps several gold spans, whatever their labels |
| missed | 1 : 0 | no overlapping prediction is left |
| spurious | 0 : 1 | no overlapping gold span is left |

Who belongs to whom, in each document:

1. All overlapping pairs of a gold and a predicted span are ranked by their overlap (Jaccard: characters in
   both / characters in either), pairs of one label first where it is equal, then by position and label.
2. Down the ranking, a pair is formed of spans that are both still free. As an overlap of 1 means the same
   boundaries, `correct` comes first, one to one as in `metrics.spans`, so that its number is that of the
   true positives; then comes `type`. Both are settled: what else overlaps them is no part of them.
3. Down the ranking again, a span that is still free joins the one that it overlaps, if that one is not
   settled and is the only one of its side in its group. So a group has one gold span or one predicted span.

Where overlaps form a chain (several gold spans, several predictions), step 2 comes before step 3 so that a
span finds its best partner before others are split or merged with it, and no chain is judged as a whole: of
two neighbours whose boundary is one word off, one is longer and one shorter. A span that a settled or full
group leaves over is missed or spurious although it overlaps another one.

The order in which spans and documents are listed does not matter, and spans may overlap, nest or repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from spanwise.errors import UserError
from spanwise.metrics.contexts import CONTEXTS, Context, contexts_of
from spanwise.schema import Prediction, Record, Span

Category = Literal[
    "correct",
    "shorter",
    "longer",
    "shifted",
    "type",
    "boundary_and_type",
    "split",
    "merged",
    "missed",
    "spurious",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)


class Judgement(Record):
    """Spans of a document that belong together, and what is wrong between them.

    Several predicted spans are there only in `split`, several gold spans only in `merged`; both are in the
    order of the text. `contexts` are those in which any of its `counted` spans stands.
    """

    document: str
    category: Category
    gold: tuple[Span, ...] = ()
    predicted: tuple[Span, ...] = ()
    contexts: tuple[Context, ...] = ()

    @property
    def counted(self) -> tuple[Span, ...]:
        """The spans that are counted for it: the gold ones, or what is spurious."""
        return self.gold or self.predicted

    @property
    def place(self) -> tuple[object, ...]:
        """What judgements are sorted by: the document, then the order of the text."""
        return self.document, [_key(span) for span in self.counted], [_key(span) for span in self.predicted]


class _Link(NamedTuple):
    """A gold and a predicted span that overlap, by index; in the order of preference."""

    distance: float
    """1 - Jaccard overlap: 0 where the boundaries are the same."""
    confused: bool
    """Whether the labels differ."""
    gold: int
    predicted: int


@dataclass(frozen=True)
class _Group:
    gold: list[int]
    predicted: list[int]
    settled: bool

    @property
    def takes_gold(self) -> bool:
        return not self.settled and len(self.predicted) == 1

    @property
    def takes_predicted(self) -> bool:
        return not self.settled and len(self.gold) == 1


def judge(predictions: Sequence[Prediction]) -> list[Judgement]:
    """Judge every span, as told at the head of this module.

    Returns:
        Sorted by document and place in it; each gold and each predicted span stands in exactly one.

    Raises:
        UserError: If two documents have the same id.
    """
    documents = {prediction.id: prediction for prediction in predictions}
    if len(documents) < len(predictions):
        raise UserError("two documents have the same id, which judgements name them by")
    return [judgement for name in sorted(documents) for judgement in _judge_document(documents[name])]


def _judge_document(prediction: Prediction) -> list[Judgement]:
    gold, predicted = _plain(prediction.gold), _plain(prediction.predicted)
    groups = _align(gold, predicted)
    of_gold, of_predicted = (contexts_of(prediction.text, spans) for spans in (gold, predicted))
    judgements = []
    for group in groups:
        held = [of_gold[index] for index in group.gold] or [of_predicted[index] for index in group.predicted]
        ours = tuple(gold[index] for index in sorted(group.gold))
        theirs = tuple(predicted[index] for index in sorted(group.predicted))
        judgements.append(
            Judgement(
                document=prediction.id,
                category=_category(ours, theirs),
                gold=ours,
                predicted=theirs,
                contexts=tuple(context for context in CONTEXTS if any(context in each for each in held)),
            )
        )
    return sorted(judgements, key=lambda judgement: judgement.place)


def _plain(spans: Sequence[Span]) -> list[Span]:
    """Without tiers and confidence, in the order of the text."""
    return [Span(start=start, end=end, label=label) for start, end, label in sorted(map(_key, spans))]


def _key(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label


def _align(gold: Sequence[Span], predicted: Sequence[Span]) -> list[_Group]:
    """Steps 1 to 3; what stays alone is a group of its own."""
    links = sorted(_link(gold, predicted, *pair) for pair in _overlapping(gold, predicted))
    of_gold: dict[int, _Group] = {}
    of_predicted: dict[int, _Group] = {}
    groups = []
    for link in links:
        if link.gold not in of_gold and link.predicted not in of_predicted:
            group = _Group([link.gold], [link.predicted], settled=link.distance == 0)
            of_gold[link.gold] = of_predicted[link.predicted] = group
            groups.append(group)
    for link in links:
        ours, theirs = of_gold.get(link.gold), of_predicted.get(link.predicted)
        if ours is None and theirs is not None and theirs.takes_gold:
            theirs.gold.append(link.gold)
            of_gold[link.gold] = theirs
        if theirs is None and ours is not None and ours.takes_predicted:
            ours.predicted.append(link.predicted)
            of_predicted[link.predicted] = ours
    missed = [_Group([index], [], settled=True) for index in range(len(gold)) if index not in of_gold]
    spurious = [
        _Group([], [index], settled=True) for index in range(len(predicted)) if index not in of_predicted
    ]
    return [*groups, *missed, *spurious]


def _overlapping(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The indices of the gold and predicted spans that overlap, of spans sorted by start.

    A sweep over the starts: each look at another span yields a pair or is the last at that span.
    """
    starts = [(span.start, True, index) for index, span in enumerate(gold)]
    starts += [(span.start, False, index) for index, span in enumerate(predicted)]
    ours: list[int] = []
    theirs: list[int] = []
    for start, is_gold, index in sorted(starts):
        if is_gold:
            theirs = [there for there in theirs if predicted[there].end > start]
            yield from ((index, there) for there in theirs)
            ours.append(index)
        else:
            ours = [there for there in ours if gold[there].end > start]
            yield from ((there, index) for there in ours)
            theirs.append(index)


def _link(gold: Sequence[Span], predicted: Sequence[Span], index: int, other: int) -> _Link:
    ours, theirs = gold[index], predicted[other]
    shared = min(ours.end, theirs.end) - max(ours.start, theirs.start)
    either = max(ours.end, theirs.end) - min(ours.start, theirs.start)
    return _Link((either - shared) / either, ours.label != theirs.label, index, other)


def _category(gold: Sequence[Span], predicted: Sequence[Span]) -> Category:
    match len(gold), len(predicted):
        case 1, 1:
            return _pair_category(gold[0], predicted[0])
        case 1, 0:
            return "missed"
        case 0, 1:
            return "spurious"
        case 1, _:
            return "split"
        case _:
            return "merged"


def _pair_category(gold: Span, predicted: Span) -> Category:
    same = (gold.start, gold.end) == (predicted.start, predicted.end)
    if gold.label != predicted.label:
        return "type" if same else "boundary_and_type"
    if same:
        return "correct"
    if gold.start <= predicted.start and predicted.end <= gold.end:
        return "shorter"
    return "longer" if predicted.start <= gold.start and gold.end <= predicted.end else "shifted"
