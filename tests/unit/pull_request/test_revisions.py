from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.experiments import Experiment
from spanwise.pull_request.revisions import changed_files, exported, is_dirty, resolve
from tests.histories import History


def test_the_base_is_where_the_change_branched_off(history: History) -> None:
    fork = history.run("git", "rev-parse", "HEAD")
    history.write({"note.txt": "change"})
    change = history.commit()
    history.run("git", "checkout", "-q", "main")
    history.write({"note.txt": "moved on"})
    history.commit()
    found = resolve(history.root, "main", "change")
    assert (found.base, found.head.commit, found.moved_on) == (Experiment(fork[:7], fork), change, True)


def test_a_base_that_is_an_ancestor_is_the_base_itself(history: History) -> None:
    history.commit()
    found = resolve(history.root, None, "HEAD")
    assert found.target == "main"
    assert found.base
    assert found.base.commit == history.run("git", "rev-parse", "main")
    assert not found.moved_on


def test_what_the_target_already_holds_has_no_base(history: History) -> None:
    found = resolve(history.root, None, "HEAD")
    assert (found.target, found.base) == ("main", None)


def test_without_any_target_there_is_no_base(history: History) -> None:
    history.run("git", "branch", "-q", "-D", "main")
    found = resolve(history.root, None, "HEAD")
    assert (found.target, found.base) == (None, None)


def test_origin_comes_before_a_local_branch_of_the_same_name(history: History) -> None:
    history.run("git", "update-ref", "refs/remotes/origin/main", "main")
    assert resolve(history.root, None, "HEAD").target == "origin/main"


def test_histories_without_a_common_commit_are_refused(history: History) -> None:
    history.run("git", "checkout", "-q", "--orphan", "other")
    history.commit()
    with pytest.raises(UserError, match="main and other have no commit in common") as caught:
        resolve(history.root, "main", "other")
    assert "fetch-depth: 0" in str(caught.value.hint)


def test_an_unknown_name_is_refused(history: History) -> None:
    with pytest.raises(UserError, match="nothing is neither a revision nor an experiment"):
        resolve(history.root, "nothing", "HEAD")


def test_changed_files_are_told_by_path_and_a_renamed_one_by_both(history: History) -> None:
    before = resolve(history.root, None, "HEAD").head
    history.run("git", "mv", "stages/evaluate.py", "stages/é.py")
    after = Experiment("HEAD", history.commit())
    assert changed_files(history.root, before, after) == ["stages/evaluate.py", "stages/é.py"]


def test_a_revision_is_exported_without_what_only_the_workspace_has(history: History) -> None:
    head = resolve(history.root, None, "HEAD").head
    history.write({"params.yaml": "seed: 99\n"})
    assert is_dirty(history.root)
    with exported(history.root, head) as folder:
        assert "seed: 13" in (folder / "params.yaml").read_text()
        assert not (folder / "data").exists()
        assert not (folder / ".git").exists()
    assert not folder.exists()


def test_what_git_refuses_is_told(history: History) -> None:
    with pytest.raises(UserError, match="git refuses: "), exported(history.root, Experiment("x", "0" * 40)):
        pass


def test_a_missing_git_is_told(history: History, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    head = resolve(history.root, None, "HEAD").head
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git is not installed"):
        changed_files(history.root, head, head)
