"""Averages of weights: what goes in, that they are lent and given back, and that a kill changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedModel, Trainer, TrainingArguments
from transformers.trainer_callback import TrainerCallback

from spanwise.errors import UserError
from spanwise.learners.averaging import AVERAGE, Averaging, WeightAveraging, load_average
from spanwise.learners.optimisation import Layers, freeze
from tests.architectures import tiny_model

EPOCHS, STEPS = 4, 3  # of each epoch
Weights = dict[str, torch.Tensor]


class Killed(BaseException):
    """What a kill does to a training: it ends without cleaning up."""


class KillAt(TrainerCallback):
    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self.step:
            raise Killed


def weights_of(model: torch.nn.Module) -> Weights:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


class Recorder(TrainerCallback):
    """Keeps the weights after each step."""

    def __init__(self) -> None:
        self.steps: list[Weights] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.steps.append(weights_of(kwargs["model"]))


class AveragingTrainer(Trainer):
    """Trainer with what `WeightAveraging` asks of it."""

    averaging: WeightAveraging

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        super()._save(output_dir, state_dict)
        self.averaging.save(Path(str(output_dir)))

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        with self.averaging.applied():
            return super().evaluate(*args, **kwargs)


def trainer_of(
    model: PreTrainedModel,
    recipe: Averaging,
    folder: Path,
    callbacks: tuple[TrainerCallback, ...] = (),
    resumed: Path | None = None,
) -> AveragingTrainer:
    torch.manual_seed(5)
    rows = [
        {"input_ids": torch.randint(3, 50, (6,)), "labels": torch.randint(0, 5, (6,))}
        for _ in range(4 * STEPS)
    ]
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=4,
        learning_rate=0.01,
        lr_scheduler_type="constant",
        eval_strategy="epoch",
        save_strategy="epoch",
        use_cpu=True,
        dataloader_pin_memory=False,
        disable_tqdm=True,
        report_to="none",
    )
    averaging = WeightAveraging(recipe, resumed)
    trainer = AveragingTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        eval_dataset=rows[:4],
        callbacks=[averaging, *callbacks],
    )
    trainer.averaging = averaging
    return trainer


def averaged(trainer: AveragingTrainer) -> Weights:
    assert trainer.model is not None
    with trainer.averaging.applied():
        return weights_of(trainer.model)


def assert_close(found: Weights, expected: Weights) -> None:
    assert found.keys() == expected.keys()
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, expected[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("decay", "start", "first"),
    [(0.0, 0.0, 1), (0.75, 0.0, 1), (0.75, 0.5, 6), (0.999, 0.55, 7), (0.75, 1.0, 12)],
)
def test_an_exponential_average_is_an_equal_one_until_its_decay_is_reached(
    decay: float, start: float, first: int, tmp_path: Path
) -> None:
    recorder = Recorder()
    trainer = trainer_of(tiny_model("bert"), Averaging("ema", decay, start), tmp_path, (recorder,))
    trainer.train()
    states = recorder.steps[first - 1 :]
    expected = states[0]
    for number, state in enumerate(states[1:], start=1):
        share = max(1 - decay, 1 / (number + 1))
        expected = {name: (1 - share) * expected[name] + share * state[name] for name in state}
    assert trainer.averaging.updates == len(states) == 12 - first + 1
    assert_close(averaged(trainer), expected)


@pytest.mark.parametrize(("start", "epochs"), [(0.0, (1, 2, 3, 4)), (0.5, (2, 3, 4)), (0.6, (3, 4))])
def test_stochastic_weight_averaging_is_the_mean_of_the_ends_of_epochs(
    start: float, epochs: tuple[int, ...], tmp_path: Path
) -> None:
    recorder = Recorder()
    trainer = trainer_of(tiny_model("bert"), Averaging("swa", 0.9, start), tmp_path, (recorder,))
    trainer.train()
    ends = [recorder.steps[epoch * STEPS - 1] for epoch in epochs]
    expected = {name: torch.stack([end[name] for end in ends]).mean(dim=0) for name in ends[0]}
    assert trainer.averaging.updates == len(epochs)
    assert_close(averaged(trainer), expected)


@pytest.mark.parametrize("scheme", ["ema", "swa"])
def test_averaging_does_not_disturb_the_training(scheme: Literal["ema", "swa"], tmp_path: Path) -> None:
    plain, watched = Recorder(), Recorder()
    trainer_of(tiny_model("bert"), Averaging("none", 0.5, 0.0), tmp_path / "a", (plain,)).train()
    trainer = trainer_of(tiny_model("bert"), Averaging(scheme, 0.5, 0.0), tmp_path / "b", (watched,))
    trainer.train()
    for one, two in zip(plain.steps, watched.steps, strict=True):
        assert all(one[name].equal(two[name]) for name in one)
    assert any(not plain.steps[-1][name].equal(tensor) for name, tensor in averaged(trainer).items())


def test_evaluation_sees_the_average_once_it_has_begun(tmp_path: Path) -> None:
    def losses(recipe: Averaging, folder: Path) -> list[float]:
        trainer = trainer_of(tiny_model("bert"), recipe, folder)
        trainer.train()
        return [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]

    plain = losses(Averaging("none", 0.9, 0.0), tmp_path / "plain")
    half = losses(Averaging("ema", 0.9, 0.6), tmp_path / "half")
    assert half[:2] == plain[:2]  # averaging begins at the second step of the third epoch
    assert half[2] != plain[2]
    assert half[3] != plain[3]


def test_the_models_own_weights_come_back_even_after_an_error(tmp_path: Path) -> None:
    trainer = trainer_of(tiny_model("bert"), Averaging("ema", 0.9, 0.0), tmp_path)
    trainer.train()
    model = trainer.model
    assert model is not None
    own = weights_of(model)
    inside: Weights = {}

    def fail() -> None:
        with trainer.averaging.applied():
            inside.update(weights_of(model))
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert not inside["classifier.weight"].equal(own["classifier.weight"])
    assert all(own[name].equal(tensor) for name, tensor in weights_of(model).items())


@pytest.mark.parametrize(("scheme", "start"), [("ema", 0.0), ("ema", 0.9), ("swa", 0.0), ("swa", 0.4)])
def test_a_killed_training_resumes_to_the_same_average(
    scheme: Literal["ema", "swa"], start: float, tmp_path: Path
) -> None:
    recipe = Averaging(scheme, 0.9, start)
    trainer_of(tiny_model("bert"), recipe, tmp_path / "undisturbed").train()
    with pytest.raises(Killed):
        trainer_of(tiny_model("bert"), recipe, tmp_path / "killed", (KillAt(2 * STEPS + 1),)).train()
    checkpoint = tmp_path / "killed" / f"checkpoint-{2 * STEPS}"
    resumed = trainer_of(tiny_model("bert"), recipe, tmp_path / "killed", resumed=checkpoint)
    resumed.train(resume_from_checkpoint=str(checkpoint))
    last = f"checkpoint-{EPOCHS * STEPS}"
    for name in (AVERAGE, "model.safetensors"):
        content = (tmp_path / "undisturbed" / last / name).read_bytes()
        assert content == (tmp_path / "killed" / last / name).read_bytes()
    assert load_file(tmp_path / "killed" / last / AVERAGE)


def test_a_checkpoint_without_its_average_cannot_be_resumed(tmp_path: Path) -> None:
    recipe = Averaging("ema", 0.9, 0.0)
    trainer_of(tiny_model("bert"), recipe, tmp_path).train()
    checkpoint = tmp_path / f"checkpoint-{STEPS}"
    (checkpoint / AVERAGE).unlink()
    resumed = trainer_of(tiny_model("bert"), recipe, tmp_path, resumed=checkpoint)
    with pytest.raises(UserError, match=r"average.safetensors: the checkpoint holds no averaged weights"):
        resumed.train(resume_from_checkpoint=str(checkpoint))


def test_a_checkpoint_lends_its_average_to_the_model(tmp_path: Path) -> None:
    trainer = trainer_of(tiny_model("bert"), Averaging("swa", 0.9, 0.5), tmp_path)
    trainer.train()
    expected = averaged(trainer)
    model = tiny_model("bert")
    before = weights_of(model)
    assert not load_average(model, tmp_path / f"checkpoint-{STEPS}")  # it had not begun
    assert all(before[name].equal(tensor) for name, tensor in weights_of(model).items())
    assert load_average(model, tmp_path / f"checkpoint-{EPOCHS * STEPS}")
    assert all(expected[name].equal(tensor) for name, tensor in weights_of(model).items())


def test_without_a_scheme_nothing_is_written_and_nothing_lent(tmp_path: Path) -> None:
    trainer = trainer_of(tiny_model("bert"), Averaging("none", 0.9, 0.0), tmp_path)
    trainer.train()
    assert not list(tmp_path.rglob(AVERAGE))
    assert trainer.averaging.updates == 0
    assert trainer.model is not None
    own = weights_of(trainer.model)
    assert all(own[name].equal(tensor) for name, tensor in averaged(trainer).items())
    assert not load_average(trainer.model, tmp_path / f"checkpoint-{STEPS}")


def test_frozen_weights_are_not_kept_twice(tmp_path: Path) -> None:
    model = tiny_model("bert")
    freeze(model, Layers(decay=1.0, frozen=2, frozen_embeddings=False, head_rate=1.0))
    trainer_of(model, Averaging("ema", 0.9, 0.0), tmp_path).train()
    stored = load_file(tmp_path / f"checkpoint-{STEPS}" / AVERAGE)
    assert stored.keys() == {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert len(stored) == 16 + 2
