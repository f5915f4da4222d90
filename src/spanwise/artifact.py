"""What a stored model holds beside weights and tokenizer, and what all of them must agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.errors import UserError
from spanwise.schema import Record

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LABELS = "labels.json"  # a schema.Labels
WINDOWS = "windows.json"  # a Windows
HEAD = "head.safetensors"  # what stands on the token classification model; its metadata name the kind


class Windows(Record):
    """Tokens of a window, special tokens included, and tokens that neighbours share."""

    max_length: int
    stride: int


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel, source: str | Path) -> None:
    """Hold a tokenizer against the model that it was loaded for.

    Transformers makes an empty tokenizer where its files are missing, as after half a download.

    Raises:
        UserError: If it knows no words, or more tokens than the model has embeddings.
    """
    known, embeddings = len(tokenizer), int(model.get_input_embeddings().num_embeddings)  # type: ignore[arg-type]
    if known <= len(tokenizer.all_special_tokens):
        raise UserError("holds no vocabulary: the tokenizer's files are missing", path=source)
    if known > embeddings:
        reason = f"the tokenizer knows {known} tokens, but the model has embeddings for {embeddings} of them"
        raise UserError(reason, path=source, hint="Take weights and tokenizer from the same place.")
