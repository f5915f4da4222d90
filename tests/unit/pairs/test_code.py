"""What is loaded from languages beside Python, and that all that is not is counted."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.pairs.code import load_code
from spanwise.pairs.preprocessing import fault
from spanwise.pairs.records import Pair, Passage
from spanwise.pairs.teachers import grammars, syntax_tree, teach
from spanwise.schema import Change
from tests.extras import needs

pytestmark = needs(
    "tree_sitter", "tree_sitter_go", "tree_sitter_java", "tree_sitter_javascript", "tree_sitter_typescript"
)

LOOP = """\
let total = 0;
  for (const value of values) {
    total += value * value; // squared
  }
  return total / values.length;"""
FUNCTION = f"function mean(values) {{\n  {LOOP}\n}}"
METHOD = textwrap.indent(f"/** On top. */\npush(values) {{\n  {LOOP}\n}}", "    ")
JAVASCRIPT = f"""\
// A file.
import x from 'x';

/**
 * The mean of the squares.
 */
// It may be NaN.
export {FUNCTION}

const x = 1; // about x
const arrow = async (values) => {{
  {LOOP}
}};
class Stack {{
  constructor(values) {{
    {LOOP}
  }}
{METHOD}
}}
function outer(values) {{
  {FUNCTION}
  return mean;
}}
"""
GO = """\
package a

// Mean of squares.
func (s *Stack) Mean(values []int) int {
\ttotal := 0
\tfor _, value := range values {
\t\ttotal += value * value
\t}
\treturn total / len(values)
}
"""
JAVA = """\
class A {
  /** Mean of squares. */
  int mean(int[] values) {
    int total = 0;
    for (int value : values) {
      total += value * value;
    }
    return total;
  }
}
"""


def load(folder: Path, name: str, source: str) -> tuple[list[Passage], Counter[str]]:
    path = folder / "sources" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    found = list(load_code(folder / "sources"))
    passages = [each for each in found if isinstance(each, Passage)]
    return passages, Counter(each.reason for each in found if isinstance(each, Change))


def test_functions_methods_and_classes_are_loaded_with_the_comments_above_them(tmp_path: Path) -> None:
    passages, left_out = load(tmp_path, "a.js", JAVASCRIPT)
    assert [(each.kind, each.id.partition(":")[2]) for each in passages] == [
        ("function", "4"),
        ("function", "17"),
        ("class", "24"),
        ("method", "32"),
        ("function", "41"),
    ]
    first, arrow, _, method, outer = passages
    assert first.text.startswith(
        "/**\n * The mean of the squares.\n */\n// It may be NaN.\nexport function mean"
    )
    assert arrow.text.startswith("const arrow = async")
    assert method.text.startswith("/** On top. */\npush(values) {\n  let total")
    assert outer.text.endswith("return mean;\n}\n")
    assert {(each.domain, each.language, each.group) for each in passages} == {
        ("code", "javascript", "sources/a.js")
    }
    assert left_out == {"constructor": 1}


@pytest.mark.parametrize(
    ("name", "source", "language", "kinds"),
    [
        ("a.ts", FUNCTION.replace("(values)", "(values: number[]): number"), "typescript", ["function"]),
        ("a.jsx", FUNCTION, "javascript", ["function"]),
        ("a.go", GO, "go", ["method"]),
        ("A.java", JAVA, "java", ["class", "method"]),
    ],
)
def test_each_language_is_known_by_its_suffix(
    tmp_path: Path, name: str, source: str, language: str, kinds: list[str]
) -> None:
    passages, left_out = load(tmp_path, name, source)
    assert [(each.kind, each.language) for each in passages] == [(kind, language) for kind in kinds]
    assert not left_out


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("a.test.js", FUNCTION, "test_file"),
        ("test/a.js", FUNCTION, "test_file"),
        ("__tests__/a.js", FUNCTION, "test_file"),
        ("a_test.go", "package a", "test_file"),
        ("ATest.java", "class A {}", "test_file"),
        ("a.min.js", FUNCTION, "minified"),
        ("a.js", f"x = '{'x' * 500}'", "minified"),
        ("a.js", "function (", "does_not_parse"),
        ("a.js", FUNCTION.replace("mean", "testMean"), "test"),
        ("a.js", "function f(x) {\n  // " + "why " * 50 + "\n  return x;\n}", "trivial"),
        ("a.js", "const f = (x) => x.map((y) => y.z)" + " // why" * 20, "trivial"),
        ("a.js", "class A {\n  x = 1; // " + "why " * 50 + "\n}", "trivial"),
        ("a.js", "function f(x) { x(); return x; }", "short"),
        ("a.js", "function f(x) {\n" + "  x();\n" * 2000 + "}", "long"),
        ("a.js", f"{FUNCTION}\n{FUNCTION}", "copy"),
        ("A.java", "abstract class A { abstract int f(int a); }", "trivial"),
    ],
)
def test_code_that_teaches_little_is_left_out_and_counted(
    tmp_path: Path, name: str, source: str, reason: str
) -> None:
    assert load(tmp_path, name, source)[1][reason] >= 1


def test_unreadable_files_and_missing_folders_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(b"x = '\xff'")
    assert [each.reason for each in load_code(tmp_path) if isinstance(each, Change)] == ["unreadable"]
    with pytest.raises(UserError, match="no such folder"):
        list(load_code(tmp_path / "none"))


def test_passages_go_to_the_teacher_of_their_language(tmp_path: Path) -> None:
    passages, _ = load(tmp_path, "a.js", FUNCTION)
    (pair,) = teach(passages, [syntax_tree(), *grammars()])
    assert isinstance(pair, Pair)
    assert (pair.teacher, pair.language) == ("tree-sitter:comments", "javascript")
    assert "squared" not in pair.compressed
    assert fault(pair) is None


@pytest.mark.parametrize(
    ("compressed", "reason"), [("f(a, b, c, d);", None), ("f(a, b, c, d;", "does_not_parse")]
)
def test_shortened_code_must_parse_in_its_language(compressed: str, reason: str | None) -> None:
    original = "f(a, b, c, d); // and so on"
    pair = Pair(
        id="a", domain="code", kind="k", original=original, compressed=compressed, language="javascript"
    )
    assert fault(pair) == reason
