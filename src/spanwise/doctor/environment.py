"""The programs and packages that the pipeline runs with."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from spanwise.doctor.finding import Finding, listed
from spanwise.doctor.git import git
from spanwise.reporting.formatting import counted

CHECK = "environment"
LOCK = "requirements.lock"
INSTALL = "Install what is locked: `make setup`."


def examine_environment(root: Path) -> Iterator[Finding]:
    """Programs, packages against `requirements.lock`, and the kind of torch."""
    known = {name: installed(name) for name in ("dvc", "torch")}
    if known["dvc"] is None:
        yield Finding(CHECK, "error", "DVC is not installed", INSTALL)
    found = [f"Python {platform.python_version()}", git(root, "--version").strip()]
    found += [f"{name} {number}" for name, number in known.items() if number is not None]
    yield Finding(CHECK, "ok", ", ".join(found))
    yield from _against_lock(root / LOCK)
    torch = known["torch"]
    if torch is not None and torch.endswith("+cpu") and shutil.which("nvidia-smi"):
        hint = "Install the CUDA build: `pip install --force-reinstall -c requirements.lock torch`."
        yield Finding(CHECK, "warning", f"torch {torch} is a CPU build on a machine with an NVIDIA GPU", hint)


def _against_lock(lock: Path) -> Iterator[Finding]:
    """Packages of another version than the lock's; those of extras that are not installed are no matter."""
    if not lock.is_file():
        yield Finding(CHECK, "warning", f"there is no {lock.name}", "Take it from git, or `make lock`.")
        return
    differing = [
        f"{name} {found} instead of {wanted}"
        for name, wanted in locked(lock.read_text(encoding="utf-8")).items()
        # A local version (`+cpu`) is another build of the same code.
        if (found := installed(name)) is not None and found.partition("+")[0] not in wanted.split(" or ")
    ]
    if differing:
        number = counted(len(differing), "package")
        message = f"{number} not as locked, so results may differ: {listed(differing)}"
        yield Finding(CHECK, "warning", message, INSTALL)


def locked(text: str) -> dict[str, str]:
    """The version of each package that a lock pins for this Python; several are joined by `or`."""
    from packaging.requirements import Requirement

    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not re.match(r"[A-Za-z0-9]", line):
            continue  # a comment, or where a package comes from
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            found.setdefault(requirement.name, []).extend(each.version for each in requirement.specifier)
    return {name: " or ".join(versions) for name, versions in found.items()}


def installed(name: str) -> str | None:
    """The version of an installed distribution."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
