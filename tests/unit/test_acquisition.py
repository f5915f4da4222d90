from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import datasets
import pytest

from spanwise.acquisition import convert, pin, repin, restore
from spanwise.corpora import Figshare, Hub, Source, Web, WebFolder, load_source, source_path
from spanwise.errors import UserError, UserErrors
from spanwise.io import read_jsonl
from spanwise.readers.inventory import Inventory
from spanwise.schema import Change
from tests.web import served

DESCRIBED: dict[str, Any] = {"format": "brat", "title": "Notes", "licence": "MIT", "citation": ""}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A small corpus with a file that is none of it."""
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("Fever and chills")
    (folder / "a.ann").write_text("T1\tSign 0 5\tFever\nT2\tSign 0 5\tFever\n")
    (folder / "sub" / "b.txt").write_text("Rash")
    (folder / "sub" / "b.ann").write_text("")
    (folder / "sub" / "c #1.txt").write_text("Cough")
    (folder / "sub" / "c #1.ann").write_text("")
    (folder / "README.md").write_text("not of the corpus")
    return folder


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    return tmp_path / "corpora"


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    return tmp_path / "pins"


def pinned(place: Any, pins: Path, **fields: Any) -> tuple[Source, Inventory]:
    return pin("notes", place, pins, **{**DESCRIBED, **fields})[:2]


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_a_folder_is_copied_and_pinned(raw: Path, corpora: Path, pins: Path) -> None:
    source, inventory = pinned(raw, pins)
    assert load_source(source_path("notes", pins)) == source
    assert source.origin is None
    expected = tree(raw)
    del expected["README.md"]
    assert tree(corpora / "notes") == expected
    assert list(source.files) == sorted(expected)
    assert (inventory.documents, inventory.spans, inventory.left_out) == (3, 1, {"duplicate": 1})


def test_an_archive_is_unpacked_and_pinned(raw: Path, pins: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path, "raw"))
    source, _ = pinned(archive, pins, origin=Figshare(article=7, file="notes.zip"))
    assert list(source.files) == [*(name for name in tree(raw) if name != "README.md")]
    assert source.origin == Figshare(article=7, file="notes.zip")


def test_what_is_passed_over_is_known(raw: Path, pins: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path, "raw"))
    for name, place in (("folder", raw), ("archive", archive)):
        assert pin(name, place, pins, **DESCRIBED).passed_over == ["README.md"]


def test_a_corpus_can_be_pinned_where_it_is(raw: Path, corpora: Path, pins: Path) -> None:
    corpora.mkdir()
    raw.rename(corpora / "notes")
    before = tree(corpora / "notes")
    source, _ = pinned(corpora / "notes", pins)
    assert tree(corpora / "notes") == before
    assert "README.md" not in source.files


def test_what_is_malformed_is_told_completely_and_nothing_is_written(
    raw: Path, corpora: Path, pins: Path
) -> None:
    (raw / "a.ann").write_text("T1\tSign 0 99\tFever\nnonsense\n")
    with pytest.raises(UserErrors) as caught:
        pinned(raw, pins)
    assert [error.line for error in caught.value.errors] == [1, 2]
    assert not corpora.exists()


def test_a_folder_without_documents_of_the_format_is_told(raw: Path, pins: Path) -> None:
    with pytest.raises(UserError, match="holds no documents"):
        pinned(raw, pins, format="jsonl")


@pytest.mark.parametrize("name", ["", "My-Notes", "../evil", "a/b", "7up", "a b", "null", "true", "on"])
def test_a_name_must_do_for_a_folder_and_a_setting(raw: Path, pins: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot name a corpus"):
        pin(name, raw, pins, **DESCRIBED)


def test_a_corpus_without_spans_is_told(raw: Path, corpora: Path, pins: Path) -> None:
    (raw / "a.ann").write_text("")
    with pytest.raises(UserError, match="none of its 3 documents has a span: there is nothing to learn"):
        pinned(raw, pins)
    assert not corpora.exists()


def test_bare_texts_are_pinned_though_nothing_is_annotated(tmp_path: Path, corpora: Path, pins: Path) -> None:
    folder = tmp_path / "texts"
    (folder / "2020").mkdir(parents=True)
    (folder / "2020" / "a.txt").write_text("No fever.")
    (folder / "LICENCE").write_text("not of the corpus")
    source, inventory, others = pin("notes", folder, pins, **{**DESCRIBED, "format": "txt"})
    assert load_source(source_path("notes", pins)) == source
    assert (source.format, list(source.files), others) == ("txt", ["2020/a.txt"], ["LICENCE"])
    assert (inventory.documents, inventory.spans) == (1, 0)
    assert tree(corpora / "notes") == {"2020/a.txt": "No fever."}
    shutil.rmtree(corpora / "notes")
    restore(source, pins, given=folder)
    assert tree(corpora / "notes") == {"2020/a.txt": "No fever."}


def test_texts_that_are_all_empty_are_told(tmp_path: Path, pins: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("")
    with pytest.raises(UserError, match="all of its 1 documents are empty"):
        pinned(tmp_path / "texts", pins, format="txt")
    assert not pins.exists()


def test_text_targets_are_something_to_learn(tmp_path: Path, pins: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text('{"id": "a", "text": "Rash", "target": "L20"}')
    source, inventory = pinned(file, pins, format="jsonl")
    assert (list(source.files), inventory.spans) == (["notes.jsonl"], 0)
    file.write_text("{}")
    with pytest.raises(UserError, match=r"notes\.jsonl \(altered\)"):
        restore(source, pins, given=file)


def test_a_packed_file_is_taken_as_it_is(tmp_path: Path, corpora: Path, pins: Path) -> None:
    file = tmp_path / "qa.jsonl.gz"
    line = {"id": "1", "source": "X", "focus": "Gout", "qtype": "", "question": "What?", "answer": "Pain."}
    file.write_bytes(gzip.compress(json.dumps(line).encode()))
    source, inventory = pinned(file, pins, format="medquad")
    assert (list(source.files), inventory.labels) == (["qa.jsonl.gz"], {"qa/en": 1})
    assert (corpora / "notes" / "qa.jsonl.gz").read_bytes() == file.read_bytes()


def test_a_copy_that_is_cut_short_leaves_no_folder(
    raw: Path, corpora: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copyfile

    def full(source: Path, to: Path) -> None:
        if source.name == "b.txt":
            raise OSError(28, "No space left on device")
        copy(source, to)

    monkeypatch.setattr("spanwise.acquisition.shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        pinned(raw, pins)
    assert list(corpora.iterdir()) == []


def test_an_altered_corpus_is_pinned_anew_with_what_its_pin_tells(
    raw: Path, corpora: Path, pins: Path
) -> None:
    source, _ = pinned(raw, pins, origin=Web(url="https://x/notes.zip"), citation="Doe 2020")
    (corpora / "notes" / "a.ann").write_text("T1\tSign 10 16\tchills\n")
    (corpora / "notes" / "sub" / "b.txt").unlink()
    with pytest.raises(UserError, match=r"b\.ann: has no partner b\.txt"):
        repin(source, pins)
    assert load_source(source_path("notes", pins)) == source
    (corpora / "notes" / "sub" / "b.ann").unlink()
    changed, inventory = repin(source, pins)
    assert load_source(source_path("notes", pins)) == changed
    assert changed.model_dump(exclude={"files"}) == source.model_dump(exclude={"files"})
    assert set(source.files) - set(changed.files) == {"sub/b.ann", "sub/b.txt"}
    assert (inventory.documents, inventory.labels) == (2, {"Sign": 1})


@pytest.mark.parametrize("wrapped", ["raw", "raw/sub"])
def test_lone_folders_around_or_inside_a_corpus_do_not_matter(
    raw: Path, corpora: Path, pins: Path, tmp_path: Path, wrapped: str
) -> None:
    for name in ("a.txt", "README.md"):
        (raw / name).unlink()
    (raw / "a.ann").unlink()
    (raw / "sub" / "b.ann").write_text("T1\tSign 0 4\tRash\n")
    source, _ = pinned(tmp_path / wrapped, pins)
    before = tree(corpora / "notes")
    (tmp_path / "outer").mkdir()
    raw.rename(tmp_path / "outer" / "raw")
    archive = Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path / "outer"))
    for place in (tmp_path / "outer", archive):
        shutil.rmtree(corpora / "notes")
        restore(source, pins, given=place)
        assert tree(corpora / "notes") == before


def test_neither_pins_nor_folders_are_overwritten(raw: Path, corpora: Path, pins: Path) -> None:
    (corpora / "notes").mkdir(parents=True)
    with pytest.raises(UserError, match="the folder exists but is not pinned"):
        pinned(raw, pins)
    (corpora / "notes").rmdir()
    pinned(raw, pins)
    with pytest.raises(UserError, match="the corpus is pinned already"):
        pinned(raw, pins)


def test_a_place_that_is_not_there_is_told(pins: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        pinned(tmp_path / "nowhere", pins)


def test_missing_and_altered_files_are_restored_and_others_left_alone(
    raw: Path, corpora: Path, pins: Path
) -> None:
    source, _ = pinned(raw, pins)
    before = tree(corpora / "notes")
    (corpora / "notes" / "a.txt").unlink()
    (corpora / "notes" / "a.ann").write_text("altered")
    (corpora / "notes" / "mine.md").write_text("mine")
    assert restore(source, pins, given=raw) == corpora / "notes"
    assert tree(corpora / "notes") == before | {"mine.md": "mine"}


def test_a_place_that_holds_something_else_changes_nothing(raw: Path, corpora: Path, pins: Path) -> None:
    source, _ = pinned(raw, pins)
    before = tree(corpora / "notes")
    (raw / "a.ann").write_text("")
    (raw / "sub" / "b.txt").unlink()
    with pytest.raises(
        UserError, match=r"does not hold notes as pinned: a\.ann \(altered\), sub/b\.txt \(missing\)"
    ):
        restore(source, pins, given=raw)
    assert tree(corpora / "notes") == before


def test_a_further_file_that_would_be_read_is_told(raw: Path, corpora: Path, pins: Path) -> None:
    source, _ = pinned(raw, pins)
    (corpora / "notes" / "c.txt").write_text("")
    with pytest.raises(UserError, match=r"c\.txt \(not pinned\)"):
        restore(source, pins, given=raw)


def test_without_an_origin_the_path_must_be_given(raw: Path, pins: Path) -> None:
    source, _ = pinned(raw, pins)
    with pytest.raises(UserError, match="names no origin") as caught:
        restore(source, pins)
    assert "`spanwise corpus add notes --from PATH`" in str(caught.value.hint)


def test_corpora_are_restored_from_the_web(raw: Path, corpora: Path, pins: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "articles" / "7").mkdir(parents=True)
    shutil.make_archive(str(site / "notes"), "zip", tmp_path, "raw")
    shutil.copytree(raw, site / "files")
    with served(site) as address:
        entry = {"name": "notes.zip", "download_url": f"{address}/notes.zip"}
        (site / "articles" / "7" / "files").write_text(json.dumps([entry]))
        source, _ = pinned(Web(url=f"{address}/notes.zip"), pins)
        assert source.origin == Web(url=f"{address}/notes.zip")
        before = tree(corpora / "notes")
        for origin in (
            source.origin,
            WebFolder(base=f"{address}/files/"),
            Figshare(article=7, file="notes.zip"),
        ):
            shutil.rmtree(corpora / "notes")
            restore(source.model_copy(update={"origin": origin}), pins, figshare=address)
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
    raw: Path, pins: Path, tmp_path: Path, origin: Web | WebFolder | Figshare, named: str
) -> None:
    source, _ = pinned(raw, pins)
    (raw / "a.txt").write_text("Fever, chills")
    shutil.make_archive(str(tmp_path / "raw"), "zip", tmp_path, "raw")
    with served(tmp_path) as address:
        (tmp_path / "articles" / "7").mkdir(parents=True)
        entry = {"name": "raw.zip", "download_url": f"{address}/raw.zip"}
        (tmp_path / "articles" / "7" / "files").write_text(json.dumps([entry]))
        values = {key: str(value).format(address=address) for key, value in origin.model_dump().items()}
        real = type(origin).model_validate(values)
        with pytest.raises(UserError) as caught:
            restore(source.model_copy(update={"origin": real}), pins, figshare=address)
    assert (
        caught.value.reason
        == f"{named.format(address=address)} does not hold notes as pinned: a.txt (altered)"
    )


def test_a_data_set_is_converted_pinned_and_restored(
    tmp_path: Path, corpora: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    rows = {"tokens": [["dry", "cough"], ["rash"]], "tags": [["B-Sign", "I-Sign"], ["I-Sign"]]}
    saved = str(tmp_path / "saved")
    datasets.Dataset.from_dict(rows).save_to_disk(saved)

    convert(saved, None, None, tmp_path / "converted")
    changes = read_jsonl(tmp_path / "converted" / "changes.jsonl", Change)
    assert [change.reason for change in changes] == ["tag_scheme"]
    # A data set of the hub is named by its commit; a folder stands for it here, as no hub can be reached.
    origin = Hub(dataset=saved, revision="0f")
    source, inventory = pinned(tmp_path / "converted", pins, format="jsonl", origin=origin)
    assert (inventory.documents, inventory.labels, inventory.published) == (2, {"Sign": 2}, {"train": 2})
    assert inventory.repaired == {"tag_scheme": 1}
    assert list(source.files) == ["changes.jsonl", "examples.jsonl"]
    shutil.rmtree(corpora / "notes")
    restore(source, pins)
    datasets.Dataset.from_dict({"tokens": [["rash"]], "tags": [["O"]]}).save_to_disk(saved)
    with pytest.raises(UserError, match=r"at 0f of the hub does not hold notes as pinned: changes\.jsonl"):
        restore(source, pins)


def test_a_data_set_is_restored_in_its_configuration(
    tmp_path: Path, corpora: Path, pins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    folder = tmp_path / "languages"
    folder.mkdir()
    for name in ("de", "en"):
        (folder / f"{name}.jsonl").write_text(json.dumps({"tokens": [name], "tags": ["B-Sign"]}))
    card = "".join(f"- config_name: {name}\n  data_files: {name}.jsonl\n" for name in ("de", "en"))
    (folder / "README.md").write_text(f"---\nconfigs:\n{card}---\n")
    convert(str(folder), "de", None, tmp_path / "converted")
    origin = Hub(dataset=str(folder), config="de", revision="0f")
    pinned(tmp_path / "converted", pins, format="jsonl", origin=origin)
    shutil.rmtree(corpora / "notes")
    source = load_source(source_path("notes", pins))
    assert source.origin == origin
    restore(source, pins)
    assert json.loads((corpora / "notes" / "examples.jsonl").read_text())["text"] == "de"


def test_the_real_maccrobat_is_restored_from_its_folder(root: Path, shared_data: Path, pins: Path) -> None:
    source = load_source(source_path("maccrobat", root / "data" / "pins"))
    folder = restore(source, pins, given=shared_data / "maccrobat2020")
    assert len(list(folder.iterdir())) == 400
