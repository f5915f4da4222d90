from __future__ import annotations

import shutil
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.io import write_json
from spanwise.reporting.figures import Figure
from spanwise.reporting.gallery import draw_all
from spanwise.reporting.sources import read_sources
from tests.unit.reporting.conftest import PEER


def drawn(inputs: Any) -> dict[str, list[Figure]]:
    return draw_all(inputs.plots, read_sources(**inputs.arguments))


def rows(figure: Figure) -> list[dict[str, Any]]:
    """What a figure is drawn from."""
    return [row for values in figure.specification["datasets"].values() for row in values]


def test_every_section_has_the_figures_of_its_files_and_metrics(inputs: Any) -> None:
    names = {section: [figure.name for figure in figures] for section, figures in drawn(inputs).items()}
    assert names == {
        "train": ["loss", "score"],
        "evaluate": ["types"],
        "confidence": ["histogram", "reliability", "thresholds"],
        "benchmark": ["latency", "scaling"],
        "errors": ["categories", "lengths", "confusion"],
        "robustness": ["robustness"],
    }


def test_the_same_run_gives_the_same_figures(inputs: Any) -> None:
    assert drawn(inputs) == drawn(inputs)


def test_categories_are_those_of_each_tier_the_frequent_types_first(inputs: Any) -> None:
    inputs.change("errors", lambda content: content["tiers"].update(unknown={"correct": 7}))
    found = [(row["tier"], row["category"], row["spans"]) for row in rows(drawn(inputs)["errors"][0])]
    assert list(dict.fromkeys(tier for tier, _, _ in found)) == ["High", "Low"]
    assert ("High", "type", 155) in found
    assert ("Low", "shorter", 12) in found


def test_a_tier_without_spans_has_no_bar(inputs: Any) -> None:
    inputs.change("errors", lambda content: content["tiers"].pop("low"))
    assert {row["tier"] for row in rows(drawn(inputs)["errors"][0])} == {"High"}


def test_lengths_are_in_the_order_of_the_file_and_the_undefined_are_told(inputs: Any) -> None:
    empty = {"gold": 0, "errors": 0, "error_rate": None}
    inputs.change("errors", lambda content: content["lengths"].update({"3": empty}))
    figure = drawn(inputs)["errors"][1]
    assert [row["length"] for row in rows(figure)] == ["1", "2", "4-5", "6+"]
    assert "25.1% of 800 mentions" in figure.text
    assert "3: \N{EN DASH} of 0 mentions" in figure.text


def test_the_unchanged_text_stands_above_its_variants_the_most_harmful_first(inputs: Any) -> None:
    (figure,) = drawn(inputs)["robustness"]
    told = [(row["variant"], row["f1"], row["low"], row["high"]) for row in rows(figure)]
    assert [name for name, *_ in told] == ["unchanged", "typos", "lower"]
    assert told[1][1:] == (0.6222, 0.5722, 0.6622)


def test_the_model_and_the_pipeline_are_drawn_by_their_pace(inputs: Any) -> None:
    inputs.change("benchmark", lambda content: content.update(peer=PEER))
    figure = drawn(inputs)["benchmark"][-1]
    assert figure.name == "pace"
    assert [(row["name"], row["documents_per_s"], row["own"]) for row in rows(figure)] == [
        ("onnx-int8", 21.5, True),
        ("pipeline, as it is by itself, truncating", 8.2, False),
        ("torch", 8.1, True),
        ("pipeline, with weights in bfloat16", 6.3, False),
        ("pipeline, quickest that reads every token", 4.1, False),
    ]


def test_a_run_without_errors_and_variants_has_all_figures(inputs: Any) -> None:
    write_json(inputs.folder / "metrics" / "errors.json", {"gold": 0, "predicted": 0})
    write_json(inputs.folder / "metrics" / "robustness.json", {})
    inputs.predict([])
    figures = drawn(inputs)
    assert [len(figures[section]) for section in ("errors", "robustness")] == [3, 1]
    assert all("<svg" in figure.svg for section in figures.values() for figure in section)


@pytest.mark.parametrize(
    ("folder", "stage"),
    [
        ("train", "train"),
        ("evaluate", "evaluate"),
        ("errors", "evaluate"),
        ("confidence", "confidence"),
        ("benchmark", "benchmark"),
        ("scaling", "benchmark"),
    ],
)
def test_a_missing_folder_is_named_with_the_command_that_makes_it(
    inputs: Any, folder: str, stage: str
) -> None:
    shutil.rmtree(inputs.plots / folder)
    with pytest.raises(UserError) as error:
        drawn(inputs)
    assert error.value.path == inputs.plots / folder
    assert error.value.hint == f"Make it with `dvc repro {stage}`."
