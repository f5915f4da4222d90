"""Column files of tagged tokens, as of CoNLL-2003: one token a line, its tag in the last column.

The schemes are IOB1, IOB2 (Ramshaw & Marcus 1995; Tjong Kim Sang & Veenstra 1999) and IOBES, also called
BIOES or BILOU.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from spanwise.errors import UserError
from spanwise.readers.document import Annotation, Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.lines import read_lines
from spanwise.schema import Change, SplitName

Scheme = Literal["IOB1", "IOB2", "IOBES"]

DOCSTART = "-DOCSTART-"
_PREFIXES = {"B": "B", "I": "I", "E": "E", "L": "E", "S": "S", "U": "S"}  # BILOU names two of them otherwise


class Tag(NamedTuple):
    """A tag in the terms of IOBES; that of a token outside any chunk has prefix `O` and no label."""

    prefix: str
    label: str


class Token(NamedTuple):
    """A token, its tag, and the line that it stands on."""

    text: str
    tag: Tag
    line: int | None


class Chunk(NamedTuple):
    """The tokens `first` up to but not including `behind`; `repaired` if the scheme forbids its tags."""

    first: int
    behind: int
    label: str
    repaired: bool


Sentence = list[Token]


def read_iob(folder: Path) -> Iterator[Document | Change | UserError]:
    """The documents in `folder`, at any depth, in the order of their ids.

    A document is what stands between two `-DOCSTART-` lines, one sentence a line; in a file without them
    each sentence is one. Ids are the file's path without suffix and a number: `train-00001`. The text is
    the tokens joined by single spaces.
    """
    blocks: list[tuple[str, Path, list[Sentence]]] = []
    stems: dict[str, Path] = {}
    for path in corpus_files(folder, "iob"):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        namesake = stems.setdefault(stem, path)
        if namesake != path:
            reason = f"its documents have the same ids as those of {namesake.name}"
            yield UserError(reason, path=path, hint="Rename one of the files.")
            continue
        try:
            found = list(_parse(path))
        except UserError as error:  # unreadable
            yield error
            continue
        yield from (entry for entry in found if isinstance(entry, UserError))
        of_file = [entry for entry in found if isinstance(entry, list)]
        blocks += [(numbered(stem, number), path, block) for number, block in enumerate(of_file, start=1)]
    scheme = detect_scheme(sentence for _, _, block in blocks for sentence in block)
    for name, path, block in sorted(blocks, key=lambda entry: entry[0]):
        split = published_split(path.relative_to(folder))
        yield from assemble(name, block, scheme, path=path, split=split)


def marks_documents(folder: Path) -> bool:
    """Whether any file in `folder` tells where documents start; else each sentence is one."""
    return any(line.startswith(DOCSTART) for path in corpus_files(folder, "iob") for line in read_lines(path))


def numbered(name: str, number: int) -> str:
    """The id of the document with that number, counted from 1."""
    return f"{name}-{number:05d}"


def _parse(path: Path) -> Iterator[list[Sentence] | UserError]:
    """The documents of a file and its malformed lines, in the order of the file."""
    blocks: list[list[Sentence]] = [[]]
    sentence: Sentence = []
    columns: int | None = None
    marked = False
    for number, line in enumerate(read_lines(path), start=1):
        cells = line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]
        if not line.strip() or cells[0] == DOCSTART:
            blocks[-1] += [sentence] if sentence else []
            sentence = []
            if line.strip():
                marked = True
                blocks.append([])
            continue
        columns = columns or max(len(cells), 2)
        try:
            sentence.append(_parse_token(cells, columns, path, number))
        except UserError as error:
            yield error
    blocks[-1] += [sentence] if sentence else []
    if not marked:
        blocks = [[alone] for alone in blocks[0]]
    yield from (block for block in blocks if block)


def _parse_token(cells: Sequence[str], columns: int, path: Path, line: int) -> Token:
    """The token of a line.

    Raises:
        UserError: If the line is malformed.
    """
    if len(cells) != columns:
        hint = "Columns are parted by tabs, or by spaces where a line has no tab."
        raise UserError(f"{len(cells)} columns instead of {columns}", path=path, line=line, hint=hint)
    if not cells[0]:
        raise UserError("an empty token", path=path, line=line)
    return Token(cells[0], parse_tag(cells[-1], path, line), line)


def parse_tag(tag: str, path: Path | None, line: int | None) -> Tag:
    """`O`, or a prefix and a label: `B-Disease`.

    Raises:
        UserError: If it is neither.
    """
    if tag == "O":
        return Tag("O", "")
    letter, _, label = tag.partition("-")
    if letter not in _PREFIXES:
        reason = f"not a tag in the last column: expected O, or one of {' '.join(_PREFIXES)} with -LABEL"
        hint = f"If {path.name} is none of the corpus, move it out of the folder." if path else None
        raise UserError(reason, path=path, line=line, hint=hint)
    if not label.strip():
        raise UserError("a tag without a label: expected, say, B-Disease", path=path, line=line)
    return Tag(_PREFIXES[letter], label)


def detect_scheme(sentences: Iterable[Sentence]) -> Scheme:
    """The scheme that the tags follow.

    Only IOBES has E and S. In IOB1 a B stands nowhere but directly behind a chunk of its own label, and
    other chunks start with I; a B anywhere else makes it IOB2.
    """
    scheme: Scheme = "IOB1"
    for sentence in sentences:
        label_before = ""
        for token in sentence:
            prefix, label = token.tag
            if prefix in ("E", "S"):
                return "IOBES"
            if prefix == "B" and label != label_before:
                scheme = "IOB2"
            label_before = label
    return scheme


def chunks(tags: Sequence[Tag], scheme: Scheme) -> list[Chunk]:
    """The chunks of a sentence, read as conlleval reads them (Tjong Kim Sang & De Meulder 2003).

    A chunk starts at B or S, and at an I or E that has nothing of its label to go on: it stands behind O,
    another label, or the end of a chunk. Such a start, or an end that IOBES does not have, is a repair
    where the scheme forbids it.
    """
    found: list[Chunk] = []
    first: int | None = None
    before = Tag("O", "")
    for index, tag in enumerate([*tags, Tag("O", "")]):
        starts = tag.prefix in ("B", "S") or tag.label != before.label or before.prefix in ("E", "S")
        if first is not None and starts:
            prefixes = [tag.prefix for tag in tags[first:index]]
            found.append(Chunk(first, index, before.label, not _valid(prefixes, scheme)))
            first = None
        if tag.prefix != "O" and starts:
            first = index
        before = tag
    return found


def _valid(prefixes: Sequence[str], scheme: Scheme) -> bool:
    """Whether the scheme has a chunk of these prefixes; the ones in the middle are I by construction."""
    if scheme == "IOBES":
        return (prefixes[0], prefixes[-1]) == ("B", "E") or list(prefixes) == ["S"]
    return scheme == "IOB1" or prefixes[0] == "B"


def assemble(
    id: str,
    sentences: Sequence[Sentence],
    scheme: Scheme,
    *,
    path: Path | None = None,
    split: SplitName | None = None,
) -> Iterator[Document | Change]:
    """A document of tokens joined by spaces and sentences joined by line feeds, behind its repairs."""
    annotations: list[Annotation] = []
    start = 0
    for sentence in sentences:
        bounds = []
        for token in sentence:
            bounds.append((start, start + len(token.text)))
            start += len(token.text) + 1
        for chunk in chunks([token.tag for token in sentence], scheme):
            if chunk.repaired:
                yield Change(kind="repaired", reason="tag_scheme", document=id)
            extent = (bounds[chunk.first][0], bounds[chunk.behind - 1][1])
            annotations.append(Annotation((extent,), chunk.label, sentence[chunk.first].line))
    text = "\n".join(" ".join(token.text for token in sentence) for sentence in sentences)
    yield Document(id, text, tuple(annotations), path, split=split)
