"""DVC's plots of two revisions, one over the other, as PNG files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.experiments import Experiment, repository
from spanwise.io import atomic

WIDTH = 480  # px, of specifications that leave it to the page
VEGA_LITE = "5.20"
"""What DVC's own pages draw with; of versions that vl-convert knows, the nearest."""


@dataclass(frozen=True)
class Plots:
    """What was drawn.

    Attributes:
        files: By the plot's name, those in which the revisions differ.
        unchanged: The names of the others.
        failed: Why a plot could not be drawn, by its name.
    """

    files: dict[str, Path]
    unchanged: list[str]
    failed: dict[str, str]


def draw_plots(root: Path, base: Experiment | None, head: Experiment, folder: Path) -> Plots:
    """Draw each plot that differs, or all of them without a base.

    Args:
        root: The repository.
        base: One revision.
        head: The other.
        folder: Where `NAME.png` is written, one for each plot; other files there stay.

    Raises:
        UserError: If DVC refuses.
    """
    from dvc.render.match import match_defs_renderers

    revisions = [each.commit[:7] for each in (base, head) if each]
    plots = Plots({}, [], {})
    with repository(root) as repo:
        data = repo.plots.show(revs=revisions)
        renderers = match_defs_renderers(data=data, templates_dir=repo.plots.templates_dir)
    for matched in sorted(renderers, key=lambda each: each.renderer.name):
        _draw(matched, revisions, folder, plots)
    return plots


def _draw(matched: Any, revisions: Sequence[str], folder: Path, plots: Plots) -> None:
    renderer = matched.renderer
    faults = [*matched.definition_errors.values()]
    if renderer.TYPE != "vega":
        plots.failed[renderer.name] = "it is an image of its own"
    elif not renderer.datapoints:
        plots.failed[renderer.name] = str(faults[0]) if faults else "no data are here"
    elif len(revisions) > 1 and _is_unchanged(renderer.datapoints, revisions):
        plots.unchanged.append(renderer.name)
    else:
        plots.files[renderer.name] = _write(renderer, folder)


def _is_unchanged(points: Sequence[Mapping[str, Any]], revisions: Sequence[str]) -> bool:
    sides: dict[str, list[dict[str, Any]]] = {name: [] for name in revisions}
    for point in points:
        sides[point["rev"]].append({key: value for key, value in point.items() if key != "rev"})
    first, *others = sides.values()
    return all(first == other for other in others)


def _write(renderer: Any, folder: Path) -> Path:
    import vl_convert

    specification = renderer.get_filled_template()
    if specification.get("width") == "container":
        specification["width"] = WIDTH
    path = folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', renderer.name).strip('-')}.png"
    with atomic(path) as part:
        part.write_bytes(vl_convert.vegalite_to_png(specification, vl_version=VEGA_LITE, scale=1.5))
    return path
