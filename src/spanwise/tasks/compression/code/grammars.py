"""Source code to trees, by tree-sitter; what of a tree is compared, and where its tokens are."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spanwise.errors import UserError
from spanwise.tasks.compression.code.languages import COMMENTS, Language, load_language

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree


@dataclass(frozen=True)
class Parsed:
    """Source code without errors.

    Attributes:
        tree: Of the source and what was put around it.
        source: In UTF-8, which the tree's places count.
        before: How many bytes were put before it.
        language: What it is written in.
    """

    tree: Tree
    source: bytes
    before: int
    language: Language


@dataclass(frozen=True)
class Leaf:
    """A token or a comment, by its place in the source's bytes."""

    start: int
    end: int
    comment: bool


def parse_code(source: str, language: str) -> Parsed | None:
    """The tree of a file, or of a part that can stand in a file or a class; None if there is an error in it.

    Raises:
        UserError: If there is no such language, or its grammar is not installed.
    """
    known = load_language(language)
    parser = _parser(known.name)
    try:
        data = source.encode("utf-8")
    except UnicodeEncodeError:
        return None
    for before, behind in known.around:
        tree = parser.parse(before.encode() + data + behind.encode())
        if not tree.root_node.has_error:
            return Parsed(tree, data, len(before), known)
    return None


def same_code(one: Parsed, other: Parsed) -> bool:
    """Whether two trees are one, comments and places apart: nodes, and the text of tokens and literals."""
    return list(_shape(one)) == list(_shape(other))


def leaves(parsed: Parsed) -> list[Leaf]:
    """Tokens, literals as one, and comments, in order; none is empty or white space alone."""
    found = []
    for node, entered in _walk(parsed.tree.root_node, parsed.language):
        whole = not node.children or node.type in parsed.language.verbatim or node.type in COMMENTS
        start, end = node.start_byte - parsed.before, node.end_byte - parsed.before
        if entered and whole and 0 <= start < end <= len(parsed.source) and parsed.source[start:end].strip():
            found.append(Leaf(start, end, node.type in COMMENTS))
    return found


def _shape(parsed: Parsed) -> Iterator[tuple[str, bytes | None]]:
    for node, entered in _walk(parsed.tree.root_node, parsed.language):
        if node.type in COMMENTS:
            continue
        if not entered:
            yield "end", None
        elif node.children and node.type not in parsed.language.verbatim:
            yield node.type, None
        else:
            yield node.type, node.text


def _walk(root: Node, language: Language) -> Iterator[tuple[Node, bool]]:
    """Nodes as they are entered, and those with children as they are left; trees may be deep."""
    waiting = [(root, True)]
    while waiting:
        node, entered = waiting.pop()
        yield node, entered
        if entered and node.children and node.type not in language.verbatim | COMMENTS:
            waiting.append((node, False))
            waiting.extend((child, True) for child in reversed(node.children))


@functools.cache
def _parser(name: str) -> Parser:
    language = load_language(name)
    try:
        import tree_sitter

        module = importlib.import_module(language.module)
    except ImportError:
        raise UserError(f"{name} takes tree-sitter's grammar", hint="pip install 'spanwise[code]'") from None
    grammar = getattr(module, language.grammar)
    return tree_sitter.Parser(tree_sitter.Language(grammar()))
