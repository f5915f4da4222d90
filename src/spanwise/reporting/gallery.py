"""Every figure of the report's page, by the section that shows it."""

from __future__ import annotations

from pathlib import Path

from spanwise.reporting.figures import (
    Figure,
    draw_categories,
    draw_figures,
    draw_lengths,
    draw_robustness,
)
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.robustness import UNCHANGED

PLOTTED = ("train", "evaluate", "confidence", "benchmark")  # the stages that leave a folder of their name


def draw_all(plots: Path, sources: Sources) -> dict[str, list[Figure]]:
    """Draw the plots that the stages left, and what is told of errors and robustness.

    Raises:
        UserError: If a folder of plots is missing, or a file in it cannot be drawn.
    """
    figures = {stage: draw_figures(plots, stage) for stage in PLOTTED}
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
