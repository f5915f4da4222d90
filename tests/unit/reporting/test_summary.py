from __future__ import annotations

from typing import Any

import pytest

from spanwise.reporting.sources import read_sources
from spanwise.reporting.summary import SECTIONS, drawn_units, summarise


def told(inputs: Any) -> str:
    return " ".join(summarise(read_sources(**inputs.arguments), level=0.95).all)


def test_the_most_important_comes_first(inputs: Any) -> None:
    first = summarise(read_sources(**inputs.arguments), level=0.95).sentences[0]
    assert "On 3 test documents with 1,234 entities" in first
    assert "0.712 (95% interval 0.662\N{EN DASH}0.752)" in first
    assert "71.2% of what the model finds is right" in first


@pytest.mark.parametrize(
    "sentence",
    [
        "is 0.646, below the micro-F1.",
        "From frequent to rare types, F1 is 0.801 in the high tier and 0.303 in the low tier.",
        "1 type has fewer than 10 test entities",
        "would give 43.1% of the entities (interval 35.1% to 50.2%) without review",
        "the threshold was chosen on 13 validation documents for a precision of 95%.",
        "against flattened gold: 41 overlapping annotations (0.5%) were left out of it on reading",
        "The split left out 6 annotations of types with fewer than split.min_count.",
        "96.3% of the accepted are right, which meets the required 95%",
        "Calibration lowers the expected calibration error: 0.119 before, 0.021 after.",
        "On Made-up CPU with 2 threads, 10,000 documents take 1.54 min, at up to 108 documents a second.",
        "No document, group or near-duplicate stands on two sides of the split",
        "Date does not occur in the test documents",
        "repaired 17 annotations and left out 41.",
        "training saw: spans inexact 17, spans lost 2, truncated tokens 0, words dropped 4.",
    ],
)
def test_a_sentence_is_made_of_the_figures(inputs: Any, sentence: str) -> None:
    assert sentence in told(inputs)


def test_warnings_of_the_training_come_after_the_verdict(inputs: Any) -> None:
    assert "warning" not in told(inputs)
    inputs.change("train", lambda content: content.update(warnings=["too long a warm-up", "another"]))
    sentences = summarise(read_sources(**inputs.arguments), level=0.95).sentences
    assert sentences[2] == "Training came with 2 warnings: too long a warm-up; another."


def test_strong_and_weak_types_need_support(inputs: Any) -> None:
    scores = {f"T{number}": (number / 10, 50) for number in range(1, 8)} | {"Rare": (1.0, 9)}

    def rename(content: Any) -> None:
        sign = content["test"]["types"]["Sign"]
        content["test"]["types"] = {
            name: sign | {"f1": f1, "support": support} for name, (f1, support) in scores.items()
        }

    inputs.change("evaluate", rename)
    assert (
        "It is strongest at T7 (0.700), T6 (0.600) and T5 (0.500), "
        "and weakest at T1 (0.100), T2 (0.200) and T3 (0.300)." in told(inputs)
    )


def test_few_types_are_not_ranked(inputs: Any) -> None:
    assert "strongest" not in told(inputs)


def test_a_precision_below_the_target_is_called_short(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"]["automation"].update(precision=0.9412))
    assert "94.1% of the accepted are right, which is short of the required 95%" in told(inputs)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"threshold": None}, "none reaches it"),
        ({"threshold": None, "share": 0.0, "reason": "too few spans"}, "too few spans"),
    ],
)
def test_without_a_threshold_everything_is_reviewed(inputs: Any, change: dict[str, Any], reason: str) -> None:
    inputs.change("confidence", lambda content: content["test"]["automation"].update(change))
    assert f"No threshold of confidence could be chosen for a precision of 95%: {reason}." in told(inputs)
    assert "without review: the threshold" not in told(inputs)


def test_a_threshold_that_accepts_nothing_right_is_no_missing_threshold(inputs: Any) -> None:
    nothing = {"share": 0.0, "share_low": None, "share_high": None, "precision": 0.0}
    inputs.change("confidence", lambda content: content["test"]["automation"].update(nothing))
    assert "would give 0% of the entities without review" in told(inputs)
    assert "0% of the accepted are right, which is short of the required 95%" in told(inputs)
    assert "could be chosen" not in told(inputs)


def test_the_precision_of_the_accepted_has_its_interval(inputs: Any) -> None:
    bounds = {"precision_low": 0.9012, "precision_high": 0.9956}
    inputs.change("confidence", lambda content: content["test"]["automation"].update(bounds))
    assert "96.3% of the accepted are right (interval 90.1% to 99.6%), which meets" in told(inputs)


def test_a_gold_standard_that_is_whole_is_not_called_flattened(inputs: Any) -> None:
    inputs.change("prepare", lambda content: content.update(left_out={"duplicate": 3}))
    assert "flattened" not in told(inputs)
    inputs.change("prepare", lambda content: content.update(left_out={"overlapping": 1}))
    assert "1 overlapping annotation (0%) was left out of it" in told(inputs)


def test_groups_are_named_where_documents_are_drawn_together(inputs: Any) -> None:
    assert drawn_units(read_sources(**inputs.arguments).evaluation.test) == "test documents"
    for groups, units in ((3, "test documents"), (2, "2 groups of test documents")):
        inputs.change("evaluate", lambda content, groups=groups: content["test"].update(groups=groups))
        assert drawn_units(read_sources(**inputs.arguments).evaluation.test) == units


def test_warnings_and_what_was_left_out_by_the_split_are_told(inputs: Any) -> None:
    left_out = {"below_min_count": 0, "twin_across": 1}
    inputs.change("tier_split", lambda content: content.update(warnings=["test is small"], left_out=left_out))
    assert "The split came with a warning: test is small." in told(inputs)
    assert "The split left out 1 document of a published side" in told(inputs)
    assert "min_count" not in told(inputs)


def test_calibration_that_does_not_help_is_said_so(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"].update(ece=0.2))
    assert "Calibration does not lower the expected calibration error" in told(inputs)


def test_a_leak_is_said_first_of_the_split(inputs: Any) -> None:
    inputs.change("tier_split", lambda content: content["leak"].update(groups_across=1, twins_across=3))
    assert "The split leaks: 1 group and 3 pairs of near-duplicates" in told(inputs)
    assert "No document" not in told(inputs)


def test_what_is_undefined_or_nothing_is_left_unsaid(inputs: Any) -> None:
    inputs.change("confidence", lambda content: content["test"].update(ece=None))
    inputs.change("benchmark", lambda content: content.update(hours_per_10k_documents=None))
    inputs.change("prepare", lambda content: content.update(repaired={}, left_out={}))
    inputs.change("tier_split", lambda content: content["labels_missing"].update(test=[]))
    inputs.change("confidence", lambda content: content["test"]["automation"].update(precision=None))
    inputs.change("evaluate", lambda content: content["test"]["strict"]["macro"].update(f1=None))
    inputs.change("evaluate", lambda content: content["test"]["tiers"].pop("low"))
    inputs.change("train", lambda content: content.update(sides={}))
    text = told(inputs)
    for word in (
        "Calibration",
        "10,000",
        "repaired",
        "not occur",
        "accepted are right",
        "macro",
        "rare",
        "windows",
        "None",
    ):
        assert word not in text


def test_speed_without_threads_and_rates_is_the_time_alone(inputs: Any) -> None:
    def bare(content: Any) -> None:
        content.update(threads=None)
        content["backends"]["torch"]["documents_per_s"] = None

    inputs.change("benchmark", bare)
    assert "On Made-up CPU, 10,000 documents take 1.54 min." in told(inputs)


def test_several_missing_types_are_listed(inputs: Any) -> None:
    inputs.change(
        "tier_split", lambda content: content["labels_missing"].update(test=["Area", "Date", "Mass"])
    )
    assert "Area, Date and Mass do not occur" in told(inputs)


def test_of_many_missing_types_ten_are_named(inputs: Any) -> None:
    labels = [f"Type{number:02}" for number in range(34)]
    inputs.change("tier_split", lambda content: content["labels_missing"].update(test=labels))
    assert "Type08, Type09 and 24 others do not occur in the test documents" in told(inputs)
    assert "Type10" not in told(inputs)


@pytest.mark.parametrize(
    "sentence",
    [
        (
            "On 5 test documents of gene-notes with 61 entities, the strict micro-F1 is 0.551 "
            "(95% interval 0.501\N{EN DASH}0.591)."
        ),
        "The split came with a warning: gene-notes: test is far from its size.",
        "on two sides of the split, further corpora and unlabelled text included; the highest overlap",
        "Reading gene-notes repaired 3 annotations and left out 0.",
        (
            "The split left out of gene-notes: 7 annotations of types with fewer than split.min_count; "
            "too odd 4; 1 document with a twin on a later side; 2 documents with a twin that another "
            "corpus is evaluated on; 3 documents with a twin that another corpus is trained on."
        ),
        "into the model's windows, of gene-notes: spans across windows 1, spans lost 6.",
    ],
)
def test_further_corpora_are_told_of(rich: Any, sentence: str) -> None:
    assert sentence in told(rich)


def test_a_further_corpus_with_flattened_gold_is_said_so(rich: Any) -> None:
    change = {"left_out": {"overlapping": 2}}
    rich.change("prepare", lambda content: content["auxiliaries"]["gene-notes"].update(change))
    assert "0.501\N{EN DASH}0.591), against flattened gold." in told(rich)


def test_what_changed_nothing_is_left_out_of_further_text(rich: Any) -> None:
    assert "of augmented copies:" not in told(rich)
    assert "of unlabelled text:" not in told(rich)


@pytest.mark.parametrize(
    ("head", "lost", "across"),
    [
        ("softmax", "they are not learnt.", False),
        ("crf", "they are not learnt.", False),
        ("pointer", "the span head learns those that overlap.", True),
        ("combined", "the span head learns those that overlap.", True),
    ],
)
def test_what_a_head_cannot_learn_depends_on_it(inputs: Any, head: str, lost: str, across: bool) -> None:
    inputs.change("train", lambda content: content.update(head=head))
    assert "Tags cannot express 2 gold entities on the training and validation side" in told(inputs)
    assert lost in told(inputs)
    whole = "No window holds 10 gold entities on the training and validation side whole: the span head"
    assert (whole in told(inputs)) is across
    assert ("spans across windows 10" in told(inputs)) is across


def test_nothing_lost_is_nothing_told(inputs: Any) -> None:
    def keep(content: Any) -> None:
        content["sides"] = {"train": content["sides"]["validation"]}

    inputs.change("train", keep)
    assert "Tags cannot express" not in told(inputs)
    assert "No window" not in told(inputs)


def test_a_summary_has_ten_sentences_at_most_and_the_rest_are_notes(rich: Any) -> None:
    summary = summarise(read_sources(**rich.arguments), level=0.95)
    assert len(summary.sentences) == 10
    assert tuple(summary.notes) == SECTIONS
    assert len(summary.all) == len(set(summary.all))
    assert summary.all[:10] == summary.sentences
    assert any("Reading gene-notes" in note for note in summary.notes["data"])
    assert any("On the way into" in note for note in summary.notes["training"])


def test_what_a_model_may_be_used_for_comes_second(inputs: Any) -> None:
    second = summarise(read_sources(**inputs.arguments), level=0.95).sentences[1]
    assert second.startswith("Auto-code what the model finds from a calibrated confidence of 0.911 on")


def test_the_kinds_of_errors_are_in_the_summary(inputs: Any) -> None:
    sentences = summarise(read_sources(**inputs.arguments), level=0.95).sentences
    assert "Of 489 errors, 31.7% are of the wrong type, 28.8% are missed and 17.8% are too long." in sentences
    inputs.change("errors", lambda content: content.update(counts={"correct": 3}))
    assert "errors" not in told(inputs)


def test_a_precision_whose_interval_begins_below_the_target_is_said_so(inputs: Any) -> None:
    inputs.change(
        "confidence",
        lambda content: content["test"]["automation"].update(precision_low=0.93, precision_high=0.98),
    )
    assert "which meets the required 95%, but not surely: the interval begins below it." in told(inputs)


def test_what_a_threshold_would_accept_stands_beside_the_verdict(inputs: Any) -> None:
    sentences = summarise(read_sources(**inputs.arguments), level=0.95).sentences
    assert sentences[1].startswith("Auto-code what the model finds")
    assert sentences[2].startswith("Accepting what has a calibrated confidence")
    assert "of the accepted are right" in sentences[3]
