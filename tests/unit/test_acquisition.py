from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import datasets
import pytest

from spanwise.acquisition import convert, pin, restore
from spanwise.corpora import Figshare, Hub, Source, Web, WebFolder, load_source, source_path
from spanwise.errors import UserError, UserErrors
from spanwise.readers.inventory import Inventory

DESCRIBED: dict[str, Any] = {"format": "brat", "title": "Notes", "licence": "MIT", "citation": ""}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a web server for the files in `folder`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    server.daemon_threads = False  # so that server_close waits for them
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A small corpus with a file that is none of it."""
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("Fever and chills")
    (folder / "a.ann").write_text("T1\tSign 0 5\tFever\nT2\tSign 0 5\tFever\n")
    (folder / "sub" / "b.txt").write_text("Rash")
    (folder / "sub" / "b.ann").write_text("")
    (folder / "README.md").write_text("not of the corpus")
    return folder


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    return tmp_path / "corpora"


def pinned(place: Any, corpora: Path, **fields: Any) -> tuple[Source, Inventory]:
    return pin("notes", place, corpora, **{**DESCRIBED, **fields})


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_a_folder_is_copied_and_pinned(raw: Path, corpora: Path) -> None:
    source, inventory = pinned(raw, corpora)
    assert load_source(source_path("notes", corpora)) == source
    assert source.origin is None
    expected = tree(raw)
    del expected["README.md"]
    assert tree(corpora / "notes") == expected
    assert list(source.files) == sorted(expected)
    assert (inventory.documents, inventory.spans, inventory.left_out) == (2, 1, {"duplicate": 1})


def test_an_archive_is_unpacked_and_pinned(raw: Path, corpora: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path, "raw"))
    source, _ = pinned(archive, corpora, origin=Figshare(article=7, file="notes.zip"))
    assert list(source.files) == ["a.ann", "a.txt", "sub/b.ann", "sub/b.txt"]
    assert source.origin == Figshare(article=7, file="notes.zip")


def test_a_corpus_can_be_pinned_where_it_is(raw: Path, corpora: Path) -> None:
    corpora.mkdir()
    raw.rename(corpora / "notes")
    before = tree(corpora / "notes")
    source, _ = pinned(corpora / "notes", corpora)
    assert tree(corpora / "notes") == before
    assert "README.md" not in source.files


def test_what_is_malformed_is_told_completely_and_nothing_is_written(raw: Path, corpora: Path) -> None:
    (raw / "a.ann").write_text("T1\tSign 0 99\tFever\nnonsense\n")
    with pytest.raises(UserErrors) as caught:
        pinned(raw, corpora)
    assert [error.line for error in caught.value.errors] == [1, 2]
    assert not corpora.exists()


def test_a_folder_without_documents_of_the_format_is_told(raw: Path, corpora: Path) -> None:
    with pytest.raises(UserError, match="holds no documents"):
        pinned(raw, corpora, format="jsonl")


@pytest.mark.parametrize("name", ["", "My-Notes", "../evil", "a/b", "7up", "a b"])
def test_a_name_must_do_for_a_folder_and_a_setting(raw: Path, corpora: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot name a corpus"):
        pin(name, raw, corpora, **DESCRIBED)


def test_neither_pins_nor_folders_are_overwritten(raw: Path, corpora: Path) -> None:
    (corpora / "notes").mkdir(parents=True)
    with pytest.raises(UserError, match="the folder exists but is not pinned"):
        pinned(raw, corpora)
    (corpora / "notes").rmdir()
    pinned(raw, corpora)
    with pytest.raises(UserError, match="the corpus is pinned already"):
        pinned(raw, corpora)


def test_a_place_that_is_not_there_is_told(corpora: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        pinned(tmp_path / "nowhere", corpora)


def test_missing_and_altered_files_are_restored_and_others_left_alone(raw: Path, corpora: Path) -> None:
    source, _ = pinned(raw, corpora)
    before = tree(corpora / "notes")
    (corpora / "notes" / "a.txt").unlink()
    (corpora / "notes" / "a.ann").write_text("altered")
    (corpora / "notes" / "mine.md").write_text("mine")
    assert restore(source, corpora, given=raw) == corpora / "notes"
    assert tree(corpora / "notes") == before | {"mine.md": "mine"}


def test_a_place_that_holds_something_else_changes_nothing(raw: Path, corpora: Path) -> None:
    source, _ = pinned(raw, corpora)
    before = tree(corpora / "notes")
    (raw / "a.ann").write_text("")
    (raw / "sub" / "b.txt").unlink()
    with pytest.raises(
        UserError, match=r"does not hold notes as pinned: a\.ann \(altered\), sub/b\.txt \(missing\)"
    ):
        restore(source, corpora, given=raw)
    assert tree(corpora / "notes") == before


def test_a_further_file_that_would_be_read_is_told(raw: Path, corpora: Path) -> None:
    source, _ = pinned(raw, corpora)
    (corpora / "notes" / "c.txt").write_text("")
    with pytest.raises(UserError, match=r"c\.txt \(not pinned\)"):
        restore(source, corpora, given=raw)


def test_without_an_origin_the_path_must_be_given(raw: Path, corpora: Path) -> None:
    source, _ = pinned(raw, corpora)
    with pytest.raises(UserError, match="names no origin") as caught:
        restore(source, corpora)
    assert "`spanwise corpus add notes --from PATH`" in str(caught.value.hint)


def test_corpora_are_restored_from_the_web(raw: Path, corpora: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "articles" / "7").mkdir(parents=True)
    shutil.make_archive(str(site / "notes"), "zip", tmp_path, "raw")
    shutil.copytree(raw, site / "files")
    with served(site) as address:
        entry = {"name": "notes.zip", "download_url": f"{address}/notes.zip"}
        (site / "articles" / "7" / "files").write_text(json.dumps([entry]))
        source, _ = pinned(Web(url=f"{address}/notes.zip"), corpora)
        assert source.origin == Web(url=f"{address}/notes.zip")
        before = tree(corpora / "notes")
        for origin in (
            source.origin,
            WebFolder(base=f"{address}/files/"),
            Figshare(article=7, file="notes.zip"),
        ):
            shutil.rmtree(corpora / "notes")
            restore(source.model_copy(update={"origin": origin}), corpora, figshare=address)
            assert tree(corpora / "notes") == before


@pytest.mark.parametrize(
    ("origin", "named"),
    [
        (Web(url="{address}/raw.zip"), "{address}/raw.zip"),
        (WebFolder(base="{address}/raw"), "{address}/raw"),
        (Figshare(article=7, file="raw.zip"), "raw.zip of figshare article 7"),
    ],
)
def test_an_origin_that_changed_is_named(
    raw: Path, corpora: Path, tmp_path: Path, origin: Web | WebFolder | Figshare, named: str
) -> None:
    source, _ = pinned(raw, corpora)
    (raw / "a.txt").write_text("Fever, chills")
    shutil.make_archive(str(tmp_path / "raw"), "zip", tmp_path, "raw")
    with served(tmp_path) as address:
        (tmp_path / "articles" / "7").mkdir(parents=True)
        entry = {"name": "raw.zip", "download_url": f"{address}/raw.zip"}
        (tmp_path / "articles" / "7" / "files").write_text(json.dumps([entry]))
        values = {key: str(value).format(address=address) for key, value in origin.model_dump().items()}
        real = type(origin).model_validate(values)
        with pytest.raises(UserError) as caught:
            restore(source.model_copy(update={"origin": real}), corpora, figshare=address)
    assert (
        caught.value.reason
        == f"{named.format(address=address)} does not hold notes as pinned: a.txt (altered)"
    )


def test_a_data_set_is_converted_pinned_and_restored(
    tmp_path: Path, corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    rows = {"tokens": [["dry", "cough"], ["rash"]], "tags": [["B-Sign", "I-Sign"], ["I-Sign"]]}
    saved = str(tmp_path / "saved")
    datasets.Dataset.from_dict(rows).save_to_disk(saved)

    changes = convert(saved, None, tmp_path / "converted" / "examples.jsonl")
    assert [change.reason for change in changes] == ["tag_scheme"]
    # A data set of the hub is named by its commit; a folder stands for it here, as no hub can be reached.
    origin = Hub(dataset=saved, revision="0f")
    source, inventory = pinned(tmp_path / "converted", corpora, format="jsonl", origin=origin)
    assert (inventory.documents, inventory.labels, inventory.published) == (2, {"Sign": 2}, {"train": 2})
    shutil.rmtree(corpora / "notes")
    restore(source, corpora)
    datasets.Dataset.from_dict({"tokens": [["rash"]], "tags": [["O"]]}).save_to_disk(saved)
    with pytest.raises(UserError, match=r"at 0f of the hub does not hold notes as pinned: examples\.jsonl"):
        restore(source, corpora)


def test_the_real_maccrobat_is_restored_from_its_folder(root: Path, shared_data: Path, corpora: Path) -> None:
    source = load_source(source_path("maccrobat", root / "data" / "corpora"))
    folder = restore(source, corpora, given=shared_data / "maccrobat2020")
    assert len(list(folder.iterdir())) == 400
