"""Export: graphs that compute what the network computes, the same bytes each time, both or none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from spanwise.artifact import ONNX
from spanwise.heads.network import Kind, Network
from spanwise.learners.adapters import Adapter
from spanwise.learners.sources import build, encoder_parameters, load_encoder
from spanwise.learners.tagger import Tagger
from spanwise.runtime import export as module
from spanwise.runtime.backends.ort import load_session
from spanwise.runtime.export import Graph, export
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels
from tests.architectures import PARTICULAR, tiny_model
from tests.tiny import TINY


@pytest.mark.parametrize("architecture", PARTICULAR)
@pytest.mark.parametrize("kind", ["softmax", "pointer"])
def test_every_architecture_is_exported(architecture: str, kind: Kind, tmp_path: Path) -> None:
    """That the graphs compute the same is part of the export: see the test of one that does not."""
    assert set(export(Network(tiny_model(architecture), kind), tmp_path)) == {"onnx_mb", "int8_mb"}
    graph = onnx.load(tmp_path / ONNX["onnx-int8"])
    assert any(node.op_type == "MatMulInteger" for node in graph.graph.node)


def test_the_same_weights_give_the_same_bytes(labels: Labels, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        export(Tagger.pretrained(labels, **TINY, seed=13, head="combined").network, tmp_path / name)
        found.append([(tmp_path / name / path).read_bytes() for path in ONNX.values()])
    assert found[0] == found[1]


def test_sizes_are_those_of_the_files(tiny_tagger: Tagger, tmp_path: Path) -> None:
    figures = export(tiny_tagger.network, tmp_path)
    sizes = {name: (tmp_path / path).stat().st_size / 1e6 for name, path in ONNX.items()}
    assert figures == {"onnx_mb": sizes["onnx"], "int8_mb": sizes["onnx-int8"]}
    # All but a million bytes of embeddings is small here; of those a quarter is left.
    assert figures["int8_mb"] < 0.35 * figures["onnx_mb"]


def test_only_the_embeddings_of_words_are_quantised(tiny_tagger: Tagger, tmp_path: Path) -> None:
    export(tiny_tagger.network, tmp_path)
    weights = onnx.load(tmp_path / ONNX["onnx-int8"]).graph.initializer
    shapes = {
        kind: {tuple(weight.dims) for weight in weights if weight.data_type == kind}
        for kind in (onnx.TensorProto.UINT8, onnx.TensorProto.FLOAT)
    }
    assert (30522, 32) in shapes[onnx.TensorProto.UINT8]
    assert (512, 32) in shapes[onnx.TensorProto.FLOAT]


def test_the_network_is_left_as_it_is(tiny_tagger: Tagger, tmp_path: Path) -> None:
    network = tiny_tagger.network.train()
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    export(network, tmp_path)
    assert network.training
    assert all(before[name].equal(weight) for name, weight in network.state_dict().items())


def test_merged_adapters_are_in_the_graph(
    tiny_tagger: Tagger, examples: list[Example], tmp_path: Path
) -> None:
    plain = next(tiny_tagger.predictor(256).scores(examples[:1]))[2].logits[0]
    tiny_tagger.adapt(Adapter(rank=2, alpha=8, dropout=0.0, targets=("query", "value")), seed=3)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, weight in tiny_tagger.network.named_parameters():
            if "lora_" in name:
                weight.copy_(torch.randn(weight.shape, generator=generator))
    tiny_tagger.merge()
    tiny_tagger.save(tmp_path)
    export(tiny_tagger.network, tmp_path)
    one, other = (
        next(Predictor.load(tmp_path, backend=name).scores(examples[:1]))[2].logits[0]
        for name in ("torch", "onnx")
    )
    np.testing.assert_allclose(one[: len(other)], other, atol=1e-5)
    assert np.abs(one - plain).max() > 1e-3


class Untraceable(torch.nn.Module):
    """A classifier that looks at numbers, as tracing cannot."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden[..., :5] * (2.0 if hidden.shape[1] == module.TRACED else 1.0)


class Foreign(torch.nn.Module):
    """A classifier of an operator that ONNX has not."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.linalg.svdvals(hidden)[..., None].expand(-1, -1, 5)
        return found


@pytest.mark.parametrize(
    ("classifier", "reason"),
    [(Untraceable(), "the graph computes another thing"), (Foreign(), "svdvals|linalg")],
)
def test_what_cannot_be_exported_is_told_and_leaves_nothing(
    classifier: torch.nn.Module, reason: str, tiny_tagger: Tagger, tmp_path: Path
) -> None:
    tiny_tagger.model.classifier = classifier
    figures = export(tiny_tagger.network, tmp_path)
    assert set(figures) == {"onnx"}
    assert figures["onnx"].startswith("BertForTokenClassification cannot be exported to ONNX")
    assert any(part in figures["onnx"] for part in reason.split("|"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["onnxruntime", "onnx"])
def test_without_onnx_a_model_is_trained_all_the_same(
    missing: str, tiny_tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert "not installed" in export(tiny_tagger.network, tmp_path)["onnx"]


def test_made_up_windows_fit_the_smallest_vocabulary(labels: Labels) -> None:
    graph = Graph(Network(tiny_model("bert"), "pointer"))
    ids, positions = graph.made_up(100)
    assert ids.shape == (1, 100)
    assert int(ids.max()) < 50
    assert positions.tolist() == [list(range(0, 100, 2))]


@pytest.mark.parametrize("architecture", ["mistral", "qwen3"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_decoders_are_exported_with_the_way_they_attend_beyond_the_lengths_that_are_checked(
    architecture: str, bidirectional: bool, labels: Labels, tmp_path: Path
) -> None:
    sizes: dict[str, Any] = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "head_dim": 8}
    sizes |= {"num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 32}
    asked = {"model_type": architecture, **sizes} | (
        {"sliding_window": 20} if architecture == "mistral" else {}
    )
    model = load_encoder(
        "random",
        labels,
        architecture=asked,
        parameters=encoder_parameters(build(asked)),
        bidirectional=bidirectional,
    )
    network = Network(model.to(torch.bfloat16), "softmax").eval()  # type: ignore[arg-type]
    assert set(export(network, tmp_path)) == {"onnx_mb", "int8_mb"}
    assert model.dtype == torch.bfloat16
    (ids,) = Graph(network).made_up(60)
    with torch.no_grad():
        expected = nn.Module.float(model)(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.numpy()
    session = load_session(tmp_path / ONNX["onnx"], threads=1)
    np.testing.assert_allclose(session.run(None, {"input_ids": ids.numpy()})[0], expected, atol=1e-4)


def test_what_is_too_large_for_one_file_is_refused_before_it_is_copied(
    tiny_tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 4_000_000)
    monkeypatch.setattr("copy.deepcopy", None)
    reason = export(tiny_tagger.network, tmp_path)["onnx"]
    assert reason.endswith("its graph would have 0.0 GB, and one file holds 0.0 GB")
    assert not list(tmp_path.iterdir())
