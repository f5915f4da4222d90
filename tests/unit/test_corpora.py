from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from spanwise.corpora import (
    Figshare,
    Hub,
    Source,
    Web,
    WebFolder,
    list_sources,
    load_source,
    locate,
    missing_files,
    source_path,
    verify,
)
from spanwise.errors import UserError
from spanwise.io import write_json

FILES = {"a.txt": "Fever", "a.ann": "T1\tSign 0 5\tFever\n", "sub/b.txt": "", "sub/b.ann": ""}


def make(data: Path, name: str = "notes", **fields: Any) -> Source:
    """A corpus and its pin."""
    for file, text in FILES.items():
        path = data / "corpora" / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    digests = {file: sha256(text.encode()).hexdigest() for file, text in FILES.items()}
    values = {"title": name, "format": "brat", "licence": "MIT", "citation": "", "origin": None}
    source = Source.model_validate({"name": name, "files": digests, **values, **fields})
    write_json(source_path(name, data / "pins"), source.model_dump())
    return source


@pytest.mark.parametrize(
    "origin",
    [
        None,
        Web(url="https://x/y.zip"),
        WebFolder(base="https://x"),
        Figshare(article=7, file="y.zip"),
        Hub(dataset="a/b", revision="0f"),
    ],
)
def test_a_pin_is_read_as_it_was_written(tmp_path: Path, origin: object) -> None:
    source = make(tmp_path, origin=origin)
    assert load_source(source_path("notes", tmp_path / "pins")) == source


def test_a_missing_pin_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    make(tmp_path, "one")
    make(tmp_path, "two")
    with pytest.raises(UserError, match="there are: one, two") as caught:
        load_source(source_path("three", tmp_path / "pins"))
    assert caught.value.path == tmp_path / "pins" / "three.source.json"


def test_a_pin_must_bear_the_name_of_its_corpus(tmp_path: Path) -> None:
    make(tmp_path)
    source_path("notes", tmp_path / "pins").rename(source_path("other", tmp_path / "pins"))
    with pytest.raises(UserError, match="pins a corpus of another name, notes"):
        load_source(source_path("other", tmp_path / "pins"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "../evil"}, "name"),
        ({"files": {"../evil.txt": "0" * 64}}, "must lie inside its corpus"),
        ({"files": {"/evil.txt": "0" * 64}}, "must lie inside its corpus"),
        ({"files": {"a.txt": "0f"}}, "files.a.txt"),
        ({"format": "docx"}, "format"),
        ({"surprise": 1}, "surprise"),
        ({"origin": {"url": 3}}, "origin"),
    ],
)
def test_pins_are_validated(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    make(tmp_path)
    path = source_path("notes", tmp_path / "pins")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match=reason) as caught:
        load_source(path)
    assert caught.value.path == path


def test_sources_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b", "a", "c-1"):
        make(tmp_path, name)
    assert [source.name for source in list_sources(tmp_path / "pins")] == ["a", "b", "c-1"]


def test_a_corpus_lies_beside_the_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    make(tmp_path)
    assert locate(source_path("notes", tmp_path / "pins")) == tmp_path / "corpora" / "notes"


def test_a_workspace_of_dvc_finds_it_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "repository" / "data"
    make(data)
    workspace = tmp_path / "workspace" / "data" / "pins"
    workspace.mkdir(parents=True)
    source_path("notes", data / "pins").rename(source_path("notes", workspace))
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    assert locate(source_path("notes", workspace)) == data / "corpora" / "notes"


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "`spanwise corpus add notes --from PATH`"),
        (Web(url="https://x/y.zip"), "`spanwise corpus add notes`"),
    ],
)
def test_a_corpus_that_is_not_here_is_told_with_the_command_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: Web | None, command: str
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "nowhere"))
    make(tmp_path, origin=origin)
    (tmp_path / "corpora" / "notes").rename(tmp_path / "corpora" / "moved")
    with pytest.raises(UserError, match="the corpus is not here") as caught:
        locate(source_path("notes", tmp_path / "pins"))
    assert command in str(caught.value.hint)


def test_what_is_as_pinned_is_verified(tmp_path: Path) -> None:
    source = make(tmp_path)
    (tmp_path / "corpora" / "notes" / "README.md").write_text("never read")
    (tmp_path / "corpora" / "notes" / ".hidden.txt").write_text("never read")
    verify(source, tmp_path / "corpora" / "notes")
    assert missing_files(source, tmp_path / "corpora" / "notes") == 0


def test_missing_altered_and_further_files_are_told(tmp_path: Path) -> None:
    source = make(tmp_path)
    folder = tmp_path / "corpora" / "notes"
    (folder / "a.ann").unlink()
    (folder / "sub" / "b.txt").write_text("x")
    (folder / "c.txt").write_text("")
    with pytest.raises(UserError) as caught:
        verify(source, folder)
    assert caught.value.reason.endswith("a.ann (missing), c.txt (not pinned), sub/b.txt (altered)")
    assert "3 of its files differ" in caught.value.reason
    assert "spanwise corpus add notes" in str(caught.value.hint)
    assert missing_files(source, folder) == 1


def test_ten_files_are_named_and_the_others_counted(tmp_path: Path) -> None:
    source = make(tmp_path)
    for number in range(12):
        (tmp_path / "corpora" / "notes" / f"x{number:02}.txt").write_text("")
    with pytest.raises(UserError) as caught:
        verify(source, tmp_path / "corpora" / "notes")
    assert "x09.txt" in caught.value.reason
    assert "x10.txt" not in caught.value.reason
    assert caught.value.reason.endswith(", and 2 more")


def test_the_pins_of_the_repository_are_valid(root: Path) -> None:
    sources = {source.name: source for source in list_sources(root / "data" / "pins")}
    files = {name: len(source.files) for name, source in sources.items()}
    assert files.items() >= {"casenotes": 240, "maccrobat": 400, "ncbi-disease": 3}.items()
    assert sources["maccrobat"].origin == Figshare(article=9764942, file="MACCROBAT2020.zip")
    assert all(source.licence and source.title for source in sources.values())


def test_the_case_notes_are_as_pinned(root: Path) -> None:
    path = source_path("casenotes", root / "data" / "pins")
    verify(load_source(path), root / "data" / "corpora" / "casenotes")


@pytest.mark.parametrize(
    ("name", "folder"), [("maccrobat", "maccrobat2020"), ("ncbi-disease", "ncbi_disease_iob")]
)
def test_the_real_corpora_are_as_pinned(root: Path, shared_data: Path, name: str, folder: str) -> None:
    verify(load_source(source_path(name, root / "data" / "pins")), shared_data / folder)
