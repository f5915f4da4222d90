"""Starting the processes that share a training, and ending them together."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from accelerate.utils import patch_environment  # type: ignore[import-untyped]
from torch.multiprocessing.spawn import ProcessException, ProcessExitedException, start_processes

from spanwise.errors import UserError

PATIENCE = timedelta(days=1)
"""How long a process waits for the others: the main one exports alone, and a process that died is noticed."""

TAIL = 5
"""Lines of what a process said last that are told when it was killed."""


def run(function: Callable[..., None], *arguments: object, processes: int) -> None:
    """Call a function in so many processes of this machine, and come back when all of them are done.

    Under torchrun or `accelerate launch` this process is one of theirs: it joins the others, and `processes`
    is of no account. Otherwise the processes are started here; all but the first are silent, none outlives
    another that failed, and on Linux none outlives this one.

    Args:
        function: One that a new interpreter finds under its name in its module.
        arguments: Its arguments, to be pickled.
        processes: How many; with GPUs, each takes one.

    Raises:
        UserError: What the first process that failed raised; or if it was killed, or GPUs are too few.
    """
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ:
        with _group("env://"):
            function(*arguments)
    elif processes == 1:
        function(*arguments)
    else:
        _start(function, arguments, processes)


def _start(function: Callable[..., None], arguments: Sequence[object], processes: int) -> None:
    gpus = torch.cuda.device_count()
    if 0 < gpus < processes:
        raise UserError(
            f"processes = {processes}: this machine has {gpus} GPU{'s' if gpus > 1 else ''}",
            hint=f"Set it to {gpus} at most: each process takes a GPU.",
        )
    with tempfile.TemporaryDirectory(prefix="spanwise-processes-") as name:
        folder = Path(name)
        # DDP warns whenever it looks for parameters that a batch does not use, and finds none.
        with patch_environment(TORCH_CPP_LOG_LEVEL=os.environ.get("TORCH_CPP_LOG_LEVEL", "ERROR")):
            context: Any = start_processes(  # type: ignore[no-untyped-call]
                _member, (processes, folder, function, arguments), nprocs=processes, join=False
            )
        try:
            while not context.join():
                pass
        except ProcessException as error:
            raise _failure(error, folder, processes) from None
        finally:  # also when this process is interrupted, and they are not
            for process in context.processes:
                process.terminate()


def _member(
    rank: int, processes: int, folder: Path, function: Callable[..., None], arguments: Sequence[object]
) -> None:
    """What one of the started processes does."""
    if rank:
        _write_to(folder / f"{rank}.log")
    threads = max(1, torch.get_num_threads() // processes)
    torch.set_num_threads(threads)
    os.environ.update(
        RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(processes), LOCAL_WORLD_SIZE=str(processes)
    )
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))  # Accelerate would change the threads without it
    if loopback := [name for _, name in socket.if_nameindex() if name in {"lo", "lo0"}]:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback[0])  # nothing outside need reach them
    try:
        with _group(f"file://{folder / 'store'}"):
            function(*arguments)
    except Exception as error:
        # Told before this process ends: the others fail at that, and are not to blame.
        told = {"time": time.monotonic(), "rank": rank, "user": isinstance(error, UserError)}
        text = str(error) if told["user"] else traceback.format_exc()
        (folder / f"{rank}.json").write_text(json.dumps({**told, "text": text}), encoding="utf-8")
        raise


@contextmanager
def _group(address: str) -> Iterator[None]:
    """This process is one of a group inside; after an error it stays one until it ends."""
    gpu = torch.cuda.is_available()
    if gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if gpu else "gloo",
        init_method=address,
        rank=int(os.environ["RANK"]),
        world_size=int(os.environ["WORLD_SIZE"]),
        timeout=PATIENCE,
    )
    yield
    dist.destroy_process_group()


def _write_to(log: Path) -> None:
    """Let everything that this process says, libraries written in C too, go to a file."""
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())


def _failure(error: ProcessException, folder: Path, processes: int) -> Exception:
    """The error of the process that failed first."""
    name = f"process {error.error_index} of {processes}"
    if isinstance(error, ProcessExitedException):
        log = folder / f"{error.error_index}.log"
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:] if log.is_file() else []
        how = f"was ended by {error.signal_name}" if error.signal_name else f"ended with {error.exit_code}"
        memory = "Linux ends so what takes too much memory: lower train.batch_size, or set "
        memory += "train.gradient_checkpointing to true."
        return UserError(
            "\n".join([f"{name} {how}, and the others with it", *said]),
            hint=memory if error.signal_name == "SIGKILL" else None,
        )
    failures = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    first = min(failures, key=lambda failure: float(failure["time"]))
    if first["user"]:
        return UserError(first["text"])
    return RuntimeError(f"process {first['rank']} of {processes} failed:\n{first['text']}")
