"""What PyTorch is slow at on a CPU, computed otherwise while a network is trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

ATTENTION = "bf16-products"
BITS = 16  # of a random draw for one value


@contextmanager
def cpu_kernels(network: nn.Module, precision: str) -> Iterator[None]:
    """Inside, a network on a CPU has the faster attention and dropout; elsewhere nothing is different.

    Args:
        network: With a transformer somewhere in it.
        precision: Of the matrix products in training.
    """
    if next(network.parameters()).device.type != "cpu":
        yield
        return
    dropouts = [module for module in network.modules() if type(module) is nn.Dropout]
    fused = _fused(network) if precision == "bf16" and _fused_attention_is_slow() else []
    try:
        for transformer in fused:
            transformer.set_attn_implementation(ATTENTION)
        for module in dropouts:
            module.__class__ = DrawnInWords
        yield
    finally:
        for transformer in fused:
            transformer.set_attn_implementation("sdpa")
        for module in dropouts:
            module.__class__ = nn.Dropout


def _fused(network: nn.Module) -> list[PreTrainedModel]:
    """The transformers in it that use PyTorch's fused attention; `PeftModel` passes for none of them."""
    return [
        module
        for module in network.modules()
        if isinstance(module, PreTrainedModel) and module.config._attn_implementation == "sdpa"
    ]


class DrawnInWords(nn.Dropout):
    """Dropout that draws its random numbers four at a time, out of words of 64 bits.

    PyTorch takes 7 ns for each value on a CPU, a twentieth of a training step of a MiniLM; this takes 3 ns.
    Its shares are multiples of 2^-16.
    """

    def forward(self, input: Tensor) -> Tensor:
        """`input` with a share `p` of its values zero and the others as much larger."""
        dropped = round(self.p * 2**BITS)
        if not self.training or dropped in (0, 2**BITS):
            return super().forward(input)
        words = torch.empty(-(-input.numel() * BITS // 64), dtype=torch.int64).random_(-(2**63), None)
        draws = words.view(torch.int16)[: input.numel()].view(input.shape)
        kept = (draws >= dropped - 2 ** (BITS - 1)).to(input.dtype)
        enlarged: Tensor = input * kept.div_(1 - dropped / 2**BITS)
        return enlarged


def attention(  # noqa: PLR0917 - as Transformers calls it
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Attention of bfloat16 by matrix products, softmax and matrix products; any other by `sdpa`.

    PyTorch's fused kernel multiplies bfloat16 slowly where the CPU has no AMX. On an EPYC with AVX512-BF16 it
    took 64 ms of one core, forwards and backwards, for 2,048 tokens in windows of 256 and 12 heads of 32, and
    this takes 31 ms; in windows of 128 it is 68 ms and 18 ms. Scores are rounded to bfloat16 ahead of the
    softmax, as they are in Transformers' `eager` attention under autocast.

    Args:
        module: The layer's attention.
        query: `[windows, heads, tokens, size]`.
        key: Likewise.
        value: Likewise.
        attention_mask: Which keys a query sees, bool, `[windows, 1, tokens, tokens]`; None where all.
        dropout: Of the weights, in training.
        scaling: Of the scores; by default one over the root of the size.
        options: What else `sdpa` takes.

    Returns:
        `[windows, tokens, heads, size]`, and no weights.
    """
    if not _plain(module, query, key, attention_mask, options):
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **options
        )
    scaled = query * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    weights = scaled @ key.transpose(2, 3)
    if attention_mask is not None:
        lowest = torch.finfo(weights.dtype).min
        # Added, since the gradient of a sum is no work.
        weights += weights.new_zeros(attention_mask.shape).masked_fill_(~attention_mask, lowest)
    weights = functional.dropout(weights.softmax(dim=-1), dropout, training=module.training)
    return (weights @ value).transpose(1, 2).contiguous(), None


def _plain(
    module: nn.Module, query: Tensor, key: Tensor, mask: Tensor | None, options: dict[str, Any]
) -> bool:
    """Whether this is bidirectional attention in bfloat16 with as many keys as queries and nothing else."""
    causal = options.get("is_causal")
    return (
        query.dtype == torch.bfloat16
        and query.shape == key.shape
        and not (getattr(module, "is_causal", True) if causal is None else causal)
        and (mask is None or mask.dtype == torch.bool)
        and all(options.get(name) is None for name in ("position_bias", "cache", "softcap"))
    )


def _fused_attention_is_slow() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16")) and not capabilities.get("amx_bf16")


AttentionInterface.register(ATTENTION, attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
