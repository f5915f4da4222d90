from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanwise.cli import program
from spanwise.cli.compose import write_params
from tests.unit.doctor.clones import copied, make_clone, objects, run


def doctor(*words: str) -> Result:
    return CliRunner().invoke(program, ["doctor", *words])


@pytest.fixture(scope="module")
def template(root: Path, settings_of_its_own: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that is in order, with this project's settings and its corpus."""
    made = make_clone(tmp_path_factory.mktemp("doctor"))
    shutil.copytree(root / "conf", made / "conf")
    write_params(made / "conf", [], made / "params.yaml")
    (made / "data" / "pins").mkdir(parents=True)
    shutil.copy(root / "data" / "pins" / "casenotes.source.json", made / "data" / "pins")
    shutil.copytree(root / "data" / "corpora" / "casenotes", made / "data" / "corpora" / "casenotes")
    run(made, "git", "add", "-A")
    run(made, "git", "commit", "-q", "-m", "settings")
    run(made, "git", "push", "-q")
    return made


@pytest.fixture
def clone(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a clone to break."""
    found = copied(template, tmp_path)
    monkeypatch.chdir(found)
    return found


def test_a_clone_in_order_is_told_line_by_line_and_is_a_success(clone: Path) -> None:
    done = doctor()
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "warning"}
    checks = {line.split()[1] for line in lines}
    assert {"settings", "environment", "corpora", "pipeline", "cache", "remote", "git", "leftovers"} == checks


def test_a_missing_object_is_a_failure_until_the_remote_is_repaired(clone: Path) -> None:
    objects(clone.parent / "store")[0].unlink()
    done = doctor("--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    [finding] = [each for each in told["findings"] if each["level"] == "error"]
    assert told["broken"] == 1
    assert finding["check"] == "remote"
    assert "spanwise doctor --repair-remote" in finding["hint"]

    repaired = doctor("--repair-remote", "--deep")
    assert repaired.exit_code == 0, repaired.output
    assert "objects sent to the remote: 1" in repaired.stderr


def test_settings_other_than_composed_are_warned_of(clone: Path) -> None:
    write_params(clone / "conf", ["seed=14"], clone / "params.yaml")
    found = json.loads(doctor("--json").stdout)["findings"]
    [finding] = [each for each in found if each["check"] == "settings"]
    assert finding["level"] == "warning"
    assert "spanwise compose" in finding["hint"]


def test_missing_settings_are_an_error_and_the_rest_is_examined(clone: Path) -> None:
    (clone / "params.yaml").unlink()
    found = json.loads(doctor("--json").stdout)["findings"]
    assert [each["check"] for each in found if each["level"] == "error"] == ["settings"]
    assert len(found) > 5
