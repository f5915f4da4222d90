"""What search/dvc.yaml, its settings and the command must agree on."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.cli.tune import TuneParams, _typed
from spanwise.config import load_params
from spanwise.tuning.space import read_space

ROOT = Path(__file__).parent.parent.parent.parent
SPACES = sorted(path.stem for path in (ROOT / "conf" / "search").glob("*.yaml"))


@pytest.fixture(scope="module")
def stage() -> dict[str, Any]:
    """The only stage, with its settings filled in."""
    settings = yaml.safe_load((ROOT / "search" / "params.yaml").read_text(encoding="utf-8"))["tune"]
    text = (ROOT / "search" / "dvc.yaml").read_text(encoding="utf-8")
    filled = re.sub(r"\$\{tune\.(\w+)\}", lambda match: str(settings[match[1]]), text)
    assert "${" not in filled
    found: dict[str, Any] = yaml.safe_load(filled)["stages"]["tune"]
    return found


def test_a_plain_repro_leaves_the_search_alone(stage: dict[str, Any]) -> None:
    root = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    written = {
        next(iter(each)) if isinstance(each, dict) else each for each in (*stage["outs"], *stage["metrics"])
    }
    used = {dep for other in root.values() for dep in other["deps"]}
    assert "tune" not in root
    assert written & used == set()
    assert stage["wdir"] == ".."


def test_the_command_is_ours_and_depends_on_its_space(stage: dict[str, Any]) -> None:
    words = shlex.split(stage["cmd"])
    assert words[:3] == ["PYTHONPATH=src", "spanwise", "tune"]
    assert words[3] in SPACES
    assert stage["deps"] == [f"conf/search/{words[3]}.yaml", "data/splits", "src/spanwise"]
    assert {f"conf/experiment/tuned-{words[3]}-{words[5]}.yaml": {"cache": False}} in stage["outs"]


def test_its_params_are_those_that_the_command_reads(stage: dict[str, Any]) -> None:
    assert stage["params"] == [*TuneParams.model_fields, {"search/params.yaml": ["tune"]}]


@pytest.mark.parametrize("name", SPACES)
def test_every_space_is_valid_and_names_settings_that_exist(name: str) -> None:
    settings = load_params(ROOT / "params.yaml", TuneParams)
    space, path = read_space(ROOT / "conf" / "search", name)
    checked = space.checked(lambda key, value: _typed(settings, key, value), path)
    assert checked.parameters.keys() == space.parameters.keys()
    assert space.trials >= 8


def test_ledgers_are_not_committed() -> None:
    assert "/.tuning/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
