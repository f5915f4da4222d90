"""Multi-sample dropout: one pass of the encoder, several draws of the dropout before the classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from transformers import PreTrainedModel

from spanwise.errors import UserError

if TYPE_CHECKING:
    from peft import PeftModel


def sampled_logits(model: PreTrainedModel | PeftModel, hidden: torch.Tensor, samples: int) -> torch.Tensor:
    """The logits under several draws of the classifier's dropout, `[samples, windows, tokens, tags]`.

    The loss is to be averaged over the samples (Inoue 2019, arXiv 1905.09788, figure 1): the encoder, by far
    the greater part, runs once for all. Outside of training all would be alike, and there is one.

    Args:
        model: A token classification model, with or without adapters.
        hidden: What its encoder came to, `[windows, tokens, dimensions]`.
        samples: How many.

    Raises:
        UserError: If the model is not an encoder, dropout and a linear classifier in turn.
    """
    inner = model if isinstance(model, PreTrainedModel) else model.get_base_model()
    dropout = getattr(inner, "dropout", getattr(inner, "drop", None))
    classifier = getattr(inner, "classifier", getattr(inner, "score", None))
    drops = dropout.p > 0 or not inner.training if isinstance(dropout, nn.Dropout) else False
    if dropout is None or classifier is None or not drops:
        raise UserError(
            f"train.dropout.samples = {samples}: {type(inner).__name__} drops nothing before its classifier",
            hint="Set train.dropout.samples to 1, or train.dropout.classifier above 0.",
        )
    if isinstance(head := getattr(inner, "head", None), nn.Module):  # ModernBERT: dense, activation, norm
        hidden = head(hidden)
    draws = samples if inner.training else 1
    logits: torch.Tensor = classifier(dropout(hidden.expand(draws, *hidden.shape)))
    return logits
