"""Archives: the same bytes in, the same bytes out, and nothing else ever."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.tasks.resume.archive import MANIFEST, read_archive, write_archive

SETTINGS = {"backend": "tagger", "n": [1, None]}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "onnx").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "onnx" / "model.onnx").write_bytes(b"graph")
    return folder


@pytest.fixture
def archive(model: Path, tmp_path: Path) -> Path:
    path = tmp_path / "parser.zip"
    write_archive(path, SETTINGS, model)
    return path


def rewritten(archive: Path, change: dict[str, bytes], *, manifest: dict[str, object] | None = None) -> Path:
    """The archive with members replaced or added."""
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()} | change
    if manifest is not None:
        members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | manifest).encode()
    with zipfile.ZipFile(archive, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return archive


def refused(archive: Path, folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_archive(archive, folder)
    outside = [path for path in folder.parent.rglob("evil*") if folder not in path.parents]
    assert outside == []
    return caught.value.reason


def test_what_was_packed_comes_back(archive: Path, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert read_archive(archive, folder) == SETTINGS
    for path in model.rglob("*"):
        if path.is_file():
            assert (folder / path.relative_to(model)).read_bytes() == path.read_bytes()


def test_the_same_model_gives_the_same_bytes(archive: Path, model: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "again.zip", SETTINGS, model)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_settings_alone_make_an_archive(tmp_path: Path) -> None:
    write_archive(tmp_path / "rules.zip", SETTINGS)
    assert read_archive(tmp_path / "rules.zip", tmp_path / "out") == SETTINGS


@pytest.mark.parametrize("name", ["model.pkl", "setup.py", "weights.bin"])
def test_code_and_pickles_are_not_packed(model: Path, name: str, tmp_path: Path) -> None:
    (model / name).write_bytes(b"x")
    with pytest.raises(UserError, match="is no data"):
        write_archive(tmp_path / "parser2.zip", SETTINGS, model)
    assert not (tmp_path / "parser2.zip").exists()


def test_links_are_not_packed(model: Path, tmp_path: Path) -> None:
    (model / "secret.json").symlink_to("/etc/hostname")
    with pytest.raises(UserError, match="is no data"):
        write_archive(tmp_path / "parser2.zip", SETTINGS, model)


def test_an_altered_member_is_refused(archive: Path, tmp_path: Path) -> None:
    assert "not the one that was packed" in refused(
        rewritten(archive, {"config.json": b"[]"}), tmp_path / "out"
    )


def test_a_longer_member_is_refused_and_not_kept(archive: Path, tmp_path: Path) -> None:
    changed = rewritten(archive, {"config.json": b"{}" + b" " * 5000})
    assert "not the one that was packed" in refused(changed, tmp_path / "out")
    assert not (tmp_path / "out" / "config.json").exists()


def test_an_added_member_is_refused(archive: Path, tmp_path: Path) -> None:
    assert "members are not those" in refused(rewritten(archive, {"more.json": b"{}"}), tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["../evil.json", "/evil.json", "a/../../evil.json", "evil.py", "a//evil.json", ".evil.json"]
)
def test_a_member_that_would_land_elsewhere_or_is_code_is_refused(
    archive: Path, tmp_path: Path, name: str
) -> None:
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}
    with zipfile.ZipFile(archive) as source:
        files = json.loads(source.read(MANIFEST))["files"]
    manifest: dict[str, object] = {"files": files | {name: {"size": 2, "sha256": digest}}}
    reason = refused(rewritten(archive, {name: b"{}"}, manifest=manifest), tmp_path / "deep" / "out")
    assert "is no data file of a model" in reason


def test_a_compressed_bomb_is_refused_before_it_is_inflated(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, b"\0" * 50_000_000 if name == "model.safetensors" else data)
    assert "is compressed" in refused(archive, tmp_path / "out")


@pytest.mark.parametrize(
    "manifest", [{"version": 2}, {"format": "other"}, {"files": {"a.json": {"size": -1}}}]
)
def test_a_manifest_of_another_kind_is_refused(
    archive: Path, tmp_path: Path, manifest: dict[str, object]
) -> None:
    assert "manifest is not valid" in refused(rewritten(archive, {}, manifest=manifest), tmp_path / "out")


def test_what_claims_too_much_is_refused(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as source:
        files = json.loads(source.read(MANIFEST))["files"]
    huge = {name: member | {"size": 3_000_000_000} for name, member in files.items()}
    assert "more than" in refused(rewritten(archive, {}, manifest={"files": huge}), tmp_path / "out")


def test_other_files_are_no_archives(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    assert refused(path, tmp_path / "out") == "no such file"
    path.write_bytes(b"PK no zip")
    assert "no zip file" in refused(path, tmp_path / "out")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "{}")
    assert "no manifest" in refused(path, tmp_path / "out")
