"""First subwords, gathered at the front."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from spanwise.heads.compaction import compact

TAGGED = st.tuples(st.integers(1, 4), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.booleans(), min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    ).map(torch.tensor)
)


@given(tagged=TAGGED)
def test_words_come_first_in_their_order_and_zeros_behind(tagged: Tensor) -> None:
    values = torch.arange(1.0, tagged.numel() + 1).reshape(tagged.shape)
    packed, mask = compact(values, tagged)
    widest = max(int(row.sum()) for row in tagged)
    for row, chosen, found, there in zip(values, tagged, packed, mask, strict=True):
        expected = row[chosen].tolist()
        missing = widest - len(expected)
        assert found.tolist() == expected + [0.0] * missing
        assert there.tolist() == [True] * len(expected) + [False] * missing


def test_vectors_and_tags_are_gathered_alike_and_keep_their_type() -> None:
    tagged = torch.tensor([[False, True, False, True], [False, True, False, False]])
    vectors, _ = compact(torch.arange(24, dtype=torch.bfloat16).reshape(2, 4, 3), tagged)
    assert vectors.dtype == torch.bfloat16
    assert vectors.tolist() == [[[3, 4, 5], [9, 10, 11]], [[15, 16, 17], [0, 0, 0]]]
    tags, mask = compact(torch.tensor([[-100, 5, -100, 6], [-100, 7, -100, -100]]), tagged)
    assert tags.tolist() == [[5, 6], [7, 0]]
    assert mask.tolist() == [[True, True], [True, False]]


def test_only_tagged_positions_get_a_gradient() -> None:
    tagged = torch.tensor([[False, True, False, True], [True, False, False, False]])
    values = torch.ones(2, 4, 2, requires_grad=True)
    packed, _ = compact(values, tagged)
    torch.autograd.backward((packed * 3).sum())
    assert values.grad is not None
    assert torch.equal(values.grad, 3.0 * tagged[..., None].expand(2, 4, 2))


def test_a_batch_without_words_has_no_columns() -> None:
    packed, mask = compact(torch.ones(2, 3, 5), torch.zeros(2, 3, dtype=torch.bool))
    assert packed.shape == (2, 0, 5)
    assert mask.shape == (2, 0)
    packed, mask = compact(torch.ones(0, 3, 5), torch.zeros(0, 3, dtype=torch.bool))
    assert packed.shape == (0, 0, 5)
    assert mask.shape == (0, 0)
