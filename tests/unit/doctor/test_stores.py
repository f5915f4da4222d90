from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.doctor.finding import Finding
from spanwise.doctor.stores import examine_stores, repair_remote, rules
from spanwise.errors import UserError
from tests.unit.doctor.clones import damage, dvc, obey, objects, run, second

OBJECTS = 5  # three files, the folder that holds them, and one file of its own


def found(root: Path, *, deep: bool = False) -> list[Finding]:
    """What there is to say of the stores but that they are in order."""
    return [finding for finding in examine_stores(root, None, deep=deep) if finding.level != "ok"]


def store(root: Path) -> Path:
    return root.parent / "store"


def cache(root: Path) -> Path:
    return root / ".dvc" / "cache"


@pytest.mark.parametrize("deep", [False, True])
def test_a_clone_in_order_has_all_its_objects_in_both_stores(template: Path, deep: bool) -> None:
    findings = list(examine_stores(template, None, deep=deep))
    assert [(finding.check, finding.level) for finding in findings] == [("cache", "ok"), ("remote", "ok")]
    for finding in findings:
        assert finding.message.startswith(f"{OBJECTS} objects")
        assert ("digest" in finding.message) == deep


def test_an_object_gone_from_the_remote_is_found_where_dvc_says_in_sync(clone: Path) -> None:
    objects(store(clone))[0].unlink()
    [finding] = found(clone)
    assert "in sync" in dvc(clone, "status", "--cloud")
    assert "everything is up to date" in dvc(clone, "push").lower()
    assert (finding.check, finding.level) == ("remote", "error")
    assert "1 object gone, of models/learner" in finding.message


def test_a_repaired_remote_gives_another_clone_everything(clone: Path) -> None:
    gone, damaged, *_ = objects(store(clone))
    gone.unlink()
    damage(damaged)
    damage(objects(store(clone), folders=True)[0])
    assert {finding.check for finding in found(clone, deep=True)} == {"remote"}
    assert repair_remote(clone, None) == 3
    assert found(clone, deep=True) == []
    assert repair_remote(clone, None) == 0
    other = second(clone)
    dvc(other, "pull", "-q")
    for path in (clone / "models" / "learner").iterdir():
        assert (other / "models" / "learner" / path.name).read_bytes() == path.read_bytes()


def test_a_damaged_object_of_the_cache_is_not_sent_to_the_remote(clone: Path) -> None:
    gone = objects(store(clone))[0]
    gone.unlink()
    damage(cache(clone) / "files" / "md5" / gone.parent.name / gone.name)
    assert repair_remote(clone, None) == 0
    assert not gone.exists()


def test_a_cut_off_object_of_the_remote_is_found_without_reading_it(clone: Path) -> None:
    cut = objects(store(clone))[0]
    cut.chmod(0o644)
    cut.write_bytes(b"cut")
    [finding] = found(clone)
    assert "1 object damaged" in finding.message
    assert "--repair-remote" in (finding.hint or "")


def test_what_was_never_pushed_is_an_error_that_a_push_mends(clone: Path) -> None:
    for path in (*objects(store(clone)), *objects(store(clone), folders=True)):
        path.unlink()
    [finding] = found(clone)
    assert f"{OBJECTS} objects never pushed, of labels.json, models/learner" in finding.message
    obey(clone, finding)
    assert found(clone) == []


def test_a_tagged_version_is_looked_for_though_the_workspace_has_moved_on(clone: Path) -> None:
    (clone / "train.py").write_text((clone / "train.py").read_text().replace("1000", "2000"))
    dvc(clone, "repro", "-q")
    run(clone, "git", "commit", "-q", "-am", "longer")
    dvc(clone, "push", "-q")
    assert found(clone) == []
    gone = next(path for path in objects(store(clone)) if path.stat().st_size == 1000)
    gone.unlink()
    [finding] = found(clone)
    assert "of ner@v1.0.0: models/learner" in finding.message


def test_a_fresh_clone_is_told_to_pull(clone: Path) -> None:
    fresh = second(clone)
    [finding] = found(fresh)
    assert (finding.check, finding.level) == ("cache", "warning")
    obey(fresh, finding)
    assert found(fresh) == []


def test_a_damaged_object_of_the_cache_is_found_by_reading_it_and_the_hint_mends_it(clone: Path) -> None:
    path = objects(cache(clone))[0]
    intact = path.read_bytes()
    damage(path)
    assert found(clone) == []  # its size is right
    [finding] = found(clone, deep=True)
    assert (finding.check, finding.level) == ("cache", "error")
    obey(clone, finding)
    assert path.read_bytes() == intact
    assert found(clone, deep=True) == []


def test_what_is_in_neither_store_is_made_anew(clone: Path) -> None:
    name = objects(cache(clone))[0].relative_to(cache(clone))
    (cache(clone) / name).unlink()
    (store(clone) / name).unlink()
    levels = {finding.check: finding for finding in found(clone)}
    assert "1 not in a remote either" in levels["cache"].message
    assert "dvc repro" in (levels["cache"].hint or "")
    dvc(clone, "repro", "-q")
    repair_remote(clone, None)
    assert found(clone) == []


def test_a_folder_whose_list_is_nowhere_is_told(clone: Path) -> None:
    for place in (cache(clone), store(clone)):
        objects(place, folders=True)[0].unlink()
    messages = " | ".join(finding.message for finding in found(clone))
    assert "the list of files is in neither store, for models/learner, ner@v1.0.0: models/learner" in messages


def test_a_remote_that_does_not_verify_is_warned_of(clone: Path) -> None:
    dvc(clone, "remote", "modify", "store", "verify", "false")
    [finding] = found(clone)
    assert finding.level == "warning"
    obey(clone, finding)
    assert found(clone) == []


def test_a_relative_address_is_an_error_since_experiments_would_go_elsewhere(clone: Path) -> None:
    (clone / ".dvc" / "config.local").unlink()
    dvc(clone, "remote", "modify", "store", "url", "../store")  # which DVC writes as seen from .dvc/
    [finding] = found(clone)
    assert (finding.level, finding.message.split(",")[0]) == ("error", "store has a relative address")
    obey(clone, finding)
    assert found(clone) == []


def test_links_into_the_cache_are_warned_of(clone: Path) -> None:
    dvc(clone, "config", "cache.type", "symlink")
    [finding] = found(clone)
    assert "symlinks" in finding.message
    obey(clone, finding)
    assert found(clone) == []


def test_no_remote_is_a_warning_and_cannot_be_repaired(clone: Path) -> None:
    dvc(clone, "config", "--unset", "core.remote")
    [finding] = found(clone)
    assert (finding.check, finding.level) == ("remote", "warning")
    with pytest.raises(UserError, match="no remote is set"):
        repair_remote(clone, None)


def test_an_unknown_remote_is_an_error(clone: Path) -> None:
    findings = [each for each in examine_stores(clone, "elsewhere", deep=False) if each.level != "ok"]
    assert [(each.check, each.level) for each in findings] == [("remote", "error")]
    assert "elsewhere" in findings[0].message


def test_a_bucket_needs_a_rule_that_ends_uploads_and_none_that_ends_objects() -> None:
    good = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    expiring = {"Status": "Enabled", "Expiration": {"Days": 30}}
    assert list(rules("bucket", [good])) == []
    assert [finding.level for finding in rules("bucket", [{**good, "Status": "Disabled"}])] == ["warning"]
    assert [finding.level for finding in rules("bucket", [good, expiring])] == ["error"]
