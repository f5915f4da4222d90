"""Languages beside Python: how tree-sitter's grammars name what is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spanwise.errors import UserError

_CLASS = ("class _ {\n", "\n}")  # what a method alone is put into, to be looked at


@dataclass(frozen=True)
class Language:
    """A language and the names of its nodes.

    Attributes:
        name: As in `Passage.language`.
        module: The package of the grammar.
        grammar: Its function.
        suffixes: Of files.
        functions: Nodes that are a function or a method -> which.
        classes: Nodes that are a class.
        verbatim: Nodes whose text is content, white space and all.
        around: What a part of a file may need around itself to parse: before and behind it.
    """

    name: str
    module: str
    grammar: str
    suffixes: frozenset[str]
    functions: Mapping[str, str]
    classes: frozenset[str]
    verbatim: frozenset[str]
    around: tuple[tuple[str, str], ...] = (("", ""), _CLASS)


COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
"""Nodes that are comments, in all of these grammars."""
COMPOUND = frozenset(
    {
        *("if_statement", "for_statement", "for_in_statement", "enhanced_for_statement", "while_statement"),
        *("do_statement", "switch_statement", "switch_expression", "try_statement", "synchronized_statement"),
        *("try_with_resources_statement", "expression_switch_statement", "type_switch_statement"),
        *("select_statement", "with_statement", "labeled_statement"),
    }
)
"""Statements that hold statements."""

_SCRIPT_FUNCTIONS = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "lexical_declaration": "function",  # const f = () => {...}: see `pairs.code`
    "method_definition": "method",
}
_SCRIPT_VERBATIM = frozenset({"string", "template_string", "template_literal_type", "regex", "jsx_text"})

_ALL = (
    Language(
        "javascript",
        "tree_sitter_javascript",
        "language",
        frozenset({".js", ".mjs", ".cjs", ".jsx"}),
        _SCRIPT_FUNCTIONS,
        frozenset({"class_declaration"}),
        _SCRIPT_VERBATIM,
    ),
    Language(
        "typescript",
        "tree_sitter_typescript",
        "language_typescript",
        frozenset({".ts", ".mts", ".cts"}),
        _SCRIPT_FUNCTIONS,
        frozenset({"class_declaration", "abstract_class_declaration"}),
        _SCRIPT_VERBATIM,
    ),
    Language(
        "java",
        "tree_sitter_java",
        "language",
        frozenset({".java"}),
        {"method_declaration": "method"},
        frozenset({"class_declaration"}),
        frozenset({"string_literal", "character_literal"}),
    ),
    Language(
        "go",
        "tree_sitter_go",
        "language",
        frozenset({".go"}),
        {"function_declaration": "function", "method_declaration": "method"},
        frozenset(),
        frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal"}),
        (("", ""),),
    ),
)
LANGUAGES: Mapping[str, Language] = {language.name: language for language in _ALL}
SUFFIXES: Mapping[str, Language] = {suffix: language for language in _ALL for suffix in language.suffixes}


def load_language(name: str) -> Language:
    """The language of that name.

    Raises:
        UserError: If it is not one of these.
    """
    if name not in LANGUAGES:
        raise UserError(f"no language {name!r}", hint=f"One of {', '.join(LANGUAGES)}; Python has its own.")
    return LANGUAGES[name]
