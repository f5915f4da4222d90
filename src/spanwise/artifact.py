"""What a stored model holds beside weights and tokenizer, and what all of them must agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.schema import Record

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONFIG = "config.json"  # a Config, and more for Transformers
LABELS = "labels.json"  # a schema.Labels
WINDOWS = "windows.json"  # a Windows
MANIFEST = "manifest.json"  # a Manifest
HEAD = "head.safetensors"  # what stands on the token classification model; its metadata name the kind

ONNX = {"onnx": Path("onnx/model.onnx"), "onnx-int8": Path("onnx/model.int8.onnx")}
"""The network as graphs for ONNX Runtime, by the backend that each is for; see `runtime.export`."""


class Windows(Record):
    """Tokens of a window, special tokens included, and tokens that neighbours share."""

    max_length: int
    stride: int


class Manifest(Record):
    """What a model was trained as, and must be loaded as.

    A decoder that was trained with attention in both directions predicts nonsense with causal attention, and
    the two differ by one key of its configuration, which adapters, tools and hands may lose: it is therefore
    recorded here, and compared wherever a model is loaded.

    Attributes:
        is_causal: What the model's `config.json` must say: false of a decoder that attends in both
            directions, true of one that does not, nothing (None) of an encoder.
        dtype: The number format of its weights.
    """

    is_causal: bool | None
    dtype: Literal["fp32", "bf16"]


class Config(BaseModel):
    """What is read of the `config.json` of a token classification model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id2label: dict[int, str]
    vocab_size: int
    is_causal: bool | None = None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the model in `folder`; versions that wrote none knew encoders in float32 alone.

    Raises:
        UserError: If it is damaged.
    """
    path = folder / MANIFEST
    return read_record(path, Manifest) if path.is_file() else Manifest(is_causal=None, dtype="fp32")


def check_attention(found: bool | None, manifest: Manifest, folder: Path) -> None:
    """Hold the direction of a model's attention against that of its training.

    Args:
        found: What its configuration says of `is_causal`.
        manifest: What was recorded when it was stored.
        folder: Of the model.

    Raises:
        UserError: If they differ: it would predict nonsense, and nobody would notice.
    """
    if found == manifest.is_causal:
        return
    said, trained = (
        "nothing of is_causal" if value is None else f"is_causal = {str(value).lower()}"
        for value in (found, manifest.is_causal)
    )
    raise UserError(
        f"says {said}, but the model was trained with {trained}",
        path=folder / CONFIG,
        hint="`dvc repro` or `dvc pull` brings a whole model; a config.json changed by hand is not one.",
    )


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
