"""tier-split: examples to training, validation and test sides, with the labels and their frequency tiers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from spanwise.config import TierSplitParams, load_params
from spanwise.console import ParamsFile, run
from spanwise.io import atomic, read_jsonl, write_json, write_jsonl
from spanwise.schema import Example
from spanwise.sides import UNLABELLED, auxiliary_folder, read_auxiliaries, read_unlabelled, write_sides
from spanwise.splits.auxiliaries import divide_auxiliaries, join_sides
from spanwise.splits.division import divide
from spanwise.splits.inventory import take_inventory
from spanwise.splits.leak import find_leak, forbid_copies, forbid_leak
from spanwise.splits.tiers import add_foreign, drop_rare, make_labels, require_spans
from spanwise.tasks.base import load_task


def tier_split(
    prepared: Annotated[Path, typer.Argument(help="The folder with examples.jsonl.")],
    splits: Annotated[Path, typer.Argument(help="The folder to write the sides and labels.json to.")],
    metrics: Annotated[Path, typer.Argument(help="The figures to write.")],
    params: ParamsFile = Path("params.yaml"),
) -> None:
    """Divide examples into sides that share no document, and put labels into frequency tiers."""
    settings = load_params(params, TierSplitParams)
    split, twins = settings.split, settings.split.twins.model_dump()
    tier = load_task(settings.task.kind).tier
    examples, dropped = drop_rare(read_jsonl(prepared / "examples.jsonl", Example), split.min_count)
    require_spans(examples, dropped)
    how = split.model_dump(include={"sizes", "folds", "fold", "published"})
    division = divide(examples, **how, **twins, seed=settings.seed)
    kept = [example for side in division.sides.values() for example in side]
    own = make_labels(kept, tier(kept, split.tiers))

    further = split.model_dump(include={"sizes", "min_count"})
    auxiliaries = divide_auxiliaries(
        read_auxiliaries(prepared), division.sides, **further, **twins, seed=settings.seed
    )
    annotated = {name: auxiliary.examples for name, auxiliary in auxiliaries.items()}
    labels = add_foreign(own, annotated, tier=tier, bounds=split.tiers)
    unlabelled = read_unlabelled(prepared)
    sides = join_sides(division.sides, auxiliaries.values(), unlabelled)
    leak = find_leak(sides, **twins)
    figures: dict[str, Any] = {
        **take_inventory(division.sides, own.tiers),
        "leak": asdict(leak),
        "groups": division.groups,
        "largest_group": division.largest_group,
        "warnings": division.warnings,
        "left_out": {"below_min_count": dropped.total(), "twin_across": len(division.left_out)},
    }
    if auxiliaries:
        figures["auxiliaries"] = {name: each.figures(labels) for name, each in auxiliaries.items()}
    if unlabelled:
        figures["unlabelled"] = {"documents": len(unlabelled)}
    write_json(metrics, figures)
    other_folds = [] if split.folds is None else division.sides["train"]
    forbid_copies(
        unlabelled,
        {"test": sides["test"], "validation": sides["validation"]},
        other_folds=other_folds,
        **twins,
    )
    forbid_leak(leak)

    with atomic(splits) as folder:
        write_sides(folder, division.sides)
        for name, auxiliary in auxiliaries.items():
            write_sides(auxiliary_folder(folder, name), auxiliary.sides)
        if unlabelled:
            write_jsonl(folder / UNLABELLED, unlabelled)
        write_json(folder / "labels.json", labels.model_dump(mode="json"))


if __name__ == "__main__":
    run(tier_split)
