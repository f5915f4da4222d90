"""What a run was made with, and in what two runs differ: settings, code and hardware."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from spanwise.reporting.formatting import counted

LOCK = "dvc.lock"
"""Where DVC keeps the digests of what the stages read."""

PREDICTING = ("train", "evaluate")
"""The stages that predictions come from."""
CODE = ("src/", "stages/")


class Machine(BaseModel):
    """What a training ran on, of `metrics/train.json`; None for what an older revision did not write."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    device: str | None = None
    cpu: str | None = None
    threads: int | None = None
    precision: str | None = None

    def __str__(self) -> str:
        """The parts that are known; empty if none is."""
        threads = None if self.threads is None else counted(self.threads, "thread")
        return ", ".join(part for part in (self.device, self.cpu, threads, self.precision) if part)


def dependencies(lock: Mapping[str, Any], stages: Sequence[str]) -> dict[str, str]:
    """The digest of each file or folder that the stages read, by its path.

    Args:
        lock: What `LOCK` holds; stages that are not in it read nothing.
        stages: Their names.
    """
    known = lock.get("stages") or {}
    read = [each for stage in stages for each in (known.get(stage) or {}).get("deps", [])]
    return {each["path"]: each["md5"] for each in read if "md5" in each}


def code_of(lock: Mapping[str, Any]) -> dict[str, str]:
    """The digests of the code among what the stages `PREDICTING` read."""
    return {path: md5 for path, md5 in dependencies(lock, PREDICTING).items() if path.startswith(CODE)}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The keys that only one of two mappings has, or that have another value in each, sorted."""
    keys = before.keys() | after.keys()
    return sorted(key for key in keys if key not in before or key not in after or before[key] != after[key])
