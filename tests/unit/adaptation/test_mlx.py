"""MLX itself, where it is installed: losses and adapters are those of PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.adaptation.course import Lora, train
from spanwise.adaptation.masking import labels, mask
from spanwise.adaptation.mlx import MlxBackend
from spanwise.errors import UserError
from tests.extras import needs
from tests.unit.adaptation.examples import GOLDEN, rows, store_model

pytestmark = needs("mlx_lm")

LORA = Lora(rank=4, alpha=16.0, learning_rate=0.01)


def test_the_loss_is_that_of_pytorch_on_the_same_labels(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    base = store_model(tmp_path / "base")
    found = MlxBackend(base, LORA).loss(GOLDEN)
    model = AutoModelForCausalLM.from_pretrained(base)
    total = 0.0
    for masked in GOLDEN:
        with torch.no_grad():
            told = model(torch.tensor([masked.tokens]), labels=torch.tensor([labels(masked)]))
        total += told.loss.item() * masked.learnt
    assert found.tokens == 6
    assert found.loss == pytest.approx(total / 6, abs=1e-5)


def test_training_lowers_the_loss_and_its_adapters_are_those_of_peft(tmp_path: Path) -> None:
    import mlx.core as mx
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM

    from spanwise.generator.adapters import restore

    base = store_model(tmp_path / "base")
    backend = MlxBackend(base, LORA)
    report = train(backend, mask(rows()), tmp_path / "made", epochs=6, batch_size=4, seed=1)
    assert report.losses[-1] < report.losses[0] - 0.3
    assert (report.program, report.device, report.stub) == ("mlx", "cpu", False)
    tokens = [[5, 6, 7, 8, 9]]
    backend.model.eval()
    there = np.array(backend.model(mx.array(tokens)).astype(mx.float32))
    adapted = restore(AutoModelForCausalLM.from_pretrained(base), tmp_path / "made")
    here = adapted(torch.tensor(tokens)).logits.detach().numpy()
    with adapted.disable_adapter():
        untuned = adapted(torch.tensor(tokens)).logits.detach().numpy()
    assert np.abs(there - here).max() < 1e-5
    assert np.abs(untuned - here).max() > 0.1


def test_an_unknown_layer_and_a_folder_without_a_model_are_told(tmp_path: Path) -> None:
    base = store_model(tmp_path / "base")
    with pytest.raises(UserError, match="no layer of the model is called z_proj"):
        MlxBackend(base, Lora(targets=("z_proj",)))
    with pytest.raises(UserError, match="mlx-lm cannot load it"):
        MlxBackend(tmp_path, LORA)
