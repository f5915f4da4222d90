"""What every command shares: clear errors without a traceback, and `--debug` to see one."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from spanwise.errors import UserError

ParamsFile = Annotated[Path, typer.Option("--params", help="The composed settings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def command(function: Callable[..., None]) -> Callable[..., None]:
    """`function` with an option `--debug`: without it, a `UserError` is one message and exit code 1."""

    @functools.wraps(function)
    def guarded(*args: Any, debug: bool = False, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except UserError as error:
            if debug:
                raise
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None

    # Typer reads a command's options from its signature.
    signature = inspect.signature(function, eval_str=True)
    option = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), option]
    guarded.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    guarded.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return guarded


def app(help: str) -> typer.Typer:
    """A Typer app with our defaults, for commands decorated with `command`."""
    return typer.Typer(help=help, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def share_cores() -> None:
    """Let torch's threads sleep while they wait for each other, unless the environment says otherwise.

    OpenMP's threads spin instead, and so take from each other, and from other programs, the cores that they
    wait for: beside one busy core a training is many times as slow. It must be said before torch is loaded.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def run(stage: Callable[..., None]) -> None:
    """Run one function as a command line program: a pipeline stage."""
    share_cores()
    program = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    program.command()(command(stage))
    program()
