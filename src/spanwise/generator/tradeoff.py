"""What quantisation costs and gains: the quality of a stored generator beside its speed and size."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from spanwise.generator.likelihood import mean
from spanwise.generator.quantisation import Quantisation
from spanwise.generator.stored import load
from spanwise.generator.writing import Sampling
from spanwise.schema import Example


def tradeoff(
    folder: Path,
    examples: Sequence[Example],
    kinds: Sequence[Quantisation],
    *,
    sampling: Sampling,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Each quantisation of the generator in `folder`, measured on the same examples.

    Args:
        folder: The folder of a generator.
        examples: Whose answers are foretold, and written anew.
        kinds: The quantisations, the one that others are held against first.
        sampling: How answers are written.
        seed: Of what is drawn.

    Returns:
        For each kind `loss` in nats a token and `perplexity` of the targets, `same` as the share of answers
        that are those of the first kind, `tokens_per_s` written, and `model_mb` (10^6 bytes) of the weights.

    Raises:
        UserError: If a kind is not for this device, or the generator cannot be loaded.
    """
    figures: dict[str, dict[str, Any]] = {}
    first: list[str] = []
    for kind in kinds:
        writer = load(folder, quantisation=kind)
        cost = mean(writer.losses(examples))
        clock = time.perf_counter()
        answers = list(writer.answer(examples, sampling=sampling, seed=seed))
        seconds = time.perf_counter() - clock
        texts = [answer.text for answer in answers]
        first = first or texts
        figures[kind] = {
            "loss": cost,
            "perplexity": math.exp(cost),
            "same": sum(one == two for one, two in zip(first, texts, strict=True)) / len(texts),
            "tokens_per_s": sum(answer.tokens for answer in answers) / seconds,
            "model_mb": megabytes(writer.model),
        }
    return figures


def megabytes(model: nn.Module) -> float:
    """The memory of all weights, those among them that PyTorch has packed for integers."""
    tensors = {tensor.data_ptr(): tensor for tensor in (*model.parameters(), *model.buffers())}
    held = sum(tensor.nbytes for tensor in tensors.values())
    integers: list[Any] = [
        module for module in model.modules() if isinstance(module, torch.ao.nn.quantized.dynamic.Linear)
    ]
    return float(held + sum(module.weight().nbytes for module in integers)) / 1e6
