"""Token classification models of random weights, of several architectures."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoConfig, AutoModelForTokenClassification, PreTrainedConfig, PreTrainedModel

LAYERS = 3
SIZES: dict[str, Any] = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "num_labels": 5,
    "pad_token_id": 0,
}
PARTICULAR: dict[str, dict[str, Any]] = {
    "bert": {},
    "roberta": {},
    "electra": {"embedding_size": 8},
    "deberta-v2": {"relative_attention": True, "position_buckets": 4, "pos_att_type": ["p2c", "c2p"]},
    "distilbert": {"dim": 16, "n_layers": LAYERS, "n_heads": 2, "hidden_dim": 32},
    "modernbert": {"bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2},
    "mistral": {"num_key_value_heads": 2, "head_dim": 8},
    "albert": {"embedding_size": 8},
}
RENAMED = {"distilbert": ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")}


def tiny_config(model_type: str, **settings: Any) -> PreTrainedConfig:
    """The configuration of a model with three layers and five tags."""
    sizes = {name: size for name, size in SIZES.items() if name not in RENAMED.get(model_type, ())}
    config: PreTrainedConfig = AutoConfig.for_model(model_type, **sizes, **PARTICULAR[model_type], **settings)
    return config


def tiny_model(model_type: str, **settings: Any) -> PreTrainedModel:
    """A model of such a configuration, of the same random weights each time."""
    torch.manual_seed(13)
    config = tiny_config(model_type, **settings)
    model: PreTrainedModel = AutoModelForTokenClassification.from_config(config)  # type: ignore[no-untyped-call]
    return model


def windows() -> dict[str, torch.Tensor]:
    """Two windows of eight tokens, the second padded."""
    tokens = torch.randint(3, 50, (2, 8), generator=torch.Generator().manual_seed(7))
    mask = torch.ones_like(tokens)
    tokens[1, 6:] = mask[1, 6:] = 0
    return {"input_ids": tokens, "attention_mask": mask}
