"""Training: what reaches the loss, what is kept, and that a killed training ends as an undisturbed one."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers.trainer_callback import TrainerCallback, TrainerControl

from spanwise.errors import UserError
from spanwise.learners.checkpoints import last_complete_checkpoint
from spanwise.learners.recipe import Recipe
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import (
    Fit,
    fit,
    mixed_precision,
    objective,
    recipe_warnings,
)
from spanwise.learners.windows import TaggedWindows
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Example, Labels
from tests.tiny import TINY, quick_recipe

RECIPE = quick_recipe()


class Killed(BaseException):
    """What a kill does to a training: it ends without cleaning up."""


class KillAfter(TrainerCallback):
    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_begin(self, args: object, state: object, control: object, **kwargs: object) -> None:
        if round(getattr(state, "epoch", 0) or 0) == self.epoch:
            raise Killed


def train(
    tagger: Tagger,
    examples: list[Example],
    checkpoints: Path,
    recipe: Recipe = RECIPE,
    callbacks: tuple[TrainerCallback, ...] = (),
) -> Fit:
    windows = [TaggedWindows.of(examples[:8], tagger)]
    return fit(
        tagger,
        windows,
        TaggedWindows.of(examples[8:], tagger),
        objective(recipe, tagger, windows),
        recipe=recipe,
        score=micro_f1,
        seed=13,
        checkpoints=checkpoints,
        callbacks=callbacks,
    )


def test_training_learns_keeps_the_best_epoch_and_tells_its_curve(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path
) -> None:
    fitted = train(tiny_tagger, examples, tmp_path, replace(RECIPE, epochs=12))
    scores = [point.validation_score for point in fitted.curve]
    assert fitted.best_score == max(scores) > 0.4
    assert fitted.best_epoch == scores.index(max(scores)) + 1
    assert fitted.curve[-1].train_loss < fitted.curve[0].train_loss
    assert fitted.figures()["epochs"] == 12
    assert [row[0] for row in fitted.plots()["score"]] == list(range(1, 13))
    assert {row[2] for row in fitted.plots()["loss"]} == {"train", "validation"}


def test_the_weights_left_are_those_of_the_best_epoch(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path
) -> None:
    fitted = train(tiny_tagger, examples, tmp_path, replace(RECIPE, epochs=10))
    predictor = tiny_tagger.predictor(512)
    assert micro_f1(list(predictor(examples[8:]))) == pytest.approx(fitted.best_score)


def test_early_stopping_stops(tiny_tagger: Tagger, examples: list[Example], tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=30, learning_rate=1e-9, patience=2)
    assert len(train(tiny_tagger, examples, tmp_path, recipe).curve) == 3


def test_the_same_seed_gives_the_same_weights(
    labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    digests = []
    for name in ("one", "two"):
        tagger = Tagger.pretrained(labels, **TINY, seed=13)
        train(tagger, examples, tmp_path / name)
        digests.append(
            [parameter.detach().cpu().numpy().tobytes() for parameter in tagger.network.parameters()]
        )
    assert digests[0] == digests[1]


class KillAfterSaving(TrainerCallback):
    """Kills a training that has decided to stop, right after its last checkpoint."""

    def on_save(self, args: object, state: object, control: TrainerControl, **kwargs: object) -> None:
        if control.should_training_stop:
            raise Killed


def assert_a_kill_changes_nothing(
    labels: Labels,
    examples: list[Example],
    folder: Path,
    recipe: Recipe,
    kill: TrainerCallback,
    *,
    moved: bool = False,
) -> None:
    """Train once undisturbed, and once killed and resumed: result and weights must be the same."""
    undisturbed = Tagger.pretrained(labels, **TINY, seed=13)
    expected = train(undisturbed, examples, folder / "undisturbed", recipe)
    with pytest.raises(Killed):
        train(Tagger.pretrained(labels, **TINY, seed=13), examples, folder / "killed", recipe, (kill,))
    assert last_complete_checkpoint(folder / "killed") is not None
    left = (folder / "killed").rename(folder / "moved") if moved else folder / "killed"
    resumed = Tagger.pretrained(labels, **TINY, seed=13)
    assert train(resumed, examples, left, recipe) == expected
    for one, two in zip(undisturbed.network.parameters(), resumed.network.parameters(), strict=True):
        assert one.equal(two)


def test_a_killed_training_resumes_to_the_same_weights(
    labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    recipe = replace(RECIPE, epochs=4, patience=3)
    assert_a_kill_changes_nothing(labels, examples, tmp_path, recipe, KillAfter(2))


@pytest.mark.parametrize("recipe", [replace(RECIPE, patience=1, learning_rate=1e-9, epochs=6), RECIPE])
def test_a_training_killed_when_it_was_over_is_not_trained_further(
    recipe: Recipe, labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    assert_a_kill_changes_nothing(labels, examples, tmp_path, recipe, KillAfterSaving())


def test_a_training_resumes_after_its_folder_has_moved(
    labels: Labels, examples: list[Example], tmp_path: Path
) -> None:
    recipe = replace(RECIPE, epochs=4)
    assert_a_kill_changes_nothing(labels, examples, tmp_path, recipe, KillAfter(3), moved=True)


def test_a_diverging_training_ends_with_an_error(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"diverged in epoch 1.*\n.*Lower train.learning_rate"):
        train(tiny_tagger, examples, tmp_path, replace(RECIPE, learning_rate=1e30))


def test_a_warm_up_as_long_as_the_training_is_warned_of(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert recipe_warnings(replace(RECIPE, warmup_steps=9), 10) == []
    with caplog.at_level(logging.WARNING):
        fitted = train(tiny_tagger, examples, tmp_path, replace(RECIPE, warmup_steps=500))
    [warning] = fitted.warnings
    assert "warm-up of 500 steps is as long as the training of" in warning
    assert warning in caplog.text


def test_nothing_to_train_on_is_an_error(tiny_tagger: Tagger, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="must both hold text"):
        train(tiny_tagger, [], tmp_path)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"avx512_bf16": True}, "bf16"), ({"amx_bf16": True}, "bf16"), ({"avx2": True}, "fp32")],
)
def test_auto_precision_follows_the_cpu(
    capabilities: dict[str, bool], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert mixed_precision("auto") == expected
    assert mixed_precision("fp32") == "fp32"
    with pytest.raises(UserError, match="needs a GPU"):
        mixed_precision("fp16")


@pytest.mark.parametrize(("supported", "expected"), [(True, "bf16"), (False, "fp16")])
def test_auto_precision_follows_the_gpu(
    supported: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: supported)
    assert mixed_precision("auto") == expected
    assert mixed_precision("fp16") == "fp16"
    if not supported:
        with pytest.raises(UserError, match="this GPU has none"):
            mixed_precision("bf16")
