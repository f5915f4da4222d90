"""Hyperband: the asynchronous one, by Ray Tune, with trials in processes of a Ray cluster.

Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning, arXiv:1810.05934, algorithm 2 (ASHA).
Ray decides when a trial ends and where it runs; what is drawn, and what came of it, stands in the ledger,
from which the next run goes on. Ray's own files are temporary.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from optuna.trial import Trial, TrialState
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search import Searcher

from spanwise.errors import UserError
from spanwise.tuning.execution import end
from spanwise.tuning.ledger import LOSSES, REASON, VALUES, Ledger
from spanwise.tuning.trial import Problem, train
from spanwise.workers import ray_cluster

KEPT = 3
"""One in so many trials goes on at each rung."""
EPOCH, SCORE, LOSS = "epoch", "score", "loss"


def run(ledger: Ledger, problem: Problem, *, jobs: int, deadline: float, watch: Callable[[], None]) -> None:
    """Run what the ledger asks for; see `execution.run`.

    The rungs begin anew in each run: what earlier runs have finished ends no trial of a later one.
    """
    epochs = int(problem.train["epochs"])
    searcher = LedgerSearch(ledger, epochs=epochs, deadline=deadline, watch=watch)
    scheduler = ASHAScheduler(time_attr=EPOCH, max_t=epochs, grace_period=1, reduction_factor=KEPT)
    with ray_cluster(jobs), tempfile.TemporaryDirectory(prefix="spanwise-") as folder:
        tune.Tuner(
            tune.with_resources(_Training(replace(problem, threads=1)), {"cpu": 1}),
            tune_config=tune.TuneConfig(
                metric=SCORE,
                mode="max",
                search_alg=searcher,
                scheduler=scheduler,
                num_samples=ledger.trials + len(ledger.study.get_trials(deepcopy=False)),
                max_concurrent_trials=jobs,
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()


class _Training:
    """A trial as Ray calls it, in a process of its own."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.__name__ = "trial"

    def __call__(self, config: dict[str, Any]) -> None:
        def report(epoch: int, score: float, loss: float) -> None:
            tune.report({EPOCH: epoch, SCORE: score, LOSS: loss})

        try:
            train(self.problem, config[VALUES], seed=self.problem.seed, report=report)
        except UserError as error:
            # The scheduler takes it for a trial that came to its end with nothing.
            tune.report({EPOCH: self.problem.train["epochs"], SCORE: 0.0, REASON: error.reason})


class LedgerSearch(Searcher):
    """Asks the ledger for trials on behalf of Ray Tune, and enters into it how they ended.

    Args:
        ledger: Of the trials.
        epochs: Of a trial that is not ended early.
        deadline: On the clock of `time.monotonic`: no trial begins after it.
        watch: Called whenever a trial has ended.
    """

    def __init__(self, ledger: Ledger, *, epochs: int, deadline: float, watch: Callable[[], None]) -> None:
        super().__init__(metric=SCORE, mode="max")
        self.ledger = ledger
        self.epochs = epochs
        self.deadline = deadline
        self.watch = watch
        self.trials: dict[str, Trial] = {}
        self.losses: dict[str, list[float]] = {}

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:  # type: ignore[override]
        """The values of the next trial."""
        trial = self.ledger.ask() if time.monotonic() < self.deadline else None
        if trial is None:
            return Searcher.FINISHED
        self.trials[trial_id], self.losses[trial_id] = trial, []
        return {VALUES: trial.user_attrs[VALUES]}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Enter an epoch."""
        trial = self.trials[trial_id]
        if REASON in result:
            trial.set_user_attr(REASON, result[REASON])
            return
        trial.report(result[SCORE], result[EPOCH])
        self.losses[trial_id].append(result[LOSS])
        trial.set_user_attr(LOSSES, self.losses[trial_id])

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Enter the end; a trial whose process died stays open, and the next run tries it once more."""
        if error or not result or trial_id not in self.trials:
            return
        trial = self.trials.pop(trial_id)
        finished = result[EPOCH] >= self.epochs and REASON not in result
        end(trial, TrialState.COMPLETE if finished else TrialState.PRUNED)
        self.watch()

    def save_to_dir(self, checkpoint_dir: str, session_str: str = "default") -> None:
        """The ledger is saved already."""

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray stores its searchers to resume by them
