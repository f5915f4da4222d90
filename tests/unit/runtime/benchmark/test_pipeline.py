"""Hugging Face's pipeline itself, on a tiny model."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase

from spanwise.artifact import Windows
from spanwise.runtime.benchmark.pipeline import HALF, Peer, Setting, count_dropped, settings_of
from spanwise.schema import Example, GoldSpan, Prediction
from tests.unit.reporting.conftest import predicted

WINDOWS = Windows(max_length=20, stride=6)


def test_every_setting_but_the_last_reads_every_token() -> None:
    whole, truncating = settings_of(WINDOWS, 512, [8])
    assert truncating == Setting(512, None, 1)
    assert whole == [
        Setting(512, 6, 1),
        Setting(512, 6, 8),
        Setting(20, 6, 1),
        Setting(20, 6, 8),
        Setting(20, 0, 1),
        Setting(20, 0, 8),
        Setting(20, 0, 8, HALF),
    ]


def test_no_setting_comes_twice() -> None:
    whole, _ = settings_of(Windows(max_length=900, stride=0), 512, [1, 1])
    assert whole == [Setting(512, 0, 1), Setting(512, 0, 1, HALF)]


@pytest.mark.parametrize("setting", [Setting(20, 6, 2), Setting(20, 0, 1), Setting(40, 6, 2, HALF)])
def test_the_pipeline_reads_documents_to_their_end_with_a_stride(
    stored: Path, examples: list[Example], setting: Setting
) -> None:
    run = Peer(stored).prepare(setting)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(run(examples[:4]))
    assert len(found) == 4
    ends = [max(entity["end"] for entity in document) for document in found]  # type: ignore[attr-defined]
    # A model of random weights finds something nearly everywhere.
    assert ends[3] > len(examples[3].text) - 15


def test_without_a_stride_the_pipeline_stops_where_its_tokenizer_does(
    stored: Path, examples: list[Example]
) -> None:
    text = examples[3].text
    (found,) = Peer(stored).prepare(Setting(20, None, 1))([examples[3]])
    kept = Peer(stored).tokenizer(20)(text, truncation=True, return_offsets_mapping=True)
    assert max(entity["end"] for entity in found) <= max(end for _, end in kept["offset_mapping"])  # type: ignore[attr-defined]


def test_the_limit_is_what_the_tokenizer_or_else_the_model_allows(stored: Path) -> None:
    peer = Peer(stored)
    assert peer.limit == min(peer.tokenizer().model_max_length, 512)


def prediction(text: str, *ends: int) -> Prediction:
    gold = tuple(GoldSpan(start=end - 1, end=end, label="Sign", tier="low") for end in ends[:1])
    found = tuple(predicted(end - 1, end, "Sign") for end in ends)
    return Prediction(id="d", text=text, group="d", gold=gold, predicted=found)


def test_what_is_behind_the_cut_is_dropped(tokenizer: PreTrainedTokenizerBase) -> None:
    text = "one two three four five six"  # six tokens; with four, two are kept beside the special ones
    found = count_dropped(tokenizer, 4, [prediction(text, len(text), 3, 8), prediction("one two", 3)])
    assert found == {
        "documents_truncated": 1,
        "tokens": 8,
        "tokens_dropped": 4,
        "entities": 4,
        "entities_dropped": 2,
        "gold_entities": 2,
        "gold_entities_dropped": 1,
    }


def test_nothing_is_dropped_of_what_fits(tokenizer: PreTrainedTokenizerBase) -> None:
    found = count_dropped(tokenizer, 512, [prediction("one two three", 13), prediction("")])
    assert (found["documents_truncated"], found["tokens_dropped"], found["entities_dropped"]) == (0, 0, 0)
