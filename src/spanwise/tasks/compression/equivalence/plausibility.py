"""How usual it is that a careful author drops a word: what faithful compressions drop, learnt word by word.

A logistic regression on each word of a source given whether its neighbours stay (pseudo-likelihood, Besag
1975). It names no kind of mistake: a dropped word that authors keep in such a place surprises, whatever it
says.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.words import Word, kept, words

FEWEST = 5
"""Occurrences below which a feature is not learnt."""
STRENGTH = 0.3  # C of the regression
CEILING = 12.0  # nats


@dataclass(frozen=True)
class Plausibility:
    """The weights of the features of a dropped word.

    Attributes:
        weights: Of each feature; those unknown count nothing.
        intercept: Of all words.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    intercept: float = 0.0

    def surprises(self, source: str, output: str) -> list[float]:
        """The surprise of each dropped word of the source, `-log p(dropped)` in nats, greatest first.

        Raises:
            UserError: If rapidfuzz is not installed.
        """
        tokens = words(source)
        flags = kept(tokens, words(output))
        found = [
            self._surprise(features(tokens, flags, index))
            for index, flag in enumerate(flags)
            if not flag and tokens[index].text[0].isalnum()
        ]
        return sorted(found, reverse=True)

    def _surprise(self, names: Sequence[str]) -> float:
        score = self.intercept + sum(self.weights.get(name, 0.0) for name in names)
        return min(math.log1p(math.exp(-score)) if score > -30 else -score, CEILING)


def features(tokens: Sequence[Word], flags: Sequence[bool], index: int) -> list[str]:
    """What is known of a word and its place: itself, its form, its neighbours and whether these stay."""
    token = tokens[index]
    before, after = _near(tokens, flags, index, -1), _near(tokens, flags, index, 1)
    shape = _shape(tokens, index)
    sides = f"{before[1]}{after[1]}"
    return [
        f"word={token.stem}",
        f"shape={shape}",
        f"shape={shape}|{sides}",
        f"ending={token.text[-3:].casefold()}",
        f"before={before[0]}|{before[1]}",
        f"after={after[0]}|{after[1]}",
        f"between={before[0]}|{after[0]}",
        f"sides={sides}",
        f"word={token.stem}|{sides}" if not token.is_content else f"content|{sides}",
    ]


def fit_plausibility(pairs: Iterable[tuple[str, str]]) -> Plausibility:
    """Learn from sources and their faithful compressions.

    Raises:
        UserError: If scikit-learn or rapidfuzz is not installed, or nothing is dropped or nothing kept.
    """
    rows: list[list[str]] = []
    dropped: list[bool] = []
    for source, output in pairs:
        tokens = words(source)
        flags = kept(tokens, words(output))
        for index, token in enumerate(tokens):
            if token.text[0].isalnum():
                rows.append(features(tokens, flags, index))
                dropped.append(not flags[index])
    if len(set(dropped)) < 2:
        raise UserError("nothing to learn from: compressions must drop some words and keep others")
    counted = Counter(name for row in rows for name in row)
    known = sorted(name for name, number in counted.items() if number >= FEWEST)
    return _fitted(rows, dropped, known)


def _fitted(rows: list[list[str]], dropped: list[bool], known: list[str]) -> Plausibility:
    try:
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise UserError("fitting a judge takes scikit-learn", hint="pip install 'spanwise[train]'") from None
    places = {name: place for place, name in enumerate(known)}
    found = [(row, places[name]) for row, names in enumerate(rows) for name in names if name in places]
    ones = [1.0] * len(found)
    matrix = csr_matrix((ones, tuple(zip(*found, strict=True))), shape=(len(rows), len(known)))
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(matrix, dropped)
    weights = {
        name: round(float(value), 4)
        for name, value in zip(known, model.coef_[0], strict=True)
        if round(value, 4)
    }
    return Plausibility(weights, round(float(model.intercept_[0]), 4))


def _near(tokens: Sequence[Word], flags: Sequence[bool], index: int, step: int) -> tuple[str, str]:
    """The word beside it, if a function word or punctuation, and whether it stays."""
    place = index + step
    if not 0 <= place < len(tokens):
        return "edge", "e"
    token = tokens[place]
    name = "content" if token.is_content else token.text.casefold()
    return name, "k" if flags[place] else "d"


def _shape(tokens: Sequence[Word], index: int) -> str:
    text = tokens[index].text
    if text[0].isdigit():
        return "digits"
    opens = index == 0 or tokens[index - 1].text in {".", "!", "?", ":"}
    if text[0].isupper():
        return "opening" if opens else "capital"
    return "content" if tokens[index].is_content else "function"
