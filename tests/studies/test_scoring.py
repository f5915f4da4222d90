"""What the study times, and that all three score the same; not how fast this machine is."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from studies.scoring import largest_difference, main, make_corpus


def test_all_three_are_timed_on_the_same_spans_and_agree(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    main(figures, documents=8, words=60, types=5, samples=20, rounds=2, seed=13)
    found = json.loads(figures.read_text())
    corpus = make_corpus(8, 60, 5, seed=13)
    assert (found["documents"], found["words"], found["samples"]) == (8, 480, 20)
    assert found["gold"] == sum(len(each.gold) for each in corpus)
    assert found["predicted"] == sum(len(each.predicted) for each in corpus)
    assert found["largest_difference"] == pytest.approx(0, abs=1e-9)
    assert set(found["seconds"]) == {"spanwise", "seqeval", "nervaluate"}
    assert found["ratios"]["both"] == pytest.approx(
        found["ratios"]["seqeval"] + found["ratios"]["nervaluate"], abs=1e-5
    )


def test_the_corpus_follows_its_seed_and_is_flat() -> None:
    corpus = make_corpus(6, 100, 4, seed=1)
    assert corpus == make_corpus(6, 100, 4, seed=1)
    assert corpus != make_corpus(6, 100, 4, seed=2)
    for each in corpus:
        assert len(each.gold) != len(each.predicted)
        for spans in (each.gold, each.predicted):
            assert all(one.end < behind.start for one, behind in pairwise(spans))
            pieces = [each.text[span.start : span.end] for span in spans]
            assert all(piece.strip() == piece for piece in pieces)
            assert spans[-1].end <= len(each.text)
    drawn = {span.label for each in corpus for span in each.gold}
    assert drawn == {"T00", "T01", "T02", "T03"}


def test_a_difference_is_told() -> None:
    class Counts:
        correct, incorrect, partial, missed, spurious = 5, 0, 0, 0, 0

    counts = {"correct": 5, "incorrect": 0, "partial": 0, "missed": 2, "spurious": 0}
    ours = {
        "strict": {average: {"f1": 0.5} for average in ("micro", "macro", "weighted")},
        "types": {"A": {"f1": 0.5}},
        "semeval": dict.fromkeys(("strict", "exact", "partial", "type"), counts),
    }
    report = {row: {"f1-score": 0.5} for row in ("micro avg", "macro avg", "weighted avg", "A")}
    results = dict.fromkeys(("strict", "exact", "partial", "ent_type"), Counts)
    assert largest_difference(ours, report, results) == 2
