"""Which backend serves a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spanwise.bulk.serving import find_job
from spanwise.bulk.work import Job
from spanwise.calibration import Calibration
from spanwise.errors import UserError

EVEN = Calibration(method="platt", feature="minimum", slope=0.0, intercept=0.0, spans=9)
INT8 = Calibration(method="platt", feature="minimum", slope=2.0, intercept=0.0, spans=9)


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def job_of(model: Path, backend: str, calibration: Calibration | None) -> Job:
    return find_job(
        model, backend=backend, threads=1, calibration=calibration, format="jsonl", with_text=False,
        cache=None, cache_mb=10,
    )  # fmt: skip


def test_the_calibration_is_that_of_the_backend(model: Path) -> None:
    both = EVEN.model_copy(update={"served": {"onnx-int8": INT8}})
    assert job_of(model, "onnx-int8", both).calibration == INT8
    assert job_of(model, "torch", both).calibration == both
    assert job_of(model, "torch-bf16", None).calibration is None


def test_a_backend_that_lost_too_much_is_refused(model: Path) -> None:
    with pytest.raises(UserError, match=r"the backend onnx-int8 loses 1\.0 points"):
        job_of(model, "onnx-int8", EVEN.model_copy(update={"refused": {"onnx-int8": 0.01}}))


def test_auto_takes_what_is_calibrated_and_there(model: Path) -> None:
    assert job_of(model, "auto", EVEN).backend == "torch"  # the folder has no graph for ONNX Runtime
    assert job_of(model, "auto", None).backend in ("torch", "torch-bf16")


def test_auto_without_a_calibrated_backend_says_so(model: Path, tmp_path: Path) -> None:
    only = EVEN.model_copy(update={"backend": "onnx-int8"})
    with pytest.raises(UserError, match="holds nothing for onnx-int8, which alone is calibrated"):
        job_of(model, "auto", only)


def test_another_model_has_another_digest_and_a_calibration_beside_it_none(
    model: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(model, tmp_path / "copy")
    (copy / "calibration.json").write_text("{}")
    assert job_of(copy, "torch", None).digest == job_of(model, "torch", None).digest
    (copy / "onnx").mkdir()
    (copy / "onnx/model.onnx").write_bytes(b"graph")
    assert job_of(copy, "torch", None).digest != job_of(model, "torch", None).digest
