"""Dropout: how much of it, under the name that each architecture has for it."""

from __future__ import annotations

from typing import Any

from pydantic.dataclasses import dataclass
from transformers import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING, PreTrainedConfig
from transformers.modeling_layers import GenericForTokenClassification

from spanwise.errors import UserError

HIDDEN = ("hidden_dropout_prob", "hidden_dropout", "dropout", "embedding_dropout", "mlp_dropout")
ATTENTION = ("attention_probs_dropout_prob", "attention_dropout")
CLASSIFIER = ("classifier_dropout", "classifier_dropout_prob")
"""Names in the configurations of Transformers; an architecture has some of each kind, or none."""


@dataclass(frozen=True)
class Dropout:
    """Shares of values set to zero in training (Srivastava et al. 2014); None leaves the model's own.

    With attention dropout, PyTorch's attention has no fused kernel on a CPU and draws a random number for
    each weight: a step of 8 windows of 256 tokens through a MiniLM took 1.08 s against 0.69 s without, one of
    4 windows of 512 tokens 2.07 s against 0.82 s.

    Attributes:
        hidden: Of embeddings and of what each layer adds.
        attention: Of the attention weights.
        classifier: Of what the classifier sees; in many architectures it follows `hidden` when left open.
        samples: How many draws of the classifier's dropout go into one loss (Inoue 2019, arXiv 1905.09788).
    """

    hidden: float | None
    attention: float | None
    classifier: float | None
    samples: int


OWN = Dropout(hidden=None, attention=None, classifier=None, samples=1)
"""What the model itself says."""


def config_overrides(recipe: Dropout, config: PreTrainedConfig) -> dict[str, float]:
    """What to set in the configuration of a token classification model before it is built.

    Args:
        recipe: The shares.
        config: Of the model, for the names that its architecture gives to them.

    Raises:
        UserError: If the architecture has no dropout of a kind that the recipe sets.
    """
    wanted = {"hidden": recipe.hidden, "attention": recipe.attention, "classifier": recipe.classifier}
    known = _names(config)
    overrides: dict[str, float] = {}
    for kind, share in wanted.items():
        if share is not None:
            if not known[kind]:
                raise UserError(
                    f"train.dropout.{kind} = {share}: {config.model_type} has no such dropout of its own",
                    hint=f"Set it to null. It has: {_existing(known)}.",
                )
            overrides |= dict.fromkeys(known[kind], share)
    return overrides


def _names(config: PreTrainedConfig) -> dict[str, list[str]]:
    """The names that the class of a configuration knows; hub files hold others, which no model reads."""
    known = {
        "hidden": [name for name in HIDDEN if hasattr(type(config), name)],
        "attention": [name for name in ATTENTION if hasattr(type(config), name)],
        "classifier": [name for name in CLASSIFIER if hasattr(type(config), name)],
    }
    tagger: Any = MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING[type(config)]
    if issubclass(tagger, GenericForTokenClassification):  # decoders read it without declaring it
        known["classifier"] = ["classifier_dropout"]
    return known


def _existing(known: dict[str, list[str]]) -> str:
    return ", ".join(kind for kind, names in known.items() if names) or "none"
