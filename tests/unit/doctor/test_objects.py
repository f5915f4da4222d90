from __future__ import annotations

from pathlib import Path

from spanwise.doctor.objects import open_store, wanted
from spanwise.experiments import repository
from tests.unit.doctor.clones import damage, objects


def test_a_store_lists_its_objects_with_their_sizes(template: Path) -> None:
    with repository(template) as repo:
        store = open_store(repo.cache.local)
    assert sorted(store.sizes.values())[:1] == [2]
    assert sorted(store.sizes.values())[-3:] == [1000, 1000, 1000]


def test_members_of_a_folder_belong_to_its_output(template: Path) -> None:
    with repository(template) as repo:
        found = wanted(repo, [open_store(repo.cache.local)])
    [(folder, members)] = found.folders.items()
    assert len(members) == 3
    assert {found.owners[name] for name in (folder, *members)} == {"models/learner"}
    assert found.here == found.owners.keys()


def test_a_damaged_list_of_files_is_not_believed(clone: Path) -> None:
    damage(objects(clone / ".dvc" / "cache", folders=True)[0])
    with repository(clone) as repo:
        alone = wanted(repo, [open_store(repo.cache.local)])
        remote = open_store(repo.cloud.get_remote().odb)
        both = wanted(repo, [open_store(repo.cache.local), remote])
    assert set(alone.unreadable) == {"models/learner", "ner@v1.0.0: models/learner"}
    assert both.unreadable == []
