"""The templates and the page of `dvc plots`, filled the way DVC fills them."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from dvc_render.html import render_html  # type: ignore[import-untyped]
from dvc_render.vega import VegaRenderer  # type: ignore[import-untyped]

REVISIONS = ("HEAD~1", "HEAD")
LINES = [
    {"rev": rev, "epoch": str(epoch), "value": str(0.1 * epoch), "series": series}
    for rev in REVISIONS
    for series in ("train", "validation")
    for epoch in (1, 2)
]
BARS = [
    {"rev": rev, "label": label, "f1": "0.5", "low": "", "high": "", "support": support, "tier": "high"}
    for rev in REVISIONS
    for label, support in (("Sign", "136"), ("Drug", "94"))
]


def renderer(root: Path, template: str, points: list[dict[str, str]], **axes: str) -> VegaRenderer:
    place = str(root / ".dvc" / "plots")
    copies = [dict(point) for point in points]
    return VegaRenderer(
        copies, f"{template}.csv", template=template, template_dir=place, title="Made up", **axes
    )


def specification(root: Path, template: str, points: list[dict[str, str]], **axes: str) -> dict[str, Any]:
    content = renderer(root, template, points, **axes).get_filled_template()
    assert "<DVC_METRIC" not in json.dumps(content)
    assert isinstance(content, dict)
    return content


def test_lines_tell_revisions_by_colour_and_series_by_dashes(root: Path) -> None:
    content = specification(root, "lines", LINES, x="epoch", y="value")
    encoding = content["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == ("epoch", "value")
    assert encoding["color"]["field"] == "rev"
    assert encoding["color"]["scale"]["domain"] == list(REVISIONS)
    assert encoding["strokeDash"]["field"] == encoding["shape"]["field"] == "series"
    assert len(content["data"]["values"]) == len(LINES)


def test_bars_stand_side_by_side_and_are_sorted_by_support_as_a_number(root: Path) -> None:
    content = specification(root, "bars", BARS, x="f1", y="label")
    encoding = content["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == ("f1", "label")
    assert encoding["yOffset"]["field"] == encoding["color"]["field"] == "rev"
    assert encoding["y"]["sort"] == {"field": "support", "op": "max", "order": "descending"}
    # DVC hands over the cells of a CSV file as text, and "94" sorts behind "136".
    assert content["transform"] == [{"calculate": "toNumber(datum.support)", "as": "support"}]


class Sources(HTMLParser):
    """What a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_loads_nothing_from_elsewhere(root: Path, tmp_path: Path) -> None:
    plots = [
        renderer(root, "lines", LINES, x="epoch", y="value"),
        renderer(root, "bars", BARS, x="f1", y="label"),
    ]
    out = tmp_path / "out" / "index.html"
    render_html(plots, out, html_template=root / ".dvc" / "plots" / "page.html")
    html = out.read_text(encoding="utf-8")
    parser = Sources()
    parser.feed(html)
    assert parser.found == ["data:,"]
    assert html.count("vegaEmbed('#") == 2
    for placeholder in ("{plot_divs}", "{scripts}", "{refresh_tag}"):
        assert placeholder not in html


@pytest.mark.parametrize("name", ["vega 5.20.2", "vega-lite 5.2.0", "vega-embed 6.18.2"])
def test_the_page_holds_the_versions_that_dvc_names(root: Path, name: str) -> None:
    package, version = name.split()
    assert f"{package}@{version}" in VegaRenderer.SCRIPTS
    page = (root / ".dvc" / "plots" / "page.html").read_text(encoding="utf-8")
    assert name in page
    assert f'"{version}"' in page


def test_the_page_keeps_the_notices_of_what_it_holds(root: Path) -> None:
    page = (root / ".dvc" / "plots" / "page.html").read_text(encoding="utf-8")
    assert "University of Washington Interactive Data Lab" in page
    assert "Redistributions in binary form must reproduce the above copyright notice" in page
