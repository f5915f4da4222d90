"""The comparison as a page, as Markdown and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from spanwise.comparison.grouping import tell_divided
from spanwise.comparison.plot import draw_tradeoff
from spanwise.comparison.ranking import LEAST_GAIN, LEAST_RATIO
from spanwise.comparison.selection import Selection, as_record
from spanwise.comparison.verdict import nats, p_value, signed
from spanwise.io import write_json, write_text
from spanwise.reporting.templating import environment_of

NAME = "model_selection"


@dataclass(frozen=True)
class Outcome:
    """All test sets, and how they were compared.

    Attributes:
        selections: One for each test set.
        left_out: Why a model takes no part, by its name.
        samples: How often groups of documents were drawn.
        level: Of the intervals, e.g. 0.95.
    """

    selections: tuple[Selection, ...]
    left_out: dict[str, str]
    samples: int
    level: float

    @property
    def divided(self) -> list[str]:
        """Why there are several test sets."""
        return tell_divided([selection.group for selection in self.selections])


def write_selection(folder: Path, comparison: Outcome) -> None:
    """Write `model_selection.html`, `.md` and `.json` into `folder`.

    The JSON has `left_out` (by model), `samples`, `level` and one object a test set under `groups`:
    `documents`, `spans`, `rarest_tier`, `models` (from the highest to the lowest micro-F1, or chrF of those
    that write), `best`, `pairs` (the best beside each other model), for models that write `losses` (the same
    by loss, in nats a token), `types` and `tiers` (the best of each), `criterion`, `verdict`,
    `recommendation.{name,text}` and `notes`. F1, differences and shares are 0 to 1.
    """
    environment = _environment()
    plots = [draw_tradeoff(selection.group.models) for selection in comparison.selections]
    for suffix in ("html", "md"):
        template = environment.get_template(f"{NAME}.{suffix}.j2")
        write_text(folder / f"{NAME}.{suffix}", template.render(comparison=comparison, plots=plots))
    write_json(folder / f"{NAME}.json", _record(comparison))


def render_table(selection: Selection) -> str:
    """The models of one test set as a Markdown table."""
    template = '{% from "tables.md.j2" import table with context %}{{ table(selection) }}'
    return _environment().from_string(template).render(selection=selection).strip()


def _environment() -> Environment:
    environment = environment_of("spanwise.comparison")
    environment.filters |= {"nats": nats, "p_value": p_value, "signed": signed}
    environment.globals |= {"least_gain": LEAST_GAIN, "least_ratio": LEAST_RATIO}
    return environment


def _record(comparison: Outcome) -> dict[str, Any]:
    return {
        "groups": [as_record(selection) for selection in comparison.selections],
        "left_out": comparison.left_out,
        "samples": comparison.samples,
        "level": comparison.level,
    }
