"""The tagger: a pretrained transformer with a token classification head, and how it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from spanwise.artifact import LABELS, WINDOWS, Windows, check_tokenizer
from spanwise.encoding import Encoder
from spanwise.errors import UserError
from spanwise.io import atomic, write_text
from spanwise.learners.sources import load_encoder, load_tokenizer
from spanwise.schema import Labels


@dataclass(frozen=True)
class Tagger:
    """A model, its tokenizer, and what both must agree on with the data."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    labels: Labels
    windows: Windows

    @classmethod
    def pretrained(
        cls,
        labels: Labels,
        *,
        source: str,
        tokenizer: str,
        revision: str | None,
        cased: bool,
        architecture: Mapping[str, Any],
        parameters: int,
        max_length: int,
        stride: int,
        seed: int,
    ) -> Tagger:
        """A pretrained encoder under a new head; see `conf/model` for what each value means.

        Raises:
            UserError: If weights or tokenizer cannot be had, or are not what the settings say of them.
        """
        set_seed(seed)  # of the head's first weights
        model = load_encoder(
            source, labels, architecture=architecture, parameters=parameters, revision=revision
        )
        words = load_tokenizer(tokenizer, cased=cased, revision=revision)
        check_tokenizer(words, model, tokenizer)
        positions = getattr(model.config, "max_position_embeddings", max_length)
        if max_length > positions:
            raise UserError(f"model.max_length = {max_length}: {source} has {positions} positions")
        return cls(model, words, labels, Windows(max_length=max_length, stride=stride))

    @property
    def encoder(self) -> Encoder:
        """Turns texts into this tagger's windows."""
        return Encoder(self.tokenizer, self.windows.max_length, self.windows.stride)

    def save(self, folder: Path) -> None:
        """Store weights (safetensors), tokenizer, tags and windows in `folder`.

        Transformers' own `AutoModelForTokenClassification.from_pretrained` can load it.
        """
        with atomic(folder) as part:
            part.mkdir()
            self.model.save_pretrained(part)
            self.tokenizer.save_pretrained(part)
            write_text(part / LABELS, self.labels.model_dump_json(indent=2) + "\n")
            write_text(part / WINDOWS, self.windows.model_dump_json(indent=2) + "\n")
