"""What the study times, not how fast this machine is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from studies.attention_dropout import main
from tests.tiny import TINY, quick_settings


def test_both_kinds_are_timed_for_each_length(tmp_path: Path) -> None:
    params = {
        "seed": 13,
        "threads": 1,
        "processes": 1,
        "task": {"name": "notes", "kind": "ner", "learner": "tagger"},
        "model": {"name": "tiny", "licence": None, **TINY},
        "train": quick_settings(),
        "tracking": {"tools": [], "project": "notes", "group": None, "mlflow_uri": None, "log_model": False},
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    figures = tmp_path / "figures.json"
    main(figures, tmp_path / "params.yaml", tokens=64, length=[16, 32], steps=2)
    found = json.loads(figures.read_text())
    assert (found["threads"], found["precision"]) == (1, "fp32")
    assert set(found["windows_of"]) == {"16", "32"}
    for timed in found["windows_of"].values():
        assert timed["ratio"] == pytest.approx(timed["with"] / timed["without"], rel=1e-3)
