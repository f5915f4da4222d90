"""Quantised weights: eight or four bits by bitsandbytes, or eight bits in the products of a CPU."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import nn
from transformers import PreTrainedModel

from spanwise.errors import UserError

Quantisation = Literal["none", "int8", "nf4", "int8-dynamic"]
"""`int8` (Dettmers et al. 2022, arXiv 2208.07339) and `nf4` (Dettmers et al. 2023, arXiv 2305.14314) store
the weights of linear layers by bitsandbytes; `int8-dynamic` computes them in integers, on a CPU alone."""

FRAGILE = ("down_proj",)
"""Layers whose input holds a few values so large (Sun et al. 2024, arXiv 2402.17762) that eight bits for all
of them lose the rest: with these layers in integers SmolLM2's loss rises by half, else by a sixteenth."""


def loading(quantisation: Quantisation, dtype: torch.dtype) -> dict[str, Any]:
    """What `from_pretrained` is told of a quantisation; the output head keeps its precision.

    Raises:
        UserError: If bitsandbytes is not installed, or has no such kind for this device.
    """
    if quantisation not in {"int8", "nf4"}:
        return {}
    if (
        quantisation == "int8" and not torch.cuda.is_available()
    ):  # bitsandbytes would round each input to fp16
        raise UserError("quantisation int8 is for a GPU", hint="Take int8-dynamic or nf4 on a CPU.")
    try:
        import bitsandbytes  # noqa: F401 - Transformers would complain at length
        from transformers import BitsAndBytesConfig
    except ImportError:
        raise UserError(
            f"quantisation {quantisation} needs the package bitsandbytes, which is not installed",
            hint="Install it: `pip install bitsandbytes`.",
        ) from None
    if quantisation == "int8":
        return {"quantization_config": BitsAndBytesConfig(load_in_8bit=True)}  # type: ignore[no-untyped-call]
    stored = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    return {"quantization_config": stored}


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Inside, a model is in evaluation mode, and may be trained on afterwards.

    bitsandbytes packs four-bit weights on a CPU in layers that are not trained, and computes wrong gradients
    through them from then on: these layers, which drop nothing, stay in training mode.
    """
    training = model.training
    model.eval()
    for module in model.modules():
        if type(module).__name__ == "Linear4bit":
            module.training = True
    yield
    model.train(training)


def pack(model: PreTrainedModel, quantisation: Quantisation) -> PreTrainedModel:
    """A loaded model with the linear layers that a CPU computes in integers; any other as it is.

    The output head and what is `FRAGILE` keep their precision.

    Raises:
        UserError: If there is a GPU, whose products have no such kind.
    """
    if quantisation != "int8-dynamic":
        return model
    if torch.cuda.is_available():
        raise UserError("quantisation int8-dynamic is for a CPU", hint="Take int8 or nf4 on a GPU.")
    from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    linear = [
        name
        for name, module in model.named_modules()
        if type(module) is nn.Linear and module is not head and not name.endswith(FRAGILE)
    ]
    with warnings.catch_warnings():  # PyTorch moves it to torchao, which is no dependency
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", "torch.quantize_per_tensor", UserWarning)
        packed: PreTrainedModel = quantize_dynamic(  # type: ignore[no-untyped-call]
            model, dict.fromkeys(linear, per_channel_dynamic_qconfig), dtype=torch.qint8
        )
    return packed
