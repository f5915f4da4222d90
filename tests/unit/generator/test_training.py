"""Tuning: what is learnt, what is kept, and that a killed training ends as an undisturbed one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers.trainer_callback import TrainerCallback, TrainerControl

from spanwise.errors import UserError
from spanwise.generator.likelihood import losses, mean
from spanwise.generator.model import Generator, weight_dtype
from spanwise.generator.outcome import Fitted
from spanwise.generator.rows import rows_of
from spanwise.generator.training import fit
from spanwise.learners.checkpoints import last_complete_checkpoint
from spanwise.schema import Example
from tests import talkers
from tests.unit.learners.test_training import KillAfter, KillAfterSaving, Killed

WHOLE: dict[str, Any] = {"adapter": {"rank": 0}}


def fresh(words: Path, kind: str = "mistral", **changes: Any) -> Generator:
    return Generator.pretrained(talkers.recipe(**changes), **talkers.settings(words, kind))


def train(generator: Generator, examples: list[Example], folder: Path, *callbacks: TrainerCallback) -> Fitted:
    return fit(
        generator, examples[:8], examples[8:], seed=13, checkpoints=folder, callbacks=callbacks
    )  # fmt: skip


def weights(generator: Generator) -> dict[str, torch.Tensor]:
    return {
        name: weight for name, weight in generator.model.state_dict().items() if weight.is_floating_point()
    }


@pytest.mark.parametrize("kind", sorted(talkers.ARCHITECTURES))
def test_a_model_learns_and_its_best_epoch_is_kept(
    kind: str, words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    generator = fresh(words, kind, epochs=8, **WHOLE, learning_rate=0.01)
    fitted = train(generator, dialogues, tmp_path)
    curve = [point.validation_loss for point in fitted.curve]
    assert len(curve) == fitted.figures["epochs"] == 8
    assert fitted.figures["best_epoch"] == curve.index(min(curve)) + 1
    kept = mean(losses(generator.model.eval(), rows_of(dialogues[8:], generator.chat, 128)))
    assert kept == pytest.approx(min(curve)) == pytest.approx(fitted.figures["best_loss"])
    assert kept < 0.5 * fitted.figures["effect"]["untuned_loss"]
    assert {series for _, _, series in fitted.plots()["loss"]} == {"train", "validation"}


def test_adapters_alone_are_trained(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    generator = fresh(words)
    before = {name: weight.clone() for name, weight in weights(generator).items()}
    fitted = train(generator, dialogues, tmp_path)
    moved = {name for name, weight in weights(generator).items() if not weight.equal(before[name])}
    assert moved == {name for name in before if ".lora_" in name}
    assert fitted.figures["trained_parameters"] == sum(before[name].numel() for name in moved)
    assert fitted.figures["effect"]["fall"] > 0
    assert fitted.figures["effect"]["moved"] > 0


def test_one_answer_is_learnt_by_heart(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    generator = fresh(words, epochs=8, **WHOLE, learning_rate=0.01, batch_size=1)
    fitted = fit(generator, dialogues[:1] * 20, dialogues[:1], seed=13, checkpoints=tmp_path)
    assert fitted.curve[-1].validation_loss < 0.05


def test_the_loss_of_the_trainer_is_that_of_the_answers(
    words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    generator = fresh(words, epochs=1, learning_rate=1e-12, batch_size=8)
    untuned = mean(losses(generator.model.eval(), rows_of(dialogues[:8], generator.chat, 128)))
    [point] = train(generator, dialogues, tmp_path).curve
    assert point.train_loss == pytest.approx(untuned, abs=2e-3)  # dropout of the adapters, which are 0


def test_packed_examples_do_not_see_each_other(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    plain, packed = (
        train(fresh(words, packing=packing, epochs=1, learning_rate=1e-12, batch_size=8), dialogues, folder)
        for packing, folder in ((False, tmp_path / "plain"), (True, tmp_path / "packed"))
    )
    assert packed.figures["sequences"] < plain.figures["sequences"] == 8
    assert packed.curve[0].train_loss == pytest.approx(plain.curve[0].train_loss, abs=1e-5)


def test_accumulated_batches_are_as_one(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    still = {"dropout": 0.0}
    one, two = (
        train(
            fresh(words, batch_size=8 // parts, gradient_accumulation=parts, adapter=still, epochs=2),
            dialogues,
            tmp_path / str(parts),
        )
        for parts in (1, 4)
    )
    assert one.figures["steps"] == two.figures["steps"] == 2
    assert one.curve[-1].validation_loss == pytest.approx(two.curve[-1].validation_loss, abs=1e-4)


def test_checkpointed_activations_change_nothing(
    words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    kept, anew = (fresh(words, gradient_checkpointing=checkpointed) for checkpointed in (False, True))
    train(kept, dialogues, tmp_path / "kept")
    train(anew, dialogues, tmp_path / "anew")
    for name, weight in weights(kept).items():
        assert torch.allclose(weight, weights(anew)[name], atol=1e-5)


def test_without_epochs_the_model_stays_as_it_is(
    words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    fitted = train(fresh(words, epochs=0), dialogues, tmp_path)
    assert fitted.curve == []
    assert fitted.figures["effect"]["fall"] == 0


def test_early_stopping_stops(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    fitted = train(fresh(words, epochs=9, patience=2, learning_rate=1e-12), dialogues, tmp_path)
    assert fitted.figures["epochs"] < 9


def test_a_training_without_effect_fails(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no effect that can be told from chance"):
        train(fresh(words, learning_rate=1e-9, require_effect=True), dialogues, tmp_path)


def test_a_training_with_an_effect_goes_through(
    words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    fitted = train(fresh(words, require_effect=True, epochs=8), dialogues, tmp_path)
    assert fitted.figures["effect"]["fall"] > fitted.figures["effect"]["noise"] > 0


def test_a_training_that_diverges_ends_with_an_error(
    words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    generator = fresh(words, **WHOLE, learning_rate=1e30, max_grad_norm=1e30)
    with pytest.raises(UserError, match="diverged"):
        train(generator, dialogues, tmp_path)


def test_sides_without_examples_are_refused(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="must both hold examples"):
        fit(fresh(words), dialogues, [], seed=13, checkpoints=tmp_path)


@pytest.mark.parametrize(
    ("changes", "kill"),
    [
        ({"epochs": 4, "patience": 3}, KillAfter(2)),
        ({"epochs": 3, "patience": 1, "learning_rate": 1e-12}, KillAfterSaving()),
        ({"epochs": 3, "packing": True}, KillAfter(1)),
        ({"epochs": 3, **WHOLE}, KillAfter(2)),
    ],
)
def test_a_killed_training_resumes_to_the_same_bits(
    changes: dict[str, Any],
    kill: TrainerCallback,
    words: Path,
    dialogues: list[Example],
    tmp_path: Path,
) -> None:
    undisturbed, killed, resumed = (fresh(words, **changes) for _ in range(3))
    expected = train(undisturbed, dialogues, tmp_path / "undisturbed")
    with pytest.raises(Killed):
        train(killed, dialogues, tmp_path / "killed", kill)
    assert last_complete_checkpoint(tmp_path / "killed") is not None
    again = train(resumed, dialogues, (tmp_path / "killed").rename(tmp_path / "moved"))
    assert (again.figures, again.curve) == (expected.figures, expected.curve)
    for name, weight in weights(undisturbed).items():
        assert weight.equal(weights(resumed)[name]), name


def test_the_same_seed_gives_the_same_adapters(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    one, two = fresh(words), fresh(words)
    train(one, dialogues, tmp_path / "one")
    train(two, dialogues, tmp_path / "two")
    assert all(weight.equal(weights(two)[name]) for name, weight in weights(one).items())


def test_quantised_weights_are_tuned_through_adapters(
    words: Path, dialogues: list[Example], tmp_path: Path
) -> None:
    pytest.importorskip("bitsandbytes")
    generator = fresh(words, quantisation="nf4", epochs=4)
    assert generator.base.digest is None
    head = generator.model.get_output_embeddings()
    assert type(head) is torch.nn.Linear
    fitted = train(generator, dialogues, tmp_path)
    assert fitted.figures["effect"]["fall"] > 0


def test_weights_on_a_cpu_are_in_single_precision() -> None:
    if not torch.cuda.is_available():
        assert weight_dtype(talkers.recipe(precision="bf16")) == torch.float32


class Stop(TrainerCallback):
    def on_epoch_end(self, args: Any, state: Any, control: TrainerControl, **kwargs: Any) -> None:
        control.should_training_stop = True


def test_a_callback_is_called(words: Path, dialogues: list[Example], tmp_path: Path) -> None:
    assert len(train(fresh(words), dialogues, tmp_path, Stop()).curve) == 1


def test_more_tokens_than_positions_are_refused(words: Path) -> None:
    with pytest.raises(UserError, match=r"model\.max_length = 300: random has 256 positions"):
        Generator.pretrained(talkers.recipe(), **talkers.settings(words, max_length=300))
