"""What one commit holds of a model: its settings, its figures, its calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from pydantic import ValidationError

from spanwise.artifact import CONFIG, LABELS
from spanwise.calibration.record import Calibration
from spanwise.comparison.candidates import CONFIDENCE, EVALUATION, FILES, Candidate, read_candidate
from spanwise.errors import UserError
from spanwise.experiments import Experiment, fetch_available
from spanwise.io import read_json, read_record, read_text
from spanwise.package import LEARNER
from spanwise.registry.artefacts import PIPELINE, Settings
from spanwise.registry.ledger import Event
from spanwise.reporting.sources.records import Metrics
from spanwise.schema import Labels

SPLIT, CALIBRATION, PARAMS = "metrics/tier_split.json", "models/calibration.json", "params.yaml"
STORED = tuple((LEARNER / name).as_posix() for name in (CONFIG, LABELS))
NEEDED = (PIPELINE, SPLIT, CALIBRATION, *STORED, *FILES)


class Leak(Metrics):
    """What the sides of the split have in common."""

    groups_across: int = 0
    twins_across: int = 0
    max_overlap: float = 0.0


class TierSplit(Metrics):
    """`metrics/tier_split.json`."""

    leak: Leak | None = None


@dataclass(frozen=True)
class Snapshot:
    """What a commit says of its model; None for what it lacks.

    Attributes:
        revision: The commit, and how the user named it.
        pipeline: What `dvc.yaml` holds.
        settings: The task and the network.
        config: What the stored network says of itself; empty where it says nothing.
        labels: The labels that it gives; empty where it gives none.
        candidate: Its scores, and its predictions where they are at hand.
        calibration: Of its confidence.
        leak: What the check for leaks found.
        confidence: `metrics/confidence.json`.
    """

    revision: Experiment
    pipeline: Mapping[str, Any]
    settings: Settings
    config: Mapping[str, Any]
    labels: tuple[str, ...]
    candidate: Candidate | None
    calibration: Calibration | None
    leak: Leak | None
    confidence: Mapping[str, Any]

    @property
    def figures(self) -> dict[str, float]:
        """The headline figures on test, by name."""
        if self.candidate is None:
            return {}
        score = self.candidate.scores.strict.micro
        key = "f1" if self.candidate.scores.answers is None else "chrf"
        named = {key: score.f1, f"{key}_low": score.f1_low, f"{key}_high": score.f1_high}
        trust = self.confidence.get("test") or {}
        named |= {"ece": trust.get("ece"), "automation": (trust.get("automation") or {}).get("share")}
        return {name: float(value) for name, value in named.items() if isinstance(value, int | float)}


@contextmanager
def snapshot(root: Path, revision: Experiment) -> Iterator[Snapshot]:
    """What a commit holds, as long as the block lasts: its predictions lie in a folder of its own.

    Raises:
        UserError: If it has no settings or no pipeline, or DVC refuses.
    """
    with TemporaryDirectory(prefix="spanwise-") as scratch:
        folder = Path(scratch)
        missing = fetch_available(root, revision, NEEDED, folder)
        for file in (PIPELINE, PARAMS):
            if file in missing:
                raise UserError(f"{revision.name} has no {file}")
        yield Snapshot(
            revision=revision,
            pipeline=_mapping(folder / PIPELINE),
            settings=_settings(folder / PARAMS, revision),
            config=read_json(folder / STORED[0]) if STORED[0] not in missing else {},
            labels=_labels(folder / STORED[1]),
            candidate=None if EVALUATION in missing else _candidate(folder, revision),
            calibration=None if CALIBRATION in missing else read_record(folder / CALIBRATION, Calibration),
            leak=None if SPLIT in missing else read_record(folder / SPLIT, TierSplit).leak,
            confidence={} if CONFIDENCE in missing else dict(read_json(folder / CONFIDENCE)),
        )


def _mapping(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(read_text(path))  # DVC has read it, and refuses what is none
    return values


def _settings(path: Path, revision: Experiment) -> Settings:
    try:
        return Settings.model_validate(_mapping(path))
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, told["loc"]))
        raise UserError(f"{revision.name}: {key}: {told['msg']}", path=PARAMS) from None


def _labels(path: Path) -> tuple[str, ...]:
    return read_record(path, Labels).own if path.is_file() else ()


def _candidate(folder: Path, revision: Experiment) -> Candidate | None:
    try:
        return read_candidate(folder, revision.name, revision.commit)
    except UserError:
        return None  # without strict micro-F1 and without answers there is nothing to compare by


def revision_of(event: Event) -> Experiment:
    """The commit of a version, by the name that messages give it."""
    return Experiment(f"{event.name} {event.version}", event.commit)
