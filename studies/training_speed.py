"""training-speed: what training costs beside the plain Hugging Face recipe, on the same windows.

The plain recipe is that of Transformers' guide to token classification (`AutoModelForTokenClassification` and
`Trainer`: batches of 16, AdamW, evaluation and a checkpoint each epoch, a softmax over tags, the model's own
dropout) in float32, with windows padded to their greatest length. Both train the same encoder with the same
height of the learning rate, each in a process of its own, at the same time, so that other work on the machine
disturbs both; when one is done, the other goes on alone. Both are scored in one pass by the same decoder.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from spanwise import console
from spanwise.config import Bootstrap, Runtime, TrainParams, load_params
from spanwise.io import read_json, read_jsonl, read_record, write_json, write_jsonl, write_text
from spanwise.schema import Labels, Prediction
from spanwise.sides import read_side
from spanwise.tasks.base import load_task

PLAIN, OURS = "plain", "spanwise"
RESULT, PREDICTIONS = "result.json", "test.jsonl"
ROWS = {
    "tokens_per_s": "tokens/s",
    "tokens_per_cpu_s": "tokens per CPU second",
    "seconds": "seconds",
    "cpu_seconds": "CPU seconds",
    "best_score": "best validation F1",
    "seconds_to_same_f1": "seconds to the same validation F1",
    "cpu_seconds_to_same_f1": "CPU seconds to it",
}


class SpeedParams(TrainParams):
    """What this study may read: the settings of `train`, of predicting and of the intervals."""

    runtime: Runtime
    bootstrap: Bootstrap


def main(
    splits: Annotated[Path, typer.Argument(help="The folder that `tier-split` wrote.")],
    study: Annotated[Path, typer.Argument(help="The folder for the figures, the table and finished arms.")],
    params: console.ParamsFile = Path("params.yaml"),
    epochs: Annotated[int | None, typer.Option(help="Instead of train.epochs.")] = None,
    documents: Annotated[int | None, typer.Option(help="Of the training side; all by default.")] = None,
    threads: Annotated[int, typer.Option(help="Of each of the two processes.")] = 1,
) -> None:
    """Train on SPLITS by the plain recipe and by that of params.yaml; compare time and F1 in STUDY.

    An arm that is done is kept; one that was killed begins anew, since half of a time is none.
    """
    settings = load_params(params, SpeedParams)
    if epochs:
        settings = settings.model_copy(update={"train": settings.train.model_copy(update={"epochs": epochs})})
    assert settings.train.learner == "tagger"
    told = {"settings": settings.model_dump(mode="json"), "documents": documents, "threads": threads}
    folders = {name: study / "arms" / name for name in (PLAIN, OURS)}
    missing = {name: folder for name, folder in folders.items() if not is_done(folder, told)}
    run_together(
        threads, [(train_arm, (name, splits, each, settings, told)) for name, each in missing.items()]
    )
    run_together(threads, [(time_products, (study / "arms" / "products.json", settings))])
    arms = {name: read_json(folder / RESULT)["figures"] for name, folder in folders.items()}
    figures = {
        "documents": documents,
        "epochs": settings.train.epochs,
        "head": settings.train.head,
        "arms": arms | to_same_score(arms),
        "products": read_json(study / "arms" / "products.json"),
        "test": compare_arms(folders, settings),
    }
    figures["ratios"] = {
        row: figures["arms"][OURS][row] / figures["arms"][PLAIN][row]
        for row in ("tokens_per_s", "tokens_per_cpu_s", "steps_tokens_per_cpu_s")
    }
    write_json(study / "training_speed.json", figures)
    write_text(study / "training_speed.md", table(figures))


def is_done(folder: Path, told: dict[str, Any]) -> bool:
    """Whether the folder holds an arm that was trained as is told."""
    path = folder / RESULT
    return path.is_file() and read_json(path)["told"] == told


def run_together(threads: int, programs: Sequence[tuple[Callable[..., None], tuple[Any, ...]]]) -> None:
    """Run each in a fresh process on so many threads, all at the same time.

    Raises:
        SystemExit: If one of them fails.
    """
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read when a process imports torch
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=program, args=given) for program, given in programs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit(1)


def train_arm(name: str, splits: Path, folder: Path, settings: SpeedParams, told: dict[str, Any]) -> None:
    """Train one arm; write its test predictions and then its figures to `folder`."""
    from transformers.utils import logging

    from spanwise import hardware
    from spanwise.learners.course import Material, Start
    from spanwise.learners.recipe import read_recipe
    from studies.training_arms import Clock, train_ours, train_plain

    hardware.set_threads(told["threads"])
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    labels = read_record(splits / "labels.json", Labels)
    whole = Material.read(splits, labels)
    material = Material(whole.train[: told["documents"]], whole.validation)
    recipe = read_recipe(settings.train.model_dump())
    start = Start(
        labels, settings.model.model_dump(exclude={"name", "licence"}), recipe, nested=material.nested
    )
    train = {PLAIN: train_plain, OURS: train_ours}[name]
    score = load_task(settings.task.kind).headline
    clock = Clock(name, recipe.epochs)
    with TemporaryDirectory() as checkpoints, contextlib.redirect_stdout(io.StringIO()):
        tagger, tokens = train(start, material, score, settings.seed, Path(checkpoints), [clock])
    test = tagger.predictor(settings.runtime.batch_tokens)(read_side(splits, "test"))
    write_jsonl(folder / PREDICTIONS, test)
    figures = clock.figures(tokens) | hardware.describe().model_dump()
    write_json(folder / RESULT, {"told": told, "figures": figures})


def to_same_score(arms: dict[str, Any]) -> dict[str, Any]:
    """The arms with the time that each took to reach the lower one of their best validation scores."""
    goal = min(arm["best_score"] for arm in arms.values())
    reached = {
        name: next(point for point in arm["curve"] if point["score"] >= goal) for name, arm in arms.items()
    }
    return {
        name: arm
        | {
            "same_f1": goal,
            "seconds_to_same_f1": reached[name]["seconds"],
            "cpu_seconds_to_same_f1": reached[name]["cpu_seconds"],
        }
        for name, arm in arms.items()
    }


def compare_arms(folders: dict[str, Path], settings: SpeedParams) -> dict[str, Any]:
    """The micro-F1 of both on the test documents, and the paired bootstrap of their difference."""
    from spanwise.metrics.paired import compare

    plain, ours = (list(read_jsonl(folders[name] / PREDICTIONS, Prediction)) for name in (PLAIN, OURS))
    return asdict(compare(plain, ours, **settings.bootstrap.model_dump(), seed=settings.seed))


def time_products(path: Path, settings: SpeedParams, rounds: int = 15) -> None:
    """Write the speed of matrix products of the encoder's shapes alone, forwards and backwards, to `path`.

    They bound what the number format can give: billions of operations per processor second.
    """
    import torch

    size = settings.model.architecture["hidden_size"]
    inner = settings.model.architecture["intermediate_size"]
    rates: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for _ in range(rounds):
        for name, number in {"fp32": torch.float32, "bf16": torch.bfloat16}.items():
            values, weights, gradient = (
                torch.randn(shape, dtype=number) for shape in ((2048, size), (inner, size), (2048, inner))
            )
            clock = time.process_time()
            _ = values @ weights.T, gradient @ weights, gradient.T @ values
            rates[name].append(3 * 2 * 2048 * size * inner / (time.process_time() - clock) / 1e9)
    found = {name: statistics.median(each) for name, each in rates.items()}
    write_json(path, {**found, "ratio": found["bf16"] / found["fp32"]})


def table(figures: dict[str, Any]) -> str:
    """The figures for a reader, in Markdown."""
    arms, test = figures["arms"], figures["test"]
    plain, ours = arms[PLAIN], arms[OURS]
    lines = [
        f"# Training speed: {ours['cpu']}, {ours['threads']} threads each, {figures['epochs']} epochs",
        "",
        "| | plain Hugging Face recipe | spanwise |",
        "|---|---|---|",
        *(f"| {told} | {plain[row]:.4g} | {ours[row]:.4g} |" for row, told in ROWS.items()),
        "",
        (
            f"{figures['ratios']['tokens_per_s']:.2f} times the tokens/s, "
            f"{figures['ratios']['tokens_per_cpu_s']:.2f} times those of a CPU second."
        ),
        "",
        (
            f"Test F1: {test['baseline_f1']:.3f} and {test['candidate_f1']:.3f}, "
            f"difference {test['difference']:+.3f}{interval(test)}."
        ),
        f"Matrix products alone: {figures['products']['ratio']:.2f} times as fast in bfloat16.",
        "",
    ]
    return "\n".join(lines)


def interval(test: dict[str, Any]) -> str:
    """The bounds of the difference, where there are any."""
    if test["low"] is None:
        return " (too few documents for an interval)"
    return f" ({test['low']:+.3f} to {test['high']:+.3f}, p = {test['p_value']:.3f})"


if __name__ == "__main__":
    console.run(main)
