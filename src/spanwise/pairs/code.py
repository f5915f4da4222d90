"""Code of other languages than Python to functions, methods and classes, by tree-sitter."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from spanwise.pairs.files import read, source_files
from spanwise.pairs.python import LONGEST, SHORTEST
from spanwise.pairs.records import Passage
from spanwise.schema import Change
from spanwise.tasks.compression.code.grammars import parse_code
from spanwise.tasks.compression.code.languages import COMMENTS, COMPOUND, SUFFIXES, Language

if TYPE_CHECKING:
    from tree_sitter import Node

WIDEST = 400  # characters of a line: above, a program wrote it

_TEST_FOLDER = re.compile(r"(?:\w+_)?(?:tests?|specs?)|__(?:tests|mocks)__|testdata|testing", re.IGNORECASE)
_TEST_FILE = re.compile(r"(?:.*[._-])?(?:test|spec)s?[._-].*|.*_test\.go|(?:Test\w*|\w+Tests?|\w+IT)\.java")
_TEST_NAME = re.compile(r"test(?:[A-Z_].*)?|Test.*|.*Tests?")
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})


def load_code(folder: Path) -> Iterator[Passage | Change]:
    """The functions, methods and classes in a folder of code, at any depth, in the order of their places.

    Files are those of `languages.SUFFIXES`. The comments right above a definition belong to it. A method is
    loaded both by itself and within its class; what is nested in a function only within it. Left out and
    counted, by reason: files that are `unreadable`, do not parse (`does_not_parse`), hold tests (`test_file`)
    or lines above `WIDEST` (`minified`); definitions that are a `test`, a `constructor`, `trivial` (one
    simple statement, or a class without methods), `short` or `long` (`SHORTEST`, `LONGEST` of
    `pairs.python`), a `copy` of one before, or no code by themselves (`does_not_parse`).

    Raises:
        UserError: If there is no such folder, or a grammar is not installed.
    """
    seen: set[str] = set()
    for name, path in source_files(folder, SUFFIXES):
        language = SUFFIXES[path.suffix]
        if reason := _file_fault(PurePosixPath(name)):
            yield Change(kind="left_out", reason=reason, document=name)
            continue
        source = read(name, path)
        if isinstance(source, Change):
            yield source
        elif any(len(line) > WIDEST for line in source.split("\n")):
            yield Change(kind="left_out", reason="minified", document=name)
        elif (parsed := parse_code(source, language.name)) is None or parsed.before:
            yield Change(kind="left_out", reason="does_not_parse", document=name)
        else:
            for kind, node in _definitions(parsed.tree.root_node, language):
                yield _passage(kind, node, parsed.source, name=name, language=language, seen=seen)


def _file_fault(name: PurePosixPath) -> str | None:
    if ".min." in name.name:
        return "minified"
    inner = name.parts[1:-1]
    tests = _TEST_FILE.fullmatch(name.name) or any(_TEST_FOLDER.fullmatch(part) for part in inner)
    return "test_file" if tests else None


def _definitions(root: Node, language: Language) -> Iterator[tuple[str, Node]]:
    """Definitions outside of functions, as they stand in the file; trees may be deep."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if _is_function(node, language):
            yield language.functions[node.type], node
            continue
        if node.type in language.classes:
            yield "class", node
        waiting.extend(reversed(node.children))


def _is_function(node: Node, language: Language) -> bool:
    if node.type not in language.functions:
        return False
    return node.type != "lexical_declaration" or _assigned(node) is not None


def _assigned(node: Node) -> Node | None:
    """The function that a declaration of one constant gives a name."""
    declarators = [child for child in node.named_children if child.type == "variable_declarator"]
    value = declarators[0].child_by_field_name("value") if len(declarators) == 1 else None
    return value if value is not None and value.type in _FUNCTION_VALUES else None


def _passage(
    kind: str, node: Node, source: bytes, *, name: str, language: Language, seen: set[str]
) -> Passage | Change:
    start, end = _extent(node)
    first = source.rfind(b"\n", 0, start) + 1
    indentation = source[first:start].decode() if not source[first:start].strip() else ""
    text = textwrap.dedent(indentation + source[start:end].decode()) + "\n"
    lines_before = source.count(b"\n", 0, start)
    place = f"{name}:{lines_before + 1}"
    reason = _reason(node, text, language)
    if reason is None and text in seen:
        reason = "copy"
    if reason is not None:
        return Change(kind="left_out", reason=reason, document=place)
    seen.add(text)
    return Passage(id=place, domain="code", kind=kind, text=text, group=name, language=language.name)


def _extent(node: Node) -> tuple[int, int]:
    """Where a definition starts and ends: with `export`, and with the comments right above it."""
    if node.parent is not None and node.parent.type == "export_statement":
        node = node.parent
    start, row, above = node.start_byte, node.start_point.row, node.prev_sibling
    while above is not None and above.type in COMMENTS and above.end_point.row == row - 1:
        before = above.prev_sibling
        if before is not None and before.end_point.row == above.start_point.row:
            break  # it stands behind something, and is about that
        start, row, above = above.start_byte, above.start_point.row, before
    return start, node.end_byte


def _reason(node: Node, text: str, language: Language) -> str | None:
    """Why a definition is not worth shortening, or cannot be."""
    name = _name(node)
    found = {
        "test": bool(_TEST_NAME.fullmatch(name)),
        "constructor": name == "constructor",
        "trivial": _is_trivial(node, language),
        "short": len(text) < SHORTEST,
        "long": len(text) > LONGEST,
    }
    reason = next((reason for reason, holds in found.items() if holds), None)
    return "does_not_parse" if reason is None and parse_code(text, language.name) is None else reason


def _name(node: Node) -> str:
    declared = next((child for child in node.named_children if child.type == "variable_declarator"), node)
    found = declared.child_by_field_name("name")
    return "" if found is None or found.text is None else found.text.decode()


def _is_trivial(node: Node, language: Language) -> bool:
    body = (_assigned(node) or node).child_by_field_name("body")
    if body is None:
        return True
    if node.type in language.classes:
        return not any(child.type in language.functions for child in body.named_children)
    inner = [child for child in body.named_children if child.type not in COMMENTS]
    if len(inner) == 1 and inner[0].type == "statement_list":
        inner = [child for child in inner[0].named_children if child.type not in COMMENTS]
    if not body.type.endswith(("block", "body")):  # an arrow and an expression
        return True
    return len(inner) <= 1 and not any(child.type in COMPOUND for child in inner)
