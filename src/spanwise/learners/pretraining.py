"""Masked-language-model training of an encoder on text like that of its task, ahead of fine-tuning."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic.dataclasses import dataclass
from safetensors import safe_open
from safetensors.torch import load_model, save_model
from transformers import (
    AutoModelForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import TrainerCallback

from spanwise import hardware
from spanwise.encoding import IGNORED, Encoder, Encoding
from spanwise.errors import UserError
from spanwise.io import atomic
from spanwise.learners import processes
from spanwise.learners.arguments import shared
from spanwise.learners.checkpoints import last_complete_checkpoint
from spanwise.learners.devices import use_one_gpu
from spanwise.learners.divergence import StopOnDivergence
from spanwise.learners.kernels import cpu_kernels
from spanwise.learners.shares import SharingTrainer

RESULT = "pretrained.safetensors"
FIGURES = "figures"  # in the metadata of the result

WEIGHT_DECAY = 0.01  # as BERT was pretrained (Devlin et al. 2019, arXiv 1810.04805, A.2)
WARMUP = 0.06  # of the steps, in which the learning rate rises: a new head must not upset the encoder


@dataclass(frozen=True)
class Pretraining:
    """How an encoder goes on being pretrained (Gururangan et al. 2020, arXiv 2004.10964).

    Attributes:
        epochs: Passes over the texts, each with masks of its own; 0 is no pretraining.
        learning_rate: At its height.
        batch_size: Blocks of text in an update.
        masked: The share of the tokens that are to be found again. Of these, 80 % are seen as the mask, 10 %
            as a random token and 10 % as they are (Devlin et al. 2019, arXiv 1810.04805, section 3.1).
    """

    epochs: int
    learning_rate: float
    batch_size: int
    masked: float


def pretrain(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    *,
    recipe: Pretraining,
    max_length: int,
    seed: int,
    precision: Literal["fp32", "bf16", "fp16"],
    checkpoints: Path,
    head: Callable[[], PreTrainedModel | None] = lambda: None,
    callbacks: Sequence[TrainerCallback] = (),
) -> dict[str, Any]:
    """Train the encoder of `model` in place to find masked tokens again; its classification head stays.

    Whole documents are cut into blocks, never two into one: Liu et al. (2019, arXiv 1907.11692, section 4.2)
    found that slightly better than packing. Subwords are masked one by one: Transformers masks whole words
    only without BERT's 80/10/10.

    Args:
        model: A token classification model, before anything in it is frozen or adapted.
        tokenizer: Its own.
        texts: Of the training side and of unlabelled corpora; a test document's text must not be among them.
        recipe: How to train.
        max_length: Tokens of a block, special tokens included.
        seed: Of a new head, the order of blocks, masks and dropout.
        precision: Of the matrix products.
        checkpoints: A folder for checkpoints: when it holds one, training resumes from it. The result is
            stored there too, and is only loaded when it is there already.
        head: Loads a masked language model of the same architecture and vocabulary, for its head. Without one
            the head starts from random weights, its last layer tied to the token embeddings where the
            architecture ties them.
        callbacks: More of Trainer's callbacks.

    Returns:
        `documents`, those of them that are `empty`, `blocks`, `tokens` (subwords), what was lost on the way
        (`words_dropped`, `truncated_tokens`), `steps`, and the mean loss of the first and the last epoch in
        nats per masked token (`loss_first`, `loss_last`).

    Raises:
        UserError: If there is no text, tokenizer or architecture know no masks, the head does not fit, or
            training diverges.
    """
    stored = checkpoints / RESULT
    if processes.from_main(stored.is_file()):
        load_model(model.base_model, stored)
        with safe_open(stored, framework="pt") as file:
            figures: dict[str, Any] = json.loads(file.metadata()[FIGURES])
        return figures
    if tokenizer.mask_token is None:
        raise UserError(
            "train.pretraining: the model's tokenizer has no mask token",
            hint="Set train.pretraining.epochs to 0, or take an encoder that was pretrained with masks.",
        )
    encoder = Encoder(tokenizer, max_length, stride=0)
    encodings = [encoder(text) for text in texts]
    if not any(encoding.windows for encoding in encodings):
        raise UserError("train.pretraining: there is no text to train on")
    folder = checkpoints / "pretraining"
    device, mode = model.device, model.training
    set_seed(seed)
    masked = language_model(model, head())
    trainer = MaskedTrainer(
        model=masked,
        args=_arguments(recipe, precision, seed, folder),
        train_dataset=_rows(encodings),
        data_collator=_collator(tokenizer, recipe),
        callbacks=[StopOnDivergence("train.pretraining.learning_rate"), *callbacks],
    )
    hardware.be_deterministic()
    with processes.main_first():
        newest = last_complete_checkpoint(folder)
    with cpu_kernels(masked, precision):
        trainer.train(resume_from_checkpoint=str(newest) if newest else None)
    model.to(device).train(mode)  # type: ignore[arg-type]
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    figures = {
        **_counts(encodings, encoder.special_tokens),
        "steps": trainer.state.global_step,
        "loss_first": losses[0],
        "loss_last": losses[-1],
    }
    processes.barrier()  # nobody reads a checkpoint any more
    if processes.is_main():
        with atomic(stored) as part:
            save_model(model.base_model, str(part), metadata={FIGURES: json.dumps(figures)})
        shutil.rmtree(folder)
    return figures


def language_model(model: PreTrainedModel, head: PreTrainedModel | None = None) -> PreTrainedModel:
    """A masked language model that shares its encoder, the very weights, with `model`.

    Args:
        model: Of any head.
        head: Lends its head; its own encoder is let go. A new one is drawn without it.

    Raises:
        UserError: If the architecture has no such model, or the head is of another one.
    """
    if head is None:
        try:
            head = AutoModelForMaskedLM.from_config(model.config, dtype=model.dtype)  # type: ignore[no-untyped-call]
        except ValueError:
            kind = model.config.model_type
            raise UserError(f"train.pretraining: a model of the type {kind} knows no masks") from None
    elif (head.config.model_type, head.config.vocab_size) != (
        model.config.model_type,
        model.config.vocab_size,
    ):
        raise UserError(
            "train.pretraining: the head is of another architecture or vocabulary than the encoder"
        )
    setattr(head, head.base_model_prefix, model.base_model)
    head.tie_weights()
    return head


class MaskedTrainer(SharingTrainer):
    """Trainer that asks the head about masked tokens alone.

    Over a small encoder and a large vocabulary the head takes about half of the time, and most of the memory.
    """

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,  # noqa: ARG002 - Trainer names the arguments
    ) -> Any:
        """Cross-entropy per masked token of all processes; 0 where nothing is masked, as may happen in a
        small batch."""
        labels = inputs.pop("labels")
        masked = labels != IGNORED

        def keep_masked(module: object, args: object, output: Any) -> Any:  # noqa: ARG001
            output.last_hidden_state = output.last_hidden_state[masked].unsqueeze(0)
            return output

        hook = self.accelerator.unwrap_model(model).base_model.register_forward_hook(keep_masked)
        try:
            output = model(**inputs)
        finally:
            hook.remove()
        total = torch.nn.functional.cross_entropy(output.logits[0].float(), labels[masked], reduction="sum")
        tokens = self.accelerator.gather(masked.sum()).sum()
        # Gradients are divided by the number of processes later.
        loss = total * processes.count() / tokens.clamp(min=1)
        return (loss, output) if return_outputs else loss


def _collator(tokenizer: PreTrainedTokenizerBase, recipe: Pretraining) -> Callable[[list[Any]], Any]:
    """Masks tokens of some blocks; of none, it makes a batch in which there is nothing to mask."""
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=recipe.masked, pad_to_multiple_of=8)
    return lambda rows: collate(rows or [{"input_ids": [tokenizer.pad_token_id]}])


def _counts(encodings: Sequence[Encoding], special_tokens: int) -> dict[str, int]:
    return {
        "documents": len(encodings),
        "empty": sum(not encoding.windows for encoding in encodings),
        "blocks": sum(len(encoding.windows) for encoding in encodings),
        "tokens": sum(encoding.subwords for encoding in encodings),
        "words_dropped": sum(encoding.dropped_words for encoding in encodings),
        "truncated_tokens": sum(encoding.truncated(special_tokens) for encoding in encodings),
    }


def _rows(encodings: Sequence[Encoding]) -> Any:
    return [{"input_ids": window.input_ids.tolist()} for encoding in encodings for window in encoding.windows]


def _arguments(recipe: Pretraining, precision: str, seed: int, folder: Path) -> TrainingArguments:
    arguments = TrainingArguments(
        **shared(folder, precision=precision, seed=seed),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        weight_decay=WEIGHT_DECAY,
        warmup_steps=WARMUP,
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length",
        ddp_find_unused_parameters=True,  # gradient checkpointing would change the default
    )
    use_one_gpu(arguments)
    return arguments
