"""Every figure of the report's page, by the section that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spanwise.reporting.figures import (
    Figure,
    draw_categories,
    draw_figures,
    draw_lengths,
    draw_pace,
    draw_robustness,
)
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.robustness import UNCHANGED
from spanwise.reporting.sources.speed import Peer

PLOTTED = ("train", "evaluate", "confidence", "benchmark")  # the stages that leave a folder of their name


def draw_all(plots: Path, sources: Sources) -> dict[str, list[Figure]]:
    """Draw the plots that the stages left, and what is told of errors and robustness.

    Raises:
        UserError: If a folder of plots is missing, or a file in it cannot be drawn.
    """
    figures = {stage: draw_figures(plots, stage) for stage in PLOTTED}
    figures["benchmark"] += draw_figures(plots, "scaling", stage="benchmark")
    if sources.speed.peer is not None:
        figures["benchmark"].append(draw_pace(_pace(sources.speed.peer)))
    tiers = [
        {"tier": tier, "category": category, "spans": spans}
        for tier in sources.split.tier_names()
        for category, spans in sources.errors.tiers.get(tier, {}).items()
    ]
    lengths = [{"length": length, **own.model_dump()} for length, own in sources.errors.lengths.items()]
    figures["errors"] = [
        draw_categories(tiers),
        draw_lengths(lengths),
        *draw_figures(plots, "errors", stage="evaluate"),
    ]
    variants = [
        {"variant": name, "f1": own.f1, "low": own.f1_low, "high": own.f1_high}
        for name, own in [(UNCHANGED, sources.robustness.unchanged), *sources.robustness.by_loss()]
    ]
    figures["robustness"] = [draw_robustness(variants)]
    return figures


def _pace(peer: Peer) -> list[dict[str, Any]]:
    """The model's backends and the pipeline's settings, the quickest first."""
    rates = [(name, each.documents_per_s, True) for name, each in peer.ours.items()]
    rates += [(f"pipeline, {name}", each.documents_per_s, False) for name, each in peer.settings()]
    known = [(name, rate, own) for name, rate, own in rates if rate is not None]
    ordered = sorted(known, key=lambda each: (-each[1], each[0]))
    return [{"name": name, "documents_per_s": rate, "own": own} for name, rate, own in ordered]
