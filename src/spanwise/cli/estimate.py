"""`spanwise estimate`: what a training would take, in memory and time, before anything is downloaded."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from spanwise.cli.compose import write_params
from spanwise.config import Params, Sft, load_params
from spanwise.console import command
from spanwise.io import read_record
from spanwise.schema import Labels

if TYPE_CHECKING:
    from spanwise.estimate.estimation import Estimate, Setting

TAGS = 83  # of MACCROBAT's 41 types, where no corpus is divided yet: a head is next to nothing
LABELS = Path("data/splits/labels.json")


@command
def estimate(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Settings and group options, in Hydra's notation."),
    ] = None,
    device: Annotated[
        str, typer.Option(help="`this` machine's GPU or else CPU, `cpu`, or a card: rtx-4090, a100-80gb, ...")
    ] = "this",
    tokens: Annotated[
        int | None, typer.Option(min=1, help="Tokens of the training side, for the time of all epochs.")
    ] = None,
    conf: Annotated[Path, typer.Option(help="The folder of settings.")] = Path("conf"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Tell the parameters, memory and time of the training that OVERRIDES compose; fail if it cannot fit."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "params.yaml"
        write_params(conf, overrides or [], path)
        params = load_params(path, Params)
    from spanwise.estimate.estimation import estimate as estimated
    from spanwise.estimate.estimation import refuse
    from spanwise.estimate.machines import machine

    setting = _setting(params, device)
    found = estimated(setting, machine(device, mixed=setting.mixed))
    hours = None if tokens is None else tokens * params.train.epochs / found.tokens_per_s / 3600
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        typer.echo("\n".join(_lines(params, found, hours)))
    refuse(setting, found)


def _setting(params: Params, device: str) -> Setting:
    """What the settings ask for, on this device."""
    from spanwise.estimate.estimation import Setting, setting_of
    from spanwise.estimate.machines import THIS
    from spanwise.learners.adapters import Adapter
    from spanwise.learners.holding import Holding
    from spanwise.learners.recipe import check_holding, read_recipe
    from spanwise.learners.training import mixed_precision

    train = params.train
    # A card that is only named has bfloat16.
    here = device in THIS
    mixed = (mixed_precision(train.precision) if here else train.precision) != "fp32"
    if not isinstance(train, Sft):
        recipe = read_recipe(train.model_dump())
        check_holding(recipe)
        tags = len(read_record(LABELS, Labels).id2tag) if LABELS.is_file() else TAGS
        return setting_of(params.model.model_dump(), recipe, tags=tags, mixed=mixed)
    adapter = Adapter(**train.adapter.model_dump() | {"targets": tuple(train.adapter.targets)})
    half = mixed and adapter.rank > 0 and not here
    return Setting(
        architecture=params.model.architecture,
        bidirectional=False,
        holding=Holding(
            dtype="bf16" if half else "fp32",
            quantisation=train.quantisation if train.quantisation in {"int8", "nf4"} else "none",
            gradient_checkpointing=train.gradient_checkpointing,
        ),
        adapter=adapter if adapter.rank else None,
        windows=train.batch_size,
        tokens=params.model.max_length,
        tags=None,
        mixed=mixed,
        accumulation=train.gradient_accumulation,
    )


def _lines(params: Params, found: Estimate, hours: float | None) -> list[str]:
    """The estimate as people read it."""
    rows = {
        "parameters": f"{found.parameters / 1e6:,.1f} M, of which trained {found.trainable / 1e6:,.2f} M",
        "weights": f"{found.weights_gb:.2f} GB",
        "gradients": f"{found.gradients_gb:.2f} GB",
        "optimiser": f"{found.optimiser_gb:.2f} GB",
        "activations": f"{found.activations_gb:.2f} GB",
        "beside tensors": f"{found.reserve_gb:.2f} GB",
        "in all": f"{found.total_gb:.2f} GB of {found.memory_gb:.1f} GB",
        "a step": f"{found.tokens_per_step:,} tokens, {found.flops / 1e12:,.2f} TFLOP, "
        f"about {found.step_seconds:.2f} s: {found.tokens_per_s:,.0f} tokens/s",
    }
    if hours is not None:
        rows["in all epochs"] = f"about {hours * 60:.0f} min, validation not counted"
    return [
        f"{params.model.name} on {found.machine}",
        *(f"  {name:<15}{value}" for name, value in rows.items()),
    ]
