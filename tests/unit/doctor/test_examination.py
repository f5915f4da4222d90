from __future__ import annotations

from pathlib import Path

from spanwise.doctor.examination import examine


def test_every_check_of_a_clone_says_something(clone: Path) -> None:
    findings = list(examine(clone, corpora=[], remote=None, deep=False))
    assert {finding.check for finding in findings} == {
        "environment", "pipeline", "cache", "remote", "git", "leftovers",
    }  # fmt: skip
    assert [finding for finding in findings if finding.level == "error"] == []


def test_a_check_that_cannot_be_made_does_not_end_the_others(tmp_path: Path) -> None:
    findings = list(examine(tmp_path, corpora=[], remote=None, deep=False))
    failed = [finding.check for finding in findings if finding.level == "error"]
    assert failed == ["pipeline", "stores", "git", "leftovers"]
    assert any("no DVC repository" in finding.message for finding in findings)
