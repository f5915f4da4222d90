"""The same tokens are learnt from, whoever learns: held on golden rows and on dialogues."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.adaptation.masking import Masked, labels, mask, padded, shifted
from spanwise.encoding import IGNORED
from spanwise.generator.rows import Row
from tests import talkers
from tests.unit.adaptation.examples import GOLDEN, rows

Learnt = list[tuple[int, int]]
"""Place and token of what is learnt from."""


def by_trl(masked: Masked) -> Learnt:
    return [(place, label) for place, label in enumerate(labels(masked)) if place and label != IGNORED]


def by_tinker(masked: Masked) -> Learnt:
    _, targets, weights = shifted(masked)
    pairs = enumerate(zip(targets, weights, strict=True), start=1)
    return [(place, token) for place, (token, weight) in pairs if weight]


def by_mlx(batch: list[Masked]) -> list[Learnt]:
    tokens, weights = padded(batch, pad=3)
    return [
        [(int(place), int(tokens[row, place])) for place in np.flatnonzero(weights[row])]
        for row in range(len(batch))
    ]


def test_the_same_tokens_of_golden_rows_are_learnt_from_by_all() -> None:
    found = mask(rows())
    learnt = [by_trl(masked) for masked in found]
    assert learnt == [by_tinker(masked) for masked in found] == by_mlx(found)
    words = talkers.tokenizer()
    assert [words.decode([token for _, token in each]) for each in learnt] == [
        f"{example.target}<|im_end|>" for example in talkers.dialogues()
    ]


def test_trl_collates_the_labels_that_the_masker_gives() -> None:
    pytest.importorskip("trl")
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    found = rows()
    collated = DataCollatorForLanguageModeling(pad_token_id=3)(
        [{"input_ids": row.input_ids, "labels": row.labels} for row in found]
    )
    _, weights = padded(mask(found), pad=3)
    learnt = collated["labels"].numpy()[:, 1:] != IGNORED
    assert np.array_equal(learnt, weights[:, 1:] > 0)


def test_what_fills_a_row_has_no_weight() -> None:
    tokens, weights = padded(GOLDEN, pad=3)
    assert tokens.shape == weights.shape == (3, 6)
    assert tokens[1].tolist() == [5, 6, 10, 2, 3, 3]
    assert weights.sum() == sum(masked.learnt for masked in GOLDEN) == 6


def test_the_first_token_is_never_learnt() -> None:
    [found] = mask([Row("a", [4, 5], [4, 5], cut=0, shared=False)])
    assert found.weights == (0.0, 1.0)


ROWS = st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=2, max_size=12)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_all_forms_hold_the_same_tokens(drawn: list[list[tuple[int, bool]]]) -> None:
    made = [
        Row(
            str(number),
            [token for token, _ in row],
            [token if learnt else IGNORED for token, learnt in row],
            cut=0,
            shared=False,
        )
        for number, row in enumerate(drawn)
    ]
    found = mask(made)
    assert [by_trl(each) for each in found] == [by_tinker(each) for each in found] == by_mlx(found)
    assert [each.learnt for each in found] == [row.loss_tokens for row in made]
