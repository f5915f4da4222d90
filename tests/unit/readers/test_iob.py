from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.readers import read
from spanwise.readers.inventory import take_inventory
from spanwise.readers.iob import marks_documents
from spanwise.schema import Change, Example


def write(folder: Path, *tags: str, name: str = "train.tsv") -> Path:
    """One sentence of as many tokens as there are tags, which are called a, b, c ..."""
    lines = "".join(f"{chr(97 + index)}\t{tag}\n" for index, tag in enumerate(tags))
    (folder / name).write_bytes(lines.encode())
    return folder


def entries(folder: Path) -> list[object]:
    return list(read(folder, format="iob", discontinuous="error", overlapping="error"))


def examples(folder: Path) -> list[Example]:
    return [entry for entry in entries(folder) if isinstance(entry, Example)]


def chunks(folder: Path) -> list[tuple[str, str]]:
    return [(e.text[span.start : span.end], span.label) for e in examples(folder) for span in e.spans]


def repairs(folder: Path) -> int:
    found = [entry for entry in entries(folder) if isinstance(entry, Change)]
    assert all((entry.kind, entry.reason) == ("repaired", "tag_scheme") for entry in found)
    return len(found)


def fault(folder: Path) -> UserError:
    (only,) = [entry for entry in entries(folder) if isinstance(entry, UserError)]
    return only


def test_sentences_are_documents_of_tokens_joined_by_spaces(tmp_path: Path) -> None:
    text = "Fever\tB-Sign\nand\tO\n\n\nno\tO\nleft\tB-Site\narm\tI-Site\nrash\tB-Sign\n"
    (tmp_path / "train.tsv").write_text(text)
    first, second = examples(tmp_path)
    assert (first.id, first.text, first.split, first.group) == (
        "train-00001",
        "Fever and",
        "train",
        "train-00001",
    )
    assert (second.id, second.text) == ("train-00002", "no left arm rash")
    assert [(span.start, span.end, span.label) for span in second.spans] == [
        (3, 11, "Site"),
        (12, 16, "Sign"),
    ]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.tsv", "train"),
        ("dev.conll", "validation"),
        ("devel.iob", "validation"),
        ("valid.txt", "validation"),
        ("Validation.tsv", "validation"),
        ("test.tsv", "test"),
        ("everything.tsv", None),
    ],
)
def test_files_named_after_a_split_publish_it(tmp_path: Path, name: str, split: str | None) -> None:
    (only,) = examples(write(tmp_path, "O", name=name))
    assert only.split == split
    assert only.id == f"{Path(name).stem}-00001"


def test_docstart_lines_part_documents_of_several_sentences(tmp_path: Path) -> None:
    text = (
        "-DOCSTART- -X- -X- O\n\nAcute NN B-NP B-Dis\ncough NN I-NP I-Dis\n\nIt VB O O\n"
        "-DOCSTART- -X- -X- O\n\n-DOCSTART- O\nfever NN B-NP B-Dis\n"
    )
    (tmp_path / "dev.conll").write_text(text)
    first, second = examples(tmp_path)
    assert (first.id, first.text, first.split) == ("dev-00001", "Acute cough\nIt", "validation")
    assert (second.id, second.text) == ("dev-00002", "fever")
    assert chunks(tmp_path) == [("Acute cough", "Dis"), ("fever", "Dis")]


def test_chunks_end_with_their_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.conll").write_text("-DOCSTART- O\na B-X\n\nb I-X\n")
    assert chunks(tmp_path) == [("a", "X"), ("b", "X")]
    assert repairs(tmp_path) == 1


def test_documents_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("train.tsv", "dev.tsv", "sub/a.tsv"):
        write(tmp_path, "O", name=name)
    assert [entry.id for entry in examples(tmp_path)] == ["dev-00001", "sub/a-00001", "train-00001"]


@pytest.mark.parametrize(
    ("tags", "expected", "repaired"),
    [
        # IOB2
        ("B-X I-X O B-X", ["a b", "d"], 0),
        ("B-X B-X I-X", ["a", "b c"], 0),
        ("O I-X I-X O B-X", ["b c", "e"], 1),
        ("B-X I-Y I-Y B-Y", ["a", "b c", "d"], 1),
        ("B-Y B-X I-X I-Y", ["a", "b c", "d"], 1),
        # IOB1
        ("I-X I-X O I-X", ["a b", "d"], 0),
        ("I-X B-X I-X I-Y", ["a", "b c", "d"], 0),
        ("O I-X I-X B-X", ["b c", "d"], 0),
        # IOBES, and the same as BILOU
        ("B-X I-X E-X S-X O", ["a b c", "d"], 0),
        ("B-X I-X L-X U-X O", ["a b c", "d"], 0),
        ("S-X E-X O", ["a", "b"], 1),
        ("S-X I-X E-X", ["a", "b c"], 1),
        ("B-X O S-X", ["a", "c"], 1),
        ("B-X I-X B-X E-X", ["a b", "c d"], 1),
        ("B-X E-X E-X", ["a b", "c"], 1),
        ("B-X E-Y S-X", ["a", "b", "c"], 2),
        # A label may hold what parts it from its prefix.
        ("B-Family-history I-Family-history", ["a b"], 0),
    ],
)
def test_schemes(tmp_path: Path, tags: str, expected: list[str], repaired: int) -> None:
    write(tmp_path, *tags.split())
    assert [text for text, _ in chunks(tmp_path)] == expected
    assert repairs(tmp_path) == repaired


def test_the_scheme_is_that_of_all_files_together(tmp_path: Path) -> None:
    write(tmp_path, "B-X", "I-X", "O")
    write(tmp_path, "O", "I-X", name="test.tsv")
    assert repairs(tmp_path) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("word", "1 columns instead of 2"),
        ("two words\textra\tO", "3 columns instead of 2"),
        ("\tO", "an empty token"),
        ("word\tX-Sign", "not a tag in the last column"),
        ("word\tsecret", "not a tag in the last column"),
        ("word\tb-Sign", "not a tag in the last column"),
        ("word\t", "not a tag in the last column"),
        ("word\tB", "a tag without a label"),
        ("word\tI-", "a tag without a label"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_malformed_lines_name_file_and_line(tmp_path: Path, line: str, reason: str, end: str) -> None:
    path = tmp_path / "train.tsv"
    path.write_bytes(end.join(["fever\tB-Sign", "", line, ""]).encode())
    error = fault(tmp_path)
    assert error.location == f"{path}:3"
    assert error.reason.startswith(reason)
    assert "word" not in str(error)
    assert "secret" not in str(error)


def test_a_file_of_one_column_is_malformed_from_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("fever\n")
    assert fault(tmp_path).location == f"{tmp_path / 'train.txt'}:1"


def test_all_malformed_lines_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("x\tO\ny\tQ\nz\tO\tO\n")
    (tmp_path / "b.tsv").write_bytes(b"\xff\tO\n")
    places = [entry.location for entry in entries(tmp_path) if isinstance(entry, UserError)]
    assert places == [f"{tmp_path / 'a.tsv'}:2", f"{tmp_path / 'a.tsv'}:3", f"{tmp_path / 'b.tsv'}"]


def test_a_byte_order_mark_is_no_part_of_the_first_token(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("\ufeffFever\tB-Sign\n", encoding="utf-8")
    assert chunks(tmp_path) == [("Fever", "Sign")]


def test_unicode_spaces_do_not_part_columns(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("8\u00a0mg B-Dose\ndaily\u2028 O\n", encoding="utf-8")
    (only,) = examples(tmp_path)
    assert only.text == "8\u00a0mg daily\u2028"
    assert chunks(tmp_path) == [("8\u00a0mg", "Dose")]


def visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in {"Cc", "Cf"}


TOKENS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r"), min_size=1, max_size=5
).filter(lambda token: visible(token[0]) and visible(token[-1]))
PIECES = st.tuples(st.sampled_from([None, "X", "Y-Z"]), st.lists(TOKENS, min_size=1, max_size=4))
SENTENCES = st.lists(st.lists(PIECES, min_size=1, max_size=5), min_size=1, max_size=4)
Sentences = list[list[tuple[str | None, list[str]]]]


def tags_of(label: str | None, length: int, before: str | None, scheme: str) -> list[str]:
    """The tags of one chunk, or of tokens outside of any, written by the definition of the scheme."""
    if label is None:
        return ["O"] * length
    prefixes = ["B"] + ["I"] * (length - 1)
    if scheme == "IOB1" and label != before:
        prefixes[0] = "I"
    if scheme in ("IOBES", "BILOU"):
        last, single = ("E", "S") if scheme == "IOBES" else ("L", "U")
        prefixes[-1] = last if length > 1 else single
    return [f"{prefix}-{label}" for prefix in prefixes]


@given(SENTENCES, st.sampled_from(["IOB1", "IOB2", "IOBES", "BILOU"]))
def test_what_is_written_in_a_scheme_is_read_again(sentences: Sentences, scheme: str) -> None:
    lines: list[str] = []
    expected: list[tuple[str, list[tuple[int, int, str]]]] = []
    for sentence in sentences:
        text, spans, before = "", [], None
        for label, tokens in sentence:
            tags = tags_of(label, len(tokens), before, scheme)
            lines += [f"{token}\t{tag}" for token, tag in zip(tokens, tags, strict=True)]
            start = len(text) + 1 if text else 0
            text = " ".join([text, *tokens] if text else tokens)
            spans += [(start, len(text), label)] if label else []
            before = label
        lines.append("")
        expected.append((text, spans))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "train.tsv").write_bytes("\n".join(lines).encode())
        found = entries(Path(folder))
    read_again = [
        (entry.text, [(span.start, span.end, span.label) for span in entry.spans])
        for entry in found
        if isinstance(entry, Example)
    ]
    assert read_again == expected
    assert len(found) == len(expected), "no repair where the scheme is kept"


def test_every_mention_of_ncbi_disease_is_read(shared_data: Path) -> None:
    stream = read(shared_data / "ncbi_disease_iob", format="iob", discontinuous="error", overlapping="error")
    found, inventory = take_inventory(stream, keep_going=False)
    mentions = {"train": 0, "validation": 0, "test": 0}
    for entry in found:
        assert entry.split is not None
        mentions[entry.split] += len(entry.spans)
    assert mentions == {"train": 5_134, "validation": 787, "test": 960}
    assert inventory.published == {"train": 5_424, "validation": 923, "test": 940}
    assert (inventory.repaired, inventory.left_out) == ({}, {})


def test_two_files_whose_documents_have_the_same_ids_are_told(tmp_path: Path) -> None:
    write(write(tmp_path, "O", name="train.conll"), "O", name="train.tsv")
    error = fault(tmp_path)
    assert error.path == tmp_path / "train.tsv"
    assert error.reason == "its documents have the same ids as those of train.conll"


def test_any_mark_of_a_document_counts(tmp_path: Path) -> None:
    write(tmp_path, "B-Sign", name="train.tsv")
    assert not marks_documents(tmp_path)
    (tmp_path / "test.TSV").write_text("-DOCSTART-\tO\n\na\tO\n")
    assert marks_documents(tmp_path)
