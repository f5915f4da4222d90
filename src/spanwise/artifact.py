"""What a stored model holds beside weights and tokenizer, and what all of them must agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from spanwise.errors import UserError
from spanwise.schema import Record

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONFIG = "config.json"  # a Config, and more for Transformers
LABELS = "labels.json"  # a schema.Labels
WINDOWS = "windows.json"  # a Windows
HEAD = "head.safetensors"  # what stands on the token classification model; its metadata name the kind

ONNX = {"onnx": Path("onnx/model.onnx"), "onnx-int8": Path("onnx/model.int8.onnx")}
"""The network as graphs for ONNX Runtime, by the backend that each is for; see `runtime.export`."""


class Windows(Record):
    """Tokens of a window, special tokens included, and tokens that neighbours share."""

    max_length: int
    stride: int


class Config(BaseModel):
    """What is read of the `config.json` of a token classification model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id2label: dict[int, str]
    vocab_size: int


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel, source: str | Path) -> None:
    """Hold a tokenizer against the model that it was loaded for.

    Transformers makes an empty tokenizer where its files are missing, as after half a download.

    Raises:
        UserError: If it knows no words, or more tokens than the model has embeddings.
    """
    embeddings = int(model.get_input_embeddings().num_embeddings)  # type: ignore[arg-type]
    check_vocabulary(len(tokenizer), len(tokenizer.all_special_tokens), embeddings, source)


def check_vocabulary(known: int, special: int, embeddings: int, source: str | Path) -> None:
    """The same, of how many tokens there are.

    Args:
        known: Tokens that the tokenizer knows.
        special: How many of them are special ones.
        embeddings: Of the model.
        source: Where the tokenizer comes from.

    Raises:
        UserError: See `check_tokenizer`.
    """
    if known <= special:
        raise UserError("holds no vocabulary: the tokenizer's files are missing", path=source)
    if known > embeddings:
        reason = f"the tokenizer knows {known} tokens, but the model has embeddings for {embeddings} of them"
        raise UserError(reason, path=source, hint="Take weights and tokenizer from the same place.")
