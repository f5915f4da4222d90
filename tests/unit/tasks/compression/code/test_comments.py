"""Code of other languages comes back without comments and as the same tree, or as it was, with the reason."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.tasks.compression.code import grammars
from spanwise.tasks.compression.code.comments import compress_code
from spanwise.tasks.compression.code.grammars import parse_code, same_code
from spanwise.tasks.compression.code.languages import LANGUAGES, SUFFIXES
from tests.extras import needs

pytestmark = needs(
    "tree_sitter", "tree_sitter_go", "tree_sitter_java", "tree_sitter_javascript", "tree_sitter_typescript"
)


@pytest.mark.parametrize(
    ("language", "source", "shorter", "comments"),
    [
        (
            "javascript",
            "// first\n/* and */\nfunction f(a) { // why\n\n  // again\n  return a; /* done */\n}\n// last\n",
            "function f(a) {\n  return a;\n}\n",
            6,
        ),
        ("javascript", "f(/* a */ b, c /* d */);\n", "f(b, c);\n", 2),
        ("javascript", "a/**/+/**/+b\n", "a + +b\n", 2),
        ("javascript", "return /* over\n lines */ b\n", "return\n b\n", 1),
        ("javascript", "x = `// no\n\n${a /* stays */}`; // goes\n", "x = `// no\n\n${a /* stays */}`;\n", 1),
        ("javascript", "x = /\\/\\/ no/; s = '// no'; // yes", "x = /\\/\\/ no/; s = '// no';", 1),
        ("javascript", "get size() {\n  // n\n  return n;\n}\n", "get size() {\n  return n;\n}\n", 1),
        ("javascript", "#!/usr/bin/env node\n// go\nf()\n", "#!/usr/bin/env node\nf()\n", 1),
        ("javascript", "x = <b>a // no {/* yes */} {c}</b> // yes\n", "x = <b>a // no {} {c}</b>\n", 2),
        ("typescript", "private f(a: number /* n */): void {\n  // x\n  g(a)\n}\n", None, 2),
        (
            "java",
            'class A {\n  /** Doc. */\n  int f; // one\n\n\n  String s = """\n    // no\n\n    """;\n}',
            'class A {\n  int f;\n  String s = """\n    // no\n\n    """;\n}',
            2,
        ),
        ("java", "@Override\npublic int f() {\n  // one\n  return 1;\n}\n", None, 1),
        (
            "go",
            "package a\n\n// F is f.\nfunc F() string {\n\t/* 1 */ g(x) // two\n\treturn `//\n\n`\n}\n",
            "package a\nfunc F() string {\n\t g(x)\n\treturn `//\n\n`\n}\n",
            3,
        ),
        ("go", "x := 1 // DOS\r\n\r\ny := 2\r\n", None, 1),
        ("go", "s := \"é // no\" // ü\n", "s := \"é // no\"\n", 1),
    ],
)  # fmt: skip
def test_comments_and_empty_lines_go_and_the_tree_stays(
    language: str, source: str, shorter: str | None, comments: int
) -> None:
    found = compress_code(source, language=language)
    assert (found.reason, found.comments, found.level) == (None, comments, "comments")
    assert shorter is None or found.text == shorter
    one, other = parse_code(source, language), parse_code(found.text, language)
    assert one is not None
    assert other is not None
    assert same_code(one, other)
    again = compress_code(found.text, language=language)
    assert again.text == found.text


@pytest.mark.parametrize(
    ("language", "source", "reason"),
    [
        ("javascript", "function (", "does_not_parse"),
        ("javascript", "x = '\ud800' // half", "does_not_parse"),
        ("javascript", "x = 1\n", "not_shorter"),
        ("javascript", "// nothing but this\n", "nothing_left"),
        ("java", "", "nothing_left"),
    ],
)
def test_what_cannot_be_shortened_is_left_with_the_reason(language: str, source: str, reason: str) -> None:
    found = compress_code(source, language=language)
    assert (found.text, found.reason, found.comments) == (source, reason, 0)


def test_a_result_that_is_another_tree_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spanwise.tasks.compression.code.comments._trace", lambda comment: b"")
    source = "return /* over\n lines */ a // x\n"
    found = compress_code(source, language="javascript")
    assert (found.text, found.reason) == (source, "tree_differs")


@pytest.mark.parametrize(
    ("language", "one", "other", "same"),
    [
        ("javascript", "f(a) // x", "f( a )", True),
        ("javascript", "f(a)", "f(b)", False),
        ("javascript", "x = 'a b'", "x = 'a  b'", False),
        ("javascript", "return\na", "return a", False),
        ("go", "x := 1", "x := 2", False),
        ("java", "int x = 1;", "long x = 1;", False),
        ("java", 'String s = "a";', 'String s = "a" ;', True),
    ],
)
def test_trees_differ_by_nodes_tokens_and_literals(language: str, one: str, other: str, same: bool) -> None:
    left, right = parse_code(one, language), parse_code(other, language)
    assert left is not None
    assert right is not None
    assert same_code(left, right) is same


gaps = st.sampled_from(
    [" ", "\n", "\n\n", " // note\n", " /* note */ ", "/**/", " /* a\n b */ ", "\t// é\n\n"]
)
tokens = st.sampled_from(
    ["a", "+", "-", "(b)", "'//'", "`\n\n`", "return", "x = 1;", "{ y() }", "/r/g", "++", "1"]
)


@given(st.lists(st.tuples(tokens, gaps), min_size=1, max_size=10))
def test_what_comes_back_shorter_is_the_same_tree(pieces: list[tuple[str, str]]) -> None:
    source = "".join(token + gap for token, gap in pieces)
    found = compress_code(source, language="javascript")
    assert (found.text == source) is (found.reason is not None)
    if found.reason is None:
        left, right = parse_code(source, "javascript"), parse_code(found.text, "javascript")
        assert left is not None
        assert right is not None
        assert same_code(left, right)


def test_a_very_deep_tree_is_no_error() -> None:
    source = f"x = {'(' * 2000}1{')' * 2000} // deep\n"
    assert compress_code(source, language="javascript").reason is None


def test_each_suffix_belongs_to_one_language() -> None:
    assert sum(len(language.suffixes) for language in LANGUAGES.values()) == len(SUFFIXES)


def test_unknown_languages_and_missing_grammars_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no language 'cobol'"):
        compress_code("", language="cobol")
    grammars._parser.cache_clear()
    monkeypatch.setitem(sys.modules, "tree_sitter_go", None)
    with pytest.raises(UserError, match="go takes tree-sitter's grammar"):
        compress_code("x := 1", language="go")
    grammars._parser.cache_clear()
