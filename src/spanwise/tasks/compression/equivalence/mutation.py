"""Mistakes in Python: small changes of its tree (mutation testing, DeMillo et al. 1978)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}


def mutants(code: str) -> Iterator[tuple[str, str]]:
    """One mutant of each kind that the code allows, at its first place: kind and code.

    Some mutants do the same as the code: whoever counts those that tests accept counts these, too.

    Raises:
        SyntaxError: If the code does not parse.
    """
    for kind, mutate in _MUTATIONS.items():
        tree = ast.parse(code)
        if any(mutate(node) for node in ast.walk(tree)):
            yield kind, ast.unparse(ast.fix_missing_locations(tree))


def _comparison(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
        return True
    return False


def _operator(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        node.op = _OPERATORS[type(node.op)]()
        return True
    return False


def _number(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        node.value += 1
        return True
    return False


def _returned(node: ast.AST) -> bool:
    if isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Constant(None)
        return True
    return False


def _raised(node: ast.AST) -> bool:
    for name in ("body", "orelse"):
        statements = getattr(node, name, None)
        for index, statement in enumerate(statements if isinstance(statements, list) else []):
            if isinstance(statement, ast.Raise):
                statements[index] = ast.Pass()  # type: ignore[index]
                return True
    return False


_MUTATIONS: dict[str, Callable[[ast.AST], bool]] = {
    "comparison turned": _comparison,
    "operator changed": _operator,
    "number changed": _number,
    "nothing returned": _returned,
    "error not raised": _raised,
}
