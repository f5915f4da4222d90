"""The generator: a causal language model, its tokenizer and its chat, before and while it is tuned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from spanwise.errors import UserError
from spanwise.generator.adapters import adapt
from spanwise.generator.chat import Chat
from spanwise.generator.recipe import Recipe, check_recipe
from spanwise.generator.sources import digest, load_model, load_tokenizer
from spanwise.learners.training import mixed_precision


@dataclass(frozen=True)
class Base:
    """The pretrained model under a generator; see `conf/model` for what each value means.

    Attributes:
        digest: Of its weights; see `sources.digest`. None where they were quantised.
        dtype: Of the weights, as torch calls it.
        seed: Of random weights.
    """

    source: str
    revision: str | None
    architecture: Mapping[str, Any]
    parameters: int
    dtype: str
    seed: int
    digest: str | None


@dataclass
class Generator:
    """A causal language model to be tuned.

    Attributes:
        model: With adapters, unless all of it is tuned.
        chat: Its tokenizer and template.
        base: What it was before.
        max_length: Tokens of prompt and answer that are learnt from.
        recipe: How it is tuned.
    """

    model: PreTrainedModel | PeftModel
    chat: Chat
    base: Base
    max_length: int
    recipe: Recipe

    @classmethod
    def pretrained(
        cls,
        recipe: Recipe,
        *,
        source: str,
        tokenizer: str,
        revision: str | None,
        architecture: Mapping[str, Any],
        parameters: int,
        max_length: int,
        seed: int,
    ) -> Generator:
        """A pretrained model with fresh adapters; `conf/model` and `conf/train` say what each value means.

        Raises:
            UserError: If weights or tokenizer cannot be had, or are not what the settings say of them, or if
                settings exclude each other.
        """
        check_recipe(recipe)
        words = load_tokenizer(tokenizer, revision)
        chat = Chat.of(words, tokenizer)
        dtype = weight_dtype(recipe)
        model = load_model(
            source,
            words,
            architecture=architecture,
            parameters=parameters,
            revision=revision,
            seed=seed,
            dtype=dtype,
            quantisation=recipe.quantisation,
        )
        positions = getattr(model.config, "max_position_embeddings", max_length)
        if max_length > positions:
            raise UserError(f"model.max_length = {max_length}: {source} has {positions} positions")
        known = None if recipe.quantisation != "none" else digest(model)
        base = Base(
            source, revision, dict(architecture), parameters, str(dtype).removeprefix("torch."), seed, known
        )
        adapted = adapt(model, recipe.adapter, seed=seed) if recipe.adapter.rank else model
        return cls(adapted, chat, base, max_length, recipe)


def weight_dtype(recipe: Recipe) -> torch.dtype:
    """The number format of the weights: half of it for frozen ones on a GPU, else single precision.

    What is trained stays in single precision: adapters always, and the whole model where there are none.

    Raises:
        UserError: If the device has no such precision.
    """
    precision = mixed_precision(recipe.precision)
    if precision == "fp32" or not recipe.adapter.rank or not torch.cuda.is_available():
        return torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float16
