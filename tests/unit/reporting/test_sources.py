from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.io import write_jsonl
from spanwise.reporting.sources import read_sources
from spanwise.reporting.sources.speed import Speed
from spanwise.reporting.sources.training import Training


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("metrics/prepare.json", "prepare"),
        ("metrics/tier_split.json", "tier-split"),
        ("metrics/train.json", "train"),
        ("metrics/train_timing.json", "train"),
        ("metrics/evaluate.json", "evaluate"),
        ("metrics/errors.json", "evaluate"),
        ("metrics/robustness.json", "evaluate"),
        ("metrics/confidence.json", "confidence"),
        ("metrics/benchmark.json", "benchmark"),
        ("data/predictions/test.jsonl", "evaluate"),
        ("data/predictions/errors.jsonl", "evaluate"),
        ("data/splits/labels.json", "tier-split"),
        ("models/calibration.json", "confidence"),
    ],
)
def test_a_missing_file_is_named_with_the_command_that_makes_it(inputs: Any, name: str, stage: str) -> None:
    path = inputs.folder / name
    path.unlink()
    with pytest.raises(UserError) as error:
        read_sources(**inputs.arguments)
    assert error.value.path == path
    assert error.value.hint == f"Make it with `dvc repro {stage}`."


def test_a_file_of_another_form_is_named(inputs: Any) -> None:
    inputs.change("evaluate", lambda content: content["test"].pop("strict"))
    with pytest.raises(UserError, match=r"test\.strict: Field required") as error:
        read_sources(**inputs.arguments)
    assert Path(error.value.path or "").name == "evaluate.json"


def test_sides_and_tiers_are_in_their_order_not_that_of_the_file(inputs: Any) -> None:
    def rename(content: Any) -> None:
        tiers = content["tiers"]
        content["tiers"] = {"a": tiers["low"], "b": tiers["high"]}

    inputs.change("tier_split", rename)
    split = read_sources(**inputs.arguments).split
    assert [name for name, _ in split.sides()] == ["train", "validation", "test"]
    assert split.tier_names() == ["b", "a"]


def test_types_are_ordered_by_support(inputs: Any) -> None:
    test = read_sources(**inputs.arguments).evaluation.test
    assert [name for name, _ in test.by_support()] == ["Sign", "Drug", "Date"]


def test_files_carry_their_digest_and_no_path_of_the_machine(inputs: Any) -> None:
    files = {source.name: source.digest for source in read_sources(**inputs.arguments).files}
    content = (inputs.folder / "metrics/evaluate.json").read_bytes()
    assert files["metrics/evaluate.json"] == hashlib.sha256(content).hexdigest()[:12]
    assert len(files) == 13
    assert not any(name.startswith("/") for name in files)


def test_training_facts_keep_unknown_keys_and_flatten_nested_ones() -> None:
    training = Training.model_validate(
        {"model": "m", "loss": {"train": 1, "test": 2}, "sides": {"validation": {"windows": 2}, "train": {}}}
    )
    facts = dict(training.facts())
    assert (facts["model"], facts["loss train"], facts["loss test"], facts["device"]) == ("m", 1, 2, None)
    assert {"sides", "warnings"} & facts.keys() == set()
    assert list(training.parts()) == ["train", "validation"]
    assert list(training.part_figures()) == [("windows", [None, 2])]


def test_changes_are_summed_over_the_sides_and_sizes_are_none() -> None:
    sides = {"train": {"tokens": 90, "spans_lost": 2}, "validation": {"spans_lost": 1, "words_dropped": 4}}
    assert Training(model="m", sides=sides).changes() == {"spans_lost": 3, "words_dropped": 4}
    assert Training(model="m", sides={"train": {"spans_lost": None}}).changes() == {}


@pytest.mark.parametrize(
    ("device", "cpu", "machine"),
    [
        ("cpu", "Made-up CPU", "Made-up CPU"),
        (None, "Made-up CPU", "Made-up CPU"),
        ("Made-up GPU", "Made-up CPU", "Made-up GPU"),
        (None, None, "an unnamed CPU"),
    ],
)
def test_the_machine_is_what_did_the_work(device: str | None, cpu: str | None, machine: str) -> None:
    assert Speed(device=device, cpu=cpu, backends={}).machine == machine


def test_hours_are_shown_from_seconds() -> None:
    assert Speed(backends={}, hours_per_10k_documents=0.5).seconds_per_10k_documents == 1800
    assert Speed(backends={}).seconds_per_10k_documents is None


def test_what_no_window_holds_whole_counts_for_a_head_that_scores_whole_spans() -> None:
    sides = {"train": {"spans_across_windows": 3, "spans_lost": 1}}
    tags, pointer = (Training(model="m", head=head, sides=sides) for head in ("crf", "pointer"))
    assert (tags.parts(), tags.changes()) == ({"train": {"spans_lost": 1}}, {"spans_lost": 1})
    assert (pointer.parts(), pointer.changes()) == (sides, sides["train"])


def test_further_text_stands_behind_the_sides_and_its_changes_are_told_apart(rich: Any) -> None:
    training = read_sources(**rich.arguments).training
    parts = ["train", "validation", "augmented copies", "gene-notes", "unlabelled text"]
    assert list(training.parts()) == parts
    assert dict(training.part_figures())["windows"] == [131, 17, 19, 60, 80]
    assert training.further_changes() == {"gene-notes": {"spans_across_windows": 1, "spans_lost": 6}}
    assert training.changes()["spans_lost"] == 2
    told = {"augmented", "auxiliaries", "unlabelled", "augmentation", "pretraining", "teachers", "techniques"}
    assert not [name for name, _ in training.facts() if name.split()[0] in told]


def test_figures_of_a_technique_keep_unknown_keys() -> None:
    training = Training.model_validate({"model": "m", "pretraining": {"documents": 1, "odd": 2}})
    assert training.pretraining is not None
    assert training.pretraining.model_dump(exclude_none=True) == {"documents": 1, "odd": 2}


def test_warnings_of_further_corpora_carry_their_names(rich: Any) -> None:
    rich.change("tier_split", lambda content: content.update(warnings=["small"]))
    split = read_sources(**rich.arguments).split
    assert split.all_warnings() == ["small", "gene-notes: test is far from its size"]
    assert read_sources(**rich.arguments).training.all_warnings() == ["teacher 2: cold"]
    assert split.auxiliaries["gene-notes"].spans == 411


def test_what_the_error_analysis_wrote_is_read_where_it_is(inputs: Any) -> None:
    sources = read_sources(**inputs.arguments)
    assert [judgement.category for judgement in sources.judgements] == [
        "correct",
        "missed",
        "spurious",
        "missed",
    ]
    assert sources.errors.categories[:3] == ["type", "missed", "longer"]
    assert sources.errors.errors == 489
    assert [name for name, _ in sources.errors.by_errors()] == ["Sign", "Drug", "Date"]
    assert [name for name, _ in sources.robustness.by_loss()] == ["typos", "lower"]
    assert sources.robustness.unchanged.f1 == 0.7123


def test_errors_of_other_documents_are_refused(inputs: Any) -> None:
    write_jsonl(inputs.arguments["predictions"] / "test.jsonl", [])
    with pytest.raises(UserError, match="document note-1 is not among") as error:
        read_sources(**inputs.arguments)
    assert error.value.path == inputs.arguments["predictions"] / "errors.jsonl"


@pytest.mark.parametrize("content", ["[]", '{"typos": {"f1": "much"}}'])
def test_robustness_of_another_form_is_named(inputs: Any, content: str) -> None:
    path = inputs.arguments["metrics"] / "robustness.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="not a valid Robustness") as error:
        read_sources(**inputs.arguments)
    assert error.value.path == path
