from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.chat import LONGEST
from spanwise.readers.quaero import SYSTEM
from spanwise.schema import Change, Example

TEXT = " Fièvre et toux. Fièvre haute au foyer."
ANNOTATIONS = "T1\tDISO 1 7\tFièvre\nT2\tDISO 11 15\ttoux\nT3\tDISO 17 23\tFièvre\nT4\tGEOG 33 38\tfoyer\n"


def write(folder: Path, name: str, text: str = TEXT, annotations: str = ANNOTATIONS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / f"{name}.ann").write_text(annotations, encoding="utf-8")
    return folder


def pack(archive: Path, folder: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as members:
        members.add(folder, arcname=folder.name)


def entries(folder: Path) -> list[object]:
    return list(read(folder, format="quaero", discontinuous="envelope", overlapping="longest"))


def test_a_text_becomes_a_question_and_its_mentions_the_answer(tmp_path: Path) -> None:
    assert entries(write(tmp_path, "118_1")) == [
        Example(
            id="118_1",
            text=TEXT.strip(),
            target="DISO : Fièvre ; toux\nGEOG : foyer",
            group="118",
            stratum="entities/fr",
            attributes={
                "language": "fr",
                "category": "entities",
                "must_include": ["Fièvre", "toux", "foyer"],
                "system": SYSTEM,
            },
        )
    ]


def test_folders_and_archives_are_read_together_and_name_sides(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write(corpus / "train" / "EMEA", "1")
    pack(corpus / "dev" / "MEDLINE.tar.gz", write(tmp_path / "MEDLINE", "2", annotations=""))
    (corpus / "README.txt").write_text("not of the corpus")
    found = [entry for entry in entries(corpus) if isinstance(entry, Example)]
    assert [(entry.id, entry.split) for entry in found] == [
        ("dev/MEDLINE/2", "validation"), ("train/EMEA/1", "train"),
    ]  # fmt: skip
    assert found[0].target == "aucune"
    assert len(entries(corpus)) == 2


def test_texts_that_are_empty_or_too_long_are_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path, "a", text=" \n", annotations="")
    write(tmp_path, "b", text="a" * (LONGEST + 1), annotations="")
    assert entries(tmp_path) == [
        Change(kind="left_out", reason="empty", document="a"),
        Change(kind="left_out", reason="too_long", document="b"),
    ]


def test_interrupted_mentions_are_joined(tmp_path: Path) -> None:
    (found,) = entries(write(tmp_path, "a", annotations="T1\tDISO 1 7;24 29\tFièvre haute\n"))
    assert isinstance(found, Example)
    assert found.target == "DISO : Fièvre haute"


def test_faults_in_archives_name_the_file_in_them(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    pack(corpus / "dev" / "MEDLINE.tar.gz", write(tmp_path / "MEDLINE", "2", annotations="T1 DISO\n"))
    (error,) = entries(corpus)
    assert isinstance(error, UserError)
    assert error.reason.startswith("dev/MEDLINE/2.ann: not a text-bound annotation")
    assert error.path == corpus


@pytest.mark.parametrize("content", [b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_a_damaged_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    (error,) = entries(tmp_path)
    assert isinstance(error, UserError)
    assert error.reason.startswith("cannot be unpacked")
    assert error.path == tmp_path / "a.tar.gz"


def test_the_real_texts_are_read_without_an_error(shared_data: Path) -> None:
    found = entries(shared_data / "quaero_fr")
    assert not [entry for entry in found if isinstance(entry, UserError)]
    assert (
        sum(isinstance(entry, Example) for entry in found)
        + sum(isinstance(entry, Change) and entry.kind == "left_out" for entry in found)
        == 1688
    )
