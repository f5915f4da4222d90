"""How weights and activations are held in memory: number format, quantisation, checkpointing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from transformers import PreTrainedModel

from spanwise.errors import UserError
from spanwise.runtime.backends.pytorch import DTYPES

if TYPE_CHECKING:
    from transformers import BitsAndBytesConfig

Dtype = Literal["fp32", "bf16"]
Quantisation = Literal["none", "int8", "nf4"]

HEADS = ["score", "classifier", "head"]
"""What stands on an encoder, by the names of Transformers: trained, and therefore never quantised."""


@dataclass(frozen=True)
class Holding:
    """How a model is held while it is trained.

    Attributes:
        dtype: Of the weights as they are loaded, and stored. What is trained is in float32 all the same.
        quantisation: Of the linear layers of the encoder: `nf4` is that of QLoRA (Dettmers et al. 2023, arXiv
            2305.14314), with quantised constants; `int8` that of LLM.int8() (Dettmers et al. 2022, arXiv
            2208.07339). Both are computed by bitsandbytes.
        gradient_checkpointing: Whether a layer's activations are computed anew on the way back (Chen et al.
            2016, arXiv 1604.06174).
    """

    dtype: Dtype = "fp32"
    quantisation: Quantisation = "none"
    gradient_checkpointing: bool = False


PLAIN = Holding()


def quantiser(holding: Holding) -> BitsAndBytesConfig | None:
    """What tells Transformers to quantise a model that it loads, all but what will be trained.

    Raises:
        UserError: If bitsandbytes is not installed.
    """
    if holding.quantisation == "none":
        return None
    try:
        import bitsandbytes  # noqa: F401 - Transformers would name its own extra
    except ImportError:
        raise UserError(
            f"train.quantisation = {holding.quantisation!r} needs bitsandbytes, which is not installed",
            hint="Install it: `pip install bitsandbytes`, or set train.quantisation to none.",
        ) from None
    from transformers import BitsAndBytesConfig

    if holding.quantisation == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=HEADS)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=DTYPES[holding.dtype],
        llm_int8_skip_modules=HEADS,
    )


def is_quantised(model: PreTrainedModel) -> bool:
    """Whether linear layers of the model are quantised."""
    return bool(getattr(model, "is_quantized", False))


def keep_layout(model: PreTrainedModel) -> None:
    """Keep bitsandbytes from rearranging NF4 weights when they are first evaluated on a CPU with AVX512-BF16.

    It takes kernels from the hub to do so, and what dequantises the weights does not know that layout.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False  # type: ignore[assignment]


def dequantised(model: PreTrainedModel) -> PreTrainedModel:
    """The model with plain linear layers in place of quantised ones, with the weights that they stand for."""
    result: Any = model.dequantize(model.dtype)  # type: ignore[no-untyped-call]
    result.is_loaded_in_4bit = result.is_loaded_in_8bit = False
    assert isinstance(result, PreTrainedModel)
    return result
