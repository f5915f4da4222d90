from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard

from spanwise.errors import UserError
from spanwise.schema import GoldSpan, Prediction
from tests.unit.reporting.conftest import Page

HERE = ("#", "data:")

WRITTEN = (
    "report.html",
    "report.md",
    "model_card.md",
    "error_analysis.md",
    "confidence_thresholds.md",
    "production_readiness.md",
    "insights.md",
)
PAGES = ("report.html", "report.md", "model_card.md")  # what tells of the model as a whole


def written(inputs: Any, folder: Path, **names: str) -> Path:
    inputs.report(folder, **names)
    return folder


def test_writes_its_files_and_the_same_bytes_every_time(inputs: Any, tmp_path: Path) -> None:
    first, second = written(inputs, tmp_path / "first"), written(inputs, tmp_path / "second")
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(WRITTEN)
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()
        assert str(tmp_path).encode() not in (first / name).read_bytes()


@pytest.mark.parametrize(
    ("section", "figures"),
    [
        ("summary", ["0.712", "0.662\N{EN DASH}0.752", "0.646", "37.1%", "43.1%", "0.021", "1.54 min"]),
        ("quality", ["0.801", "0.303", "high tier", "low tier", "1,234", "1,200"]),
        ("types", ["Sign", "Drug", "Date", "0.811", "0.791", "900", "<svg"]),
        (
            "confidence",
            ["0.119", "0.021", "0.073", "0.051", "0.871", "96.3%", "0.914", "0.612", "423", "0.823"],
        ),
        ("confidence", ["identity", "minimum", "700", "<svg"]),
        ("speed", ["Made-up CPU", "2 threads", "108", "31,841", "90.4", "812", "19.2", "160", "231", "<svg"]),
        ("documents", ["note-1", "note-2", "note-3", "confidence 0.875", "1 right, 0 wrong, 1 missed"]),
        (
            "data",
            ["120", "8,945", "7,202", "872", "871", "8,900", "whitespace trimmed", "17", "41", "2.8%", "12"],
        ),
        ("data", ["below min count", "6", "Date"]),
        (
            "training",
            ["minilm", "22,600,000", "bf16", "0.705", "131", "truncated tokens", "3.57 min", "1,790"],
        ),
        ("training", ["spans inexact", ">14<", "spans lost", ">2<", "words dropped", ">3<"]),
        ("provenance", ["metrics/evaluate.json", "make repro", "spanwise"]),
    ],
)
def test_a_section_is_fed_from_the_files(page: Page, section: str, figures: list[str]) -> None:
    source = page.section(section)
    for figure in figures:
        assert figure in source


def test_the_run_name_with_its_time_is_left_out(inputs: Any, tmp_path: Path) -> None:
    for path in written(inputs, tmp_path / "reports").iterdir():
        assert "20260102" not in path.read_text(encoding="utf-8")


def test_nothing_is_loaded_from_elsewhere(any_page: Page) -> None:
    for tag, attributes in any_page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "poster", "action", "data"):
            assert (attributes.get(name) or "#").startswith(HERE), (tag, attributes)
    assert not {"iframe", "object", "embed", "base"} & {tag for tag, _ in any_page.elements}
    styles = re.search(r"<style>(.*?)</style>", any_page.html, re.DOTALL)
    assert styles
    assert "@import" not in styles[1]
    assert "url(" not in styles[1]


def test_hostile_text_is_shown_and_not_run(page: Page) -> None:
    assert page.html.count("<script>") == 1
    assert "alert('x')</script> & fever" in page.text
    assert "<script>alert" in page.text.replace("✗ wrong: Date", "")


def test_hostile_names_are_escaped(inputs: Any, tmp_path: Path) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    inputs.change("evaluate", lambda content: content["test"]["types"].update({hostile: {"support": 1}}))
    inputs.change("train", lambda content: content.update({"model": hostile, hostile: hostile}))
    named = {"title": hostile, "task": hostile, "corpus": hostile}
    page = Page((written(inputs, tmp_path / "reports", **named) / "report.html").read_text(encoding="utf-8"))
    assert not page.all("img")
    assert page.text.count(hostile) >= 5


def test_the_page_is_sound_and_accessible(any_page: Page) -> None:
    assert not any_page.open
    (html,) = any_page.all("html")
    assert html["lang"] == "en"
    ids = [attributes["id"] for _, attributes in any_page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    tags = {tag for tag, _ in any_page.elements}
    assert {"header", "nav", "main", "footer"} <= tags
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in any_page.all("svg"))
    for _, attributes in any_page.elements:
        labelled = attributes.get("aria-labelledby")
        assert labelled is None or labelled in ids
        link = attributes.get("href") or ""
        assert not link.startswith("#") or link[1:] in ids
    assert any_page.elements[[tag for tag, _ in any_page.elements].index("body") + 1][1]["class"] == "skip"


def test_outcomes_differ_by_more_than_colour(page: Page) -> None:
    source = page.section("documents")
    for sign, outcome in (("✓", "right"), ("✗", "wrong"), ("○", "missed")):
        assert f'<span aria-hidden="true">{sign} </span><span class="unseen">{outcome}: </span>' in source


def test_figures_may_all_be_undefined(inputs: Any, tmp_path: Path) -> None:
    def undefine(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {"documents", "spans", "types", "groups_across", "twins_across", "target_precision"}
            return {key: item if _kept(key, item, kept) else undefine(item) for key, item in value.items()}
        return [undefine(item) for item in value] if isinstance(value, list) else None

    def _kept(key: str, item: Any, kept: set[str]) -> bool:
        whole = key in kept and not isinstance(item, dict | list)
        return whole or isinstance(item, str | bool) or (key == "threshold" and item in (0.5, 0.95))

    for name in ("evaluate", "confidence", "benchmark", "train", "train_timing", "robustness"):
        path = inputs.folder / "metrics" / f"{name}.json"
        path.write_text(json.dumps(undefine(json.loads(path.read_text()))), encoding="utf-8")
    inputs.change("prepare", lambda content: content.update(edges_inside_words=None))
    for path in written(inputs, tmp_path / "reports").iterdir():
        text = path.read_text(encoding="utf-8")
        text = Page(text).text if path.suffix == ".html" else text
        assert not re.search(r"\bNone\b|\bnan\b|Undefined", text)
        assert "\N{EN DASH}" in text or path.name not in PAGES


def test_a_leak_raises_an_alarm(inputs: Any, page: Page, tmp_path: Path) -> None:
    assert "The split is clean" in page.text
    inputs.change("tier_split", lambda content: content["leak"].update(twins_across=2))
    html = (written(inputs, tmp_path / "leaky") / "report.html").read_text(encoding="utf-8")
    assert '<p class="callout alarm">' in html
    assert "The split leaks" in html
    assert "The split is clean" not in html


def test_a_warning_of_the_training_is_on_every_page(inputs: Any, page: Page, tmp_path: Path) -> None:
    assert not page.all("aside")
    warning = "the warm-up of 500 steps is as long as the training of 205 & more"
    inputs.change("train", lambda content: content.update(warnings=[warning]))
    folder = written(inputs, tmp_path / "warned")
    warned = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert [attributes["class"] for attributes in warned.all("aside")] == ["callout alarm"]
    for section in ("summary", "training"):
        assert "as long as the training of 205 &amp; more." in warned.section(section)
    for name in ("report.md", "model_card.md"):
        assert f"warning: {warning}." in (folder / name).read_text(encoding="utf-8")


def change_chosen(inputs: Any, change: dict[str, Any]) -> None:
    """Another chosen threshold, and no guaranteed one that could stand in for it."""

    def apply(content: Any) -> None:
        content["test"]["automation"].update(change)
        content["test"].pop("guaranteed")

    inputs.change("confidence", apply)


def test_the_page_accepts_without_review_what_the_verdict_does(inputs: Any, tmp_path: Path) -> None:
    """The guaranteed threshold suffices where none was chosen, and nothing where the bound is too low."""
    inputs.change("confidence", lambda content: content["test"]["automation"].update(threshold=None))
    page = Page((written(inputs, tmp_path / "stands-in") / "report.html").read_text(encoding="utf-8"))
    assert "Review everything" not in page.text
    assert "37.1% of the entities without review" in page.section("confidence")
    assert "<dd>37.1%</dd>" in page.section("summary")
    change_chosen(inputs, {"threshold": 0.871, "precision_low": 0.91, "precision_high": 0.99})
    page = Page((written(inputs, tmp_path / "short") / "report.html").read_text(encoding="utf-8"))
    assert "Review everything for now.</strong> 43.1% of the entities" in page.section("confidence")
    assert "<dd>nothing yet</dd>" in page.section("summary")


def test_where_everything_is_coded_no_threshold_is_asked_for(inputs: Any, tmp_path: Path) -> None:
    perfect = {"precision": 0.99, "recall": 0.99, "f1": 0.99, "f1_low": 0.98, "f1_high": 1.0}
    inputs.change("evaluate", lambda content: content["test"]["strict"]["micro"].update(perfect))
    page = Page((written(inputs, tmp_path / "reports") / "report.html").read_text(encoding="utf-8"))
    assert "No threshold is needed" in page.section("confidence")
    assert "<dd>everything</dd>" in page.section("summary")


def test_without_a_threshold_the_page_says_review_everything(inputs: Any, tmp_path: Path) -> None:
    change_chosen(inputs, {"threshold": None, "share": 0.0})
    html = (written(inputs, tmp_path / "reports") / "report.html").read_text(encoding="utf-8")
    assert "Review everything." in html
    assert "of the entities without review" not in html
    assert "On 13 validation documents, no threshold reaches a precision of 95%." in html


def test_why_there_is_no_threshold_is_said(inputs: Any, tmp_path: Path) -> None:
    change = {"threshold": None, "share": 0.0, "reason": "too few <spans>"}
    change_chosen(inputs, change)
    html = (written(inputs, tmp_path / "reports") / "report.html").read_text(encoding="utf-8")
    assert "On 13 validation documents, too few &lt;spans&gt;." in html


def test_a_threshold_that_accepts_nothing_right_is_shown(inputs: Any, tmp_path: Path) -> None:
    nothing = {"share": 0.0, "precision": 0.0, "precision_low": 0.0, "precision_high": 0.1}
    change_chosen(inputs, nothing)
    html = (written(inputs, tmp_path / "reports") / "report.html").read_text(encoding="utf-8")
    assert "Review everything for now.</strong> 0% of the entities would be accepted" in html
    assert "of the entities without review" not in html
    assert "chosen on 13 validation documents for a precision of 95%" in html
    assert "on the test documents it was 0% (0% to 10%), which the verdict" in html


def test_all_three_say_what_the_scores_are_against_and_what_is_missing(inputs: Any, tmp_path: Path) -> None:
    inputs.change("tier_split", lambda content: content.update(warnings=["test is <small>"]))
    inputs.change("evaluate", lambda content: content["test"].update(groups=2))
    folder = written(inputs, tmp_path / "reports")
    for path in map(folder.joinpath, PAGES):
        text = path.read_text(encoding="utf-8")
        assert "against flattened gold: 41 overlapping annotations" in text
        assert "left out 6 annotations of types" in text
        if path.suffix == ".html":
            assert "<strong>Warning.</strong> test is &lt;small&gt;." in text
            assert "<br>against flattened gold</p>" in text
        else:
            assert "The split came with a warning: test is <small>." in text
        if path.name != "report.md":
            assert "drawing the 2 groups of test documents anew" in text


def test_a_plain_run_has_nothing_of_further_text_and_techniques(inputs: Any, tmp_path: Path) -> None:
    for path in written(inputs, tmp_path / "reports").iterdir():
        text = path.read_text(encoding="utf-8").lower()
        for word in ("further", "unlabelled", "mention replacement", "pretraining", "spans across", "crf"):
            assert word not in text, (path.name, word)
        assert "softmax" not in text or path.name == "report.html"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "told",
    [
        "with a span head (global pointer)",
        "label smoothing 0.1",
        "learnt from gene-notes: 30 training documents",
        "77 unlabelled documents of web-texts",
        "made 18 copies of training documents",
        "its loss went from 5.81 to 3.14 nats a token",
        "2 teachers too, trained ahead, with validation scores of 0.700 and 0.690.",
        "teacher 2: cold",
        "gene-notes: test is far from its size",
        "2 documents with a twin that another corpus is evaluated on",
        "Tags cannot express 2 gold entities",
        "No window holds 10 gold entities",
        "0.551",
        "0.501\N{EN DASH}0.591",
    ],
)
def test_every_page_tells_of_what_else_was_done_and_lost(rich_reports: Path, name: str, told: str) -> None:
    assert told in (rich_reports / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("section", "figures"),
    [
        ("quality", ["Further corpora", '<th scope="row">gene-notes</th><td class="n">5</td>', "0.551"]),
        ("data", ["77 documents of which the text alone is used, from web-texts.", "Protein", ">411<"]),
        ("data", ["gene-notes: left out by the split</th><td>twin of evaluation", "gene-notes: repaired"]),
        ("training", ["augmented copies", "unlabelled text", "spans across windows", "loss first", ">33<"]),
    ],
)
def test_tables_of_further_text_are_fed_from_the_files(
    rich_reports: Path, section: str, figures: list[str]
) -> None:
    source = Page((rich_reports / "report.html").read_text(encoding="utf-8")).section(section)
    for figure in figures:
        assert figure in source


def test_types_that_only_further_corpora_annotate_are_not_counted(rich_reports: Path) -> None:
    page = Page((rich_reports / "report.html").read_text(encoding="utf-8"))
    assert "3 types, measured on" in page.text


def test_tables_of_the_digest_and_the_card_have_equally_long_rows(rich_reports: Path) -> None:
    for name, number in (("report.md", 3), ("model_card.md", 3)):
        text = (rich_reports / name).read_text(encoding="utf-8")
        tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
        assert len(tables) == number
        for table in tables:
            assert len({line.count("|") for line in table.splitlines()}) == 1
            assert f"\n\n{table}\n" in text


def test_the_card_has_results_for_each_corpus_and_names_their_licences(rich_reports: Path) -> None:
    card = (rich_reports / "model_card.md").read_text("utf-8")
    front_matter = yaml.safe_load(re.split(r"^---$", card, maxsplit=2, flags=re.MULTILINE)[1])
    results = front_matter["model-index"][0]["results"]
    f1 = {each["dataset"]["name"]: each["metrics"][2]["value"] for each in results}
    assert f1 == {"madeup": 0.7123, "gene-notes": 0.5511}
    assert "names that of each corpus: `madeup`, `gene-notes`, `web-texts`." in card
    assert "loads the weights, but not the head, which is in `head.safetensors`" in card
    assert "marks 3 types of entities" in card
    assert "| `gene-notes` | 30 for train, 4 for validation, 5 for test | 411 | 3 |" in card


def test_hostile_names_of_further_corpora_are_escaped(rich: Any, tmp_path: Path) -> None:
    hostile = '"><img src=x onerror=alert(1)>'

    def rename(content: Any) -> None:
        content["auxiliaries"] = {hostile: content["auxiliaries"]["gene-notes"]}

    for name in ("prepare", "tier_split", "evaluate"):
        rich.change(name, rename)
    rich.change("train", lambda content: content.update(techniques=[hostile], auxiliaries={hostile: {}}))
    rich.report(tmp_path / "reports", unlabelled=[hostile])
    page = Page((tmp_path / "reports" / "report.html").read_text(encoding="utf-8"))
    assert not page.all("img")
    assert page.text.count(hostile) >= 8


def test_nested_gold_is_named_as_such(inputs: Any, tmp_path: Path) -> None:
    gold = tuple(GoldSpan(start=start, end=9, label="Sign", tier="high") for start in (0, 4))
    nested = Prediction(id="note", text="Dry cough.", group="note", gold=gold)
    inputs.predict([nested])
    inputs.change("prepare", lambda content: content.update(left_out={}))
    for path in map(written(inputs, tmp_path / "reports").joinpath, PAGES):
        text = path.read_text(encoding="utf-8")
        assert "against nested gold: 2 of the 2 entities" in text
        assert "flattened" not in text
    html = (tmp_path / "reports" / "report.html").read_text(encoding="utf-8")
    assert "<br>against nested gold</p>" in html
    assert '<mark class="missed goes-on"' in html
    assert '<mark class="missed begun"' in html


def test_a_handful_of_documents_is_shown(inputs: Any, tmp_path: Path) -> None:
    many = [Prediction(id=f"note-{number:02}", text="A note.", group="g") for number in range(13)]
    inputs.predict(many)
    page = Page((written(inputs, tmp_path / "reports") / "report.html").read_text(encoding="utf-8"))
    headings = re.findall(r"<h3.*?>(.*?)</h3>", page.section("documents"))
    assert headings == ["note-00", "note-04", "note-08", "note-12"]
    assert "4 test documents of 13" in page.text


def test_no_test_document_is_no_reason_to_fail(inputs: Any, tmp_path: Path) -> None:
    inputs.predict([])
    assert "0 test documents of 0" in (written(inputs, tmp_path / "r") / "report.html").read_text(
        encoding="utf-8"
    )


def test_nothing_is_written_when_a_file_is_missing(inputs: Any, tmp_path: Path) -> None:
    (inputs.plots / "evaluate" / "types.csv").unlink()
    (inputs.plots / "evaluate").rmdir()
    with pytest.raises(UserError, match="dvc repro evaluate"):
        written(inputs, tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_the_digest_has_the_headline_and_whole_tables(inputs: Any, tmp_path: Path) -> None:
    digest = (written(inputs, tmp_path / "reports") / "report.md").read_text(encoding="utf-8")
    assert digest.startswith("# A made-up report\n")
    assert "**Strict micro-F1 0.712** (95% interval 0.662\N{EN DASH}0.752) on 3 test documents" in digest
    assert "| micro | 1,234 | 0.712 |" in digest
    assert "| low tier | 34 | 0.303 |" in digest
    assert "| `Date` | low | 0 | \N{EN DASH} |" in digest
    tables = re.findall(r"(?:^\|.*\n)+", digest, re.MULTILINE)
    assert [table.count("\n") for table in tables] == [7, 5]
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_model_card_is_what_the_hub_reads(inputs: Any, tmp_path: Path) -> None:
    card: Any = ModelCard(
        (written(inputs, tmp_path / "reports") / "model_card.md").read_text(encoding="utf-8")
    )
    assert card.data.pipeline_tag == "token-classification"
    results = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert results.pop("expected_calibration_error") == 0.0213
    assert results == {"precision": 0.7123, "recall": 0.7123, "f1": 0.7123}
    assert "| macro | 0.646 |" in card.text
    assert "96 for train, 13 for validation, 12 for test" in card.text
    assert "near-duplicates across sides: 0" in card.text
    assert "## Licence" in card.text


def test_the_model_card_quotes_whatever_a_name_holds(inputs: Any, tmp_path: Path) -> None:
    card = (written(inputs, tmp_path / "reports", corpus='a: "b"\n---') / "model_card.md").read_text("utf-8")
    front_matter = yaml.safe_load(re.split(r"^---$", card, maxsplit=2, flags=re.MULTILINE)[1])
    assert front_matter["model-index"][0]["results"][0]["dataset"]["name"] == 'a: "b"\n---'


OWN = ("error_analysis.md", "confidence_thresholds.md", "production_readiness.md", "insights.md")
"""Documents of their own, which go into pull requests."""


@pytest.fixture(scope="session")
def texts(rich_reports: Path) -> dict[str, str]:
    return {name: (rich_reports / name).read_text(encoding="utf-8") for name in WRITTEN}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        (
            "error_analysis.md",
            ["| missed |", "| 141 | 10.8% |", "| `Sign` | 600 |", "| `Sign` | `Drug` | 133 |"],
        ),
        (
            "error_analysis.md",
            ["| length in words: 6+ | 34 | 21 | 61.8% |", "| context: negation | 3 | 2 | 66.7% | 34.2% |"],
        ),
        (
            "error_analysis.md",
            ["| mention: unseen | 400 | 0.483 |", "| partial | 0.771 |", "| typos | 0.622 |", "-0.090"],
        ),
        ("error_analysis.md", ["| high | 63.5% |", "of the wrong type", "F1 falls with typos"]),
        (
            "confidence_thresholds.md",
            ["| identity | 0.361 | 0.130 | 0.040 | chosen |", "| Brier score | 0.173 | 0.121 |"],
        ),
        (
            "confidence_thresholds.md",
            ["| 0.500 | 82.2% |", "sweet spot", "to be expected with a chance of about 90%"],
        ),
        ("confidence_thresholds.md", ["| `Sign` | 85% | 0.611 | 92.1% |", "no validation span of it"]),
        (
            "production_readiness.md",
            ["Verdict: **auto-code above the threshold, review the rest**", "3 test documents"],
        ),
        (
            "production_readiness.md",
            ["| `Sign` | auto-code above the threshold, review the rest | 900 |", "1.32 entities"],
        ),
        (
            "production_readiness.md",
            ["| `Sign` | 401 | 14 | 96.5% |", "exact binomial test", "1. Annotate more", "fewer than 30"],
        ),
        (
            "insights.md",
            ["| 1 | 28.1% of the entities", "`metrics/errors.json`", "`metrics/robustness.json`"],
        ),
        (
            "report.md",
            ["Verdict: **auto-code above the threshold, review the rest**", "Of 489 errors, 31.7%"],
        ),
        (
            "model_card.md",
            ["## Confidence", "the expected calibration error from 0.119 to 0.021", "Intended for research"],
        ),
    ],
)
def test_a_document_is_fed_from_the_files(texts: dict[str, str], name: str, figures: list[str]) -> None:
    for figure in figures:
        assert figure in texts[name], figure


def test_only_the_html_page_shows_text_of_documents(texts: dict[str, str]) -> None:
    for name in set(WRITTEN) - {"report.html"}:
        assert "cough" not in texts[name]
        assert "alert" not in texts[name]


def test_every_table_has_equally_long_rows_and_room_around_it(texts: dict[str, str]) -> None:
    for name in OWN:
        tables = re.findall(r"(?:^\|.*\n)+", texts[name], re.MULTILINE)
        assert tables, name
        for table in tables:
            assert len({line.count("|") for line in table.splitlines()}) == 1, table
            assert f"\n\n{table}" in texts[name], table
            assert texts[name].endswith(table) or f"{table}\n" in texts[name], table


def test_the_digest_links_to_the_others(texts: dict[str, str]) -> None:
    links = re.findall(r"\]\((.*?)\)", texts["report.md"])
    assert sorted(links) == sorted([*OWN, "model_card.md"])


def test_the_figures_of_an_older_run_give_all_pages(inputs: Any, tmp_path: Path) -> None:
    def old(content: Any) -> None:
        content.pop("methods")
        for name in ("brier", "brier_raw", "guaranteed", "documents", "high_value", "types"):
            content["test"].pop(name)

    def older(content: Any) -> None:
        content["test"].pop("semeval")
        content["test"].pop("strata")

    inputs.change("confidence", old)
    inputs.change("evaluate", older)
    folder = written(inputs, tmp_path / "reports")
    assert sorted(path.name for path in folder.iterdir()) == sorted(WRITTEN)
    ready = (folder / "production_readiness.md").read_text(encoding="utf-8")
    assert "Verdict: **assisted review only**" in ready
    assert "Types of high value" not in ready


def test_names_with_pipes_stay_in_their_cells(inputs: Any, tmp_path: Path) -> None:
    odd = "a|b`c"
    inputs.change("errors", lambda content: content["types"].update({odd: content["types"]["Date"]}))
    inputs.change("confidence", lambda content: content["test"]["types"].update({odd: {"accepted": 3}}))
    folder = written(inputs, tmp_path / "reports")
    for name in ("error_analysis.md", "production_readiness.md"):
        assert "| `a\\|b'c` |" in (folder / name).read_text(encoding="utf-8")
