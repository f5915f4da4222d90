"""Which backend serves a run, and the calibration that is right for it."""

from __future__ import annotations

from pathlib import Path

from spanwise.artifact import ONNX
from spanwise.bulk.formats import Format
from spanwise.bulk.work import Job
from spanwise.calibration import Calibration
from spanwise.errors import UserError
from spanwise.runtime.backends import BACKENDS, TORCH
from spanwise.runtime.cache import model_digest

AUTO = "auto"


def find_job(
    model: Path,
    *,
    backend: str,
    threads: int,
    calibration: Calibration | None,
    format: Format,
    with_text: bool,
    cache: Path | None,
    cache_mb: int,
) -> Job:
    """The job of predicting with the model in a folder.

    Args:
        model: The folder.
        backend: A backend, or `auto` for the fastest on this machine of those that the calibration admits
            or, without one, that the folder holds.
        threads: See `Job`, as for the other arguments.
        calibration: Of the model; the job gets that of its backend.
        format: How entities are written.
        with_text: Whether texts are written too.
        cache: The folder of the cache.
        cache_mb: Its size.

    Raises:
        UserError: If the calibration does not admit the backend, or the folder does not hold it.
    """
    if backend == AUTO:
        backend = _fastest(model, calibration, threads)
    return Job(
        model=model,
        digest=model_digest(model),
        backend=backend,
        threads=threads,
        calibration=None if calibration is None else calibration.for_backend(backend),
        format=format,
        with_text=with_text,
        cache=cache,
        cache_mb=cache_mb,
    )


def _fastest(model: Path, calibration: Calibration | None, threads: int) -> str:
    from spanwise.runtime.choice import choose

    held = [name for name in BACKENDS if name in TORCH or (model / ONNX[name]).is_file()]
    candidates = [name for name in held if calibration is None or name in calibration.admitted]
    if calibration is not None and not candidates:
        admitted = ", ".join(calibration.admitted)
        raise UserError(f"it holds nothing for {admitted}, which alone is calibrated", path=model)
    return choose(model, candidates, threads=threads)
