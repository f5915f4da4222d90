"""What a search came to: which settings won, and by how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from spanwise.errors import UserError
from spanwise.tuning.ledger import Entry, Ledger, State, Strategy
from spanwise.tuning.space import Repeats, Space

DEFAULTS = -1
"""Stands for the settings as they are, where others go by the number of their trial."""
STATES: tuple[State, ...] = ("finished", "pruned", "refused", "failed")


@dataclass(frozen=True)
class Outcome:
    """A search that is over, or out of time.

    Attributes:
        study: Its name.
        strategy: By which settings were drawn.
        space: From which.
        seed: Of all that was drawn.
        trials: All that began, by number.
        repeats: Trainings of the best, and of the defaults, by other seeds.
    """

    study: str
    strategy: Strategy
    space: Space
    seed: int
    trials: Sequence[Entry]
    repeats: Sequence[Entry]

    @property
    def counts(self) -> dict[str, int]:
        """How many trials ended in which way."""
        found = Counter(trial.state for trial in self.trials)
        return {state: found[state] for state in STATES}

    @property
    def ranked(self) -> list[Entry]:
        """The finished trials from the best to the worst; of equal ones the first."""
        return rank(self.trials)

    @property
    def means(self) -> dict[int, float]:
        """The mean score of trials over other seeds, the defaults among them; of those that have all."""
        seeds = self.space.repeats.seeds
        scores: dict[int, list[float]] = {}
        for each in self.repeats:
            if each.state == "finished" and each.score is not None and each.repeated is not None:
                scores.setdefault(each.repeated, []).append(each.score)
        return {number: fmean(found) for number, found in scores.items() if seeds and len(found) >= seeds}

    @property
    def winner(self) -> Entry:
        """The best by its mean over other seeds, or by its own score where not all means are known.

        Raises:
            UserError: If no trial finished.
        """
        if not self.ranked:
            reasons = [trial.reason for trial in self.trials if trial.reason]
            hint = f"The last was refused: {reasons[-1]}" if reasons else "Give it more time or more trials."
            raise UserError("no trial has finished", hint=hint)
        best = self.ranked[: self.space.repeats.best]
        means = self.means
        if all(trial.number in means for trial in best):
            return max(best, key=lambda trial: means[trial.number])
        return best[0]

    @property
    def gain(self) -> float | None:
        """The winner's mean over other seeds less that of the defaults."""
        means = self.means
        known = self.winner.number in means and DEFAULTS in means
        return means[self.winner.number] - means[DEFAULTS] if known else None

    def figures(self) -> dict[str, Any]:
        """What goes into `search/metrics.json`; scores are 0 to 1."""
        winner, mean, best = self.winner, self.means.get(self.winner.number), self.ranked[0].score
        assert winner.score is not None
        return {
            "study": self.study,
            "strategy": self.strategy,
            "seed": self.seed,
            "epochs": self.space.epochs,
            "documents": self.space.documents,
            "trials": self.counts,
            "best": {"trial": winner.number, "score": winner.score, "other_seeds": mean, "highest": best},
            "defaults": {"other_seeds": self.means.get(DEFAULTS)},
            "gain": self.gain,
            "optimism": None if mean is None else winner.score - mean,
        }


def rank(trials: Sequence[Entry]) -> list[Entry]:
    """The finished ones from the best to the worst; of equal ones the first."""
    done = [trial for trial in trials if trial.state == "finished" and trial.score is not None]
    return sorted(done, key=lambda trial: (-(trial.score or 0), trial.number))


def plan_repeats(repeats: Ledger, trials: Sequence[Entry], plan: Repeats, seed: int) -> None:
    """Queue the best trials and the defaults, each by seeds that no trial had."""
    chosen = {trial.number: trial.values for trial in rank(trials)[: plan.best]}
    for other in range(seed + 1, seed + 1 + plan.seeds):
        for number, values in {DEFAULTS: {}, **chosen}.items():
            repeats.add(values, repeated=number, seed=other)
