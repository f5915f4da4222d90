"""tier-split: examples to training, validation and test sides, with the labels and their frequency tiers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from spanwise.config import TierSplitParams, load_params
from spanwise.console import ParamsFile, run
from spanwise.io import read_jsonl, write_json, write_jsonl
from spanwise.schema import Example
from spanwise.splits.division import divide
from spanwise.splits.inventory import take_inventory
from spanwise.splits.leak import find_leak, forbid_leak
from spanwise.splits.tiers import drop_rare, make_labels, require_spans
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
    examples, dropped = drop_rare(read_jsonl(prepared / "examples.jsonl", Example), split.min_count)
    require_spans(examples, dropped)
    how = split.model_dump(include={"sizes", "folds", "fold", "published"})
    division = divide(examples, **how, **twins, seed=settings.seed)
    kept = [example for side in division.sides.values() for example in side]
    labels = make_labels(kept, load_task(settings.task.kind).tier(kept, split.tiers))
    leak = find_leak(division.sides, **twins)
    figures = {
        **take_inventory(division.sides, labels),
        "leak": asdict(leak),
        "groups": division.groups,
        "largest_group": division.largest_group,
        "warnings": division.warnings,
        "left_out": {"below_min_count": dropped.total(), "twin_across": len(division.left_out)},
    }
    write_json(metrics, figures)
    forbid_leak(leak)
    for side, side_examples in division.sides.items():
        write_jsonl(splits / f"{side}.jsonl", side_examples)
    write_json(splits / "labels.json", labels.model_dump(mode="json"))


if __name__ == "__main__":
    run(tier_split)
