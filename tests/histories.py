"""Git histories of a small pipeline, whose commits hold what runs of it would leave; nothing is trained."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PIPELINE = {
    "stages": {
        "tier-split": {
            "cmd": "python stages/tier_split.py",
            "deps": ["stages/tier_split.py"],
            "outs": ["data/splits"],
            "metrics": [{"metrics/tier_split.json": {"cache": False}}],
        },
        "evaluate": {
            "cmd": "python stages/evaluate.py",
            "deps": ["stages/evaluate.py", "data/splits"],
            "params": ["train"],
            "outs": ["data/predictions"],
            "metrics": [{f"metrics/{name}.json": {"cache": False}} for name in ("evaluate", "benchmark")],
            "plots": [{"plots/score.csv": {"cache": False, "x": "epoch", "y": "value"}}],
        },
        "confidence": {
            "cmd": "python stages/confidence.py",
            "deps": ["data/predictions"],
            "metrics": [{"metrics/confidence.json": {"cache": False}}],
        },
    }
}
SETTINGS: dict[str, Any] = {
    "seed": 13,
    "train": {"rate": 0.1},
    "bootstrap": {"samples": 100, "level": 0.95},
    "registry": {
        "minimum": {},
        "regression": True,
        "calibration": True,
        "leak": True,
        "remote": True,
        "readiness": {},
    },
}
GOLD = [
    {"start": number, "end": number + 1, "label": "Drug" if number < 7 else "Sign"} for number in range(10)
]


@dataclass(frozen=True)
class History:
    """A repository that grows by commits."""

    root: Path

    def run(self, *words: str) -> str:
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def begin(self) -> None:
        """Make it a repository of git and DVC, without a commit."""
        self.run("git", "init", "-q", "-b", "main")
        self.run("git", "config", "user.name", "test")
        self.run("git", "config", "user.email", "test@example.org")
        self.run(sys.executable, "-m", "dvc", "init", "-q")
        self.run(sys.executable, "-m", "dvc", "config", "core.analytics", "false")
        self.write(
            {
                ".gitignore": "/data/splits\n/data/predictions\n",
                "dvc.yaml": yaml.safe_dump(PIPELINE, sort_keys=False),
                "stages/tier_split.py": "# divides\n",
                "stages/evaluate.py": "# predicts\n",
            }
        )

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")

    def results(self, *, found: int, settings: Mapping[str, Any] | None = None, **options: Any) -> None:
        """What a run leaves that finds the first `found` of ten gold spans, and the lock that says so."""
        self.write(outcome(found, **options))
        self.write({"params.yaml": yaml.safe_dump({**SETTINGS, **(settings or {})})})
        self.lock()

    def lock(self) -> None:
        """Take the files that are here for what the stages wrote."""
        from dvc.repo import Repo

        with contextlib.chdir(self.root), Repo(str(self.root)) as repo:
            repo.commit(force=True)

    def commit(self) -> str:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "--allow-empty", "-m", "change")
        return self.run("git", "rev-parse", "HEAD")


def outcome(
    found: int,
    *,
    corpus: str = "note",
    latency: float = 100.0,
    device: str = "cpu",
    twins: int = 0,
    types: Mapping[str, float] | None = None,
    metrics: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """The files of a run, by path; `metrics` are added to `evaluate.json`."""
    lines = [
        {"id": f"{corpus}{i}", "text": "", "group": f"{corpus}{i}", "gold": GOLD, "predicted": GOLD[:found]}
        for i in range(6)
    ]
    f1 = 2 * found / (10 + found)
    micro = {"f1": f1, "f1_low": f1 - 0.01, "f1_high": f1 + 0.01, "precision": 1.0, "recall": found / 10}
    scores = {
        "Drug": ("high", 0.9),
        "Sign": ("low", 0.1 * found),
        **dict.fromkeys(types or {}, ("low", f1)),
    }
    own = {
        name: {
            "f1": (types or {}).get(name, value),
            "f1_low": None,
            "f1_high": None,
            "support": 6,
            "tier": tier,
        }
        for name, (tier, value) in scores.items()
    }
    tiers = {
        "high": {**micro, "support": 42, "types": 1},
        "low": {**micro, "support": 18, "types": 1},
    }
    test = {"documents": 6, "strict": {"micro": micro, "macro": {"f1": f1}}, "tiers": tiers, "types": own}
    backend = {"latency_ms": {"1": {"p50": latency}}, "documents_per_s": 1000 / latency, "model_mb": 90.0}
    trust = {
        "test": {"ece": 0.05, "aurc": 0.1, "automation": {"share": 0.4, "share_low": 0.3, "share_high": 0.5}}
    }
    leak = {"groups_across": 0, "twins_across": twins, "max_overlap": 0.02}
    values = {
        "evaluate": {"test": test, **(metrics or {})},
        "benchmark": {"device": device, "backends": {"torch": backend}},
        "confidence": trust,
        "tier_split": {"leak": leak},
    }
    return {
        "data/splits/test.jsonl": f"{corpus}\n",
        "data/predictions/test.jsonl": "".join(json.dumps(line) + "\n" for line in lines),
        "plots/score.csv": f"epoch,value\n1,0.1\n2,{f1}\n",
        **{f"metrics/{name}.json": json.dumps(value) for name, value in values.items()},
    }
