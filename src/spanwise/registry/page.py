"""The registry as a page: versions, stages, figures over time, and what happened when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.deployment import STAGES, Stage
from spanwise.io import write_text
from spanwise.registry.ledger import Event, Ledger
from spanwise.registry.promotion import OPEN
from spanwise.reporting.figures.drawing import EXACT, SERIES, Figure, finish
from spanwise.reporting.formatting import score
from spanwise.reporting.templating import environment_of

if TYPE_CHECKING:
    from spanwise.reporting.figures.drawing import Chart

Figures = Mapping[str, float]
"""The headline figures of a version, by name; see `snapshot.Snapshot.figures`."""

HEADLINES = ("f1", "chrf")
COLOURS = {"prod": SERIES[2], "staging": SERIES[0], "deprecated": SERIES[1], "in no stage": SERIES[5]}


@dataclass(frozen=True)
class Row:
    """A version of a model.

    Attributes:
        event: Its registration.
        stages: Where it stands.
        deprecated: Whether it must not be put anywhere any more.
        task: And network; empty where the commit cannot be read.
        figures: On test.
    """

    event: Event
    stages: tuple[Stage, ...]
    deprecated: bool
    task: str
    figures: Figures

    @property
    def headline(self) -> float | None:
        """Its micro-F1, or mean chrF."""
        return next((self.figures[name] for name in HEADLINES if name in self.figures), None)

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The interval of the headline."""
        named = next((name for name in HEADLINES if name in self.figures), "")
        return self.figures.get(f"{named}_low"), self.figures.get(f"{named}_high")


@dataclass(frozen=True)
class Happening:
    """A tag: what it says, and apart from that which gates were open."""

    event: Event

    @property
    def why(self) -> str:
        """Its message without the open gates."""
        return "\n".join(line for line in self._lines if not line.startswith(OPEN))

    @property
    def gates(self) -> list[str]:
        """The gates that were open, with what was found."""
        return [line.removeprefix(OPEN) for line in self._lines if line.startswith(OPEN)]

    @property
    def _lines(self) -> list[str]:
        return self.event.message.splitlines()


@dataclass(frozen=True)
class Model:
    """A model: its versions from the highest to the lowest, what happened to it from the last on."""

    name: str
    rows: tuple[Row, ...]
    happenings: tuple[Happening, ...]
    stages: Mapping[Stage, str]
    figure: Figure | None

    @property
    def measure(self) -> str:
        """The name of the headline figure."""
        return "mean chrF" if any("chrf" in row.figures for row in self.rows) else "micro-F1"


Described = Callable[[Event], tuple[str, Figures]]
"""The task and network of a version in words, and its figures."""


def write_page(path: Path, ledger: Ledger, describe: Described, *, title: str) -> None:
    """Write the page, which loads nothing from elsewhere; the same tags give the same bytes.

    Args:
        path: The HTML file.
        ledger: What the tags say.
        describe: What is known of a version from its commit.
        title: The heading.
    """
    models = [_model(ledger, name, describe) for name in ledger.names]
    last = max((event.at for event in ledger.events), default=None)
    environment = environment_of("spanwise.registry")
    environment.filters |= {"day": _day, "moment": _moment}
    template = environment.get_template("registry.html.j2")
    write_text(
        path, template.render(title=title, models=models, stages=STAGES, last=last, foreign=ledger.foreign)
    )


def _model(ledger: Ledger, name: str, describe: Described) -> Model:
    stages, deprecated = ledger.stages(name), ledger.deprecated(name)
    rows = []
    for version, event in ledger.versions(name).items():
        task, figures = describe(event)
        standing = tuple(stage for stage, other in stages.items() if other == version)
        rows.append(Row(event, standing, version in deprecated, task, figures))
    happenings = tuple(Happening(event) for event in reversed(ledger.of(name)))
    return Model(name, tuple(reversed(rows)), happenings, stages, draw_versions(name, rows))


def draw_versions(name: str, rows: Sequence[Row]) -> Figure | None:
    """Draw the headline figure of each version with its interval; None without any figure.

    Args:
        name: Of the model.
        rows: Its versions, from the lowest on.
    """
    scored = [row for row in rows if row.headline is not None]
    if not scored:
        return None
    told = ", ".join(f"{row.event.version} {score(row.headline)}" for row in scored)
    return finish(
        _chart(scored),
        name=f"versions-{name}",
        caption="Headline figure of each version on its test documents, with its interval",
        summary=told,
        height=220,
    )


def _chart(rows: Sequence[Row]) -> Chart:
    import altair as alt

    points = [
        {
            "version": row.event.version,
            "value": row.headline,
            "low": row.bounds[0],
            "high": row.bounds[1],
            "standing": _standing(row),
        }
        for row in rows
    ]
    names = [name for name in COLOURS if name in {point["standing"] for point in points}]
    order = [row.event.version for row in rows]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X("version:N", title="Version", sort=order, axis=alt.Axis(labelAngle=0)),
        color=alt.Color(
            "standing:N",
            scale=alt.Scale(domain=names, range=[COLOURS[name] for name in names]),
            legend=alt.Legend(title=None, columns=len(names), symbolSize=60),
        ),
        tooltip=[
            alt.Tooltip("version:N", title="Version"),
            alt.Tooltip("standing:N", title="Stands in"),
            alt.Tooltip("value:Q", title="Value", format=EXACT),
        ],
    )
    scale = alt.Scale(zero=False, padding=8)
    bars = base.mark_rule(strokeWidth=1.6).encode(
        y=alt.Y("low:Q", title=None, scale=scale), y2=alt.Y2("high:Q")
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=alt.Y("value:Q", title=None, scale=scale)
    )
    return alt.layer(bars, dots)


def _standing(row: Row) -> str:
    """The one thing that its colour says: production before all else."""
    if row.stages:
        return "prod" if "prod" in row.stages else row.stages[0]
    return "deprecated" if row.deprecated else "in no stage"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
