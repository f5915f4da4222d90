from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import datasets
import pytest

from spanwise.errors import UserError
from spanwise.readers.hub import current_revision, read_dataset
from spanwise.schema import Change, Example

NAMES = ["O", "B-Sign", "I-Sign"]
ROWS = {"tokens": [["no", "fever"], ["dry", "cough", "now"]], "ner_tags": [[0, 1], [1, 2, 0]]}


@pytest.fixture(autouse=True)
def _cache_in_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


def labelled(rows: dict[str, Any], tags: str = "ner_tags", tokens: str = "tokens") -> datasets.Dataset:
    features = datasets.Features(
        {
            tokens: datasets.List(datasets.Value("string")),
            tags: datasets.List(datasets.ClassLabel(names=NAMES)),
        }
    )
    return datasets.Dataset.from_dict(rows, features=features)


def save(data: datasets.Dataset | datasets.DatasetDict, folder: Path) -> str:
    data.save_to_disk(str(folder / "saved"))
    return str(folder / "saved")


def spans(entries: list[Example | Change]) -> list[list[tuple[str, str]]]:
    return [
        [(entry.text[span.start : span.end], span.label) for span in entry.spans]
        for entry in entries
        if isinstance(entry, Example)
    ]


def test_class_labels_become_spans_and_published_splits_are_kept(tmp_path: Path) -> None:
    other = {"tokens": [["rash"]], "ner_tags": [[1]]}
    data = datasets.DatasetDict(train=labelled(ROWS), validation=labelled(other), extra=labelled(other))
    found = list(read_dataset(save(data, tmp_path)))
    examples = [entry for entry in found if isinstance(entry, Example)]
    assert [(entry.id, entry.text, entry.split) for entry in examples] == [
        ("extra-00001", "rash", None),
        ("train-00001", "no fever", "train"),
        ("train-00002", "dry cough now", "train"),
        ("validation-00001", "rash", "validation"),
    ]
    assert spans(found)[1:3] == [[("fever", "Sign")], [("dry cough", "Sign")]]


def test_a_single_set_is_taken_for_the_training_side(tmp_path: Path) -> None:
    (first, _) = read_dataset(save(labelled(ROWS), tmp_path))
    assert isinstance(first, Example)
    assert first.split == "train"


def test_folders_of_parquet_files_are_read(tmp_path: Path) -> None:
    for name in ("train", "test"):
        labelled(ROWS).to_parquet(tmp_path / "data" / f"{name}.parquet")
    found = list(read_dataset(str(tmp_path / "data")))
    assert spans(found) == [[("fever", "Sign")], [("dry cough", "Sign")]] * 2


def test_tags_may_be_strings_in_any_scheme(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [
        {"words": ["dry", "cough"], "labels": ["B-Sign", "E-Sign"]},
        {"words": ["rash"], "labels": ["I-Sign"]},
    ]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = list(read_dataset(str(folder)))
    assert spans(found) == [[("dry cough", "Sign")], [("rash", "Sign")]]
    (repair,) = [entry for entry in found if isinstance(entry, Change)]
    assert (repair.reason, repair.document) == ("tag_scheme", "train-00002")


def test_empty_tokens_take_no_span(tmp_path: Path) -> None:
    rows = {"tokens": [["", "fever"]], "ner_tags": [[1, 0]]}
    change, example = read_dataset(save(labelled(rows), tmp_path))
    assert isinstance(change, Change)
    assert isinstance(example, Example)
    assert (change.kind, change.reason) == ("left_out", "blank")
    assert (example.text, example.spans) == (" fever", ())


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"text": ["fever"]}, "no column tokens or words among text"),
        ({"tokens": [["fever"]]}, "no column ner_tags or tags or labels among tokens"),
        ({"tokens": ["fever"], "tags": [["O"]]}, "row 1: tokens must be strings"),
        (
            {"tokens": [["fever"]], "tags": [[1]]},
            "row 1: tokens must be strings, and tags class labels or strings",
        ),
        ({"tokens": [["fever"]], "tags": [0]}, "row 1: tokens must be strings"),
        ({"tokens": [["a"], ["b", "c"]], "tags": [["O"], ["O"]]}, "row 2: 2 tokens but 1 tags"),
        ({"tokens": [["fever"]], "tags": [["Sign"]]}, "row 1: not a tag"),
        ({"tokens": [["fever"]], "tags": [["B-"]]}, "row 1: a tag without a label"),
    ],
)
def test_columns_that_do_not_fit_are_told(tmp_path: Path, columns: dict[str, Any], reason: str) -> None:
    place = save(datasets.Dataset.from_dict(columns), tmp_path)
    with pytest.raises(UserError) as caught:
        list(read_dataset(place))
    assert reason in str(caught.value)
    assert f"{place} (train)" in str(caught.value)
    assert "fever" not in str(caught.value)


def test_a_class_without_a_name_is_told(tmp_path: Path) -> None:
    place = save(labelled({"tokens": [["fever"]], "ner_tags": [[-1]]}), tmp_path)
    with pytest.raises(UserError, match="row 1: class label -1 has no name"):
        list(read_dataset(place))


def test_a_folder_that_is_no_data_set_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(UserError, match="not a data set") as caught:
        list(read_dataset(str(tmp_path / "data")))
    assert caught.value.path == str(tmp_path / "data")


def test_without_the_hub_the_error_says_what_to_do() -> None:
    with pytest.raises(UserError, match="cannot load the data set owner/name") as caught:
        current_revision("owner/name", None)
    assert "save_to_disk" in str(caught.value.hint)


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match="takes the package datasets") as caught:
        list(read_dataset("owner/name"))
    assert caught.value.hint == "pip install 'spanwise[hub]'"
    with pytest.raises(UserError, match="takes the package datasets"):
        current_revision("owner/name", None)


@pytest.fixture
def languages(tmp_path: Path) -> str:
    """A folder that holds a data set of two configurations."""
    folder = tmp_path / "languages"
    folder.mkdir()
    for name, token in (("de", "Fieber"), ("en", "fever")):
        (folder / f"{name}.jsonl").write_text(json.dumps({"tokens": [token], "tags": ["B-Sign"]}))
    card = "".join(f"- config_name: {name}\n  data_files: {name}.jsonl\n" for name in ("de", "en"))
    (folder / "README.md").write_text(f"---\nconfigs:\n{card}---\n")
    return str(folder)


def test_one_of_several_configurations_is_read(languages: str) -> None:
    assert spans(list(read_dataset(languages, config="de"))) == [[("Fieber", "Sign")]]
    with pytest.raises(UserError, match="not a data set: ValueError") as caught:
        list(read_dataset(languages))
    assert "--config names one of several configurations" in str(caught.value.hint)


def test_what_the_hub_says_is_told_by_its_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ValueError("Config name is missing.\nPlease pick one")

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    with pytest.raises(UserError) as caught:
        list(read_dataset("owner/languages"))
    assert caught.value.reason.endswith("from the Hugging Face hub: ValueError: Config name is missing.")
    assert "--config" in str(caught.value.hint)
