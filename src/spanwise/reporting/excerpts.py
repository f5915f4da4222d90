"""Single errors in their context, with what the gold standard and the model read there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spanwise.calibration import Calibration
from spanwise.metrics.errors import Judgement
from spanwise.reporting.marking import Mark, Piece, cut, marks_of
from spanwise.schema import Prediction

REACH = 60  # characters of context on either side, less what is left of a word


@dataclass(frozen=True)
class Excerpt:
    """An error in its context: the gold readings are marked as missed, the predicted ones as wrong.

    A reading that both share has one mark, as right: in a split or merged entity one piece may be. `begins`
    and `ends` say whether the excerpt reaches the start and the end of its document.
    """

    document: str
    category: str
    marks: tuple[Mark, ...]
    pieces: tuple[Piece, ...]
    begins: bool
    ends: bool

    @property
    def gold(self) -> list[str]:
        """The types that the gold standard has here."""
        return [mark.label for mark in self.marks if mark.outcome != "wrong"]

    @property
    def predicted(self) -> list[str]:
        """The types that the model found here."""
        return [mark.label for mark in self.marks if mark.outcome != "missed"]


def excerpt(
    judgements: Sequence[Judgement], predictions: Sequence[Prediction], calibration: Calibration
) -> list[Excerpt]:
    """Each of `judgements`, in their order, in the text of its document.

    Raises:
        KeyError: If a judgement is of a document that was not predicted.
    """
    documents = {prediction.id: prediction for prediction in predictions}
    return [_show(each, documents[each.document], calibration) for each in judgements]


def _show(judgement: Judgement, prediction: Prediction, calibration: Calibration) -> Excerpt:
    read = {(span.start, span.end, span.label) for span in (*judgement.gold, *judgement.predicted)}
    marks = tuple(
        mark for mark in marks_of(prediction, calibration) if (mark.start, mark.end, mark.label) in read
    )
    start, end = min(span[0] for span in read), max(span[1] for span in read)
    first, behind = _word_start(prediction.text, start), _word_end(prediction.text, end)
    return Excerpt(
        document=prediction.id,
        category=judgement.category,
        marks=marks,
        pieces=cut(prediction.text, marks, first, behind),
        begins=first == 0,
        ends=behind == len(prediction.text),
    )


def _word_start(text: str, start: int) -> int:
    """Where the first whole word within reach before `start` begins."""
    wanted = start - REACH
    if wanted <= 0:
        return 0
    return next((at + 1 for at in range(wanted - 1, start) if text[at].isspace()), wanted)


def _word_end(text: str, end: int) -> int:
    """Where the last whole word within reach behind `end` ends."""
    wanted = end + REACH
    if wanted >= len(text):
        return len(text)
    return next((at for at in range(wanted, end - 1, -1) if text[at].isspace()), wanted)
