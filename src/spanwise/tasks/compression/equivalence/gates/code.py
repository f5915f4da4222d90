"""Python that was shortened: it parses, and it is the same tree but for docstrings, or passes its tests."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from spanwise.tasks.compression.equivalence.execution import MEGABYTES, SECONDS, run_tests
from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.gates.length import Count, count_words, length

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code(
    source: str,
    output: str,
    *,
    tests: Sequence[str] = (),
    count: Count = count_words,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> list[Failure]:
    """Python must be shorter and parse; its tree must be that of the source, or its tests must pass.

    Tests run in a process of their own (`execution`) only where the trees differ. Without tests, another tree
    is a failure: nothing shows that it does the same.

    Args:
        source: Python.
        output: Shorter Python.
        tests: Statements that raise where the output is wrong.
        count: Of tokens.
        seconds: For the tests.
        megabytes: For the tests.
    """
    failures = length(source, output, count)
    before, after = _parsed(source), _parsed(output)
    if before is None:
        return [*failures, Failure("code", "source does not parse", "source", 0, len(source))]
    if after is None:
        return [*failures, Failure("code", "does not parse", "output", 0, len(output))]
    if same_tree(before, after):
        return failures
    if not tests:
        return [*failures, Failure("code", "another tree", "output", 0, len(output))]
    run = run_tests(output, tests, seconds=seconds, megabytes=megabytes)
    if run.outcome != "passed":
        failures.append(Failure("code", f"tests {run.outcome}", "output", 0, len(output)))
    return failures


def same_tree(before: ast.Module, after: ast.Module) -> bool:
    """Whether two modules are the same but for docstrings; a body of a docstring alone is `pass`."""
    return _dumped(before) == _dumped(after)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _dumped(module: ast.Module) -> str:
    bare = ast.parse(ast.unparse(module))  # a copy: the caller's tree stays
    for node in ast.walk(bare):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(bare)
