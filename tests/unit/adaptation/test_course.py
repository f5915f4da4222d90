from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from spanwise.adaptation.course import About, Lora, Step, train
from spanwise.adaptation.masking import Masked
from spanwise.errors import UserError
from tests.unit.adaptation.examples import GOLDEN


class Notebook:
    """A backend that writes down what it is given."""

    about = About("mlx", "0", "cpu", stub=True)

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def step(self, batch: Sequence[Masked]) -> Step:
        self.batches.append([masked.id for masked in batch])
        return Step(float(len(self.batches)), sum(masked.learnt for masked in batch))

    def save(self, folder: Path) -> None:
        (folder / "saved").touch()


def test_every_example_is_seen_once_an_epoch_in_an_order_of_the_seed(tmp_path: Path) -> None:
    seen = Notebook()
    told: list[int] = []
    report = train(
        seen,
        GOLDEN,
        tmp_path / "made",
        epochs=2,
        batch_size=2,
        seed=1,
        log=lambda epoch, _: told.append(epoch),
    )
    assert [len(batch) for batch in seen.batches] == [2, 1, 2, 1]
    for epoch in (seen.batches[:2], seen.batches[2:]):
        assert sorted(name for batch in epoch for name in batch) == ["first", "one", "two"]
    again = Notebook()
    train(again, GOLDEN, tmp_path / "again", epochs=2, batch_size=2, seed=1)
    assert again.batches == seen.batches
    assert (report.steps, report.examples, report.loss_tokens, told) == (4, 3, 6, [1, 2])
    assert (tmp_path / "made" / "saved").is_file()


def test_the_report_beside_the_adapters_says_stub(tmp_path: Path) -> None:
    train(Notebook(), GOLDEN, tmp_path, epochs=1, batch_size=8, seed=1)
    found = json.loads((tmp_path / "backend.json").read_text())
    assert (found["program"], found["device"], found["stub"], found["losses"]) == ("mlx", "cpu", True, [1.0])


def test_the_loss_of_an_epoch_is_that_of_a_token(tmp_path: Path) -> None:
    report = train(Notebook(), GOLDEN, tmp_path, epochs=1, batch_size=1, seed=1)
    learnt = {masked.id: masked.learnt for masked in GOLDEN}
    seen = Notebook()
    train(seen, GOLDEN, tmp_path, epochs=1, batch_size=1, seed=1)
    expected = sum(number * learnt[batch[0]] for number, batch in enumerate(seen.batches, start=1)) / 6
    assert report.losses[0] == pytest.approx(expected)


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no examples"):
        train(Notebook(), [], tmp_path, epochs=1, batch_size=1, seed=1)
    with pytest.raises(UserError, match="1 of 4 examples have no token to learn from: cut"):
        train(
            Notebook(), [*GOLDEN, Masked("cut", (1, 2), (0.0, 0.0))], tmp_path, epochs=1, batch_size=1, seed=1
        )


def test_scale_is_alpha_over_rank() -> None:
    assert Lora(rank=8, alpha=32.0).scale == 4.0
