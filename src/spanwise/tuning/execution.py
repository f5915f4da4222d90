"""The trials of a ledger, one after the other or in several processes, until none is left or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from optuna import TrialPruned
from optuna.trial import Trial, TrialState

from spanwise.errors import UserError
from spanwise.tuning.ledger import LOSSES, REASON, SEED, VALUES, Ledger, Strategy, open_study
from spanwise.tuning.trial import Problem, train
from spanwise.workers import end_with_parent

Watch = Callable[[], None]
"""Called whenever a trial has ended."""


def run(ledger: Ledger, problem: Problem, *, file: Path, jobs: int, deadline: float, watch: Watch) -> None:
    """Run what the ledger asks for.

    Args:
        ledger: Of the trials.
        problem: What they have in common.
        file: Of the ledger, for other processes.
        jobs: Trials at a time; several take a process and one thread each.
        deadline: On the clock of `time.monotonic`: no trial begins after it.
        watch: Called whenever a trial has ended.

    Raises:
        UserError: If a process was killed.
    """
    if jobs > 1:
        _run_many(ledger, replace(problem, threads=1), file=file, jobs=jobs, deadline=deadline, watch=watch)
        return
    while time.monotonic() < deadline and (trial := ledger.ask()):
        attempt(trial, problem)
        watch()


def attempt(trial: Trial, problem: Problem) -> None:
    """Train with a trial's values, and enter into the ledger how it ended."""
    losses: list[float] = []

    def report(epoch: int, score: float, loss: float) -> None:
        losses.append(loss)
        trial.report(score, epoch)
        trial.set_user_attr(LOSSES, losses)
        if epoch < problem.train["epochs"] and trial.should_prune():
            raise TrialPruned

    attributes = trial.user_attrs
    try:
        train(problem, attributes[VALUES], seed=attributes.get(SEED, problem.seed), report=report)
    except TrialPruned:
        end(trial, TrialState.PRUNED)
    except UserError as error:
        # To the sampler, settings that cannot be trained with are the worst there are.
        trial.set_user_attr(REASON, error.reason)
        end(trial, TrialState.PRUNED)
    else:
        end(trial, TrialState.COMPLETE)


def end(trial: Trial, state: TrialState) -> None:
    """Enter the end of a trial; its value is the best of its epochs."""
    scores = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values.values()
    trial.study.tell(trial, max(scores) if state == TrialState.COMPLETE else None, state=state)


def _run_many(
    ledger: Ledger, problem: Problem, *, file: Path, jobs: int, deadline: float, watch: Watch
) -> None:
    # Not forked: torch may have threads by now, which a fork would leave behind with their locks held.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=end_with_parent)
    running: set[Future[None]] = set()
    try:
        while True:
            while len(running) < jobs and time.monotonic() < deadline and (trial := ledger.ask()):
                study = ledger.study.study_name
                running.add(pool.submit(_attempt, file, study, ledger.strategy, trial.number, problem))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                each.result()
                watch()
    except BrokenProcessPool:
        hint = "The same command goes on where it was; fewer --jobs take less memory."
        raise UserError("a trial's process was killed, perhaps since memory ran out", hint=hint) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(file: Path, study: str, strategy: Strategy, number: int, problem: Problem) -> None:
    """`attempt` in a process of its own."""
    opened = open_study(file, study, strategy)
    attempt(Trial(opened, opened.get_trials(deepcopy=False)[number]._trial_id), problem)
