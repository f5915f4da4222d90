"""What the sections of the page show beside what `test_page` looks at, and what keeps the page sealed."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from spanwise.io import write_csv, write_json
from spanwise.reporting.figures import script
from spanwise.reporting.gallery import draw_all
from spanwise.reporting.sources import read_sources
from spanwise.reporting.summary import summarise
from spanwise.schema import Prediction
from tests.unit.reporting.conftest import HOSTILE, PEER, Page, gold, predicted

SHOWN = {
    "train": "training",
    "evaluate": "types",
    "confidence": "confidence",
    "benchmark": "speed",
    "errors": "errors",
    "robustness": "errors",
}
"""The section that shows each group of figures."""


def make_page(inputs: Any, folder: Path, **names: str) -> Page:
    inputs.report(folder, **names)
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def text_of(section: str) -> str:
    return " ".join(Page(section).text.split())


def specifications(source: str) -> list[Any]:
    found = re.findall(r'<script type="application/json">(.*?)</script>', source, re.DOTALL)
    return [json.loads(each) for each in found]


@pytest.mark.parametrize(
    ("section", "figures"),
    [
        ("readiness", ["Verdict: auto-code above the threshold, review the rest.", "3 test documents with"]),
        ("readiness", [">Date</th><td>not ready</td>", ">0.611<", ">92.1%<", ">66.1%<"]),
        ("readiness", ["fewer than 30", "With typos, F1 falls by", "those of madeup were not tested."]),
        (
            "readiness",
            ["Annotate more test entities", "12.3 a document", "exact binomial test", "at least 0.5"],
        ),
        ("errors", ["27.2% of all errors are 133 entities of Sign", "telling them apart adds about"]),
        ("errors", [">shorter</th>", "found, but less of it", ">141<", ">10.8%<", ">boundary and type<"]),
        ("errors", [">abbreviation</th>", ">38.2%<", ">34.1%<", "Sign</th><td>Drug</td>"]),
        ("errors", [">typos</th>", ">61<", ">0.622<", ">-9 points<", ">0.004<"]),
        ("quality", [">partial</th>", ">0.771<", ">wording not seen</th>", ">1 word</th>", ">6+ words</th>"]),
        ("confidence", ["identity <strong>(chosen)</strong>", ">platt</th>", ">0.361<", ">Date (few)</th>"]),
    ],
)
def test_a_section_is_fed_from_the_files(page: Page, section: str, figures: list[str]) -> None:
    source = page.section(section)
    for figure in figures:
        assert figure in source, figure


def test_the_contents_name_every_section_in_its_order(any_page: Page) -> None:
    navigation = re.search(r'<nav class="contents".*?</nav>', any_page.html, re.DOTALL)
    assert navigation
    sections = re.findall(r'<section id="(.*?)"', any_page.html)
    assert re.findall(r'href="#(.*?)"', navigation[0]) == sections
    assert {"readiness", "errors"} < set(sections)


def test_every_figure_is_drawn_in_its_section_and_can_be_drawn_anew(rich: Any, tmp_path: Path) -> None:
    page = make_page(rich, tmp_path / "reports")
    drawn = draw_all(rich.plots, read_sources(**rich.arguments))
    assert set(drawn) == set(SHOWN)
    for group, figures in drawn.items():
        source = page.section(SHOWN[group])
        told = specifications(source)
        assert figures
        for figure in figures:
            assert figure.svg in source
            assert html.escape(figure.caption) in source.replace("&#39;", "&#x27;")
            assert figure.specification in told
    assert len(specifications(page.html)) == len(page.all("svg")) == sum(map(len, drawn.values()))


def test_a_figure_that_is_too_wide_is_opened_on_demand(inputs: Any, tmp_path: Path) -> None:
    pairs = [(f"Type{number:02}", f"Type{number:02}") for number in range(40)]
    write_csv(inputs.plots / "errors" / "confusion.csv", ("gold", "predicted"), pairs)
    source = make_page(inputs, tmp_path / "reports").section("errors")
    assert source.count('<figure class="wide">') == 1
    assert re.search(r'<figure class="wide">\s*<details>\s*<summary>.*?, in full</summary>', source)
    assert len(specifications(source)) == 5


@pytest.mark.parametrize("kind", ["plain", "rich"])
def test_every_note_is_in_its_section(inputs: Any, kind: str, request: Any, tmp_path: Path) -> None:
    run = inputs if kind == "plain" else request.getfixturevalue("rich")
    page = make_page(run, tmp_path / "reports")
    summary = summarise(read_sources(**run.arguments), level=0.95)
    assert sum(map(len, summary.notes.values())) > 2
    for section, notes in [("summary", summary.sentences), *summary.notes.items()]:
        told = text_of(page.section(section))
        for note in notes:
            assert note in told


def test_a_note_of_any_section_is_printed(inputs: Any, tmp_path: Path) -> None:
    """Warnings fill the summary, so that what it has no room for goes to its sections."""
    inputs.change("tier_split", lambda content: content.update(warnings=["small"]))
    inputs.change("train", lambda content: content.update(warnings=["long"]))
    page = make_page(inputs, tmp_path / "reports")
    summary = summarise(read_sources(**inputs.arguments), level=0.95)
    moved = [section for section, notes in summary.notes.items() if notes]
    assert {"confidence", "speed", "data", "training"} <= set(moved)
    for section in moved:
        assert all(note in text_of(page.section(section)) for note in summary.notes[section])


@pytest.mark.parametrize(
    ("name", "change", "verdict"),
    [
        ("evaluate", {"precision": 0.97, "recall": 0.97, "f1": 0.97, "f1_low": 0.96}, "auto-code everything"),
        ("evaluate", {}, "auto-code above the threshold, review the rest"),
        ("confidence", {"threshold": None}, "assisted review only"),
        ("evaluate", {"f1": None, "f1_low": None, "f1_high": None}, "not ready"),
    ],
)
def test_the_verdict_is_shown_and_only_a_bad_one_alarms(
    inputs: Any, tmp_path: Path, name: str, change: dict[str, Any], verdict: str
) -> None:
    def update(content: Any) -> None:
        if name == "evaluate":
            content["test"]["strict"]["micro"].update(change)
        else:
            content["test"]["automation"].update(change)
            content["test"].pop("guaranteed")

    inputs.change(name, update)
    source = make_page(inputs, tmp_path / "reports").section("readiness")
    assert f"<strong>Verdict: {verdict}.</strong>" in source
    assert ('class="callout alarm"' in source) is (verdict == "not ready")


def test_a_run_without_types_of_high_value_has_no_table_of_them(inputs: Any, tmp_path: Path) -> None:
    inputs.change("confidence", lambda content: content["test"].update(high_value={}))
    source = make_page(inputs, tmp_path / "reports").section("readiness")
    assert 'id="high-value"' not in source
    assert "Verdict: " in source


def test_errors_are_shown_in_their_context_with_both_readings(inputs: Any, tmp_path: Path) -> None:
    text = f"{'before ' * 30}dry cough{' behind' * 30}"
    start = text.index("dry")
    read, found = gold(start, start + 9, "Sign"), predicted(start, start + 3, "Sign")
    inputs.predict([Prediction(id="long", text=text, group="long", gold=(read,), predicted=(found,))])
    source = make_page(inputs, tmp_path / "reports").section("errors")
    (shown,) = re.findall(r'<figure class="excerpt">.*?</figure>', source, re.DOTALL)
    assert '<strong>shorter</strong>: gold Sign; found Sign <span class="where">long</span>' in shown
    assert 'title="Sign: wrong, confidence 0.900; Sign: missed"><span class="words">dry</span>' in shown
    assert 'title="Sign: missed"><span class="words"> cough</span>' in shown
    passage = re.search(r'<p class="text">(.*?)</p>', shown, re.DOTALL)
    assert passage
    assert passage[1].startswith("… before ")
    assert passage[1].endswith(" behind …")
    assert "1 error, drawn from every category" in source


def test_excerpts_are_those_of_all_errors_where_there_are_few(page: Page) -> None:
    source = page.section("errors")
    assert "3 errors, drawn from every category" in source
    captions = re.findall(r"<figcaption><strong>(.*?)</strong>", source)
    assert captions == ["missed", "missed", "spurious"]


def test_no_more_excerpts_are_shown_than_asked_for(inputs: Any, tmp_path: Path) -> None:
    names = [f"note-{number:02}" for number in range(40)]
    missed = (gold(0, 5, "Sign"),)
    inputs.predict([Prediction(id=name, text="Cough.", group=name, gold=missed) for name in names])
    source = make_page(inputs, tmp_path / "reports").section("errors")
    assert source.count('<figure class="excerpt">') == 30
    assert "30 errors, drawn" in source


def test_hostile_text_in_an_excerpt_is_shown_and_not_run(page: Page) -> None:
    source = page.section("errors")
    assert "<script>" not in source
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; " in source
    bare = re.sub(r"[✗○] (wrong|missed): (Date|Sign)", "", text_of(source))
    assert HOSTILE in bare


def test_hostile_types_stay_text_in_figures_and_tables(inputs: Any, tmp_path: Path) -> None:
    hostile = '</script><img src=x onerror="alert(1)">'
    inputs.predict([Prediction(id=hostile, text="Cough.", group="g", gold=(gold(0, 5, hostile),))])

    def rename(content: Any) -> None:
        content["types"][hostile] = {"missed": 1}
        content["lengths"][hostile] = content["contexts"][hostile] = {"gold": 1, "errors": 1}
        content["confusions"].append({"gold": hostile, "predicted": hostile, "spans": 1})

    inputs.change("errors", rename)
    inputs.change("robustness", lambda content: content.update({hostile: {"f1": 0.5}}))
    inputs.change(
        "confidence",
        lambda content: content["test"]["high_value"].update({hostile: {"target_precision": 0.85}}),
    )
    page = make_page(inputs, tmp_path / "reports")
    assert not page.all("img")
    assert not page.open
    for section in ("readiness", "errors"):
        assert hostile in Page(page.section(section)).text
    assert hostile in str(specifications(page.html))
    assert len(specifications(page.html)) == len(page.all("svg"))


def test_the_policy_of_the_page_forbids_to_load_anything(any_page: Page) -> None:
    (policy,) = [each for each in any_page.all("meta") if each.get("http-equiv")]
    assert policy["http-equiv"] == "Content-Security-Policy"
    directives = dict(each.strip().split(" ", 1) for each in (policy["content"] or "").split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'unsafe-inline'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
    }
    tags = [tag for tag, _ in any_page.elements]
    place = any_page.elements.index(("meta", policy))
    assert place < tags.index("style") < tags.index("script")  # a policy does not bind what stands above it


def test_what_draws_the_figures_is_there_once_with_its_licences(any_page: Page) -> None:
    assert any_page.html.count(script()) == 1
    executed = [each for each in any_page.all("script") if each.get("type") != "application/json"]
    assert executed == [{"id": "vega"}, {}]  # report.js needs it, and stands below it
    notice = "University of Washington Interactive Data Lab"
    assert any_page.html.index(notice) < any_page.html.index(script())
    assert "</script" not in script().lower()


def test_figures_bring_their_data_along(any_page: Page) -> None:
    found = specifications(any_page.html)
    assert found
    for specification in found:
        assert '"url"' not in json.dumps(specification)
        assert specification["datasets"]


def test_without_errors_and_variants_the_page_says_so(inputs: Any, tmp_path: Path) -> None:
    write_json(inputs.folder / "metrics" / "errors.json", {"gold": 0, "predicted": 0})
    write_json(inputs.folder / "metrics" / "robustness.json", {"unchanged": {"f1": 0.7123}})
    inputs.predict([])
    page = make_page(inputs, tmp_path / "reports")
    source = page.section("errors")
    assert not page.open
    assert '<td colspan="3">none</td>' in source
    for heading in ("Examples", "written in another way"):
        assert heading not in source


def test_speed_beside_the_pipeline_has_a_table(inputs: Any, tmp_path: Path) -> None:
    assert "In turn with" not in make_page(inputs, tmp_path / "without").section("speed")
    inputs.change("benchmark", lambda content: content.update(peer=PEER))
    section = make_page(inputs, tmp_path / "with").section("speed")
    for figure in ("512, 64, 8", ">4.1<", "<strong>5.24</strong>", "512, \N{EN DASH}, 1", "truncating"):
        assert figure in section
    assert "grows with its length to the power of 1.04 by torch" in section


def test_memory_on_a_gpu_has_a_column_where_there_is_one(inputs: Any, tmp_path: Path) -> None:
    assert "On the GPU" not in make_page(inputs, tmp_path / "without").section("speed")
    inputs.change("benchmark", lambda content: content["backends"]["torch"].update(peak_gpu_mb=321.0))
    assert ">321<" in make_page(inputs, tmp_path / "with").section("speed")
