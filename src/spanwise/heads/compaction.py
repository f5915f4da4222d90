"""From tokens to words: what stands at the first subwords, gathered at the front."""

from __future__ import annotations

import torch
from torch import Tensor


def compact(values: Tensor, tagged: Tensor) -> tuple[Tensor, Tensor]:
    """Gather the tagged positions of each window at its front, in their order.

    Args:
        values: `[windows, tokens, ...]`.
        tagged: Which tokens are the first subword of a word, `[windows, tokens]`, bool.

    Returns:
        `[windows, words, ...]`, as wide as the window with most words and zero behind the words of the
        others; and the mask that tells words from padding, `[windows, words]`, bool.
    """
    counts = tagged.sum(dim=1)
    width = int(counts.max()) if len(counts) else 0
    mask = torch.arange(width, device=tagged.device) < counts[:, None]
    packed = values.new_zeros(len(values), width, *values.shape[2:])
    packed[mask] = values[tagged]
    return packed, mask
