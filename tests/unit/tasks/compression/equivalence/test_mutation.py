from __future__ import annotations

import ast

import pytest

from spanwise.tasks.compression.equivalence.mutation import mutants

CODE = """
def f(x):
    if x < 3:
        raise ValueError("small")
    return x + 1
"""


def test_each_kind_of_mutant_is_another_program() -> None:
    found = dict(mutants(CODE))
    assert set(found) == {
        "comparison turned", "operator changed", "number changed", "nothing returned", "error not raised"
    }  # fmt: skip
    assert "x >= 3" in found["comparison turned"]
    assert "x - 1" in found["operator changed"]
    assert "pass" in found["error not raised"]
    assert len({ast.dump(ast.parse(code)) for code in (CODE, *found.values())}) == 6


def test_code_that_allows_nothing_has_no_mutants() -> None:
    assert list(mutants("pass")) == []
    with pytest.raises(SyntaxError):
        list(mutants("def (:"))
