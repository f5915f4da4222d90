"""The network: how its heads are stored beside a model that stays a plain one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from transformers import AutoModelForTokenClassification

from spanwise.errors import UserError
from spanwise.heads.network import KINDS, Kind, Network
from spanwise.learners.dropout import Dropout
from spanwise.learners.tagger import Tagger
from spanwise.schema import Labels
from tests.tiny import TINY


def made(labels: Labels, kind: Kind, samples: int = 1, nested: bool = False) -> Network:
    dropout = Dropout(hidden=None, attention=None, classifier=None, samples=samples)
    return Tagger.pretrained(labels, **TINY, seed=13, head=kind, dropout=dropout, nested=nested).network


@pytest.mark.parametrize("kind", KINDS)
def test_heads_are_stored_beside_the_model(kind: Kind, labels: Labels, tmp_path: Path) -> None:
    network = made(labels, kind, nested=kind == "pointer")
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if not name.startswith("model."):
                weight.add_(torch.randn_like(weight))
    network.model.save_pretrained(str(tmp_path))
    network.save_heads(tmp_path)
    plain = AutoModelForTokenClassification.from_pretrained(tmp_path)
    again = Network.with_heads(plain, tmp_path)
    assert (again.kind, again.nested) == (kind, kind == "pointer")
    for (name, one), (_, two) in zip(network.state_dict().items(), again.state_dict().items(), strict=True):
        assert one.equal(two), name


def stored(tensors: dict[str, torch.Tensor], facts: str) -> bytes:
    return save(tensors, metadata={"head": facts})


def whole() -> dict[str, torch.Tensor]:
    return {name: torch.zeros(5, 5) if name == "crf.transitions" else torch.zeros(5) for name in NAMES}


NAMES = ("crf.start", "crf.end", "crf.transitions")
CRF = '{"kind": "crf", "nested": false}'
DAMAGED = {
    "cut off": stored(whole(), CRF)[:40],
    "unknown kind": stored(whole(), CRF.replace("crf", "oracle")),
    "without facts": save(whole()),
    "facts that are none": stored(whole(), "["),
    "lacks a tensor": stored({name: tensor for name, tensor in whole().items() if name != NAMES[0]}, CRF),
    "another tensor": stored(whole() | {"crf.other": torch.zeros(1)}, CRF),
    "another size": stored(whole() | {"crf.start": torch.zeros(9)}, CRF),
}


@pytest.mark.parametrize("damage", [None, *DAMAGED])
def test_heads_that_do_not_fit_are_an_error(damage: str | None, labels: Labels, tmp_path: Path) -> None:
    model = Tagger.pretrained(labels, **TINY, seed=13).model
    file = tmp_path / "head.safetensors"
    file.write_bytes(stored(whole(), CRF))
    assert Network.with_heads(model, tmp_path).kind == "crf"
    file.unlink()
    if damage is not None:
        file.write_bytes(DAMAGED[damage])
    with pytest.raises(UserError, match="the heads cannot be loaded"):
        Network.with_heads(model, tmp_path)


def test_samples_are_drawn_in_training_alone(labels: Labels) -> None:
    network = made(labels, "softmax", samples=3)
    ids, mask = torch.tensor([[101, 2000, 102]]), torch.ones(1, 3, dtype=torch.long)
    network.train()
    assert network(ids, mask).logits.shape == (3, 1, 3, 5)
    network.eval()
    assert network(ids, mask).logits.shape == (1, 1, 3, 5)
    assert network(ids, mask).hidden is None  # no head asks for it


def test_tied_weights_are_refused_before_a_checkpoint_fails(labels: Labels) -> None:
    model = Tagger.pretrained(labels, **TINY, seed=13).model
    embeddings = model.get_input_embeddings()
    model.tied = torch.nn.Embedding(1, 1)
    model.tied.weight = embeddings.weight  # type: ignore[assignment]
    with pytest.raises(UserError, match="ties some of its weights"):
        Network(model, "softmax")
