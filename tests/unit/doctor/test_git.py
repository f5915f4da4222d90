from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spanwise.doctor.finding import Finding
from spanwise.doctor.git import LARGE, examine_git, git
from spanwise.errors import UserError
from tests.unit.doctor.clones import obey, run

OUTS = ["labels.json", "models/learner"]


def found(root: Path) -> list[Finding]:
    return [finding for finding in examine_git(root, OUTS) if finding.level != "ok"]


def test_a_clone_in_order_gives_no_advice(template: Path) -> None:
    assert found(template) == []


def test_a_tag_that_was_not_pushed_is_told(clone: Path) -> None:
    run(clone, "git", "tag", "ner#prod#1")
    [finding] = found(clone)
    assert "ner#prod#1" in finding.message
    obey(clone, finding)
    assert found(clone) == []


def test_commits_that_were_not_pushed_are_told(clone: Path) -> None:
    run(clone, "git", "commit", "-q", "--allow-empty", "-m", "more")
    [finding] = found(clone)
    assert "not in origin" in finding.message
    obey(clone, finding)
    assert found(clone) == []


def test_a_commit_without_a_branch_is_no_error(clone: Path) -> None:
    run(clone, "git", "switch", "-q", "--detach")
    assert found(clone) == []


def test_a_clone_without_a_remote_is_no_error(clone: Path) -> None:
    run(clone, "git", "remote", "remove", "origin")
    assert found(clone) == []


def test_a_remote_of_another_name_is_asked_too(clone: Path) -> None:
    run(clone, "git", "remote", "rename", "origin", "shared")
    run(clone, "git", "tag", "more")
    assert [finding.message for finding in found(clone)] == ["shared lacks 1 tag: more"]


def test_a_remote_that_is_gone_is_a_warning(clone: Path) -> None:
    shutil.rmtree(clone.parent / "origin.git")
    [finding] = found(clone)
    assert finding.level == "warning"
    assert "origin cannot be asked" in finding.message


def test_an_output_that_git_tracks_is_an_error(clone: Path) -> None:
    run(clone, "git", "add", "--force", "models/learner/0.bin")
    [finding] = found(clone)
    assert (finding.level, finding.message) == ("error", "git tracks what DVC keeps: models/learner")
    obey(clone, finding)
    assert found(clone) == []


def test_a_large_file_in_git_is_told_with_its_size(clone: Path) -> None:
    (clone / "weights.bin").write_bytes(bytes(LARGE + 1))
    run(clone, "git", "add", "weights.bin")
    [finding] = found(clone)
    assert "weights.bin (10 MB)" in finding.message
    obey(clone, finding)
    assert found(clone) == []


def test_a_changed_lock_that_is_not_committed_is_told(clone: Path) -> None:
    with (clone / "dvc.lock").open("a") as file:
        file.write("\n")
    [finding] = found(clone)
    assert finding.message == "not committed: dvc.lock"


def test_what_git_refuses_is_the_users_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError, match="not a git repository"):
        git(tmp_path, "status")


def test_a_machine_without_git_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git is not installed"):
        git(tmp_path, "status")


def test_a_remote_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("spanwise.doctor.git.TIMEOUT", 0.2)
    with pytest.raises(UserError, match="took more than"):
        git(tmp_path, "ls-remote")
