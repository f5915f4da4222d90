"""Where causal language models come from: a GGUF file, a package, the hub, a folder, or random weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from spanwise.artifact import check_tokenizer
from spanwise.errors import UserError
from spanwise.generator.gguf import Part, is_gguf, plain
from spanwise.generator.quantisation import Quantisation, loading
from spanwise.learners.sources import RANDOM, check_identity, explained, locate
from spanwise.tracking import credential

SAMPLED = 64  # values of each weight that its digest is made of


def find(source: str, revision: str | None, part: Part) -> tuple[str, str | None]:
    """What `from_pretrained` takes for a model source, and the revision to ask for there.

    Args:
        source: As in `load_model`, but `random`.
        revision: As there.
        part: What is asked for: files of GGUF hold both.

    Raises:
        UserError: If the source is inside a package that is not installed, or a GGUF file that is not there
            or another one than `revision`, its SHA-256, says.
    """
    if is_gguf(source):
        return str(plain(source, revision, part)), None
    return locate(source), revision


def load_tokenizer(source: str, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The fast tokenizer of `source`, with an end token, and with a pad token of its own or the end token.

    Raises:
        UserError: If the source cannot be had, has no fast tokenizer, or cannot end a text.
    """
    where, at = find(source, revision, "tokenizer")
    with explained(source, revision):
        tokenizer = AutoTokenizer.from_pretrained(where, revision=at, token=credential("HF_TOKEN"))
    if not tokenizer.is_fast:
        raise UserError(f"model source {source}: there is no fast tokenizer, and loss masks need one")
    if tokenizer.eos_token is None:
        raise UserError(f"model source {source}: its tokenizer has no end token, so no answer could end")
    if tokenizer.pad_token is None:  # Mistral and Llama 2 have none; masks tell padding from the end token
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(
    source: str,
    tokenizer: PreTrainedTokenizerBase,
    *,
    architecture: Mapping[str, Any],
    parameters: int,
    revision: str | None,
    seed: int,
    dtype: torch.dtype = torch.float32,
    quantisation: Quantisation = "none",
) -> PreTrainedModel:
    """A causal language model.

    Args:
        source: A hub name, a folder, `package:NAME/FOLDER`, a GGUF file, or `random` for weights drawn from
            the architecture (tests).
        tokenizer: Its tokenizer.
        architecture: Facts of the model's config; a loaded model must agree with each of them.
        parameters: How many it has without its output head.
        revision: Branch, tag or commit on the hub; of a GGUF file its SHA-256.
        seed: Of random weights.
        dtype: Of the weights.
        quantisation: Of the weights, on their way to memory; `int8-dynamic` comes later, by `pack`.

    Raises:
        UserError: If the source cannot be had, or is not of this architecture.
    """
    if source == RANDOM:
        model = _drawn(architecture, seed, dtype, quantisation)
    else:
        where, at = find(source, revision, "model")
        with explained(source, revision):
            model = _pretrained(where, at, dtype, quantisation)
    check_identity(model, architecture, parameters, source)
    check_tokenizer(tokenizer, model, source)
    model.config.pad_token_id = tokenizer.pad_token_id
    # Of what a model came with for writing, a penalty of repetition, say, nothing stays: settings tell that.
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return model


def _pretrained(
    where: str, revision: str | None, dtype: torch.dtype, quantisation: Quantisation
) -> PreTrainedModel:
    model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        where,
        revision=revision,
        use_safetensors=True,
        dtype=dtype,
        token=credential("HF_TOKEN"),
        **loading(quantisation, dtype),
    )
    return model


def _drawn(
    architecture: Mapping[str, Any], seed: int, dtype: torch.dtype, quantisation: Quantisation
) -> PreTrainedModel:
    """Random weights, quantised as pretrained ones are: while they are loaded."""
    set_seed(seed)
    config = AutoConfig.for_model(**architecture)
    model: PreTrainedModel = AutoModelForCausalLM.from_config(config, dtype=dtype)  # type: ignore[no-untyped-call]
    if not loading(quantisation, dtype):
        return model
    with TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return _pretrained(folder, None, dtype, quantisation)


def digest(model: PreTrainedModel) -> str:
    """A name for the weights of a model, the same in any floating-point format that holds them.

    Names and shapes of all weights and the first values of each, as bfloat16: another model, or another
    revision of this one, differs there. Not for quantised weights.
    """
    result = hashlib.sha256()
    for name, weight in sorted(model.named_parameters()):
        first = weight.detach().flatten()[:SAMPLED].to("cpu", torch.bfloat16).view(torch.int16)
        result.update(f"{name} {tuple(weight.shape)}\n".encode() + first.numpy().tobytes())
    return result.hexdigest()
