from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub import ModelCard

from spanwise.reporting.card import card_data, make_card
from spanwise.reporting.sources import read_sources


def card(inputs: Any, **names: str) -> Any:
    named = {"task": "notes", "corpus": "madeup"} | names
    return ModelCard(make_card(read_sources(**inputs.arguments), "# Text\n", **named))


def test_the_hub_reads_the_results_back(inputs: Any) -> None:
    made = card(inputs)
    assert made.text.strip() == "# Text"
    assert made.data.model_name == "notes-minilm"
    assert made.data.pipeline_tag == "token-classification"
    assert [(result.metric_type, result.metric_value) for result in made.data.eval_results] == [
        ("precision", 0.7123),
        ("recall", 0.7123),
        ("f1", 0.7123),
        ("expected_calibration_error", 0.0213),
    ]
    assert {result.dataset_split for result in made.data.eval_results} == {"test"}


def test_the_model_index_is_what_the_hub_expects(rich: Any) -> None:
    index = card(rich).data.to_dict()["model-index"]
    assert [each["name"] for each in index] == ["notes-minilm"]
    results = index[0]["results"]
    assert [each["dataset"]["name"] for each in results] == ["madeup", "gene-notes"]
    for each in results:
        assert each["task"] == {"type": "token-classification", "name": "Token classification"}
        assert {"type", "name", "split"} == each["dataset"].keys()
        assert all({"type", "name", "value"} == metric.keys() for metric in each["metrics"])


def test_undefined_figures_are_left_out(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"].update(ece=None))
    inputs.change("evaluate", lambda content: content["test"]["strict"]["micro"].update(f1=None))
    types = [result.metric_type for result in card(inputs).data.eval_results]
    assert types == ["precision", "recall"]


@pytest.mark.parametrize(
    ("corpus", "encoder", "expected"),
    [
        (None, None, {}),
        ("CC-BY-4.0", None, {}),
        ("Apache-2.0", "apache-2.0", {"license": "apache-2.0"}),
        ("CC-BY-4.0", "Apache-2.0", {"license": "other", "license_name": "apache-2.0-and-cc-by-4.0"}),
    ],
)
def test_the_licence_is_named_where_both_are_known(
    inputs: Any, corpus: str | None, encoder: str | None, expected: dict[str, str]
) -> None:
    inputs.change("prepare", lambda content: content.update(licence=corpus))
    inputs.change("train", lambda content: content.update(licence=encoder))
    data: Any = card_data(read_sources(**inputs.arguments), task="notes", corpus="madeup")
    assert {key: item for key, item in data.to_dict().items() if key.startswith("license")} == expected


def test_the_language_is_named_where_it_is_known(inputs: Any) -> None:
    assert "language" not in card(inputs).data.to_dict()
    inputs.change("prepare", lambda content: content.update(language="en"))
    assert card(inputs).data.language == "en"


@pytest.mark.parametrize("name", ['a: "b"\n---', "\N{SNOWMAN}", "- x"])
def test_whatever_a_name_holds_is_quoted(inputs: Any, name: str) -> None:
    made = card(inputs, corpus=name, task=name)
    assert made.data.eval_results[0].dataset_name == name
    assert made.data.model_name == f"{name}-minilm"
    assert made.text.strip() == "# Text"
