"""What is stored of a generator: its adapters or weights, tokenizer, template, and what they stand on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from spanwise.errors import UserError
from spanwise.generator.adapters import restore, store
from spanwise.generator.chat import Chat
from spanwise.generator.model import Generator
from spanwise.generator.quantisation import Quantisation, pack
from spanwise.generator.recipe import Stored
from spanwise.generator.sources import digest, load_model, load_tokenizer
from spanwise.generator.templates import Origin
from spanwise.generator.writing import Writer
from spanwise.io import atomic, read_record, write_text
from spanwise.schema import Record

MANIFEST = "generator.json"
MERGED = "merged"  # a folder with weights and tokenizer, for programs that know nothing of adapters
RENEW = "`dvc repro` or `dvc pull` brings one."


class Manifest(Record):
    """What a stored generator stands on, and how it was tuned.

    The base, from `source` on, is not stored itself: `digest` tells whether others have come in the place of
    its weights. `template` is the SHA-256 of the chat template, and `origin` where that came from.
    """

    source: str
    revision: str | None
    architecture: dict[str, Any]
    parameters: int
    dtype: str
    seed: int
    digest: str | None
    adapters: bool
    quantisation: Stored
    max_length: int
    origin: Origin
    template: str


def save(generator: Generator, folder: Path) -> None:
    """Store a generator in `folder`.

    With adapters: these as PEFT stores them, so that `PeftModel.from_pretrained(base, folder)` loads them,
    and, if the recipe says so, the merged model in `merged/`. Without: the whole model, for
    `AutoModelForCausalLM.from_pretrained(folder)`. The base comes from its source again.
    """
    base, model, words = generator.base, generator.model, generator.chat.tokenizer
    manifest = Manifest(
        **{name: value for name, value in vars(base).items() if name != "architecture"},
        architecture=dict(base.architecture),
        adapters=isinstance(model, PeftModel),
        quantisation=generator.recipe.quantisation,
        max_length=generator.max_length,
        origin=generator.chat.origin,
        template=_template_digest(generator.chat),
    )
    with atomic(folder) as part:
        part.mkdir()
        if isinstance(model, PeftModel):
            store(model, part, base.source)
        else:
            model.save_pretrained(part)
        words.save_pretrained(part)
        write_text(part / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        if generator.recipe.merged:
            assert isinstance(model, PeftModel)
            merged: Any = model.merge_and_unload()  # the last that is done with it
            merged.save_pretrained(part / MERGED)
            words.save_pretrained(part / MERGED)


def load(folder: Path, *, quantisation: Quantisation | None = None, merged: bool = False) -> Writer:
    """What writes with the generator stored in `folder`, on the GPU where there is one.

    Args:
        folder: The folder of a generator.
        quantisation: Of its weights; by default what it was tuned with.
        merged: Whether adapters are put into the weights, which is faster: the untuned model must then be
            loaded beside it when it is asked for. `int8-dynamic` does so always.

    Raises:
        UserError: If the folder holds no whole generator, its base cannot be had, or is another one than it
            was tuned on.
    """
    if not (folder / MANIFEST).is_file():
        raise UserError("holds no generator", path=folder, hint=RENEW)
    manifest = read_record(folder / MANIFEST, Manifest)
    chosen: Quantisation = manifest.quantisation if quantisation is None else quantisation
    chat = Chat.of(load_tokenizer(str(folder)), str(folder))
    if _template_digest(chat) != manifest.template:
        raise UserError("its chat template is not the one it was tuned with", path=folder, hint=RENEW)
    if manifest.adapters:
        model: PreTrainedModel | PeftModel = restore(_base(manifest, chat, chosen), folder)
        if merged or chosen == "int8-dynamic":
            _check_mergeable(chosen)
            model = cast("PeftModel", model).merge_and_unload()
    else:
        model = _weights(manifest, chat, chosen, str(folder), None)
    served = pack(model, chosen) if chosen == "int8-dynamic" else model  # type: ignore[arg-type]

    def untuned() -> PreTrainedModel:
        model: PreTrainedModel = _on_device(pack(_base(manifest, chat, chosen), chosen), chosen)
        return model

    return Writer(_on_device(served, chosen), chat, untuned)


def _check_mergeable(quantisation: Quantisation) -> None:
    if quantisation in {"int8", "nf4"}:
        raise UserError(f"adapters are not merged into weights of quantisation {quantisation}")


def _base(manifest: Manifest, chat: Chat, quantisation: Quantisation) -> PreTrainedModel:
    """The model that was tuned, untuned."""
    model = _weights(manifest, chat, quantisation, manifest.source, manifest.revision)
    comparable = manifest.digest is not None and quantisation not in {"int8", "nf4"}
    if comparable and digest(model) != manifest.digest:
        raise UserError(
            f"model source {manifest.source} holds other weights than those that were tuned",
            hint="Pin model.revision, or train anew.",
        )
    return model


def _weights(
    manifest: Manifest, chat: Chat, quantisation: Quantisation, source: str, revision: str | None
) -> PreTrainedModel:
    dtype = getattr(torch, manifest.dtype) if torch.cuda.is_available() else torch.float32
    return load_model(
        source,
        chat.tokenizer,
        architecture=manifest.architecture,
        parameters=manifest.parameters,
        revision=revision,
        seed=manifest.seed,
        dtype=dtype,
        quantisation=quantisation,
    )


def _on_device(model: Any, quantisation: Quantisation) -> Any:
    model.eval()
    placed = quantisation in {"int8", "nf4"}  # bitsandbytes puts weights where they belong
    return model.to("cuda") if torch.cuda.is_available() and not placed else model


def _template_digest(chat: Chat) -> str:
    return hashlib.sha256(str(chat.tokenizer.chat_template).encode()).hexdigest()
