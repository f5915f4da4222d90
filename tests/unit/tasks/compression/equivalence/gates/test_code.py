from __future__ import annotations

from spanwise.tasks.compression.equivalence.gates.code import code

SOURCE = '''def double(number: int) -> int:
    """Twice the number.

    It is added to itself.
    """
    # Addition is enough.
    return number + number
'''
TESTS = ("assert double(2) == 4", "assert double(-1) == -2")


def kinds(output: str, tests: tuple[str, ...] = ()) -> list[str]:
    return [failure.kind for failure in code(SOURCE, output, tests=tests)]


def test_a_tree_that_differs_in_docstrings_alone_is_the_same() -> None:
    assert kinds("def double(number: int) -> int:\n    return number + number") == []


def test_a_docstring_alone_is_as_good_as_pass() -> None:
    assert code('def f():\n    """Do it, please."""', "def f(): pass") == []


def test_another_tree_must_pass_tests() -> None:
    other = "def double(n):\n    return 2 * n"
    assert kinds(other) == ["another tree"]
    assert kinds(other, TESTS) == []
    assert kinds("def double(n):\n    return n", TESTS) == ["tests failed"]


def test_what_does_not_parse_is_a_failure() -> None:
    assert kinds("def double(:") == ["does not parse"]
    assert [failure.kind for failure in code("def (:", "x")] == ["source does not parse"]
    assert kinds(SOURCE) == ["not shorter"]
