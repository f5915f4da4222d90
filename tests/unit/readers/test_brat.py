from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.inventory import Inventory, take_inventory
from spanwise.schema import Change, Example

TEXT = "Fever and chills.\nNo rash on the left or right arm.\n"


def write(folder: Path, ann: str, text: str = TEXT, name: str = "case") -> Path:
    path = folder / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.with_suffix(".ann").write_bytes(ann.encode())
    return folder


def entries(folder: Path, discontinuous: str = "envelope", overlapping: str = "longest") -> list[object]:
    return list(read(folder, format="brat", discontinuous=discontinuous, overlapping=overlapping))


def example(folder: Path, **policies: str) -> Example:
    (only,) = [entry for entry in entries(folder, **policies) if isinstance(entry, Example)]
    return only


def texts(example: Example) -> list[tuple[str, str]]:
    return [(example.text[span.start : span.end], span.label) for span in example.spans]


def fault(folder: Path) -> UserError:
    (only,) = entries(folder)
    assert isinstance(only, UserError)
    return only


def test_unsorted_lines_become_sorted_spans(tmp_path: Path) -> None:
    write(tmp_path, "T2\tSign 10 16\tchills\nT1\tSign 0 5\tFever\n")
    found = example(tmp_path)
    assert texts(found) == [("Fever", "Sign"), ("chills", "Sign")]
    assert (found.id, found.group, found.split, found.text) == ("case", "case", None, TEXT)


def test_documents_come_in_the_order_of_their_ids_from_any_depth(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a-1", "B"):
        write(tmp_path, "", name=name)
    assert [entry.id for entry in entries(tmp_path) if isinstance(entry, Example)] == ["B", "a-1", "a/z", "b"]


def test_folders_named_after_a_split_publish_it(tmp_path: Path) -> None:
    write(tmp_path, "", name="dev/EMEA/one")
    write(tmp_path, "", name="other/two")
    write(tmp_path, "", name="train")
    found = {entry.id: entry.split for entry in entries(tmp_path) if isinstance(entry, Example)}
    assert found == {"dev/EMEA/one": "validation", "other/two": None, "train": "train"}


def test_a_dot_in_a_name_is_part_of_the_id(tmp_path: Path) -> None:
    write(tmp_path, "", name="report")
    (tmp_path / "report.v2.txt").write_text("")
    (tmp_path / "report.v2.ann").write_text("")
    assert [entry.id for entry in entries(tmp_path) if isinstance(entry, Example)] == ["report", "report.v2"]


def test_other_kinds_of_lines_are_passed_over(tmp_path: Path) -> None:
    others = (
        "E1\tSign:T1 \nR1\tMODIFY Arg1:T1 Arg2:T1\t\nA1\tNegated E1\nM1\tNegation E1\n"
        "N1\tReference T1 UMLS:C0015967\tFever\n*\tOVERLAP E1 E1\n#1\tAnnotatorNotes T1\tsure\n\n"
    )
    assert texts(example(write(tmp_path, "T1\tSign 0 5\tFever\n" + others))) == [("Fever", "Sign")]


def test_a_fourth_field_is_not_part_of_the_text(tmp_path: Path) -> None:
    found = example(write(tmp_path, "T1\tSign 0 5\tFever\t\u2005\n"))
    assert texts(found) == [("Fever", "Sign")]


def test_a_tab_in_the_text_is(tmp_path: Path) -> None:
    found = example(write(tmp_path, "T1\tLab 0 7\tHb\t11.2\n", text="Hb\t11.2\tlow"))
    assert texts(found) == [("Hb\t11.2", "Lab")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_line_ends_inside_a_span_are_written_as_spaces(tmp_path: Path, end: str) -> None:
    text = f"left{end}arm"
    stated = text.replace("\r", " ").replace("\n", " ").replace("\u2028", " ")
    found = example(write(tmp_path, f"T1\tSite 0 {len(text)}\t{stated}\n", text=text))
    assert texts(found) == [(text, "Site")]


def test_line_ends_of_windows_count_in_offsets(tmp_path: Path) -> None:
    found = example(
        write(tmp_path, "T1\tSign 7 11\trash\r\nT2\tSite 0 3\tArm\r\n", text="Arm.\r\n\trash\r\n")
    )
    assert texts(found) == [("Arm", "Site"), ("rash", "Sign")]


def test_offsets_count_characters_not_bytes_or_utf16_units(tmp_path: Path) -> None:
    found = example(write(tmp_path, "T1\tSign 3 8\tfièvr\n", text="😀é fièvre"))
    assert texts(found) == [("fièvr", "Sign")]


def test_a_byte_order_mark_counts_as_a_character(tmp_path: Path) -> None:
    found = example(write(tmp_path, "\ufeffT1\tSign 1 6\tFever\n", text="\ufeffFever"))
    assert texts(found) == [("Fever", "Sign")]


def test_offsets_that_do_not_count_the_byte_order_mark_are_told(tmp_path: Path) -> None:
    error = fault(write(tmp_path, "T1\tSign 0 5\tFever\n", text="\ufeffFever"))
    assert error.location == f"{tmp_path / 'case.ann'}:1"
    assert "byte order mark" in str(error.hint)
    assert "Fever" not in str(error)


@pytest.mark.parametrize(
    ("policy", "expected", "changes"),
    [
        ("envelope", [("left or right arm", "Site")], [("repaired", "discontinuous")]),
        ("longest", [("left", "Site")], [("repaired", "discontinuous")]),
        ("split", [("left", "Site"), ("arm", "Site")], [("repaired", "discontinuous")]),
        ("drop", [], [("left_out", "discontinuous")]),
    ],
)
def test_discontinuous_spans(
    tmp_path: Path, policy: str, expected: list[tuple[str, str]], changes: list[tuple[str, str]]
) -> None:
    write(tmp_path, "T1\tSite 33 37;47 50\tleft arm\n")
    found = entries(tmp_path, discontinuous=policy)
    assert texts(example(tmp_path, discontinuous=policy)) == expected
    assert [(entry.kind, entry.reason) for entry in found if isinstance(entry, Change)] == changes


def test_fragments_may_stand_in_any_order(tmp_path: Path) -> None:
    write(tmp_path, "T1\tSite 47 50;33 37\tarm left\n")
    assert texts(example(tmp_path)) == [("left or right arm", "Site")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("X1\tSign 0 5\tFever", "must start with one of T E R A M N * #"),
        ("Fever", "must start with"),
        ("T1 Sign 0 5 Fever", "expected T1<TAB>LABEL START END"),
        ("T1\tSign 0 5", "expected T1<TAB>LABEL START END"),
        ("T1\tSign 0\tFever", "expected T1<TAB>LABEL START END"),
        ("T1\tSign zero 5\tFever", "expected T1<TAB>LABEL START END"),
        ("T1\tSign -1 5\tFever", "expected T1<TAB>LABEL START END"),
        ("T1\tSign 0 5;\tFever", "expected T1<TAB>LABEL START END"),
        ("T1\tSign 0 99999999999999999999\tFever", "expected T1<TAB>LABEL START END"),
        ("T1\t 0 5\tFever", "expected T1<TAB>LABEL START END"),
        ("T1\tSign 5 5\t", "offsets 5 5 are empty or outside the text, which is 52 characters long"),
        ("T1\tSign 5 0\tFever", "offsets 5 0 are empty or outside"),
        ("T1\tSign 48 53\tarm.\n", "offsets 48 53 are empty or outside"),
        ("T1\tSign 0 5;60 61\tFever x", "offsets 60 61 are empty or outside"),
        ("T1\tSign 1 6\tFever", "the text at 1 6 is not the one on this line"),
        ("T1\tSign 0 5\tFevers", "the text at 0 5 is not the one on this line"),
        ("T1\tSite 33 37;47 50\tleft  arm", "the text at 33 37;47 50 is not the one"),
    ],
)
def test_malformed_lines_name_file_and_line(tmp_path: Path, line: str, reason: str) -> None:
    error = fault(write(tmp_path, f"T9\tSign 10 16\tchills\n{line}\n"))
    assert error.location == f"{tmp_path / 'case.ann'}:2"
    assert reason in error.reason
    assert "Fever" not in str(error)


def test_all_malformed_lines_of_all_documents_are_told(tmp_path: Path) -> None:
    write(tmp_path, "bad\nT1\tSign 0 5\tFever\nT2\n", name="a")
    write(tmp_path, "T1\tSign 0 5\tFever\n", name="b")
    write(tmp_path, "T1\tSign 0 99\tFever\n", name="c")
    found = entries(tmp_path)
    places = [entry.location for entry in found if isinstance(entry, UserError)]
    assert places == [f"{tmp_path / 'a.ann'}:1", f"{tmp_path / 'a.ann'}:3", f"{tmp_path / 'c.ann'}:1"]
    assert [entry.id for entry in found if isinstance(entry, Example)] == ["b"]


@pytest.mark.parametrize(("kept", "lost"), [(".txt", ".ann"), (".ann", ".txt")])
def test_a_missing_partner_is_told(tmp_path: Path, kept: str, lost: str) -> None:
    write(tmp_path, "")
    (tmp_path / f"case{lost}").unlink()
    error = fault(tmp_path)
    assert (error.path, error.reason) == (tmp_path / f"case{kept}", f"has no partner case{lost}")


@pytest.mark.parametrize("suffix", [".txt", ".ann"])
def test_bytes_that_are_not_utf8_are_told(tmp_path: Path, suffix: str) -> None:
    write(tmp_path, "", name="a")
    write(tmp_path, "", name="b")
    (tmp_path / f"a{suffix}").write_bytes(b"fi\xe8vre")
    found = entries(tmp_path)
    assert isinstance(found[0], UserError)
    assert found[0].path == tmp_path / f"a{suffix}"
    assert [entry.id for entry in found[1:] if isinstance(entry, Example)] == ["b"]


def test_hidden_files_and_other_formats_are_never_looked_at(tmp_path: Path) -> None:
    write(tmp_path, "")
    for name in (".hidden.txt", "README.md", "annotation.conf", "__MACOSX/._case.txt", ".git/x.ann"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("?")
    assert [type(entry) for entry in entries(tmp_path)] == [Example]


def blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf"}


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    """Any text, and spans in it without overlaps whose edges can be seen."""
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    labels = st.sampled_from(["Sign", "Lab-value", "Größe", "a/b"])
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [(a, b, draw(labels)) for a, b in pairs if not blank(text[a]) and not blank(text[b - 1])]


@given(annotated(), st.randoms(use_true_random=False))
def test_what_is_written_as_brat_is_read_again(
    drawn: tuple[str, list[tuple[int, int, str]]], random: object
) -> None:
    text, spans = drawn
    lines = [
        f"T{number}\t{label} {start} {end}\t{text[start:end]}".replace("\n", " ")
        for number, (start, end, label) in enumerate(spans, start=1)
    ]
    random.shuffle(lines)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        found = entries(write(Path(folder), "".join(f"{line}\n" for line in lines), text=text))
    (only,) = found
    assert isinstance(only, Example)
    assert only.text == text
    assert [(span.start, span.end, span.label) for span in only.spans] == spans


def inventory_of(folder: Path) -> Inventory:
    stream = read(folder, format="brat", discontinuous="envelope", overlapping="longest")
    return take_inventory(stream, keep_going=False)[1]


def test_every_span_of_maccrobat_is_accounted_for(shared_data: Path) -> None:
    found = inventory_of(shared_data / "maccrobat2020")
    assert (found.documents, found.characters, len(found.labels)) == (200, 565_716, 41)
    assert found.spans + sum(found.left_out.values()) == 25_189
    assert found.repaired == {"discontinuous": 44, "whitespace_trimmed": 3}


def test_quaero_is_read_from_its_nested_folders(shared_data: Path) -> None:
    found = inventory_of(shared_data / "quaero_fr" / "train")
    assert (found.documents, len(found.labels)) == (11, 10)


def test_the_case_notes_need_no_repair(root: Path) -> None:
    found = inventory_of(root / "data" / "corpora" / "casenotes")
    assert (found.documents, found.spans, len(found.labels)) == (120, 8_945, 41)
    assert (found.repaired, found.left_out) == ({}, {})


def test_two_files_of_one_document_are_told(tmp_path: Path) -> None:
    write(tmp_path, "", name="a")
    (tmp_path / "a.TXT").write_text("Rash")
    (error,) = entries(tmp_path)
    assert isinstance(error, UserError)
    assert error.reason.startswith("the same document as a.")
    (tmp_path / "a.txt").unlink()
    (only,) = entries(tmp_path)
    assert isinstance(only, Example)
    assert only.text == "Rash"


def test_carriage_returns_of_the_text_are_no_line_ends(tmp_path: Path) -> None:
    text = "No\r\nfever"
    (only,) = entries(write(tmp_path, "T1\tSign 0 9\tNo\r fever\n", text=text))
    assert isinstance(only, Example)
    assert [(span.start, span.end) for span in only.spans] == [(0, 9)]
