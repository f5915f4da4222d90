from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.schema import Change, Example

ORIGINAL = "Please note that the meeting on Monday will not be moved to another day."
LINE: dict[str, Any] = {
    "id": "a",
    "domain": "nl",
    "kind": "notes",
    "original": ORIGINAL,
    "compressed": "Meeting on Monday will not be moved.",
    "facts": ["the meeting is not moved"],
}
CODE: dict[str, Any] = {
    "id": "c",
    "domain": "code",
    "kind": "math",
    "original": "def double(number):\n    # twice\n    return number + number\n",
    "compressed": "def double(n):\n    return 2 * n\n",
    "tests": ["assert double(2) == 4"],
}


def found(folder: Path, *lines: dict[str, Any] | str) -> list[Example | Change | UserError]:
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "pairs.jsonl").write_text("\n".join(written), encoding="utf-8")
    return list(read(folder, format="pairs", discontinuous="error", overlapping="error"))


def test_what_the_shortened_form_lacks_is_labelled(tmp_path: Path) -> None:
    [example] = found(tmp_path, LINE)
    assert isinstance(example, Example)
    assert [(ORIGINAL[span.start : span.end], span.label) for span in example.spans] == [
        ("Please note that the", "DROP"),
        ("to another day", "DROP"),
    ]


def test_all_that_is_known_is_told(tmp_path: Path) -> None:
    [example] = found(tmp_path, LINE | {"language": "en", "teacher": "rules", "group": "g", "split": "test"})
    assert isinstance(example, Example)
    assert (example.group, example.split) == ("g", "test")
    assert example.attributes == {
        "domain": "prose",
        "kind": "notes",
        "compressed": LINE["compressed"],
        "facts": LINE["facts"],
        "language": "en",
        "teacher": "rules",
    }


def test_code_is_kept_whole_and_counted(tmp_path: Path) -> None:
    change, example = found(tmp_path, CODE)
    assert change == Change(kind="repaired", reason="code_kept_whole", document="c")
    assert isinstance(example, Example)
    assert example.target == ()
    assert example.attributes is not None
    assert example.attributes["tests"] == CODE["tests"]


@pytest.mark.parametrize(
    ("compressed", "reason"),
    [
        (" ", "empty"),
        (ORIGINAL + "!", "not_shorter"),
        ("Nobody reschedules Monday gatherings.", "variation"),
    ],
)
def test_what_nothing_can_be_learnt_from_is_left_out_and_counted(
    tmp_path: Path, compressed: str, reason: str
) -> None:
    assert found(tmp_path, LINE | {"compressed": compressed}) == [
        Change(kind="left_out", reason=reason, document="a")
    ]


def test_bad_lines_yield_errors_and_reading_goes_on(tmp_path: Path) -> None:
    entries = found(tmp_path, "{", {"id": "x"}, LINE, LINE, "", LINE | {"id": "b"})
    errors = [entry for entry in entries if isinstance(entry, UserError)]
    assert [error.line for error in errors] == [1, 2, 4]
    assert "original" in errors[1].reason
    assert "already" in errors[2].reason
    assert [entry.id for entry in entries if isinstance(entry, Example)] == ["a", "b"]


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_bytes(b"\xff")
    [error] = read(tmp_path, format="pairs", discontinuous="error", overlapping="error")
    assert isinstance(error, UserError)


def test_a_file_may_be_named_after_a_side(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    [example] = read(tmp_path, format="pairs", discontinuous="error", overlapping="error")
    assert isinstance(example, Example)
    assert example.split == "train"


def test_the_pairs_that_ship_are_all_read(root: Path) -> None:
    entries = list(
        read(root / "data/corpora/pairs", format="pairs", discontinuous="error", overlapping="error")
    )
    examples = [entry for entry in entries if isinstance(entry, Example)]
    assert len(examples) == 172
    assert {entry.reason for entry in entries if isinstance(entry, Change)} == {"code_kept_whole"}
    prose = [example for example in examples if (example.attributes or {})["domain"] == "prose"]
    assert all(example.spans and (example.attributes or {})["facts"] for example in prose)
