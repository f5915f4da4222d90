"""brat standoff: `x.txt` and `x.ann` side by side, https://brat.nlplab.org/standoff.html.

Only text-bound annotations (T lines) are read. Events, relations, attributes, modifications,
normalisations, equivalences and notes (E R A M N * #) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePath

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.readers.document import Annotation, Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.lines import BOM, read_lines, stray_return

# Behind the text some files have one more tab and field, so it is told from the text itself.
_TEXT_BOUND = re.compile(
    r"T\S+\t(?P<label>\S+) (?P<offsets>[0-9]{1,9} [0-9]{1,9}(?:;[0-9]{1,9} [0-9]{1,9})*)\t(?P<text>.*)",
    re.DOTALL,
)
_PASSED_OVER = ("E", "R", "A", "M", "N", "*", "#")
_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def read_brat(folder: Path) -> Iterator[Document | UserError]:
    """The documents in `folder`, at any depth, in the order of their ids: relative paths without suffix.

    Texts keep their line ends, and a byte order mark at their start, as brat does: both count in offsets.
    Each annotation's own copy of its text is compared with what stands at its offsets, so offsets that were
    counted in another way cannot slip through. A document with a malformed line yields an error for each
    such line and nothing else.
    """
    stems: dict[str, list[Path]] = {}
    for path in corpus_files(folder, "brat"):
        stems.setdefault(path.relative_to(folder).with_suffix("").as_posix(), []).append(path)
    for stem, paths in sorted(stems.items()):
        try:
            ann, text = _pair(paths)
            yield from _read_pair(stem, text, ann)
        except UserError as error:  # no pair, or unreadable
            yield error


def _pair(paths: list[Path]) -> tuple[Path, Path]:
    """The .ann and the .txt file among the files of one stem.

    Raises:
        UserError: If one is missing, or there are two that differ in the case of their suffix.
    """
    found: dict[str, Path] = {}
    for path in paths:
        other = found.setdefault(path.suffix.lower(), path)
        if other != path:
            raise UserError(f"the same document as {other.name}", path=path, hint="Rename one of them.")
    for suffix in (".txt", ".ann"):
        if suffix not in found:
            present = paths[0]
            hint = f"Add it, empty where nothing is annotated, or move {present.name} out of the corpus."
            raise UserError(f"has no partner {present.with_suffix(suffix).name}", path=present, hint=hint)
    return found[".ann"], found[".txt"]


def _read_pair(stem: str, text_path: Path, ann_path: Path) -> Iterator[Document | UserError]:
    text = read_text(text_path)
    lines = read_lines(ann_path, returns=True)  # an annotation's copy of its text may hold some
    annotations: list[Annotation] = []
    malformed = False
    for number, line in enumerate(lines, start=1):
        try:
            annotation = _parse(line, text, ann_path, number)
        except UserError as error:
            malformed = True
            yield error
        else:
            annotations += [annotation] if annotation else []
    if not malformed:
        yield Document(stem, text, tuple(annotations), ann_path, split=published_split(PurePath(stem)))


def _parse(line: str, text: str, path: Path, number: int) -> Annotation | None:
    """The annotation on a T line; nothing for the other kinds.

    Raises:
        UserError: If the line is malformed, or does not fit the text.
    """
    if not line.strip():
        return None
    if line.startswith(_PASSED_OVER):
        if "\r" in line:
            raise stray_return(path, number)
        return None
    if not line.startswith("T"):
        kinds = " ".join(("T", *_PASSED_OVER))
        raise UserError(
            f"not a line of brat standoff: it must start with one of {kinds}", path=path, line=number
        )
    match = _TEXT_BOUND.fullmatch(line)
    if match is None:
        reason = "not a text-bound annotation: expected T1<TAB>LABEL START END[;START END...]<TAB>TEXT"
        raise UserError(reason, path=path, line=number)
    fragments = []
    for offsets in match["offsets"].split(";"):
        start, end = map(int, offsets.split(" "))
        if not start < end <= len(text):
            reason = (
                f"offsets {start} {end} are empty or outside the text, which is {len(text)} characters long"
            )
            raise UserError(reason, path=path, line=number)
        fragments.append((start, end))
    _check_text(match["text"], fragments, text, path, number)
    return Annotation(tuple(fragments), match["label"], number)


def _check_text(stated: str, fragments: list[tuple[int, int]], text: str, path: Path, number: int) -> None:
    """Compare the line's own copy of the text with the text; brat writes line ends as spaces.

    Raises:
        UserError: If they differ, or another line follows.
    """
    covered = " ".join(text[start:end] for start, end in fragments).translate(_LINE_ENDS)
    copy, rest = stated[: len(covered)], stated[len(covered) :]
    if copy.translate(_LINE_ENDS) == covered and (not rest or rest.startswith("\t")):
        if "\r" in rest:
            raise stray_return(path, number)
        return
    offsets = ";".join(f"{start} {end}" for start, end in fragments)
    counting = "bytes or UTF-16 units instead of characters, or line ends changed since"
    if text.startswith(BOM):
        counting += "; this text starts with a byte order mark, which counts as a character"
    raise UserError(
        f"the text at {offsets} is not the one on this line",
        path=path,
        line=number,
        hint=f"Offsets may count {counting}.",
    )
