"""From the network in torch to graphs for ONNX Runtime: in float32, and with int8 weights."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from spanwise.artifact import ONNX
from spanwise.errors import UserError, first_line
from spanwise.heads.network import Network
from spanwise.io import atomic
from spanwise.runtime.attention import is_decoder
from spanwise.runtime.backends.ort import POINTED, POSITIONS, load_session

if TYPE_CHECKING:
    import onnx


OPSET = 18
QUANTISED = ["MatMul", "Gemm", "Gather"]  # all linear layers, and the embeddings
TRACED, CHECKED = 17, (5, 16)  # tokens of made-up windows
FLOAT = 4  # bytes of a weight in the graph, whatever the network has
LARGEST = 2**31 - 2**20  # bytes: what a protocol buffer holds, but for the graph beside its weights
WITHIN = 1e-3  # logits of one and the other may differ, by rounding alone

Figures = dict[str, Any]


def export(network: Network, folder: Path) -> Figures:
    """Write the network as `artifact.ONNX` into the folder of its model, both graphs or none.

    A window goes in alone and unpadded, `input_ids [1, tokens]` and, for a span head, the `positions [1,
    words]` of first subwords; out come `logits [1, tokens, tags]` and `pointed [1, labels, words, words]`.
    The same weights give the same bytes. What cannot be exported is told and no error: torch predicts with
    it all the same.

    Args:
        network: The network, adapters merged; it is left as it is.
        folder: The folder of its model.

    Returns:
        `onnx_mb` and `int8_mb`, in MB (10^6 bytes); or `onnx`, why there is none.
    """
    target = folder / ONNX["onnx"].parent
    try:
        with atomic(target) as part:
            part.mkdir()
            plain, small = (part / ONNX[name].name for name in ("onnx", "onnx-int8"))
            write_graph(network, plain)
            quantise(plain, small)
            return {"onnx_mb": plain.stat().st_size / 1e6, "int8_mb": small.stat().st_size / 1e6}
    except UserError as error:
        return {"onnx": error.reason}


def write_graph(network: Network, path: Path) -> None:
    """Write the network as an ONNX graph that computes what it computes.

    Raises:
        UserError: If its architecture cannot be exported, or what comes out computes something else.
    """
    architecture = type(network.model).__name__
    size = FLOAT * sum(parameter.numel() for parameter in network.parameters())
    if size > LARGEST:
        raise UserError(
            f"{architecture} cannot be exported to ONNX: its graph would have {size / 1e9:.1f} GB, and one "
            f"file holds {LARGEST / 1e9:.1f} GB"
        )
    graph = Graph(copy.deepcopy(network).cpu().float()).eval()
    inputs = graph.made_up(TRACED)
    names, outputs = ["input_ids"], ["logits"]
    axes = {"input_ids": {1: "tokens"}, "logits": {1: "tokens"}}
    if len(inputs) > 1:
        names, outputs = [*names, POSITIONS], [*outputs, POINTED]
        axes |= {POSITIONS: {1: "words"}, POINTED: {2: "words", 3: "words"}}
    try:
        # By tracing: torch.export takes five times as long, and its graphs run slower once quantised.
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                graph,
                inputs,
                str(path),
                input_names=names,
                output_names=outputs,
                dynamic_axes=axes,
                opset_version=OPSET,
                dynamo=False,
            )
    except Exception as error:  # whatever an architecture that tracing cannot follow raises
        reason = first_line(error)
        raise UserError(f"{architecture} cannot be exported to ONNX: {reason}") from error
    _check(graph, path, architecture)


def quantise(source: Path, path: Path) -> None:
    """Write an ONNX graph with int8 weights and a scale for each output channel.

    What goes into a layer is scaled when it does (dynamic quantisation). With one scale a matrix the 22 M
    encoder loses 1.4 points of strict F1, with these 0.1; among the embeddings only those of words are worth
    their bytes, and those of positions cost precision.

    Raises:
        UserError: If what it takes is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.quantization.quant_utils import add_pre_process_metadata
    except ImportError:
        raise UserError(
            "int8 takes onnx and ONNX Runtime, which are not installed", hint="pip install 'spanwise[serve]'"
        ) from None
    graph = onnx.load(source)
    # Optimising it first changes neither size nor time nor F1; unmarked, it would be asked for in the log.
    add_pre_process_metadata(graph)
    quantize_dynamic(
        graph,
        path,
        op_types_to_quantize=QUANTISED,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=_small_tables(graph),
    )


def _small_tables(model: onnx.ModelProto) -> list[str]:
    """The nodes that look up any embeddings but the largest, those of words."""
    sizes = {weight.name: int(np.prod(weight.dims)) for weight in model.graph.initializer}
    tables = [node for node in model.graph.node if node.op_type == "Gather" and node.input[0] in sizes]
    largest = max((sizes[node.input[0]] for node in tables), default=0)
    return [node.name for node in tables if sizes[node.input[0]] < largest]


class Graph(nn.Module):
    """What becomes a graph: one unpadded window through encoder and heads, save the chain of a CRF."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, positions: Tensor | None = None) -> tuple[Tensor, ...]:
        """The logits and, from a span head, its scores."""
        # Without a mask a decoder takes kernels that ONNX has not.
        mask = torch.ones_like(input_ids) if is_decoder(self.network.model.config) else None
        output = self.network.scores(input_ids, mask)
        logits = output.logits[0]
        if positions is None:
            return (logits,)
        assert output.hidden is not None
        assert self.network.pointer is not None
        words = output.hidden[:, positions[0]]
        return logits, self.network.pointer.scores(words, torch.ones_like(positions, dtype=torch.bool))

    def made_up(self, tokens: int) -> tuple[Tensor, ...]:
        """A window of so many made-up tokens, every second of which begins a word."""
        embeddings = self.network.model.get_input_embeddings()
        known = int(embeddings.num_embeddings)  # type: ignore[arg-type]
        ids = torch.arange(3, 3 + tokens)[None] % known  # behind the padding, wherever that is
        return (ids,) if self.network.pointer is None else (ids, torch.arange(0, tokens, 2)[None])


def _check(graph: Graph, path: Path, architecture: str) -> None:
    """Hold what was written against the network, at lengths that it was not traced at."""
    session = load_session(path, threads=1)
    names = [given.name for given in session.get_inputs()]
    for tokens in CHECKED:
        inputs = graph.made_up(tokens)
        found = session.run(None, {name: each.numpy() for name, each in zip(names, inputs, strict=True)})
        with torch.no_grad():
            expected = [output.numpy() for output in graph(*inputs)]
        for one, other in zip(found, expected, strict=True):
            if one.shape != other.shape or not np.allclose(one, other, rtol=WITHIN, atol=WITHIN):
                raise UserError(
                    f"{architecture} cannot be exported to ONNX: the graph computes another thing"
                )
