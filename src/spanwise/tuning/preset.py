"""The winner as an option of conf/experiment/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from spanwise.reporting.formatting import score
from spanwise.tuning.outcome import Outcome


def render_preset(outcome: Outcome, settings: Mapping[str, Any], *, task: str, model: str) -> str:
    """An option of `conf/experiment/` with the winner's settings.

    Args:
        outcome: Of the search.
        settings: The winner's, nested, with whatever else is not as the options of task and model have it.
        task: An option of `conf/task/`.
        model: An option of `conf/model/`.
    """
    name, winner = f"tuned-{outcome.study}", outcome.winner
    found = f"trial {winner.number} of {len(outcome.trials)}, {score(winner.score)} on validation"
    lines = [
        "# @package _global_",
        f"# What `spanwise tune` found best: {found}.",
        f"# `dvc exp run -S experiment={name}`.",
        "defaults:",
        f"  - override /task: {task}",
        f"  - override /model: {model}",
        "",
    ]
    body = yaml.safe_dump(dict(settings), sort_keys=False) if settings else ""
    return "\n".join(lines) + ("\n" + body if body else "")
