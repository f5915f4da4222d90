"""In which directions a model attends: encoders in both, decoders as told, and as they are found to."""

from __future__ import annotations

from typing import Any

import torch
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    PreTrainedConfig,
    PreTrainedModel,
)

from spanwise.errors import UserError

PROBED = 2  # tokens: neighbours, which see each other through any sliding window


def is_decoder(config: PreTrainedConfig) -> bool:
    """Whether an architecture writes from left to right: it has a causal language model and no masked one."""
    return type(config) in MODEL_FOR_CAUSAL_LM_MAPPING and type(config) not in MODEL_FOR_MASKED_LM_MAPPING


def attention_settings(config: PreTrainedConfig, bidirectional: bool) -> dict[str, Any]:
    """What to set in the configuration of a model before it is built.

    `is_causal` turns the attention of a decoder around, sliding windows included (Transformers >= 5.2); it is
    what LS-LLaMA calls unmasking (Li et al. 2023, arXiv 2310.01208). Nothing is ever generated, so that keys
    and values need not be kept.

    Args:
        config: Of the model.
        bidirectional: Whether a token sees those behind it.

    Raises:
        UserError: If an encoder is asked to attend in one direction.
    """
    if is_decoder(config):
        return {"is_causal": not bidirectional, "use_cache": False}
    if not bidirectional:
        raise UserError(
            f"model.bidirectional = false: {config.model_type} is an encoder, and attends in both directions",
            hint="Set it to true, or take a decoder.",
        )
    return {}


def check_direction(model: PreTrainedModel, bidirectional: bool) -> None:
    """Look whether the first token's output depends on the last token, as it is to, or not to.

    Raises:
        UserError: If it attends otherwise: an architecture, or a Transformers, that ignores `is_causal`.
    """
    if not is_decoder(model.config) or looks_ahead(model) == bidirectional:
        return
    found, asked = ("both directions", "one") if not bidirectional else ("one direction", "both")
    raise UserError(
        f"{type(model).__name__} attends in {found}, and model.bidirectional asks for {asked}",
        hint="Take Transformers >= 5.2 and an architecture that follows `is_causal`, or change the setting.",
    )


def looks_ahead(model: PreTrainedModel) -> bool:
    """Whether what a token classification model says of a token depends on later ones."""
    training = model.training
    model.train(False)
    ids = torch.arange(PROBED, device=model.device)[None]
    other = ids.clone()
    other[0, -1] = PROBED
    with torch.inference_mode():
        one, two = (model(input_ids=each).logits[0, 0] for each in (ids, other))
    model.train(training)
    return not torch.equal(one, two)
