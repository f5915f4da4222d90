"""Deployments from a real repository; what `spanwise package` makes is what is deployed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from spanwise.deployment import read_deployment
from spanwise.errors import UserError
from spanwise.package import digests, pack
from spanwise.registry.exporting import Exported, export
from spanwise.registry.fetching import fetch
from spanwise.registry.rollback import deprecate
from spanwise.registry.tagging import tag_stage, tag_version
from tests.unit.registry.worlds import World


@pytest.fixture
def versions(world: World) -> World:
    """v1.0.0, v1.0.1 and v1.1.0 of `ner`, all of which stood in prod one after another; v1.0.0 of `pii`."""
    numbers = {"first": "v1.0.0", "same": "v1.0.1", "better": "v1.1.0"}
    for what, version in numbers.items():
        tag_version(world.root, "ner", version, world.commits[what], what, push=False)
    for version in numbers.values():
        tag_stage(world.root, "ner", version, "prod", "", push=False)
    tag_version(world.root, "pii", "v1.0.0", world.commits["pii"], "", push=False)
    return world


def exported(world: World, folder: Path, **options: Any) -> Exported:
    return export(world.root, folder, **options)


def test_what_stands_the_way_back_and_the_last_ones_are_deployed(versions: World, tmp_path: Path) -> None:
    found = exported(versions, tmp_path / "deployed", keep=0)
    assert found.fetched == ("ner v1.0.1", "ner v1.1.0")
    deployment = read_deployment(tmp_path / "deployed")
    assert found.deployment == deployment
    assert deployment.models["ner"].stages == {"prod": "v1.1.0"}
    assert deployment.models["pii"].versions == {}
    found = exported(versions, tmp_path / "deployed", keep=5)
    assert found.fetched == ("ner v1.0.0", "pii v1.0.0")


def test_the_registry_tells_what_each_version_is(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path)
    version = read_deployment(tmp_path).models["ner"].versions["v1.1.0"]
    assert (version.task, version.kind, version.model) == ("notes", "ner", "tiny")
    assert version.commit == versions.commits["better"]
    assert version.metrics["f1"] == 0.888889
    assert version.metrics["ece"] == 0.05
    assert version.files == digests(tmp_path / "ner" / "v1.1.0")
    assert not version.deprecated
    assert version.known is None


def test_a_deployed_folder_is_what_package_makes_of_the_commit(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path / "deployed")
    fetch(versions.root, "ner", tmp_path / "got", version="v1.1.0")
    versions.git("checkout", "-q", versions.commits["better"])
    versions.history.run("python", "-m", "dvc", "checkout", "-q")
    pack(versions.root, tmp_path / "packed", task="notes", model="tiny", with_predictions=False)
    assert digests(tmp_path / "packed") == digests(tmp_path / "got")
    assert digests(tmp_path / "packed") == digests(tmp_path / "deployed" / "ner" / "v1.1.0")


def test_a_second_export_changes_nothing(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.name != ".registry.lock"}
    again = exported(versions, tmp_path)
    assert (again.fetched, again.changed) == ((), False)
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}


def test_a_rollback_replaces_the_registry_alone(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path)
    versions.forget_cache()
    shutil.rmtree(versions.store)
    tag_stage(versions.root, "ner", "v1.0.1", "prod", "back", push=False)
    with pytest.raises(UserError, match=r"ner v1.0.0 has no .* here"):
        exported(versions, tmp_path)  # the next way back
    found = exported(versions, tmp_path, spare=False)
    assert (found.fetched, found.changed) == ((), True)
    deployed = read_deployment(tmp_path).models["ner"]
    assert deployed.stages == {"prod": "v1.0.1"}
    assert set(deployed.versions) == {"v1.0.1", "v1.1.0"}


def test_an_export_that_fails_leaves_the_registry_as_it_was(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path / "deployed", names=["pii"])
    before = (tmp_path / "deployed" / "registry.json").read_bytes()
    versions.forget_cache()
    shutil.rmtree(versions.store)
    with pytest.raises(UserError, match="has no"):
        exported(versions, tmp_path / "deployed")
    assert (tmp_path / "deployed" / "registry.json").read_bytes() == before


def test_without_a_cache_the_remote_gives_the_bytes(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path / "one")
    versions.forget_cache()
    exported(versions, tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_a_file_that_is_gone_is_brought_again(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path)
    (tmp_path / "ner" / "v1.1.0" / "config.json").unlink()
    assert exported(versions, tmp_path).fetched == ("ner v1.1.0",)
    assert (
        digests(tmp_path / "ner" / "v1.1.0")
        == read_deployment(tmp_path).models["ner"].versions["v1.1.0"].files
    )


def test_a_damaged_file_is_found_when_all_is_read(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path)
    (tmp_path / "ner" / "v1.1.0" / "config.json").write_text("{}")
    assert exported(versions, tmp_path).fetched == ()
    assert exported(versions, tmp_path, deep=True).fetched == ("ner v1.1.0",)
    assert exported(versions, tmp_path, deep=True).fetched == ()


def test_folders_that_are_named_no_more_are_deleted_when_asked(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path, keep=3)
    found = exported(versions, tmp_path, keep=0)
    assert (found.changed, found.removed) == (True, ())
    assert (tmp_path / "ner" / "v1.0.0").is_dir()
    found = exported(versions, tmp_path, keep=0, prune=True)
    assert found.removed == ("ner v1.0.0", "pii v1.0.0")
    assert sorted(path.name for path in (tmp_path / "ner").iterdir()) == ["v1.0.1", "v1.1.0"]


def test_a_deprecated_version_is_kept_only_by_its_stage(versions: World, tmp_path: Path) -> None:
    deprecate(versions.root, "ner", "v1.0.1", "it leaks")
    found = exported(versions, tmp_path, keep=2)
    assert set(found.deployment.models["ner"].versions) == {"v1.0.0", "v1.1.0"}


def test_one_model_is_exported_beside_another(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path, names=["pii"])
    found = exported(versions, tmp_path, names=["ner"])
    assert set(found.deployment.models) == {"ner", "pii"}
    with pytest.raises(UserError, match="resumes is not registered"):
        exported(versions, tmp_path, names=["resumes"])


def test_a_model_that_has_no_tags_any_more_is_deployed_no_more(versions: World, tmp_path: Path) -> None:
    exported(versions, tmp_path)
    versions.git("tag", "-d", "pii@v1.0.0")
    assert set(exported(versions, tmp_path).deployment.models) == {"ner"}


def test_known_answers_are_computed_once_a_version(versions: World, tmp_path: Path) -> None:
    asked = []

    def answer(folder: Path, texts: Any) -> Any:
        asked.append(folder.name)
        return [[{"entities": [{"start": 0, "end": 1, "label": folder.name}]} for _ in texts]]

    found = exported(versions, tmp_path, answer=answer).deployment.models["ner"].versions
    exported(versions, tmp_path, answer=answer)
    assert asked == ["v1.0.1", "v1.1.0"]  # and none of pii
    known = [version.known for version in found.values()]
    assert all(known)
    assert known[0] != known[1]


def test_a_registry_that_is_damaged_is_told(versions: World, tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_text("{}")
    with pytest.raises(UserError, match="not a valid Deployment"):
        exported(versions, tmp_path)


# One version.


def test_a_version_is_fetched_by_number_by_stage_or_as_the_highest(versions: World, tmp_path: Path) -> None:
    for name, options in {"a": {"version": "v1.0.0"}, "b": {"stage": "prod"}, "c": {}}.items():
        manifest, event = fetch(versions.root, "ner", tmp_path / name, **options)  # type: ignore[arg-type]
        assert manifest.commit == event.commit
        assert json.loads((tmp_path / name / "package.json").read_text())["commit"] == event.commit
    assert digests(tmp_path / "b") == digests(tmp_path / "c") != digests(tmp_path / "a")
    assert "predictions" not in {path.name for path in (tmp_path / "a").iterdir()}


def test_what_cannot_be_fetched_is_told(versions: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="give one of them"):
        fetch(versions.root, "ner", tmp_path / "a", version="v1.0.0", stage="prod")
    with pytest.raises(UserError, match="no version of ner stands in staging"):
        fetch(versions.root, "ner", tmp_path / "a", stage="staging")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        fetch(versions.root, "ner", tmp_path / "full")
    deprecate(versions.root, "pii", "v1.0.0", "it is old")
    with pytest.raises(UserError, match="all versions of pii are deprecated"):
        fetch(versions.root, "pii", tmp_path / "a")
