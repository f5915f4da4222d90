"""The tagger: a pretrained transformer with the heads that turn it into spans, and how it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed

from spanwise.artifact import LABELS, MANIFEST, WINDOWS, Manifest, Windows, check_tokenizer
from spanwise.encoding import Encoder
from spanwise.errors import UserError
from spanwise.heads.network import Kind, Network
from spanwise.io import atomic, write_text
from spanwise.learners.adapters import Adapter, adapted, merged
from spanwise.learners.dropout import OWN, Dropout
from spanwise.learners.holding import PLAIN, Holding
from spanwise.learners.sources import load_encoder, load_tokenizer
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Labels


@dataclass(frozen=True)
class Tagger:
    """A network, its tokenizer, and what both must agree on with the data."""

    network: Network
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
        head: Kind = "softmax",
        nested: bool = False,
        dropout: Dropout = OWN,
        bidirectional: bool = True,
        holding: Holding = PLAIN,
    ) -> Tagger:
        """A pretrained model under a new head; see `conf/model` and `conf/train` for what each value means.

        Args:
            nested: Whether spans may overlap.
            holding: How it is held in memory while it is trained.

        Raises:
            UserError: If weights or tokenizer cannot be had, or are not what the settings say of them.
        """
        set_seed(seed)  # of the head's first weights
        model = load_encoder(
            source,
            labels,
            architecture=architecture,
            parameters=parameters,
            revision=revision,
            dropout=dropout,
            bidirectional=bidirectional,
            holding=holding,
        )
        words = load_tokenizer(tokenizer, cased=cased, revision=revision)
        check_tokenizer(words, model, tokenizer)
        positions = getattr(model.config, "max_position_embeddings", max_length)
        if max_length > positions:
            raise UserError(f"model.max_length = {max_length}: {source} has {positions} positions")
        network = Network(model, head, nested=nested, samples=dropout.samples)
        return cls(network, words, labels, Windows(max_length=max_length, stride=stride))

    @property
    def model(self) -> PreTrainedModel:
        """The token classification model, with no adapters left in it."""
        assert isinstance(self.network.model, PreTrainedModel)
        return self.network.model

    @property
    def manifest(self) -> Manifest:
        """What it must be loaded as."""
        return Manifest(
            is_causal=getattr(self.model.config, "is_causal", None),
            dtype="bf16" if self.model.dtype == torch.bfloat16 else "fp32",
        )

    @property
    def encoder(self) -> Encoder:
        """Turns texts into this tagger's windows."""
        return Encoder(self.tokenizer, self.windows.max_length, self.windows.stride)

    def predictor(self, batch_tokens: int) -> Predictor:
        """Predicts with the weights as they are now; see `Predictor`."""
        return Predictor.of(self.network, self.encoder, self.labels, batch_tokens)

    def adapt(self, adapter: Adapter, seed: int) -> None:
        """Train adapters of the encoder from now on, instead of all of it.

        Args:
            adapter: What they are like.
            seed: Of their first weights, whatever was drawn before.
        """
        set_seed(seed)
        self.network.model = adapted(self.model, adapter)

    def merge(self) -> None:
        """Put trained adapters into the weights that they adapt."""
        assert not isinstance(self.network.model, PreTrainedModel)
        self.network.model = merged(self.network.model)

    def save(self, folder: Path) -> None:
        """Store weights (safetensors), heads, tokenizer, tags and windows in `folder`.

        Transformers' own `AutoModelForTokenClassification.from_pretrained` can load it, without the heads.
        """
        with atomic(folder) as part:
            part.mkdir()
            self.model.save_pretrained(part)
            self.network.save_heads(part)
            self.tokenizer.save_pretrained(part)
            write_text(part / LABELS, self.labels.model_dump_json(indent=2) + "\n")
            write_text(part / WINDOWS, self.windows.model_dump_json(indent=2) + "\n")
            write_text(part / MANIFEST, self.manifest.model_dump_json(indent=2) + "\n")
