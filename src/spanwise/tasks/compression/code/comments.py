"""Code of other languages than Python, shorter and the same tree: comments and empty lines go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spanwise.tasks.compression.code import Rewritten
from spanwise.tasks.compression.code.grammars import Leaf, leaves, parse_code, same_code

_DELIMITERS = b"()[]{},;"  # beside which nothing need stand between two tokens


def compress_code(source: str, *, language: str) -> Rewritten:
    """The source without comments and empty lines, if its tree is the same.

    The result is parsed and compared before it is returned: nodes, tokens and literals, all but comments. A
    comment over several lines leaves a line end, as some languages end statements there. What tools read in
    comments, such as `//go:build` or `@ts-ignore`, goes too: the result is for a prompt.

    Args:
        source: A file, or a part of one that can stand in a file or a class.
        language: One of `languages.LANGUAGES`.

    Raises:
        UserError: If there is no such language, or its grammar is not installed.
    """
    parsed = parse_code(source, language)
    if parsed is None:
        return Rewritten(source, "comments", reason="does_not_parse")
    found = leaves(parsed)
    text = b"".join(_written(parsed.source, found)).decode("utf-8")
    if not text.strip():
        return Rewritten(source, "comments", reason="nothing_left")
    result = parse_code(text, language)
    if result is None or not same_code(parsed, result):
        return Rewritten(source, "comments", reason="tree_differs")
    if len(text) >= len(source):
        return Rewritten(source, "comments", reason="not_shorter")
    return Rewritten(text, "comments", comments=sum(leaf.comment for leaf in found))


def _written(source: bytes, found: Sequence[Leaf]) -> Iterator[bytes]:
    """The tokens, and what is left between them."""
    end, between = 0, list[Leaf]()
    for leaf in found:
        if leaf.comment:
            between.append(leaf)
            continue
        if end:
            yield _gap(source, end, leaf.start, between)
        else:  # before the first token: its indentation
            yield source[: leaf.start].rpartition(b"\n")[2] if not between else b""
        yield source[leaf.start : leaf.end]
        end, between = leaf.end, []
    if end and source.endswith(b"\n"):
        yield b"\n"


def _gap(source: bytes, start: int, end: int, comments: Sequence[Leaf]) -> bytes:
    """What stands between two tokens, without comments and empty lines."""
    pieces, place = [], start
    for comment in comments:
        pieces += [source[place : comment.start], _trace(source[comment.start : comment.end])]
        place = comment.end
    gap = b"".join([*pieces, source[place:end]])
    if gap.strip():
        return source[start:end]  # a token without a node: leave it alone
    if b"\n" in gap:
        line_end = b"\r\n" if b"\r\n" in gap else b"\n"
        return line_end + gap.rpartition(b"\n")[2]
    if not comments:
        return gap
    return b"" if source[start - 1] in _DELIMITERS or source[end] in _DELIMITERS else b" "


def _trace(comment: bytes) -> bytes:
    """What a comment is to the languages that look: a line end if it holds one, else nothing that counts."""
    return b"\n" if b"\n" in comment else b""
