"""Which parameters move, and how fast: learning rates by depth, weight decay, frozen layers, warm-up."""

from __future__ import annotations

import math
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from pydantic.dataclasses import dataclass
from torch import nn
from transformers import PreTrainedModel
from transformers.trainer_pt_utils import get_parameter_names

from spanwise.errors import UserError

if TYPE_CHECKING:
    from peft import PeftModel

UNDECAYED = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]
"""Names without weight decay, as in `Trainer.get_decay_parameter_names`; a test compares the two."""


@dataclass(frozen=True)
class Layers:
    """How the layers of an encoder differ in training.

    Attributes:
        decay: The learning rate of each layer is that of the layer above times this, the embeddings' that of
            the lowest layer times this; 1 treats all alike. Discriminative fine-tuning (Howard & Ruder 2018,
            arXiv 1801.06146, section 3.2), by layer as in ELECTRA (Clark et al. 2020, arXiv 2003.10555,
            appendix B).
        frozen: How many of the lowest layers keep their pretrained weights, and the embeddings below them
            too (Lee et al. 2019, arXiv 1911.03090).
        frozen_embeddings: Whether the embeddings keep theirs even if no layer does.
        head_rate: The learning rate of what stands on the encoder, as a multiple of the top layer's.
    """

    decay: float
    frozen: int
    frozen_embeddings: bool
    head_rate: float


def parameter_groups(
    model: nn.Module,
    encoder: PreTrainedModel | PeftModel,
    recipe: Layers,
    *,
    learning_rate: float,
    weight_decay: float,
) -> list[dict[str, Any]]:
    """The trainable parameters of `model` in groups for a torch optimiser, one for each pair of settings.

    Groups and their parameters stand in the order of `model.named_parameters()`. Of the encoder, what acts
    before its layers counts as embeddings, and what acts behind or beside them (a last norm, DeBERTa's
    relative positions) as part of the top layer.

    Args:
        model: All that is trained.
        encoder: The transformer in `model`, with or without a classification head and adapters.
        recipe: How the layers differ.
        learning_rate: Of the top layer.
        weight_decay: Of all but biases and norms.

    Raises:
        UserError: If rates go by layer and the encoder's layers cannot be found.
    """
    rates = _rates(_transformer(encoder), recipe.decay, learning_rate)
    decayed = set(get_parameter_names(model, [nn.LayerNorm], UNDECAYED))  # type: ignore[no-untyped-call]
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            rate = rates.get(parameter, learning_rate * recipe.head_rate)
            groups.setdefault((rate, weight_decay if name in decayed else 0.0), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def check_layers(encoder: PreTrainedModel, recipe: Layers) -> None:
    """Look for the layers that the recipe tells apart.

    Raises:
        UserError: If more layers are to be frozen than there are, or they cannot be found.
    """
    if recipe.decay == 1 and not recipe.frozen and not recipe.frozen_embeddings:
        return
    layers = len(_stack(_transformer(encoder))) - 1
    if recipe.frozen > layers:
        raise UserError(f"train.layers.frozen = {recipe.frozen}: the encoder has {layers} layers")


def freeze(encoder: PreTrainedModel | PeftModel, recipe: Layers) -> None:
    """Keep the lowest layers of `encoder` from being trained, with their adapters where it has some.

    Args:
        encoder: One that `check_layers` found no fault with.
        recipe: How many layers.
    """
    if not recipe.frozen and not recipe.frozen_embeddings:
        return
    # Embeddings below a frozen layer are frozen too: training them would cost the backward pass through it.
    for part in _stack(_transformer(encoder))[: recipe.frozen + 1]:
        for parameter in part:
            parameter.requires_grad_(False)


def warmup(warmup_steps: float, total_steps: int) -> int:
    """How many steps the warm-up takes: below 1 it is a share of all steps, rounded up, as in Trainer."""
    return int(warmup_steps) if warmup_steps >= 1 else math.ceil(total_steps * warmup_steps)


def _transformer(encoder: PreTrainedModel | PeftModel) -> PreTrainedModel:
    """The bare transformer under adapters and a classification head, where there are any."""
    inner: Any = encoder if isinstance(encoder, PreTrainedModel) else encoder.get_base_model()
    transformer: PreTrainedModel = inner.base_model
    return transformer


def _rates(transformer: PreTrainedModel, decay: float, learning_rate: float) -> dict[nn.Parameter, float]:
    rates = dict.fromkeys(transformer.parameters(), learning_rate)
    if decay != 1:
        for depth, part in enumerate(reversed(_stack(transformer))):
            rates |= dict.fromkeys(part, learning_rate * decay**depth)
    return rates


def _stack(transformer: PreTrainedModel) -> list[list[nn.Parameter]]:
    """The parameters of the embeddings, and then of each layer from the lowest up."""
    count = transformer.config.num_hidden_layers
    lists = (module for module in transformer.modules() if isinstance(module, nn.ModuleList))
    layers = next((modules for modules in lists if len(modules) == count), None)
    if layers is None:
        raise UserError(
            f"the layers of {type(transformer).__name__} cannot be told apart: it keeps no list of {count}",
            hint="Set train.layers.decay to 1, train.layers.frozen to 0 and frozen_embeddings to false.",
        )
    lowest = next(layers.parameters())
    embeddings = takewhile(lambda parameter: parameter is not lowest, transformer.parameters())
    return [list(embeddings), *(list(layer.parameters()) for layer in layers)]
