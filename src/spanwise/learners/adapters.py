"""Low-rank adapters: small matrices are trained beside frozen weights, and merged into them for serving."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from pydantic.dataclasses import dataclass
from torch import Tensor, nn
from transformers import PreTrainedModel

from spanwise.errors import UserError
from spanwise.learners.holding import dequantised, is_quantised

if TYPE_CHECKING:
    from peft import PeftModel


@dataclass(frozen=True)
class Adapter:
    """Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685).

    Attributes:
        rank: Of the update of each weight matrix; 0 for full fine-tuning.
        alpha: The update is scaled by alpha / rank.
        dropout: Of what goes into the update, in training.
        targets: Names of the linear layers that are adapted, as the architecture has them: `query` in every
            layer of a BERT, `attention.output.dense` where the last part alone would name too many.
    """

    rank: int
    alpha: float
    dropout: float
    targets: tuple[str, ...]


def adapted(model: PreTrainedModel, recipe: Adapter) -> PeftModel:
    """Put adapters into a token classification model, in place; all but them and the head is frozen.

    Their first weights are drawn from torch's generator and change nothing of what the model computes.

    Raises:
        UserError: If peft is not installed, or a target names no linear layer of the encoder.
    """
    try:
        from peft import LoraConfig, TaskType, get_peft_model
    except ImportError:
        raise UserError(
            f"train.adapter.rank = {recipe.rank}: adapters need the package peft, which is not installed",
            hint="Install it: `pip install peft`.",
        ) from None
    check_targets(model.base_model, recipe)
    config = LoraConfig(
        task_type=TaskType.TOKEN_CLS,
        r=recipe.rank,
        lora_alpha=recipe.alpha,  # type: ignore[arg-type]  # peft only divides by the rank
        lora_dropout=recipe.dropout,
        target_modules=list(recipe.targets),
        modules_to_save=_head(model),
    )
    with warnings.catch_warnings():  # peft 0.21 asks for a property that Transformers 5 has renamed
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        result = get_peft_model(model, config)
    assert not isinstance(result, str)
    for parameter in result.parameters():
        if parameter.requires_grad:  # a step in bfloat16 would mostly be rounded away
            parameter.data = parameter.data.float()
    return result


def merged(model: PeftModel) -> PreTrainedModel:
    """The model with its adapters added to the weights: nothing of peft is left in it.

    Quantised weights are dequantised first, not taken anew from their source: the adapters were trained on
    what the quantised ones stand for, and to these they are added without another rounding. All weights have
    the number format of the frozen ones.
    """
    base = model.get_base_model()
    assert isinstance(base, PreTrainedModel)
    dtype = base.dtype
    result = _dequantised(model) if is_quantised(base) else model.merge_and_unload()
    assert isinstance(result, PreTrainedModel)
    nn.Module.to(result, dtype)  # Transformers' own has no types
    return result


def _dequantised(model: PeftModel) -> PreTrainedModel:
    """The same, of quantised weights; peft would quantise the sum, and lose most of the adapters to it."""
    from peft.tuners.lora import LoraLayer

    updates: dict[str, Tensor] = {
        name: module.get_delta_weight(adapter).detach()  # type: ignore[attr-defined]
        for name, module in model.get_base_model().named_modules()
        if isinstance(module, LoraLayer)
        for adapter in module.active_adapters
    }
    unloaded: Any = model.unload()
    plain = dequantised(unloaded)
    for name, update in updates.items():
        weight = plain.get_submodule(name).weight
        assert isinstance(weight, Tensor)
        weight.data = (weight.float() + update).to(weight.dtype)
    return plain


def _head(model: PreTrainedModel) -> list[str]:
    """What is new on the encoder: the classifier, and what ModernBERT has between the two."""
    return [
        name
        for name, module in model.named_children()
        if module is not model.base_model and any(True for _ in module.parameters())
    ]


def check_targets(encoder: nn.Module, recipe: Adapter) -> None:
    """Look for the layers that are to be adapted.

    Raises:
        UserError: If a target names no linear layer of the encoder.
    """
    linear = [name for name, module in encoder.named_modules() if isinstance(module, nn.Linear)]
    for target in recipe.targets:
        if not any(f".{name}".endswith(f".{target}") for name in linear):
            existing = sorted({name.rpartition(".")[2] for name in linear})
            raise UserError(
                f"train.adapter.targets: {type(encoder).__name__} has no linear layer {target}",
                hint=f"It has {', '.join(existing)}.",
            )
