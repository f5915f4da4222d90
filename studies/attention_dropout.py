"""attention-dropout: what dropout of attention weights costs a step, for windows of several lengths."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spanwise import console
from spanwise.config import TrainParams, load_params
from spanwise.io import write_json
from spanwise.schema import Labels

if TYPE_CHECKING:
    from transformers import PreTrainedModel

LABELS = Labels(id2tag=("O", "B-Any", "I-Any"), tiers={"Any": "any"})
SHARES = {"with": 0.1, "without": 0.0}


def main(
    figures: Annotated[Path, typer.Argument(help="The JSON to write.")],
    params: console.ParamsFile = Path("params.yaml"),
    tokens: Annotated[int, typer.Option(help="Of a batch.")] = 2048,
    length: Annotated[list[int] | None, typer.Option(help="Of its windows; repeat it for several.")] = None,
    steps: Annotated[int, typer.Option(help="Timed of each kind, in turn, after one to warm up.")] = 7,
) -> None:
    """Time training steps on random tokens with and without attention dropout; write FIGURES in seconds."""
    settings = load_params(params, TrainParams)
    from spanwise import hardware
    from spanwise.learners.dropout import Dropout
    from spanwise.learners.sources import load_encoder
    from spanwise.learners.training import mixed_precision

    hardware.set_threads(settings.threads)
    hardware.be_deterministic()
    source = settings.model.model_dump(include={"source", "architecture", "parameters", "revision"})
    models = {
        name: load_encoder(
            **source,
            labels=LABELS,
            dropout=Dropout(hidden=None, attention=share, classifier=None, samples=1),
        )
        for name, share in SHARES.items()
    }
    precision = mixed_precision(settings.train.precision)
    found: dict[str, Any] = {}
    for each in length or [128, 256, 512]:
        seconds = time_steps(models, (tokens // each, each), precision=precision, steps=steps)
        medians = {name: statistics.median(values) for name, values in seconds.items()}
        found[str(each)] = {**medians, "ratio": medians["with"] / medians["without"]}
    write_json(figures, {**hardware.describe().model_dump(), "precision": precision, "windows_of": found})


def time_steps(
    models: dict[str, PreTrainedModel], shape: tuple[int, int], *, precision: str, steps: int
) -> dict[str, list[float]]:
    """The seconds of each step (forward, backward, AdamW) of each model, in turn; the first ones not counted.

    Args:
        models: By name.
        shape: Windows and tokens.
        precision: Of the matrix products: fp32, bf16 or fp16.
        steps: How many are counted.
    """
    import torch

    number = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    seconds: dict[str, list[float]] = {name: [] for name in models}
    optimizers = {name: torch.optim.AdamW(model.parameters(), fused=True) for name, model in models.items()}
    device = next(iter(models.values())).device
    tokens = torch.randint(1000, 20_000, shape, device=device)
    tags = torch.randint(0, len(LABELS.id2tag), shape, device=device)
    for step in range(steps + 1):
        for name, model in models.items():
            model.train()
            clock = time.perf_counter()
            with torch.autocast(device.type, number, enabled=precision != "fp32"):
                model(input_ids=tokens, attention_mask=torch.ones_like(tokens), labels=tags).loss.backward()
            optimizers[name].step()
            optimizers[name].zero_grad()
            if step:
                seconds[name].append(time.perf_counter() - clock)
    return seconds


if __name__ == "__main__":
    console.run(main)
