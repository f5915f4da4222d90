from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from spanwise.errors import UserError
from spanwise.schema import Prediction
from tests.answered import predictions, right
from tests.unit.reporting.conftest import Page

WRITTEN = (
    "confidence_thresholds.md",
    "error_analysis.md",
    "insights.md",
    "model_card.md",
    "production_readiness.md",
    "report.html",
    "report.md",
)


def nulls(value: Any) -> None:
    """Make every float of a metrics file undefined, in place."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in list(pairs):
        if isinstance(item, float) and key not in ("threshold", "target_precision"):
            value[key] = None
        else:
            nulls(item)


def test_writes_its_files_and_the_same_bytes_every_time(run: Any, tmp_path: Path) -> None:
    first, second = run.report(tmp_path / "first"), run.report(tmp_path / "second", seed=1)
    assert sorted(path.name for path in first.iterdir()) == list(WRITTEN)
    for name in WRITTEN:
        assert (first / name).read_bytes() == (second / name).read_bytes()
        assert str(tmp_path).encode() not in (first / name).read_bytes()


def test_the_page_is_well_formed_and_loads_nothing(page: Page) -> None:
    assert not page.open
    links = [each["href"] for each in page.all("a") + page.all("link")]
    assert all(str(link).startswith(("#", "data:")) for link in links)
    assert not page.all("img")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link)[1:] for link in links if str(link).startswith("#")} <= set(ids)


@pytest.mark.parametrize(
    ("section", "figures"),
    [
        ("summary", ["Not for clinical use", "40%", "3 of 12", "not ready", "8.34 min"]),
        ("readiness", ["drafts for a reviewer only", "tiny", "clinician", "12 test answers"]),
        ("quality", ["Tuning helps", "40%", "protocol/fr", "ROUGE-L", "<svg"]),
        ("failures", ["terms lacking", "cut off", "(untold)", "repetition", "protocol/en"]),
        ("confidence", ["0.500", "ECE", "<svg"]),
        ("speed", ["torch-int8", "Made-up CPU", "75%", "1.600", "<svg"]),
        ("data", ["12.5%", "32", "protocol/en"]),
        ("training", ["shared boundary", "0.125", "Loss during training", "4,096", "someone/made-up"]),
        ("provenance", ["metrics/train.json", "predictions/test.jsonl"]),
    ],
)
def test_sections_tell_the_figures(page: Page, section: str, figures: list[str]) -> None:
    found = page.section(section)
    for figure in figures:
        assert figure in found


def test_examples_stand_side_by_side_with_their_terms(page: Page) -> None:
    examples = page.section("examples")
    assert examples.count("<h4>Reference</h4>") == examples.count("<h4>Answer</h4>") == 12
    assert "How is aspirin given &lt;safely&gt; &amp; well?" in examples
    assert '<mark class="right" title="identity">identity</mark>' in examples
    assert "(nothing was written)" in examples
    assert len(re.findall(r'<li class="lacking">', examples)) > 0
    assert "acceptable by the checks" in examples


def test_fewer_examples_are_at_even_distances(run: Any, tmp_path: Path) -> None:
    examples = Page((run.report(tmp_path / "out", examples=2) / "report.html").read_text()).section(
        "examples"
    )
    assert re.findall(r">(q\d\d) ·", examples) == ["q00", "q11"]


def test_text_of_questions_and_answers_is_on_the_page_alone(written: Path) -> None:
    for name in WRITTEN:
        held = "Be brief." in (written / name).read_text()
        assert held == (name == "report.html")


def test_markdown_tables_have_as_many_cells_in_every_row(written: Path) -> None:
    for path in written.glob("*.md"):
        lines = path.read_text().splitlines()
        for above, line in pairwise(lines):
            if above.startswith("|") and line.startswith("|"):
                assert line.count("|") == above.count("|"), (path.name, line)


def test_undefined_figures_are_dashes(run: Any, tmp_path: Path) -> None:
    for name in ("evaluate", "errors", "confidence", "benchmark", "train", "train_timing"):
        run.change(name, nulls)
    folder = run.report(tmp_path / "out")
    for name in WRITTEN:
        text = (
            Page((folder / name).read_text()).text if name.endswith("html") else (folder / name).read_text()
        )
        assert "None" not in text
        assert "nan" not in text.lower().split()


def test_a_model_as_it_is_is_told_as_such(made: Callable[[list[Prediction]], Any], tmp_path: Path) -> None:
    run = made(predictions(loss=2.5))
    run.change("train", lambda content: [content.pop(name) for name in ("epochs", "best_epoch", "steps")])
    folder = run.report(tmp_path / "out")
    report = (folder / "report.md").read_text()
    assert "untuned" in report
    assert "The model is the base model, untuned" in report
    assert "Tuning helps" not in report
    assert "not tuned" in (folder / "production_readiness.md").read_text()


def test_answers_that_are_all_right_leave_nothing_to_gain(
    made: Callable[[list[Prediction]], Any], tmp_path: Path
) -> None:
    folder = made(predictions(right)).report(tmp_path / "out")
    assert "drafts for a reviewer only" in (folder / "report.md").read_text()
    assert "12 of 12 answers" in (folder / "report.md").read_text()


def test_the_card_is_read_back(run: Any, tmp_path: Path) -> None:
    run.change("train", lambda content: content.update(licence="Apache-2.0"))
    run.change("prepare", lambda content: content.update(licence="apache-2.0"))
    card: Any = ModelCard((run.report(tmp_path / "out") / "model_card.md").read_text())
    assert card.data.base_model == "someone/made-up"
    assert card.data.license == "apache-2.0"
    assert card.data.language == ["en", "fr"]
    assert card.data.library_name == "peft"
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert found["acceptable"] == 0.25
    assert set(found) == {"chrf", "rouge_l", "loss", "perplexity", "acceptable"}
    assert "Not for clinical use" in card.text


def test_a_base_from_a_package_is_no_name_of_the_hub(run: Any, tmp_path: Path) -> None:
    run.change("train", lambda content: content.update(base={"source": "package:a/b.gguf", "revision": None}))
    text = (run.report(tmp_path / "out") / "model_card.md").read_text()
    card: Any = ModelCard(text)
    assert card.data.base_model is None
    assert "`package:a/b.gguf`" in text
    assert "not known here" in text


def test_a_missing_input_names_what_makes_it(run: Any, tmp_path: Path) -> None:
    (run.folder / "metrics/errors.json").unlink()
    with pytest.raises(UserError) as error:
        run.report(tmp_path / "out")
    assert error.value.hint == "Make it with `dvc repro evaluate`."
