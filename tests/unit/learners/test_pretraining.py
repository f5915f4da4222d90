"""Pretraining: what is masked and learnt, that only the encoder moves, and that a kill changes nothing."""

from __future__ import annotations

import logging
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForMaskedLM,
    AutoModelForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TrainingArguments,
)
from transformers.trainer_callback import TrainerCallback, TrainerControl

from spanwise.errors import UserError
from spanwise.learners.checkpoints import last_complete_checkpoint
from spanwise.learners.pretraining import RESULT, MaskedTrainer, Pretraining, language_model, pretrain
from spanwise.learners.sources import build
from tests.tiny import TINY

RECIPE = Pretraining(epochs=3, learning_rate=0.005, batch_size=4, masked=0.15)


class Killed(BaseException):
    """What a kill does to a training: it ends without cleaning up."""


class KillAfter(TrainerCallback):
    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_begin(self, args: object, state: object, control: object, **kwargs: object) -> None:
        if round(getattr(state, "epoch", 0) or 0) == self.epoch:
            raise Killed


class KillAtTheEnd(TrainerCallback):
    """After the last checkpoint, before the result is stored."""

    def on_train_end(self, args: object, state: object, control: TrainerControl, **kwargs: object) -> None:
        raise Killed


def tiny_model() -> PreTrainedModel:
    torch.manual_seed(13)
    model = build(TINY["architecture"], num_labels=5)
    model.train(False)
    return model


@pytest.fixture
def model() -> PreTrainedModel:
    return tiny_model()


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [
        f"Patient {n} took aspirin for back pain. " + "Nothing else was noted. " * (n % 4) for n in range(12)
    ]


def train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: list[str],
    folder: Path,
    recipe: Pretraining = RECIPE,
    callbacks: tuple[TrainerCallback, ...] = (),
    head: PreTrainedModel | None = None,
) -> dict[str, Any]:
    return pretrain(
        model,
        tokenizer,
        texts,
        recipe=recipe,
        max_length=20,
        seed=13,
        precision="fp32",
        checkpoints=folder,
        callbacks=callbacks,
        head=lambda: head,
    )


def weights(model: PreTrainedModel) -> dict[str, bytes]:
    return {name: tensor.detach().numpy().tobytes() for name, tensor in model.state_dict().items()}


def test_the_encoder_learns_and_the_classification_head_stays(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    before = weights(model)
    figures = train(model, tokenizer, texts, tmp_path, replace(RECIPE, epochs=10))
    after = weights(model)
    assert figures["loss_last"] < figures["loss_first"] - 2
    assert {name for name in after if after[name] == before[name]} == {"classifier.weight", "classifier.bias"}
    assert not model.training
    assert model(torch.tensor([[101, 2000, 102]])).logits.shape == (1, 3, 5)  # the hook is gone


def test_every_token_stands_in_a_block(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    figures = train(model, tokenizer, [*texts, "", "\x00 word"], tmp_path, replace(RECIPE, epochs=1))
    tokens = sum(len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in [*texts, "word"])
    assert (figures["documents"], figures["empty"], figures["tokens"]) == (14, 1, tokens)
    assert (figures["words_dropped"], figures["truncated_tokens"]) == (1, 0)
    assert figures["blocks"] > 13  # the longest texts take two
    assert figures["steps"] == -(-figures["blocks"] // RECIPE.batch_size)


def test_a_kill_and_its_resumption_end_in_the_same_bytes(
    tokenizer: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    undisturbed = tiny_model()
    expected = train(undisturbed, tokenizer, texts, tmp_path / "undisturbed")
    for name, kill in (("midway", KillAfter(1)), ("at the end", KillAtTheEnd())):
        with pytest.raises(Killed):
            train(tiny_model(), tokenizer, texts, tmp_path / name, callbacks=(kill,))
        assert not (tmp_path / name / RESULT).exists()
        assert last_complete_checkpoint(tmp_path / name / "pretraining") is not None
        resumed = tiny_model()
        torch.rand(3)  # what others draw must not matter
        assert train(resumed, tokenizer, texts, tmp_path / name) == expected
        assert weights(resumed) == weights(undisturbed)
        assert (tmp_path / name / RESULT).read_bytes() == (tmp_path / "undisturbed" / RESULT).read_bytes()


def test_a_stored_result_is_loaded_and_not_made_again(
    tokenizer: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    first, second = tiny_model(), tiny_model()
    figures = train(first, tokenizer, texts, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [RESULT]
    assert train(second, tokenizer, texts, tmp_path, callbacks=(KillAfter(0),)) == figures
    assert weights(second) == weights(first)


def test_the_head_is_tied_to_the_encoder_that_it_is_put_on(model: PreTrainedModel) -> None:
    masked = language_model(model)
    assert masked.base_model is model.base_model
    output = masked.get_output_embeddings()  # type: ignore[no-untyped-call]
    assert output is not None
    assert output.weight is model.get_input_embeddings().weight


@pytest.mark.parametrize(
    "architecture",
    [
        {"model_type": "bert", "num_hidden_layers": 1},
        {"model_type": "roberta", "num_hidden_layers": 1, "pad_token_id": 1},
        {"model_type": "distilbert", "n_layers": 1, "dim": 32, "n_heads": 2, "hidden_dim": 32},
        {"model_type": "electra", "num_hidden_layers": 1, "embedding_size": 16},
        {"model_type": "deberta-v2", "num_hidden_layers": 1},
        {"model_type": "modernbert", "num_hidden_layers": 1, "pad_token_id": 0},
    ],
    ids=lambda architecture: architecture["model_type"],
)
def test_the_loss_is_that_of_the_architecture_itself(architecture: dict[str, Any], tmp_path: Path) -> None:
    sizes = {"vocab_size": 50, "hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32}
    config = AutoConfig.for_model(**(sizes | architecture), num_labels=5)
    tagging = AutoModelForTokenClassification.from_config(config)  # type: ignore[no-untyped-call]
    masked = language_model(tagging)
    masked.train(False)
    arguments = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to="none")
    trainer = MaskedTrainer(model=masked, args=arguments)
    ids = torch.arange(5, 45).reshape(4, 10)
    labels = torch.where(torch.arange(40).reshape(4, 10) % 7 == 0, ids, -100)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    with torch.inference_mode():
        own = masked(**inputs, labels=labels).loss
        ours, output = trainer.compute_loss(masked, inputs | {"labels": labels}, return_outputs=True)
    assert output.logits.shape == (1, 6, 50)  # of the masked tokens alone
    assert ours.item() == pytest.approx(own.item(), rel=1e-5)


def test_a_head_that_is_given_is_used(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    torch.manual_seed(1)
    head = AutoModelForMaskedLM.from_config(model.config)  # type: ignore[no-untyped-call]
    bias = head.get_output_embeddings().bias
    with torch.no_grad():  # a head that expects one word everywhere
        bias[tokenizer.convert_tokens_to_ids("nothing")] = 20.0
    figures = train(model, tokenizer, ["nothing " * 30], tmp_path, replace(RECIPE, masked=0.5), head=head)
    assert figures["loss_first"] < 0.1


def test_a_head_of_another_vocabulary_is_an_error(model: PreTrainedModel) -> None:
    config = AutoConfig.for_model(**(TINY["architecture"] | {"vocab_size": 50}))
    head = AutoModelForMaskedLM.from_config(config)  # type: ignore[no-untyped-call]
    with pytest.raises(UserError, match="of another architecture or vocabulary"):
        language_model(model, head)


def test_an_architecture_without_masks_is_an_error() -> None:
    config = AutoConfig.for_model(
        "gpt2", n_embd=8, n_layer=1, n_head=1, vocab_size=50, num_labels=5, bos_token_id=1, eos_token_id=1
    )
    decoder = AutoModelForTokenClassification.from_config(config)  # type: ignore[no-untyped-call]
    with pytest.raises(UserError, match="a model of the type gpt2 knows no masks"):
        language_model(decoder)


def test_a_tokenizer_without_a_mask_is_an_error(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    tmp_path: Path,
) -> None:
    maskless = deepcopy(tokenizer)
    maskless.mask_token = None
    with pytest.raises(UserError, match="no mask token"):
        train(model, maskless, ["some text"], tmp_path)


def test_no_text_is_an_error(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="no text to train on"):
        train(model, tokenizer, ["", "\n"], tmp_path)


def test_batches_without_a_mask_do_no_harm(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    recipe = Pretraining(epochs=2, learning_rate=0.005, batch_size=1, masked=1e-9)
    figures = train(model, tokenizer, ["one", "two"], tmp_path, recipe)
    assert (figures["loss_first"], figures["loss_last"]) == (0.0, 0.0)
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


def test_a_diverging_pretraining_ends_with_an_error(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"diverged in epoch \d.*\n.*Lower train.pretraining.learning_rate"):
        train(model, tokenizer, texts, tmp_path, replace(RECIPE, learning_rate=1e30))
    assert not (tmp_path / RESULT).exists()


def test_no_text_is_logged(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        train(model, tokenizer, ["xylophone " * 50], tmp_path, replace(RECIPE, epochs=1))
    out, err = capfd.readouterr()
    assert "xylophone" not in caplog.text + out + err
