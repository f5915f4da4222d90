"""What a figure was measured on."""

from __future__ import annotations

import resource
from types import SimpleNamespace

import pytest
import torch

from spanwise import hardware


def test_threads_are_set_and_told() -> None:
    before = torch.get_num_threads()
    try:
        hardware.set_threads(2)
        assert hardware.describe().threads == 2
        hardware.set_threads(None)
        assert hardware.describe().threads == 2
    finally:
        torch.set_num_threads(before)


def test_the_cpu_has_a_name() -> None:
    assert hardware.describe().cpu


def test_a_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Some GPU")
    assert hardware.describe().device == "Some GPU"


@pytest.mark.parametrize(("platform", "megabytes"), [("linux", 2.048), ("darwin", 0.002)])
def test_peak_memory_is_in_megabytes_on_every_system(
    platform: str, megabytes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=2000))
    assert hardware.peak_rss_mb() == pytest.approx(megabytes)
