from __future__ import annotations

from pathlib import Path

import pytest
import torch

from spanwise.errors import UserError
from spanwise.runtime.benchmark.peer import compare, measure_peer
from spanwise.runtime.benchmark.pipeline import HALF, Setting
from spanwise.schema import Example

SLOW, QUICK, ALONE = Setting(512, 64, 8), Setting(256, 0, 8), Setting(256, 64, 1)
ROUNDED, TRUNCATING = Setting(256, 0, 8, HALF), Setting(512, None, 1)
TIMES = {
    str(SLOW): [9.0, 9.0, 9.0],
    str(QUICK): [6.0, 8.0, 7.0],
    str(ALONE): [10.0, 10.0, 12.0],
    str(ROUNDED): [4.0, 4.0, 4.0],
    str(TRUNCATING): [3.0, 3.0, 3.0],
    "torch": [5.0, 5.0, 5.0],
    "onnx-int8": [2.0, 4.0, 1.0],
    "torch, one by one": [6.0, 5.0, 6.0],
    "onnx-int8, one by one": [2.5, 2.5, 2.0],
}


def test_ratios_are_those_within_a_round() -> None:
    found = compare(TIMES, [SLOW, QUICK, ALONE, ROUNDED], TRUNCATING, ["torch", "onnx-int8"], 14)
    assert found["backend"] == "onnx-int8"
    # 6/2, 8/4 and 7/1: the median is 3, while the medians of the times, 7 and 2, would give 3.5.
    assert (found["speedup_best"], found["speedup_best_low"], found["speedup_best_high"]) == (3, 2, 7)
    assert (found["speedup_batch1"], found["speedup_batch1_low"], found["speedup_batch1_high"]) == (4, 4, 6)
    assert found["truncating"]["speedup"] == 1.5
    assert found[HALF]["speedup"] == 2
    assert found["ours"]["torch"]["speedup"] == pytest.approx(1.4)


def test_rounded_weights_are_never_the_quickest_setting_that_speedup_best_means() -> None:
    found = compare(TIMES, [SLOW, QUICK, ALONE, ROUNDED], TRUNCATING, ["torch"], 14)
    told = {name: found["quickest"][name] for name in ("window", "stride", "batch_size", "precision")}
    assert told == {"window": 256, "stride": 0, "batch_size": 8, "precision": "float32"}
    assert found["quickest"]["documents_per_s"] == 2
    assert [each["documents_per_s"] for each in found["settings"]] == pytest.approx([14 / 9, 2, 1.4, 3.5])


def test_the_pipeline_and_the_model_run_in_turn(stored: Path, examples: list[Example]) -> None:
    threads = torch.get_num_threads()
    long = [each.model_copy(update={"text": each.text * 60}) for each in examples[:1]]
    found = measure_peer(
        stored,
        [*long, *examples[1:4]],
        backends=["torch"],
        threads=1,
        batch_tokens=512,
        documents=9,
        repeats=2,
        batch_sizes=[2],
    )
    torch.set_num_threads(threads)
    assert (found["name"], found["documents"], found["rounds"], found["threads"]) == ("hf-pipeline", 4, 2, 1)
    assert found["backend"] == "torch"
    assert found["version"].count(".") >= 1
    assert 0 < found["speedup_best_low"] <= found["speedup_best"] <= found["speedup_best_high"]
    assert len(found["settings"]) == 7
    cut = found["truncating"]
    assert cut["documents_truncated"] == 1
    assert 0 < cut["tokens_dropped"] < cut["tokens"]
    assert found["entities_dropped"] == cut["entities_dropped"] > 0
    assert found["tokens_dropped_by_us"] == 0


def test_no_document_is_an_error(stored: Path) -> None:
    with pytest.raises(UserError, match="no document"):
        measure_peer(
            stored,
            [],
            backends=["torch"],
            threads=None,
            batch_tokens=512,
            documents=3,
            repeats=1,
            batch_sizes=[1],
        )
