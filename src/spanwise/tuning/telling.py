"""The outcome of a search in sentences."""

from __future__ import annotations

from collections import Counter

from spanwise.reporting.formatting import amount, counted, score
from spanwise.tuning.outcome import DEFAULTS, Outcome

PRUNED = {
    "bayesian": "below the median of the finished trials at the same epoch",
    "hyperband": "not among the best third of the trials that had come as far",
    "random": "random search ends no trial early",
}
"""Why a strategy ends a trial early."""


def tell_value(value: object) -> str:
    """A value of a setting as the settings have it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "null" if value is None else str(value)


def tell_outcome(outcome: Outcome) -> list[str]:
    """Which trial won, what it gains, and how many did not finish."""
    winner, means, counts = outcome.winner, outcome.means, outcome.counts
    values = ", ".join(f"{key} {tell_value(value)}" for key, value in winner.values.items())
    trials = counted(len(outcome.trials), "trial")
    best = f"Trial {winner.number} is the best of {trials}"
    said = [f"{best}: {score(winner.score)} on validation with {values}."]
    if winner.number in means:
        seeds = counted(outcome.space.repeats.seeds, "other seed")
        own, other = score(means[winner.number]), score(means.get(DEFAULTS))
        said.append(f"By {seeds} it has {own} on average, and the settings as they are have {other}.")
    if outcome.gain is not None and outcome.gain <= 0:
        said.append("The search has found nothing better than the settings as they are.")
    if counts["pruned"]:
        said.append(f"Ended early, {PRUNED[outcome.strategy]}: {counted(counts['pruned'], 'trial')}.")
    refused = Counter(trial.reason for trial in outcome.trials if trial.reason)
    said += [f"Refused, {reason}: {counted(times, 'trial')}." for reason, times in refused.items()]
    if counts["failed"]:
        said.append(f"Cut off by a kill, and tried once more: {counted(counts['failed'], 'trial')}.")
    return said


def tell_caveats(outcome: Outcome) -> list[str]:
    """How far the scores can be trusted."""
    space = outcome.space
    finished, seeds = counted(len(outcome.ranked), "finished trial"), counted(space.repeats.seeds, "seed")
    lucky = (
        "The score of a trial is that of its best epoch on the validation documents, and the highest of "
        f"{finished} is so partly by luck: it is optimistic. No test document was read."
    )
    alone = (
        "Not all was trained by other seeds (repeats of the search space): a part of the lead may be the "
        "seed's."
    )
    repeated = (
        f"The best {space.repeats.best} were therefore trained by {seeds} more, and the highest mean over "
        "these won. That takes away what a lucky seed gave, but not what these validation documents give."
    )
    budget = (
        f"Trials learnt from {amount(100 * space.documents)}% of the train side for "
        f"{counted(space.epochs, 'epoch')}: what is best on this budget need not be so on all of it. "
        "Training with the preset, by `dvc exp run`, tells."
    )
    return [lucky, repeated if outcome.winner.number in outcome.means else alone, budget]
