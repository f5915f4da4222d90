"""The schema of JSON Resume 1.0.0, vendored, and what in a value breaks it.

The schema checks little: nothing is required, inner objects are open, and month 13 is a month to it. The
model in `model` is the strict one; this is the proof that other programs can read what is written.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

VERSION = "1.0.0"


def schema_faults(value: Any) -> tuple[str, ...]:
    """Where a value breaks the schema, and how: field paths and rules, never the values themselves.

    E-mail addresses are checked too, which the schema leaves to its readers.
    """
    errors = sorted(_validator().iter_errors(value), key=lambda error: [str(part) for part in error.path])
    return tuple(f"{_place(error.path)}: breaks {_rule(error)}" for error in errors)


def load_schema() -> Any:
    """The schema as JSON."""
    file = resources.files("spanwise.tasks.resume").joinpath("json_resume", "schema.json")
    return json.loads(file.read_text(encoding="utf-8"))


@functools.cache
def _validator() -> Any:
    from jsonschema import Draft7Validator, FormatChecker

    return Draft7Validator(load_schema(), format_checker=FormatChecker(["email"]))


def _place(path: Any) -> str:
    return ".".join(map(str, path)) or "the whole"


def _rule(error: Any) -> str:
    """The rule that is broken, as the schema writes it."""
    return f"{error.validator}: {json.dumps(error.validator_value)}"
