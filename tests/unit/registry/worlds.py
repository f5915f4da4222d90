"""A repository with a DVC remote beside it, whose commits hold models of two tasks; nothing is trained."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spanwise.registry.figures import Drawing
from tests.histories import SETTINGS, History, outcome

DRAWING = Drawing(samples=200, level=0.95, seed=13)
ARCHITECTURE = {"model_type": "bert", "hidden_size": 32, "vocab_size": 30522}
PIPELINE: dict[str, Any] = {
    "stages": {
        "tier-split": {
            "cmd": "python run.py split",
            "deps": ["run.py"],
            "outs": ["data/splits"],
            "metrics": [{"metrics/tier_split.json": {"cache": False}}],
        },
        "train": {
            "cmd": "python run.py train",
            "deps": ["run.py", "data/splits"],
            "params": ["train", "task"],
            "outs": ["models/learner"],
        },
        "evaluate": {
            "cmd": "python run.py evaluate",
            "deps": ["models/learner", "data/splits"],
            "outs": ["data/predictions"],
            "metrics": [{f"metrics/{name}.json": {"cache": False}} for name in ("evaluate", "benchmark")],
        },
        "confidence": {
            "cmd": "python run.py confidence",
            "deps": ["data/predictions"],
            "outs": ["models/calibration.json"],
            "metrics": [{"metrics/confidence.json": {"cache": False}}],
        },
        "report": {
            "cmd": "python run.py report",
            "deps": ["metrics/evaluate.json", "models/calibration.json"],
            "outs": ["reports/model_card.md"],
        },
    },
    "artifacts": {
        "ner": {"path": "models/learner", "type": "model", "meta": {"kind": "ner", "tasks": ["notes"]}},
        "pii": {"path": "models/learner", "type": "model", "meta": {"kind": "pii", "models": ["tiny"]}},
    },
}
CALIBRATION = {"method": "identity", "feature": "minimum", "spans": 9}
LABELS = {"id2tag": ["O", "B-Drug", "I-Drug"], "tiers": {"Drug": "high"}}


def settings(name: str = "notes", kind: str = "ner", model: str = "tiny", **more: Any) -> dict[str, Any]:
    task = {"name": name, "kind": kind, "learner": "tagger"}
    return {"task": task, "model": {"name": model, "architecture": ARCHITECTURE}, **more}


@dataclass(frozen=True)
class World:
    """A repository and the folder of its remote.

    Attributes:
        commits: By a word for what is in them.
    """

    root: Path
    store: Path
    commits: Mapping[str, str]

    @property
    def history(self) -> History:
        return History(self.root)

    def git(self, *words: str) -> str:
        return self.history.run("git", *words)

    def tags(self) -> list[str]:
        return self.git("tag").split()

    def objects(self, commit: str, path: str) -> list[Path]:
        """The objects of an output in the remote, that of a folder first."""
        lock = yaml.safe_load(self.git("show", f"{commit}:dvc.lock"))
        (md5,) = [
            out["md5"]
            for stage in lock["stages"].values()
            for out in stage.get("outs", [])
            if out["path"] == path
        ]
        found = [self.object(md5)]
        if md5.endswith(".dir"):
            found += [self.object(entry["md5"]) for entry in json.loads(found[0].read_text())]
        return found

    def object(self, md5: str) -> Path:
        return self.store / "files" / "md5" / md5[:2] / md5[2:]

    def forget_cache(self) -> None:
        """As in a clone that has no data."""
        shutil.rmtree(self.root / ".dvc" / "cache")

    def record(
        self,
        found: int,
        *,
        learner: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
        chosen: Mapping[str, Any] | None = None,
        push: bool = True,
    ) -> str:
        """Commit what a run would leave that finds `found` of ten gold spans."""
        written = {
            **outcome(found, **(options or {})),
            "models/calibration.json": json.dumps(CALIBRATION | {"spans": found}),
            "reports/model_card.md": f"---\nlibrary_name: transformers\n---\n\n# Found {found}\n",
            "params.yaml": yaml.safe_dump({**SETTINGS, **(chosen or settings())}),
            **(files or {}),
        }
        stored = {
            "config.json": json.dumps(ARCHITECTURE),
            "labels.json": json.dumps(LABELS),
            "model.safetensors": f"weights {found}",
        }
        if learner != {}:
            shutil.rmtree(self.root / "models" / "learner", ignore_errors=True)
            written |= {
                f"models/learner/{name}": text for name, text in {**stored, **(learner or {})}.items()
            }
        self.history.write(written)
        self.history.lock()
        commit = self.history.commit()
        if push:
            self.push()
        return commit

    def push(self) -> None:
        from dvc.repo import Repo

        with Repo(str(self.root)) as repo:
            repo.push()


def begin(folder: Path) -> World:
    """A repository without a commit, in `folder/clone`."""
    world = World(folder / "clone", folder / "store", {})
    world.root.mkdir()
    world.history.begin()
    world.history.write(
        {
            ".gitignore": "/data\n/models\n/reports\n/.dvc/tmp\n/.dvc/cache\n/.dvc/config.local\n",
            "dvc.yaml": yaml.safe_dump(PIPELINE, sort_keys=False),
            "run.py": "# runs\n",
            ".dvc/config": "[core]\n    analytics = false\n    remote = store\n",
        }
    )
    name_store(world)
    return world


def name_store(world: World) -> None:
    """Give the remote its address, which is no part of git."""
    text = f"['remote \"store\"']\n    url = {world.store}\n"
    (world.root / ".dvc" / "config.local").write_text(text)


def make_world(folder: Path) -> World:
    """Commits of `ner`: `first`, `same`, `better`, `worse` and `relabelled`; one of `pii`."""
    world = begin(folder)
    others = {"id2tag": ["O", "B-Person", "I-Person"], "tiers": {"Person": "high"}}
    commits = {
        "first": world.record(5),
        "same": world.record(5, chosen=settings(train={"rate": 0.2})),
        "better": world.record(8),
        "worse": world.record(3),
        "pii": world.record(
            6,
            learner={"labels.json": json.dumps(others)},
            options={"corpus": "letter"},
            chosen=settings("letters", "pii"),
        ),
        "relabelled": world.record(8, learner={"labels.json": json.dumps(others)}, chosen=settings(seed=14)),
    }
    return World(world.root, world.store, commits)


def copied(template: World, folder: Path) -> World:
    """The same in another folder."""
    shutil.copytree(template.root.parent, folder / "all")
    world = World(folder / "all" / "clone", folder / "all" / "store", template.commits)
    name_store(world)
    return world


def damage(path: Path) -> None:
    """Other bytes, as many as before, in a file that DVC has made read-only."""
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(bytes(255 - byte for byte in content))
