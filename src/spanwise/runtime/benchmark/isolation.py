"""A process of its own for each measurement, so that one's memory and threads are not another's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from spanwise.errors import UserError

P = ParamSpec("P")
R = TypeVar("R")


def in_child(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `function` returns in a fresh process, which ends thereafter.

    Args:
        function: Of a module; like its arguments and what it returns, it has to cross to the other process.

    Raises:
        UserError: If the process is killed, as one that needs more memory than there is.
    """
    # Spawned: a fork would inherit the libraries that this process has loaded, but not their threads.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(function, *args, **kwargs).result()
        except BrokenProcessPool:
            raise UserError(
                "the process that measures was killed", hint="It may have run out of memory."
            ) from None
