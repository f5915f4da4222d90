"""Trackers around a training, of which none can stop, change or outlast it."""

from __future__ import annotations

import logging
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from spanwise.tracking.run import Run, Tracker, numbers

logger = logging.getLogger(__name__)

LIMIT_S = 300.0
"""Seconds that a tracker may take for one call: it may have to upload a model."""
RECORDED = "recorded"
SAFE = frozenset({".safetensors", ".json", ".txt"})
"""What is stored of a model: weights without code, and what belongs to them."""


@dataclass
class Recorder:
    """Passes what a training tells to each tracker, and leaves out those that failed.

    Attributes:
        run: What is recorded.
        trackers: The name of each tool and its tracker.
        limit: Seconds that one call may take.
        log_model: Whether the model is stored too.
        outcomes: What came of each tool: `recorded`, or `failed: ` and the reason; complete once closed.
    """

    run: Run
    trackers: Mapping[str, Tracker]
    limit: float = LIMIT_S
    log_model: bool = True
    outcomes: dict[str, str] = field(init=False)
    _hung: set[str] = field(init=False, default_factory=set)
    _started: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.outcomes = dict.fromkeys(self.trackers, RECORDED)

    def pass_over_known(self) -> list[str]:
        """Leave out the tools that have a record of this run, made to its end, and name them."""
        known: dict[str, bool] = {}

        def ask(name: str, tracker: Tracker) -> None:
            known[name] = tracker.has(self.run)

        for name in self.trackers:
            self._guard(name, partial(ask, name))
            if known.get(name):
                del self.outcomes[name]
        return [name for name in self.trackers if known.get(name)]

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point of the curves after so many updates of the weights; the first one starts the record."""
        self._each(lambda tracker: tracker.log(step, figures))

    def finish(self, figures: Mapping[str, Any], model: Path | None = None) -> None:
        """Say what it all came to.

        Args:
            figures: Of the whole run; what is not a number is left out.
            model: The folder of the model.
        """
        self._each(lambda tracker: tracker.summarise(numbers(figures)))
        if model is not None and self.log_model:
            self.store("model", sorted(path for path in model.iterdir() if path.suffix in SAFE))

    def store(self, name: str, files: Sequence[Path]) -> None:
        """Keep copies of files under a name."""
        self._each(lambda tracker: tracker.store(name, files))

    def close(self, *, completed: bool) -> None:
        """End the record of each tool that began one, also where it failed since, unless it hangs."""
        for name in self.outcomes.keys() - self._hung:
            self._guard(name, lambda tracker: tracker.close(completed=completed))

    def _each(self, call: Callable[[Tracker], None]) -> None:
        if not self._started:
            self._started = True
            self._each(lambda tracker: tracker.start(self.run))
        for name, outcome in self.outcomes.items():
            if outcome == RECORDED:
                self._guard(name, call)

    def _guard(self, name: str, call: Callable[[Tracker], None]) -> None:
        """Call a tracker; its first failure is its outcome, and is warned of."""
        with unchanged_randomness():
            error = within(self.limit, partial(call, self.trackers[name]))
        if isinstance(error, TimeoutError):
            self._hung.add(name)
        if error is not None and self.outcomes[name] == RECORDED:
            self.outcomes[name] = f"failed: {reason(error)}"
            logger.warning("%s records no more of this run: %s", name, reason(error))


@contextmanager
def recording(
    run: Run, trackers: Mapping[str, Tracker], *, limit: float = LIMIT_S, log_model: bool = True
) -> Iterator[Recorder]:
    """A recorder of `run`, closed with the block; an error in the block closes it as one of a failed run."""
    recorder = Recorder(run, trackers, limit, log_model)
    completed = False
    try:
        yield recorder
        completed = True
    finally:
        recorder.close(completed=completed)


@contextmanager
def unchanged_randomness() -> Iterator[None]:
    """What is drawn after the block is what would have been drawn without it."""
    import numpy as np

    python, arrays = random.getstate(), np.random.get_state()
    with ExitStack() as stack:
        if torch := sys.modules.get("torch"):  # trackers need none, but share the process with it
            devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
            stack.enter_context(torch.random.fork_rng(devices))
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(arrays)


def within(seconds: float, call: Callable[[], None]) -> BaseException | None:
    """Make a call that may hang, and give back what it raised, or a `TimeoutError` if it took longer.

    A call that hangs is left to itself, and does not keep the process alive.
    """
    raised: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:  # SystemExit too: no tracker may end the program
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return TimeoutError(f"no answer within {seconds:g} s")
    return raised[0] if raised else None


def reason(error: BaseException) -> str:
    """The error in one line, without what a URL in it may hold of a user and password."""
    line = (str(error).strip() or "no message").splitlines()[0][:200]
    return re.sub(r"//[^/@\s]+@", "//", f"{type(error).__name__}: {line}")
