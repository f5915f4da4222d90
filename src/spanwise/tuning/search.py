"""A search from its beginning, or from where it was killed, to its outcome."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spanwise.learners.checkpoints import training_digest
from spanwise.tuning import execution
from spanwise.tuning.ledger import Entry, Ledger, Strategy, open_study, tuning_folder
from spanwise.tuning.outcome import Outcome, plan_repeats
from spanwise.tuning.page import importance
from spanwise.tuning.space import Space
from spanwise.tuning.trial import CHECKPOINTS, LOG, Problem

PACKAGE = Path(__file__).parent.parent
CODE = (
    "artifact.py",
    "chains",
    "decoding.py",
    "encoding.py",
    "hardware.py",
    "heads",
    "io.py",
    "learners",
    "metrics",
    "runtime",
    "schema.py",
    "selection.py",
    "sides.py",
    "splits",
    "tasks",
    "tuning/ledger.py",
    "tuning/space.py",
    "tuning/trial.py",
)
"""What a trial runs: other code may change without a search beginning anew."""

Progress = Callable[[str, list[Entry], int], None]
"""Takes what is being done, `trials` or `repeats`, those that are over, and how many there are to be."""


@dataclass(frozen=True)
class Search:
    """What is searched, and how.

    Attributes:
        study: Its name, that of its ledger too.
        strategy: By which settings are drawn.
        space: From which, and on what budget.
        problem: What trials have in common; the search sets its `scratch` and its epochs.
        jobs: Trials at a time.
    """

    study: str
    strategy: Strategy
    space: Space
    problem: Problem
    jobs: int

    def digest(self) -> str:
        """A name for what trials depend on: space, data, settings and code, but not their number."""
        budget = self.space.model_dump_json(exclude={"trials", "repeats"})
        problem = self.problem
        settings = f"{budget} {self.strategy} {problem.kind} {problem.seed} {problem.model} {problem.train}"
        data = [path for path in problem.splits.rglob("*.json*") if path.name != "test.jsonl"]
        code = [file for name in CODE for file in [PACKAGE / name, *(PACKAGE / name).rglob("*.py")]]
        return training_digest(settings, [*data, *(file for file in code if file.is_file())])


@dataclass(frozen=True)
class Finding:
    """An outcome and what else is told of it.

    Attributes:
        outcome: Of the search.
        shares: The importance of each parameter.
        seconds: How long each trial and each repeat took, by number.
        log: What the trainings printed.
    """

    outcome: Outcome
    shares: Mapping[str, float]
    seconds: Mapping[str, Mapping[int, float]]
    log: Path


def run(search: Search, *, deadline: float, progress: Progress) -> Finding:
    """Search, and train the best and the defaults by other seeds.

    Args:
        search: What is searched, and how.
        deadline: On the clock of `time.monotonic`: no training begins after it.
        progress: Called at first, and whenever a training has ended.

    Raises:
        UserError: If another process is at it, a process was killed, or no trial finished.
    """
    with tuning_folder(search.study) as folder:
        file, scratch = folder / f"{search.study}.db", folder / search.study
        _clear(scratch)
        train = {**search.problem.train, "epochs": search.space.epochs}
        problem = replace(search.problem, train=train, scratch=scratch)
        digest, seed = search.digest(), problem.seed
        common: dict[str, Any] = {"seed": seed, "strategy": search.strategy}
        trials = Ledger(
            open_study(file, digest, search.strategy), search.space, trials=search.space.trials, **common
        )
        running: dict[str, Any] = {"jobs": search.jobs, "deadline": deadline}

        def told(name: str, ledger: Ledger) -> Callable[[], None]:
            def watch() -> None:
                progress(name, ledger.entries(), ledger.trials)

            watch()
            return watch

        trials.retry_cut_off()
        if search.strategy == "hyperband":
            from spanwise.tuning import cluster

            cluster.run(trials, problem, **running, watch=told("trials", trials))
        else:
            execution.run(trials, problem, file=file, **running, watch=told("trials", trials))

        plan = search.space.repeats
        study = open_study(file, f"{digest}-repeats", "random")
        total = (min(plan.best, search.space.trials) + 1) * plan.seeds
        repeats = Ledger(study, None, trials=total, seed=seed, strategy="random")
        if plan.seeds:
            repeats.retry_cut_off()
            plan_repeats(repeats, trials.entries(), plan, seed)
            execution.run(repeats, problem, file=file, **running, watch=told("repeats", repeats))
        outcome = Outcome(
            search.study, search.strategy, search.space, seed, trials.entries(), repeats.entries()
        )
        seconds = {"trials": trials.seconds(), "repeats": repeats.seconds()}
        return Finding(outcome, importance(trials.study), seconds, scratch / LOG)


def _clear(scratch: Path) -> None:
    """A folder without the checkpoints of trainings that were killed."""
    scratch.mkdir(exist_ok=True)
    for left in scratch.glob(f"{CHECKPOINTS}*"):
        with suppress(FileNotFoundError):  # a worker that outlived its parent by a moment may clear its own
            shutil.rmtree(left)
