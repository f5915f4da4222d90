"""An ablation: each technique beside plain fine-tuning, on the same documents of the same folds.

Techniques are chosen by their validation figures. Those of the test side stand beside them for all techniques
alike, so that they can be read without having chosen anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from spanwise.errors import UserError
from spanwise.io import flat, read_jsonl, read_record
from spanwise.metrics.paired import Comparison, check_same, compare
from spanwise.metrics.spans import micro_f1
from spanwise.provenance import LOCK, PREDICTING, Machine, code_of, differing
from spanwise.reporting.formatting import DASH, code, duration, listing, score, shortened
from spanwise.schema import Prediction

PLAIN = "plain"
"""The technique that all others are compared with."""

VALIDATION, TEST = "data/predictions/validation.jsonl", "data/predictions/test.jsonl"
TRAINING, TIMING = "metrics/train.json", "metrics/train_timing.json"
FILES = (VALIDATION, TEST, TRAINING, TIMING)
"""What an experiment must have written."""

NAME = re.compile(r"ablation-(?P<technique>.+)-fold(?P<fold>\d+)-epochs(?P<epochs>\d+)")
ERROR_RATE = 0.05
SHOWN = 4  # settings or paths that a note names


@dataclass(frozen=True)
class Trial:
    """One training of the ablation: a file of `conf/experiment/ablation/`, a fold and a number of epochs."""

    technique: str
    fold: int
    epochs: int

    @property
    def name(self) -> str:
        """As an experiment."""
        return f"ablation-{self.technique}-fold{self.fold}-epochs{self.epochs}"

    @property
    def overrides(self) -> tuple[str, ...]:
        """The settings, in Hydra's notation."""
        return (
            f"experiment=ablation/{self.technique}",
            f"split.fold={self.fold}",
            f"train.epochs={self.epochs}",
        )


def parse(name: str) -> Trial | None:
    """The trial that an experiment of this name is; None for other experiments."""
    found = NAME.fullmatch(name)
    return Trial(found["technique"], int(found["fold"]), int(found["epochs"])) if found else None


def plan(techniques: Sequence[str], folds: Sequence[int], epochs: int) -> list[Trial]:
    """The trials in the order in which they should run: plain first, as all others are compared with it."""
    order = [PLAIN, *(technique for technique in techniques if technique != PLAIN)]
    return [Trial(technique, fold, epochs) for technique in order for fold in folds]


def changed(before: Mapping[str, Any], now: Mapping[str, Any], sections: Sequence[str]) -> list[str]:
    """The settings of some sections that are others by now, dotted and sorted.

    One that did not exist yet is none of them: that the code has changed since is told by its digests.
    """
    old, new = (flat({name: each[name] for name in sections if name in each}) for each in (before, now))
    return differing(old, {key: value for key, value in new.items() if key in old})


def read_code(lock: str) -> dict[str, str]:
    """The digest of each file or folder of code that the predictions come from, by its path.

    Args:
        lock: The text of `dvc.lock`.

    Raises:
        UserError: If one of them is not in it.
    """
    values = yaml.safe_load(lock)
    lost = [stage for stage in PREDICTING if stage not in values["stages"]]
    if lost:
        raise UserError(f"the stage {lost[0]} was not run", path=LOCK)
    return code_of(values)


@dataclass(frozen=True)
class Run:
    """A finished trial.

    Attributes:
        trial: What was run.
        code: What ran, as `read_code` has it.
        changed: The settings that are others by now.
        machine: On what it was trained.
        validation: The predictions for the documents that chose the epoch.
        test: The predictions for the fold.
        seconds: What the stage train took: processor time on a CPU, so that other work counts less, and
            wall-clock time elsewhere.
        resumed: Whether the training had been interrupted: the seconds are then those of its last part.
    """

    trial: Trial
    code: Mapping[str, str]
    changed: tuple[str, ...]
    machine: Machine
    validation: tuple[Prediction, ...]
    test: tuple[Prediction, ...]
    seconds: float
    resumed: bool


class _Timing(BaseModel):
    """What is needed of `metrics/train_timing.json`."""

    model_config = ConfigDict(extra="ignore")

    seconds: float
    cpu_seconds: float
    resumed: bool


def read_run(folder: Path, trial: Trial, *, code: Mapping[str, str], changed: Sequence[str]) -> Run:
    """The run whose `FILES` lie in `folder`; see `Run`.

    Raises:
        UserError: If a file is missing or is not what the stages write.
    """
    timing = read_record(folder / TIMING, _Timing)
    machine = read_record(folder / TRAINING, Machine)
    validation, test = (tuple(read_jsonl(folder / file, Prediction)) for file in (VALIDATION, TEST))
    seconds = timing.cpu_seconds if machine.device == "cpu" else timing.seconds
    return Run(trial, code, tuple(changed), machine, validation, test, seconds, timing.resumed)


@dataclass(frozen=True)
class Row:
    """A technique beside plain fine-tuning, on the folds that both were run on.

    Attributes:
        technique: Its name.
        folds: Those that the figures are of: where plain was run too, or all of its own if plain was on none.
        missing: Those that were asked for and are not in the figures.
        compared: Whether there is anything to compare with; plain itself is compared with nothing.
        validation_f1: The strict micro-F1 of the validation documents, mean over the folds.
        test_f1: The same of the test documents.
        validation: Micro-F1 of plain and the technique, over the validation documents of all folds together;
            this and the next two compare the technique with itself where it is not `compared`.
        test: The same over the test documents.
        macro: Macro-F1 over the test documents, that of the stage evaluate.
        seconds: Of training, all folds together.
        plain_seconds: Those of plain on the same folds.
        resumed: Whether either lacks some time, since a training was interrupted.
        changed: The settings of which those of the technique, on any of the folds, are others by now.
        other_code: The paths of the code that was another than plain's on the same fold.
        other_machine: Plain's and the technique's, on the first fold where they were not the same.
    """

    technique: str
    folds: tuple[int, ...]
    missing: tuple[int, ...]
    compared: bool
    validation_f1: float
    test_f1: float
    validation: Comparison
    test: Comparison
    macro: Comparison
    seconds: float
    plain_seconds: float
    resumed: bool
    changed: tuple[str, ...]
    other_code: tuple[str, ...]
    other_machine: tuple[Machine, Machine] | None


def compare_runs(
    runs: Sequence[Run], plain: Sequence[Run], folds: Sequence[int], *, samples: int, level: float, seed: int
) -> Row:
    """Compare a technique with plain fine-tuning.

    Args:
        runs: The technique's, at least one, each of another fold.
        plain: Those of plain fine-tuning, for as many epochs; `runs` themselves for its own row.
        folds: Those that were asked for.
        samples: How often the groups of documents are drawn.
        level: Of the intervals, e.g. 0.95.
        seed: Of the drawing.

    Raises:
        UserError: If the runs of one fold are not about the same documents.
    """
    own, base = ({run.trial.fold: run for run in each} for each in (runs, plain))
    shared = sorted(own.keys() & base.keys())
    used = shared or sorted(own)
    after = [own[fold] for fold in used]
    before = [base[fold] for fold in shared] or after
    pairs = list(zip(before, after, strict=True))
    for one, other in pairs:
        _check_documents(one, other)

    def compared(side: Literal["validation", "test"], average: Literal["micro", "macro"]) -> Comparison:
        pooled = (
            [prediction for run in each for prediction in getattr(run, side)] for each in (before, after)
        )
        return compare(*pooled, average=average, samples=samples, level=level, seed=seed)

    return Row(
        technique=runs[0].trial.technique,
        folds=tuple(used),
        missing=tuple(fold for fold in folds if fold not in used),
        compared=bool(shared) and runs[0].trial.technique != PLAIN,
        validation_f1=fmean(micro_f1(run.validation) for run in after),
        test_f1=fmean(micro_f1(run.test) for run in after),
        validation=compared("validation", "micro"),
        test=compared("test", "micro"),
        macro=compared("test", "macro"),
        seconds=sum(run.seconds for run in after),
        plain_seconds=sum(run.seconds for run in before),
        resumed=any(run.resumed for run in (*before, *after)),
        changed=_each(run.changed for run in after),
        other_code=_each(differing(one.code, other.code) for one, other in pairs),
        other_machine=next(
            ((one.machine, other.machine) for one, other in pairs if one.machine != other.machine), None
        ),
    )


def _check_documents(plain: Run, run: Run) -> None:
    """Refuse a technique that predicts other documents than plain, naming it and the fold."""
    for side, before, after in (
        ("validation", plain.validation, run.validation),
        ("test", plain.test, run.test),
    ):
        try:
            check_same(before, after)
        except UserError as error:
            place = f"{run.trial.technique} on fold {run.trial.fold}, {side}"
            raise UserError(f"{place}, beside {PLAIN}: {error.reason}", hint=error.hint) from None


def _each(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Each name once, sorted."""
    return tuple(sorted({name for some in names for name in some}))


COLUMNS = (
    "technique", "folds", "epochs",
    "validation F1", "difference", "p",
    "test F1", "difference", "p", "macro-F1", "difference",
    "training", "of plain",
)  # fmt: skip


def markdown(
    rows: Sequence[Row],
    techniques: Sequence[str],
    *,
    folds: Sequence[int],
    epochs: int,
    samples: int,
    level: float,
) -> str:
    """The table, with the commands that make it before and what its figures mean behind.

    Args:
        rows: One for each technique that was run, of `compare_runs`.
        techniques: All that there are.
        folds: Those that were asked for.
        epochs: Of each training.
        samples: As `compare_runs` had it, like `level`.
        level: Of the intervals.
    """
    ranked = sorted(rows, key=_rank)
    lines = [_line(COLUMNS), _line(["---", "---", *["--:"] * (len(COLUMNS) - 2)])]
    lines += [_line(_cells(row, epochs)) for row in ranked]
    options = f"--folds {','.join(map(str, folds))} --epochs {epochs}"
    commands = f"spanwise ablation queue {options}\ndvc queue start\nspanwise ablation table {options}"
    notes = [*_meaning(ranked, samples, level), *_reservations(ranked, techniques)]
    return "\n".join([f"```bash\n{commands}\n```\n", *lines, "", *(f"- {note}" for note in notes), ""])


def _rank(row: Row) -> tuple[bool, bool, float, str]:
    """Plain first, then what gained most on validation, last what cannot be compared."""
    gain = row.validation.difference if row.compared else 0.0
    return row.technique != PLAIN, not row.compared, -gain, row.technique


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row, epochs: int) -> list[str]:
    """A row of the table; figures of a training that was interrupted are lower bounds."""
    timed = row.compared and not row.resumed and not row.other_machine
    relative = f"{row.seconds / row.plain_seconds:.2f}" if timed else DASH
    return [
        code(row.technique),
        ", ".join(map(str, row.folds)),
        str(epochs),
        score(row.validation_f1),
        *(_difference(row.validation) if row.compared else (DASH, DASH)),
        score(row.test_f1),
        *(_difference(row.test) if row.compared else (DASH, DASH)),
        score(row.macro.candidate_f1),
        _difference(row.macro)[0] if row.compared else DASH,
        ("at least " if row.resumed else "") + duration(row.seconds),
        relative,
    ]


def _difference(found: Comparison) -> tuple[str, str]:
    """In points with its interval, and the p-value."""
    points = f"{100 * found.difference:+.1f}"
    if found.low is None or found.high is None or found.p_value is None:
        return points, DASH
    p_value = "< 0.001" if found.p_value < 0.001 else f"{found.p_value:.3f}"
    return f"{points} ({100 * found.low:+.1f} to {100 * found.high:+.1f})", p_value


def _meaning(rows: Sequence[Row], samples: int, level: float) -> Iterator[str]:
    """How to read the figures."""
    yield (
        "F1 is strict: micro-F1 as the mean over the folds, macro-F1 over their test documents together (the "
        "mean over the labels that occur there, in the gold standard or the prediction). "
        f"Differences to `{PLAIN}` on the same folds are in points, over the documents of all folds "
        f"together; their {100 * level:g} % intervals and the two-sided p are from {samples:,} paired "
        "bootstrap draws of groups of documents. They tell what other documents might "
        "change, not what another seed might."
    )
    yield (
        "Techniques are chosen by the validation columns, by which they are sorted; the test columns choose "
        "none. The validation documents have also chosen the epoch of each training: F1 and p are a little "
        "optimistic there."
    )
    yield (
        "Training is in processor time on a CPU, all threads together, and in wall-clock time on a GPU, where"
        " it compares only if nothing else ran."
    )
    compared = sum(row.compared for row in rows)
    if compared > 1:
        yield (
            f"{compared} techniques are compared with one baseline: at p below {ERROR_RATE} about "
            f"{ERROR_RATE * compared:.1f} would seem to differ if none did. Bonferroni's bound is "
            f"{ERROR_RATE / compared:.4f}."
        )


def _reservations(rows: Sequence[Row], techniques: Sequence[str]) -> Iterator[str]:
    """What the figures lack."""
    for row in rows:
        if row.missing:
            verb = "is" if len(row.missing) == 1 else "are"
            yield (
                f"{code(row.technique)} is told for {_folds(row.folds)} alone; "
                f"{_folds(row.missing)} {verb} missing."
            )
        if not row.compared and row.technique != PLAIN:
            yield f"{code(row.technique)} is compared with nothing: `{PLAIN}` was not run on its folds."
    if any(row.resumed for row in rows):
        yield "Where training was interrupted, its time is that of the last part."
    for row in rows:
        yield from _differences(row)
    ran = {row.technique for row in rows}
    not_run = [code(technique) for technique in techniques if technique not in ran]
    if not_run:
        yield f"Not run: {listing(not_run)}."


def _differences(row: Row) -> Iterator[str]:
    """In what a technique was run otherwise than plain, or than it would be now."""
    name = code(row.technique)
    if row.changed:
        yield (
            f"{name} is out of date: {_codes(row.changed)} changed since it was run. "
            "`spanwise ablation queue` queues it again."
        )
    if row.other_code:
        yield (
            f"{name} ran other code than `{PLAIN}`, {_codes(row.other_code)}: that may be part of the "
            "difference."
        )
    if row.other_machine:
        plain, own = row.other_machine
        yield (
            f"{name} was trained on other hardware than `{PLAIN}` ({own}; `{PLAIN}`: {plain}): that may be "
            "part of the difference, and the times do not compare."
        )


def _codes(names: Sequence[str]) -> str:
    return shortened([code(name) for name in names], most=SHOWN)


def _folds(folds: Sequence[int]) -> str:
    return f"{'fold' if len(folds) == 1 else 'folds'} {listing([str(fold) for fold in folds])}"
