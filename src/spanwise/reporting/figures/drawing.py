"""One figure in two forms: a Vega-Lite specification for a page's script, and its SVG where none runs.

Vega hands colours on as they are, so that they can be CSS variables of the page, which sets the font as well.
One figure thus suits light, dark and print.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    import altair as alt

    Chart = alt.Chart | alt.LayerChart | alt.FacetChart

Specification = dict[str, Any]

INK, LINE, CARD = "currentColor", "var(--line)", "var(--card)"
SERIES = tuple(f"var(--series-{number})" for number in range(1, 7))
DASHES = ([1, 0], [5, 2], [1.5, 1.5], [6, 2, 1.5, 2], [3, 1], [8, 3])
MARKERS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
WIDTH = 380  # px: drawn narrow, its text stays readable on a telephone
EXACT = ",.6~f"  # of tooltips: all digits that the files have
SHARE = ".1%"
FAINT = 0.15  # what is not picked in the legend

SANS = "Liberation Sans, Arial, sans-serif"  # the first travels with vl-convert: as wide on every machine
# The page has its own rules, and the drawing is one image to a screen reader.
DROPPED = {"class", "font-family", "pointer-events", "role", "version"}


@dataclass(frozen=True)
class Figure:
    """A figure for an HTML page.

    Attributes:
        name: Of the file or the rows it was drawn from.
        caption: What it is, without a full stop.
        text: What it shows, in words, for those who do not see it.
        svg: The drawing as an element that can stand in a page beside others.
        specification: The same in Vega-Lite.
        wide: Whether it needs more room than a column, and has to scroll.
    """

    name: str
    caption: str
    text: str
    svg: str
    specification: Specification
    wide: bool = False


def tint(colour: str, percentage: int) -> str:
    """A colour of the page, thinned with that of the box behind the figure."""
    return f"color-mix(in srgb, {colour} {percentage}%, {CARD})"


def theme(ink: str = INK, line: str = LINE) -> Specification:
    """Vega-Lite's `config` of all figures, in the colours of the text and of lines."""
    guide = {"labelColor": ink, "titleColor": ink, "labelLimit": 0, "labelFontSize": 10, "titleFontSize": 10}
    return {
        "aria": False,
        "background": "transparent",
        "padding": 4,
        "view": {"stroke": None},
        "axis": guide
        | {
            "domainColor": line,
            "gridColor": line,
            "tickColor": line,
            "tickSize": 4,
            "titleFontWeight": "normal",
        },
        "legend": guide
        | {
            "orient": "top",
            "layout": {"top": {"direction": "vertical", "margin": 4}},  # one legend below another
            "columnPadding": 14,
            "offset": 8,
            "titleFontWeight": "normal",
        },
        "text": {"color": ink, "fontSize": 10},
        "title": {"color": ink, "fontSize": 11, "anchor": "start", "frame": "group", "fontWeight": "normal"},
    }


def finish(
    chart: Chart,
    *,
    name: str,
    caption: str,
    summary: str,
    height: float,
    width: float = WIDTH,
    wide: bool = False,
) -> Figure:
    """The figure of a chart, which is `width` by `height` px with all that stands around it."""
    import altair as alt

    fit = alt.AutoSizeParams(type="fit", contains="padding")
    sized = chart.properties(width=width, height=height, autosize=fit)
    specification = sized.to_dict() | {"config": theme()}
    text = f"{caption}. {summary}"
    return Figure(name, caption, text, _element(render(specification), text), specification, wide)


def render(specification: Specification) -> str:
    """The drawing as a file of SVG, its text in a sans-serif font."""
    import vl_convert

    return vl_convert.vegalite_to_svg(specification, config={"font": SANS})


@cache
def script() -> str:
    """Vega, Vega-Lite and Vega-Embed as JavaScript that sets `vegaEmbed` and loads nothing; about 0.9 MB."""
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _element(svg: str, text: str) -> str:
    root = ElementTree.fromstring(svg)  # noqa: S314 - Vega's own
    for element in root.iter():
        for unseen in [each for each in element if each.get("opacity") == "0"]:
            element.remove(unseen)
        element.tag = element.tag.rpartition("}")[2]  # HTML knows what an svg is
        for name in list(element.attrib):
            if name in DROPPED or name.startswith("aria-"):
                del element.attrib[name]
    root.attrib = {"role": "img", "aria-label": text, **root.attrib}
    return ElementTree.tostring(root, encoding="unicode")
