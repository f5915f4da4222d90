"""How much of a reference is in an answer, by words and by characters."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from spanwise.errors import UserError
from spanwise.tasks.instruct.words import words


class Overlap(NamedTuple):
    """Shares, 0 to 1."""

    precision: float
    recall: float
    f1: float


class _Words:
    """What rouge-score calls a tokenizer; its own takes every accented letter for a space."""

    def tokenize(self, text: str) -> list[str]:
        """The words of a text."""
        return words(text)


def rouge_l(answer: str, reference: str) -> Overlap:
    """ROUGE-L: the longest common subsequence of words (Lin 2004), by rouge-score.

    Raises:
        UserError: If rouge-score is not installed.
    """
    found = _rouge().score(reference, answer)["rougeL"]
    return Overlap(float(found.precision), float(found.recall), float(found.fmeasure))


def chrf(answer: str, reference: str) -> float:
    """chrF2, 0 to 1: character n-grams up to six, recall twice as important (Popović 2015), by sacrebleu.

    Raises:
        UserError: If sacrebleu is not installed.
    """
    return float(_chrf().sentence_score(answer, [reference]).score) / 100


@functools.cache
def _rouge() -> Any:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise UserError("ROUGE takes rouge-score", hint="pip install 'spanwise[instruct]'") from None
    return RougeScorer(["rougeL"], tokenizer=_Words())


@functools.cache
def _chrf() -> Any:
    try:
        from sacrebleu.metrics.chrf import CHRF
    except ImportError:
        raise UserError("chrF takes sacrebleu", hint="pip install 'spanwise[instruct]'") from None
    return CHRF()
