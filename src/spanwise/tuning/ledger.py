"""The ledger of a search: an Optuna study in SQLite that holds every trial with its settings and its curve.

What is drawn depends on the seed and on how many draws there were, not on the process that draws: a search
that was killed and resumed tries the same settings, in the same order, as one that was not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
from filelock import FileLock, Timeout
from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from spanwise.errors import UserError
from spanwise.schema import Record
from spanwise.tuning.space import Space

Strategy = Literal["bayesian", "hyperband", "random"]
State = Literal["finished", "pruned", "refused", "failed"]

STARTUP = 10
"""Trials drawn at random before a model of the earlier ones draws; a third of all, if that is less."""
COMPARED = 3
"""Finished trials that a trial must have to be compared with before it can be ended early."""
RETRY, VALUES, SEED, REASON, LOSSES, REPEATED = "retry_of", "values", "seed", "reason", "losses", "repeated"

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Entry(Record):
    """One trial as it stands in the ledger.

    Attributes:
        number: Counted from 0 in the order of their beginning.
        state: `pruned` was ended early, `refused` could not be trained as set, `failed` was cut off.
        values: Of the settings that differ from the defaults, by their dotted keys.
        seed: Of the training; None is that of the search.
        score: The best of its epochs on the validation documents; None where there is none.
        scores: Of each epoch.
        losses: Of each epoch, on the validation documents.
        reason: Why it was refused.
        retry_of: The number of the trial that was cut off and is done once more here.
        repeated: The number of the trial that is repeated by another seed; -1 are the defaults.
    """

    number: int
    state: State
    values: dict[str, Any]
    seed: int | None = None
    score: float | None = None
    scores: tuple[float, ...]
    losses: tuple[float, ...]
    reason: str | None = None
    retry_of: int | None = None
    repeated: int | None = None


@dataclass(frozen=True)
class Ledger:
    """The trials of one search.

    Attributes:
        study: In which they stand.
        space: From which settings are drawn; None where all trials are given.
        strategy: By which they are drawn.
        seed: Of the drawing.
        trials: How many there are to be.
    """

    study: Study
    space: Space | None
    strategy: Strategy
    seed: int
    trials: int

    def ask(self) -> Trial | None:
        """The next trial, which counts as running from now on; None where there is none left."""
        known = self.study.get_trials(deepcopy=False)
        settled = sum(each.state.is_finished() and not _retried(each) for each in known)
        running = sum(each.state == TrialState.RUNNING for each in known)
        waiting = any(each.state == TrialState.WAITING for each in known)
        if settled + running >= self.trials or not (self.space or waiting):
            return None
        drawn = sum(RETRY not in each.user_attrs for each in known)
        self.study.sampler = self._sampler(drawn)
        trial = self.study.ask()
        if self.space is not None:
            trial.set_user_attr(VALUES, self.space.draw(trial))
        return trial

    def _sampler(self, drawn: int) -> BaseSampler:
        seed = int(np.random.SeedSequence([self.seed, drawn]).generate_state(1)[0])
        if self.strategy == "bayesian":
            # Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization, section 4.
            return TPESampler(seed=seed, n_startup_trials=min(STARTUP, -(-self.trials // 3)))
        return RandomSampler(seed=seed)

    def add(self, values: Mapping[str, Any], *, repeated: int, seed: int) -> None:
        """Queue a training with these values, unless it is queued or done."""
        known = {(each.repeated, each.seed) for each in self.entries(TrialState)}
        if (repeated, seed) not in known:
            attributes = {VALUES: dict(values), SEED: seed, REPEATED: repeated}
            self.study.enqueue_trial({}, user_attrs=attributes)

    def retry_cut_off(self) -> None:
        """Mark as failed what still counts as running, and queue it once more; but only once."""
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            self.study.tell(trial.number, state=TrialState.FAIL)
            if RETRY not in trial.user_attrs:
                kept = {
                    key: trial.user_attrs[key] for key in (VALUES, SEED, REPEATED) if key in trial.user_attrs
                }
                self.study.enqueue_trial(trial.params, user_attrs={**kept, RETRY: trial.number})

    def entries(self, states: Sequence[TrialState] | type[TrialState] | None = None) -> list[Entry]:
        """The trials that are over, or those in `states`, by number."""
        over = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
        return [_entry(each) for each in self.study.get_trials(states=tuple(states or over))]

    def seconds(self) -> dict[int, float]:
        """How long each trial that is over took, by its number."""
        return {
            each.number: each.duration.total_seconds()
            for each in self.study.get_trials()
            if each.duration is not None
        }


def _retried(trial: FrozenTrial) -> bool:
    return trial.state == TrialState.FAIL and RETRY not in trial.user_attrs


def _entry(trial: FrozenTrial) -> Entry:
    attributes = trial.user_attrs
    scores = tuple(trial.intermediate_values[epoch] for epoch in sorted(trial.intermediate_values))
    states: dict[TrialState, State] = {TrialState.COMPLETE: "finished", TrialState.PRUNED: "pruned"}
    return Entry(
        number=trial.number,
        state="refused" if REASON in attributes else states.get(trial.state, "failed"),
        values=attributes.get(VALUES, {}),
        seed=attributes.get(SEED),
        score=max(scores, default=None),
        scores=scores,
        losses=tuple(attributes.get(LOSSES, ())),
        reason=attributes.get(REASON),
        retry_of=attributes.get(RETRY),
        repeated=attributes.get(REPEATED),
    )


def open_study(path: Path, name: str, strategy: Strategy) -> Study:
    """The study of this name in the SQLite file `path`; both are made if they are missing."""
    # Several processes write to it: each waits so many seconds for another to be done.
    storage = RDBStorage(f"sqlite:///{path}", engine_kwargs={"connect_args": {"timeout": 60}})
    return optuna.create_study(
        storage=storage,
        study_name=name,
        direction="maximize",
        pruner=_pruner(strategy),
        sampler=RandomSampler(),  # each draw brings its own
        load_if_exists=True,
    )


def _pruner(strategy: Strategy) -> BasePruner:
    """What ends trials early: those whose best epoch so far is below the median of the others at that point.

    Golovin et al. (2017), Google Vizier, section 3.2 (the median stopping rule). Random search ends none, and
    Hyperband has its own way.
    """
    return (
        MedianPruner(n_startup_trials=COMPARED, n_warmup_steps=1) if strategy == "bayesian" else NopPruner()
    )


@contextmanager
def tuning_folder(study: str) -> Iterator[Path]:
    """The folder of all ledgers, `$DVC_ROOT/.tuning`, with that of `study` locked.

    Raises:
        UserError: If another process is at the same study.
    """
    folder = Path(os.environ.get("DVC_ROOT", ".")).absolute() / ".tuning"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{study}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        hint = "Wait for it, or end it: what it has finished is kept."
        raise UserError(f"another process is at the search {study}", path=folder, hint=hint) from None
    try:
        yield folder
    finally:
        lock.release()
