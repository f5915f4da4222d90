"""A trained tagger as what tells how needed the words of a prompt are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from spanwise.errors import UserError
from spanwise.readers.pairs import DROP
from spanwise.schema import Example
from spanwise.tasks.compression.extractive import ScoredWords

if TYPE_CHECKING:
    from spanwise.runtime.predictor import Predictor

Scorer = Callable[[Sequence[str]], Sequence[ScoredWords]]
"""Texts -> the words of each, and how probable it is that each must stay."""


def tagger_scorer(predictor: Predictor) -> Scorer:
    """What `predictor` says of the words of texts: one minus the probability that a word is dropped.

    Raises:
        UserError: If the model was trained on something else.
    """
    names = predictor.labels.names
    if DROP not in names:
        raise UserError(
            f"the model knows no label {DROP}: it was trained on another task",
            hint="`dvc exp run -S experiment=compression` trains one.",
        )
    begin = 2 * names.index(DROP) + 1

    def score(texts: Sequence[str]) -> list[ScoredWords]:
        examples = [
            Example(id=str(number), text=text, target=(), group=str(number))
            for number, text in enumerate(texts)
        ]
        found = []
        for example, encoding, scores in predictor.scores(examples):
            tags = predictor.decoder.probabilities(example, encoding, scores)
            found.append(ScoredWords(encoding.words, 1 - tags[:, begin] - tags[:, begin + 1]))
        return found

    return score
