"""How well the model finds what is there."""

from __future__ import annotations

from pydantic import Field

from spanwise.reporting.sources.records import Metrics


class Score(Metrics):
    """Precision, recall and F1 with its bootstrap interval; `support` counts gold spans."""

    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    f1_low: float | None = None
    f1_high: float | None = None
    support: int | None = None


class TypeScore(Score):
    """The score of one type."""

    tier: str | None = None


class Relaxed(Score):
    """A score of the SemEval-2013 task 9.1 (Segura-Bedmar et al. 2013), with what it is counted from."""

    correct: int | None = None
    incorrect: int | None = None
    partial: int | None = None
    missed: int | None = None
    spurious: int | None = None
    possible: int | None = None
    actual: int | None = None


class Strict(Metrics):
    """Scores where type and both boundaries must be right, averaged in three ways."""

    micro: Score
    macro: Score
    weighted: Score


class SplitScores(Metrics):
    """The scores of one side of the split.

    `semeval` holds one score a schema (strict, exact, partial, type); `strata` those of gold spans that have
    something in common, by what it is (mention: seen or unseen in training; tokens; length).
    """

    headline: float | None
    documents: int
    groups: int | None = None
    spans: int
    strict: Strict
    tiers: dict[str, Score]
    types: dict[str, TypeScore]
    semeval: dict[str, Relaxed] = Field(default_factory=dict)
    strata: dict[str, dict[str, Score]] = Field(default_factory=dict)

    def by_support(self) -> list[tuple[str, TypeScore]]:
        """The types from the most to the least frequent in this side's gold standard."""
        return sorted(self.types.items(), key=lambda item: (-(item[1].support or 0), item[0]))


class CorpusScores(Metrics):
    """The scores of the sides of one corpus."""

    test: SplitScores
    validation: SplitScores | None = None


class Evaluation(CorpusScores):
    """`metrics/evaluate.json`; further corpora with the types that each annotates."""

    auxiliaries: dict[str, CorpusScores] = Field(default_factory=dict)
