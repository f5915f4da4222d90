"""`spanwise compare`: several models side by side, and which to ship."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise import console
from spanwise.config import Bootstrap, Comparison, StageParams, Weights, load_params
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.comparison.candidates import Candidate
    from spanwise.experiments import Experiment

WORKSPACE, HEAD = "workspace", "HEAD"
SAMPLES = 10_000
"""Of the paired bootstrap: more draws than intervals take, since a small p-value is the share of a few."""


class CompareParams(StageParams):
    """What `compare` may read."""

    seed: int
    bootstrap: Bootstrap
    comparison: Comparison


@console.command
def compare(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REV|EXP]...",
            help="Branches, tags, commits, DVC experiments and `workspace`.",
            show_default="the workspace, HEAD where it differs, and the experiments of HEAD",
        ),
    ] = None,
    *,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIGURE=WEIGHT",
            help="Overrides the weight of f1, rare_f1, latency or size; repeat it for several.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for model_selection.{html,md,json}.")
    ] = Path("reports"),
    params: console.ParamsFile = Path("params.yaml"),
) -> None:
    """Compare models on their test documents, and say which to ship."""
    settings = load_params(params, CompareParams)
    weights = _weights(settings.comparison.weights, weight or [])
    from spanwise.comparison.grouping import divide
    from spanwise.comparison.page import Outcome, render_table, write_selection
    from spanwise.comparison.selection import select

    level = settings.bootstrap.level
    left_out: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="spanwise-") as scratch:
        root = params.resolve().parent
        candidates = list(_candidates(root, _chosen(root, models), Path(scratch), left_out))
        if not models:
            candidates = _without_same_head(candidates)
        for name, reason in left_out.items():
            typer.echo(f"left out: {name}: {reason}", err=True)
        if not candidates:
            raise UserError("no model is left to compare", hint="Make the metrics with `dvc repro evaluate`.")
        selections = [
            select(group, weights=weights, samples=SAMPLES, level=level, seed=settings.seed)
            for group in divide(candidates)
        ]
    comparison = Outcome(tuple(selections), left_out, SAMPLES, level)
    write_selection(output, comparison)
    for selection in selections:
        typer.echo(f"{render_table(selection)}\n\n{selection.recommendation.text}")
        typer.echo("".join(f"- {note}\n" for note in selection.notes))
    for sentence in comparison.divided:
        typer.echo(sentence)
    if len(candidates) == 1:
        typer.echo("Name what to compare it with: `dvc exp list --all-commits` lists the experiments.")
    typer.echo(f"More in {output}/model_selection.html, .md and .json.")


def _weights(settings: Weights, given: Sequence[str]) -> dict[str, float]:
    """The weight of each figure, those of the command line before those of the settings."""
    weights: dict[str, float] = settings.model_dump()
    for each in given:
        figure, _, text = each.partition("=")
        if figure not in weights:
            known = ", ".join(weights)
            raise typer.BadParameter(f"{figure!r} is none of {known}", param_hint="--weight")
        try:
            weights[figure] = float(text)
        except ValueError:
            raise typer.BadParameter(f"{each!r}: write {figure}=2", param_hint="--weight") from None
    if not all(0 <= weight < float("inf") for weight in weights.values()) or not any(weights.values()):
        raise typer.BadParameter("weights are at least 0, and one is above", param_hint="--weight")
    return weights


def _chosen(root: Path, names: Sequence[str] | None) -> Iterator[tuple[str, Experiment | None]]:
    """What to compare, each name once; None stands for the workspace."""
    from spanwise import experiments

    for name in dict.fromkeys(names or (WORKSPACE, HEAD)):
        yield name, None if name == WORKSPACE else experiments.find(root, name)
    if not names:
        yield from ((experiment.name, experiment) for experiment in experiments.of_baseline(root))


def _candidates(
    root: Path,
    chosen: Iterator[tuple[str, Experiment | None]],
    scratch: Path,
    left_out: dict[str, str],
) -> Iterator[Candidate]:
    """The models that have scores; why others take no part goes into `left_out`."""
    from spanwise.comparison.candidates import FILES, read_candidate
    from spanwise.experiments import fetch_available

    for number, (name, experiment) in enumerate(list(chosen)):  # a name that is unknown fails before all work
        folder = root
        if experiment is not None:
            folder = scratch / str(number)
            fetch_available(root, experiment, FILES, folder)
        try:
            yield read_candidate(folder, name, experiment.commit if experiment else None)
        except UserError as error:
            left_out[name] = error.reason


def _without_same_head(candidates: list[Candidate]) -> list[Candidate]:
    """Without HEAD where the workspace holds its results."""
    named = {candidate.name: candidate for candidate in candidates}
    workspace, head = named.get(WORKSPACE), named.get(HEAD)
    same = workspace is not None and head is not None and workspace.metrics == head.metrics
    return [candidate for candidate in candidates if not (same and candidate is head)]
