from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import pytest

from spanwise.doctor import environment
from spanwise.doctor.environment import examine_environment, locked
from spanwise.doctor.finding import Finding


def found(root: Path) -> list[Finding]:
    return [finding for finding in examine_environment(root) if finding.level != "ok"]


def lock(folder: Path, *lines: str) -> Path:
    (folder / "requirements.lock").write_text("\n".join(["# made by a tool", *lines, "    # via x", ""]))
    return folder


def test_the_versions_that_matter_are_named(tmp_path: Path) -> None:
    first = next(iter(examine_environment(tmp_path)))
    assert first.level == "ok"
    for word in (platform.python_version(), "git version", f"dvc {version('dvc')}", version("torch")):
        assert word in first.message


def test_packages_as_locked_give_no_advice(tmp_path: Path) -> None:
    public = version("torch").partition("+")[0]
    assert found(lock(tmp_path, f"torch=={public}", f"typer=={version('typer')}", "not-installed==1.0")) == []


def test_packages_of_other_versions_are_named_with_both(tmp_path: Path) -> None:
    [finding] = found(lock(tmp_path, "typer==0.0.1", f"pydantic=={version('pydantic')}"))
    assert finding.level == "warning"
    assert f"typer {version('typer')} instead of 0.0.1" in finding.message


def test_a_clone_without_a_lock_is_told(tmp_path: Path) -> None:
    [finding] = found(tmp_path)
    assert finding.message == "there is no requirements.lock"


def test_a_machine_without_dvc_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        environment, "version", lambda name: version("typer" if name == "typer" else "no-such")
    )
    [finding] = found(lock(tmp_path, f"typer=={version('typer')}"))
    assert (finding.level, finding.message) == ("error", "DVC is not installed")


@pytest.mark.parametrize("build", ["+cpu", ""])
def test_a_cpu_build_beside_a_gpu_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: str
) -> None:
    monkeypatch.setattr(environment, "version", lambda name: f"2.13.0{build}")
    monkeypatch.setattr("shutil.which", lambda name: f"bin/{name}")
    assert [finding.message for finding in found(lock(tmp_path))] == (
        [f"torch 2.13.0{build} is a CPU build on a machine with an NVIDIA GPU"] if build else []
    )


def test_a_lock_is_read_for_this_python_alone() -> None:
    text = (
        "one==1.0\n"
        "    # via spanwise\n"
        "two==2.0 ; python_full_version < '3.0'\n"
        "two==2.1 ; python_full_version >= '3.0'\n"
    )
    assert locked(text) == {"one": "1.0", "two": "2.1"}
