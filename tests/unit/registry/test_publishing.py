"""Publishing, against a hub on loopback that keeps what huggingface_hub sends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.registry.publishing import check_repository, publish, read_token, uploads
from tests.unit.registry.hub import COMMIT, TOKEN, Hub, running_hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    # Where hf-xet is installed, large files go another way, which no stand-in speaks.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with running_hub() as hub:
        yield hub


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "metrics").mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n\n# A model\n")
    (folder / "config.json").write_text("{}")
    (folder / "metrics" / "evaluate.json").write_text('{"test": {}}')
    (folder / "model.safetensors").write_bytes(b"weights" * 100)
    return folder


def published(hub: Hub, package: Path, **changes: object) -> str:
    given: dict[str, object] = {"version": "v1.0.0", "message": "ner v1.0.0", "token": TOKEN, **changes}
    return publish(package, uploads(package), "org/name", endpoint=hub.url, **given)  # type: ignore[arg-type]


def test_the_hub_gets_the_package_in_one_commit_and_a_tag(hub: Hub, package: Path) -> None:
    assert published(hub, package) == f"{hub.url}/org/name/commit/{COMMIT}"
    assert hub.files == {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file()
    }
    assert hub.message == "ner v1.0.0"
    assert hub.tags == {"v1.0.0": COMMIT}
    assert hub.created == [{"name": "name", "organization": "org", "visibility": "private"}]
    assert len([each for each in hub.requests if "/commit/" in each]) == 1
    assert hub.tokens == {f"Bearer {TOKEN}"}


def test_what_the_package_does_not_have_is_deleted(hub: Hub, package: Path) -> None:
    hub.files = {"old.json": b"{}", ".gitattributes": b"*.safetensors filter=lfs"}
    published(hub, package)
    assert "old.json" not in hub.files
    assert ".gitattributes" in hub.files


def test_a_version_is_never_replaced(hub: Hub, package: Path) -> None:
    published(hub, package)
    before = list(hub.requests)
    with pytest.raises(UserError, match=r"org/name has v1.0.0 already"):
        published(hub, package)
    assert not [each for each in hub.requests[len(before) :] if "/commit/" in each]


def test_a_public_repository_is_made_when_asked(hub: Hub, package: Path) -> None:
    published(hub, package, private=False)
    assert hub.created[0]["visibility"] == "public"


def test_a_hub_that_refuses_is_told_without_the_token(hub: Hub, package: Path) -> None:
    hub.status = 403
    with pytest.raises(UserError, match="the hub refuses: 403") as caught:
        published(hub, package)
    assert TOKEN not in str(caught.value)
    assert hub.tags == {}


def test_a_hub_that_is_not_there_is_told(package: Path) -> None:
    with running_hub() as gone:
        pass
    with pytest.raises(UserError, match="the hub cannot be reached"):
        published(gone, package)


def test_sizes_and_digests_are_those_of_the_files(package: Path) -> None:
    found = uploads(package)
    assert [each.path for each in found] == [
        "README.md", "config.json", "metrics/evaluate.json", "model.safetensors",
    ]  # fmt: skip
    assert found[-1].size == 700
    assert found[-1].digest == hashlib.sha256(b"weights" * 100).hexdigest()


@pytest.mark.parametrize(
    "name", ["predictions/test.json", "data/notes.txt", "test.jsonl", "notes.ann", "w.bin"]
)
def test_what_may_hold_texts_is_never_uploaded(name: str, package: Path) -> None:
    (package / name).parent.mkdir(exist_ok=True)
    (package / name).write_text("text")
    with pytest.raises(UserError, match="may hold texts"):
        uploads(package)


def test_without_a_card_there_is_nothing_to_publish(package: Path) -> None:
    (package / "README.md").unlink()
    with pytest.raises(UserError, match="holds no model card"):
        uploads(package)


@pytest.mark.parametrize("name", ["name", "org/", "org/name/more", "org name/x", "../x"])
def test_other_names_are_no_repositories(name: str) -> None:
    with pytest.raises(UserError, match="is no repository on the hub"):
        check_repository(name)
    check_repository("org/name-1.0_x")


def test_the_token_comes_from_the_environment_alone() -> None:
    assert read_token({"HF_TOKEN": "one", "HUGGING_FACE_HUB_TOKEN": "two"}) == "one"
    assert read_token({"HUGGING_FACE_HUB_TOKEN": "two"}) == "two"
    with pytest.raises(UserError, match="takes a token"):
        read_token({"HF_TOKEN": ""})
